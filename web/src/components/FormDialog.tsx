// A form in a dialog: fields by description (FormField.tsx), checked before they are sent, what the service refuses
// beside them.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useRef, useState, type FormEvent, type ReactNode } from "react";
import { flushSync } from "react-dom";
import { newIntent } from "../api/client.ts";
import { say } from "../app/Said.tsx";
import { useWords } from "../words/index.ts";
import { Dialog } from "./Dialog.tsx";
import { FormField, type FieldSpec, type Values } from "./FormField.tsx";
import { Refused } from "./Refused.tsx";

export type { FieldSpec, Values };

interface Props<T> {
  title: ReactNode;
  lead?: ReactNode;
  fields: FieldSpec[];
  submit: string;
  send: (values: Values, intent: string) => Promise<T>;
  /** What is said once it is done. */
  said?: string;
  done?: (answer: T) => void;
  close: () => void;
}

export function FormDialog<T>({ title, lead, fields, submit, send, said, done, close }: Props<T>) {
  const { t } = useWords();
  const client = useQueryClient();
  const [values, setValues] = useState<Values>(() =>
    Object.fromEntries(fields.map((field) => [field.name, field.initial ?? ""])),
  );
  const [tried, setTried] = useState(false);
  // The same form sent again after a failure is the same intent; another answer in it is another.
  const intent = useRef({ of: "", name: "" });
  const shown = fields.filter((field) => field.when?.(values) ?? true);
  const lacking = shown.filter((field) => field.required && !values[field.name]?.trim()).map((field) => field.name);
  const act = useMutation({
    mutationFn: () => {
      const given = Object.fromEntries(shown.map(({ name }) => [name, values[name] ?? ""]));
      const of = JSON.stringify(given);
      if (intent.current.of !== of) intent.current = { of, name: newIntent() };
      return send(given, intent.current.name);
    },
    onSuccess: (answer) => {
      void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
      if (said) say(said);
      done?.(answer);
      close();
    },
  });
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    flushSync(() => setTried(true));
    // The first field that lacks something may be out of sight, above or below: focus brings it into view, and is read
    // aloud with what it lacks. Of many choices it is the first.
    if (lacking.length > 0) form.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
    else if (!act.isPending) act.mutate();
  };
  return (
    <Dialog title={title} close={close}>
      <form onSubmit={onSubmit} noValidate className="form">
        {lead ? <div className="form-lead">{lead}</div> : null}
        {shown.map((field) => (
          <FormField
            key={field.name}
            field={field}
            value={values[field.name] ?? ""}
            change={(value) => setValues((before) => ({ ...before, [field.name]: value }))}
            lacking={tried && lacking.includes(field.name)}
          />
        ))}
        <Refused error={act.error} />
        <div className="form-end">
          <Button onClick={close}>{t("form.cancel")}</Button>
          <Button type="primary" htmlType="submit" loading={act.isPending}>
            {submit}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Names out of a text that people typed, whatever they put between them. */
export const listOf = (text: string): string[] => text.split(/[\s,;，；、]+/).filter(Boolean);

/** What somebody left empty is not sent. */
export const filled = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== ""));

/** A time as a field of the browser holds it, as Shanghai's. */
export const asShanghai = (local: string): string | undefined =>
  local ? `${local.length === 16 ? `${local}:00` : local}+08:00` : undefined;
