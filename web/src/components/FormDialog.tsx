// A form in a dialog: fields by description, checked before they are sent, what the service refuses beside them. The
// fields are the browser's own: they work by keyboard, are read aloud, and need no script of their own.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useId, useRef, useState, type FormEvent, type ReactNode } from "react";
import { newIntent } from "../api/client.ts";
import { say } from "../app/Said.tsx";
import { useWords } from "../words/index.ts";
import { Dialog } from "./Dialog.tsx";
import { Refused } from "./Refused.tsx";

export interface FieldSpec {
  name: string;
  label: string;
  kind?: "text" | "area" | "select" | "many" | "month" | "datetime" | "number" | "password";
  options?: { value: string; label: string }[];
  required?: boolean;
  /** What to write there, under the field. */
  hint?: ReactNode;
  initial?: string;
  /** Only where it says yes to what the other fields hold. */
  when?: (values: Values) => boolean;
  /** What the browser may fill in. */
  autoComplete?: string;
}

export type Values = Record<string, string>;

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
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (lacking.length === 0 && !act.isPending) act.mutate();
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

interface FieldProps {
  field: FieldSpec;
  value: string;
  change: (value: string) => void;
  lacking: boolean;
}

/** One field with its label, and under it what to write or what is lacking. */
export function FormField({ field, value, change, lacking }: FieldProps) {
  const { t } = useWords();
  const id = useId();
  const [hintId, errorId] = [`${id}-hint`, `${id}-error`];
  const described = [field.hint ? hintId : null, lacking ? errorId : null].filter(Boolean).join(" ") || undefined;
  const shared = {
    id,
    "aria-describedby": described,
    "aria-invalid": lacking || undefined,
    "aria-required": field.required,
    value,
    autoComplete: field.autoComplete ?? "off",
    onChange: (event: { target: { value: string } }) => change(event.target.value),
  };
  const kind = field.kind ?? "text";
  const input = { month: "month", datetime: "datetime-local", number: "number", password: "password" } as const;
  return (
    <div className="form-field">
      {kind === "many" ? (
        <Many field={field} value={value} change={change} described={described} />
      ) : (
        <>
          <label htmlFor={id}>
            {field.label}
            {field.required ? <span className="must-fill"> {t("form.required")}</span> : null}
          </label>
          {kind === "select" ? (
            <select {...shared}>
              {field.initial === undefined || field.initial === "" ? (
                <option value="">{t("form.choose")}</option>
              ) : null}
              {field.options?.map((option) => (
                <option key={option.value} value={option.value}>
                  {option.label}
                </option>
              ))}
            </select>
          ) : kind === "area" ? (
            <textarea rows={4} {...shared} />
          ) : (
            <input
              type={kind === "text" ? "text" : input[kind]}
              step={kind === "datetime" ? 1 : undefined}
              {...shared}
            />
          )}
        </>
      )}
      {field.hint ? (
        <p className="quiet small" id={hintId}>
          {field.hint}
        </p>
      ) : null}
      {lacking ? (
        <p className="field-error" id={errorId} role="alert">
          ⚠ {t("form.fill_in", { field: field.label })}
        </p>
      ) : null}
    </div>
  );
}

/** Any number of given choices; the value is their names with commas between. */
function Many({
  field,
  value,
  change,
  described,
}: {
  field: FieldSpec;
  value: string;
  change: (value: string) => void;
  described: string | undefined;
}) {
  const chosen = value ? value.split(",") : [];
  return (
    <fieldset aria-describedby={described}>
      <legend>{field.label}</legend>
      <div className="form-many">
        {field.options?.map((option) => (
          <label key={option.value}>
            <input
              type="checkbox"
              checked={chosen.includes(option.value)}
              onChange={(event) =>
                change(
                  (event.target.checked
                    ? [...chosen, option.value]
                    : chosen.filter((one) => one !== option.value)
                  ).join(","),
                )
              }
            />{" "}
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
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
