// The first use: the log of the service shows a link with a token, and whoever holds it names the administrator.

import { useMutation } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState, type FormEvent } from "react";
import { address, ask } from "../api/client.ts";
import { Refused } from "../components/Refused.tsx";
import { useWords } from "../words/index.ts";
import { Door, Field } from "./Door.tsx";

export function SetupNeeded() {
  const { t } = useWords();
  return (
    <Door title={t("session.setup_needed")}>
      <p>{t("session.setup_how")}</p>
    </Door>
  );
}

export function Setup() {
  const { t } = useWords();
  const [token] = useState(() => new URLSearchParams(location.search).get("token") ?? "");
  const [fields, setFields] = useState({ login: "", name: "", password: "", repeat: "" });
  const [tried, setTried] = useState(false);
  const setup = useMutation({
    mutationFn: () =>
      ask<unknown>("POST", address("setup"), {
        token,
        login: fields.login.trim(),
        name: fields.name.trim(),
        password: fields.password,
      }),
    // A fresh start: the token leaves the address, and the sign-in follows.
    onSuccess: () => location.replace("/"),
  });
  const wrong = {
    login: fields.login.trim() ? null : t("session.required_login"),
    name: fields.name.trim() ? null : t("session.required_name"),
    password: fields.password ? null : t("session.required_password"),
    repeat: fields.repeat === fields.password ? null : t("session.differs"),
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.values(wrong).every((error) => error === null)) setup.mutate();
  };
  const field = (name: keyof typeof fields, label: string, secret: boolean, autoComplete: string) => (
    <Field label={label} error={tried ? wrong[name] : null}>
      {(id, described) => {
        const shared = {
          id,
          "aria-describedby": described,
          autoComplete,
          size: "large" as const,
          value: fields[name],
          onChange: (event: { target: { value: string } }) => setFields({ ...fields, [name]: event.target.value }),
        };
        return secret ? <Input.Password {...shared} /> : <Input {...shared} />;
      }}
    </Field>
  );
  return (
    <Door title={t("session.setup_title")}>
      {token ? (
        <form onSubmit={submit} noValidate>
          <p>{t("session.setup_lead")}</p>
          <Refused error={setup.error} />
          {field("login", t("session.login"), false, "username")}
          {field("name", t("session.name"), false, "name")}
          {field("password", t("session.password"), true, "new-password")}
          {field("repeat", t("session.repeat"), true, "new-password")}
          <Button type="primary" htmlType="submit" size="large" block loading={setup.isPending}>
            {t("session.setup_submit")}
          </Button>
        </form>
      ) : (
        <p>{t("session.token_missing")}</p>
      )}
    </Door>
  );
}
