import { Button, Input } from "antd";
import { useState, type FormEvent } from "react";
import { Refused } from "../components/Refused.tsx";
import { useWords } from "../words/index.ts";
import { Door, Field } from "./Door.tsx";
import { useOffer, useSignIn } from "./session.tsx";

export function SignIn() {
  const { t } = useWords();
  const signIn = useSignIn();
  const offer = useOffer().data;
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (login.trim() && password) signIn.mutate({ login: login.trim(), password });
  };
  return (
    <Door title={t("session.title")}>
      <form onSubmit={submit} noValidate>
        <Refused error={signIn.error} />
        <Field label={t("session.login")} error={tried && !login.trim() ? t("session.required_login") : null}>
          {(id, described) => (
            <Input
              id={id}
              aria-describedby={described}
              autoComplete="username"
              autoFocus
              size="large"
              value={login}
              onChange={(event) => setLogin(event.target.value)}
            />
          )}
        </Field>
        <Field label={t("session.password")} error={tried && !password ? t("session.required_password") : null}>
          {(id, described) => (
            <Input.Password
              id={id}
              aria-describedby={described}
              autoComplete="current-password"
              size="large"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
        <Button type="primary" htmlType="submit" size="large" block loading={signIn.isPending}>
          {t("session.submit")}
        </Button>
      </form>
      {offer?.begin ? (
        <Button
          className="door-other"
          size="large"
          block
          href={`${offer.begin}?to=${encodeURIComponent(location.pathname + location.search)}`}
        >
          {offer.label ?? t("session.provider")}
        </Button>
      ) : null}
    </Door>
  );
}
