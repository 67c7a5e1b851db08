import { Alert, Button, Input } from "antd";
import { useState, type FormEvent } from "react";
import { Failure } from "../api/client.ts";
import { useWords } from "../words/index.ts";
import { Door, Field } from "./Door.tsx";
import { useSignIn } from "./session.tsx";

export function SignIn() {
  const { t, either } = useWords();
  const signIn = useSignIn();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [tried, setTried] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (login.trim() && password) signIn.mutate({ login: login.trim(), password });
  };
  const problem = signIn.error instanceof Failure ? signIn.error.problem : null;
  return (
    <Door title={t("session.title")}>
      <form onSubmit={submit} noValidate>
        {signIn.isError ? (
          <Alert
            type="error"
            showIcon
            role="alert"
            title={problem ? either(problem.title_zh, problem.title) : t("state.unreachable")}
            description={problem ? either(problem.detail_zh, problem.detail) : t("state.unreachable_how")}
          />
        ) : null}
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
    </Door>
  );
}
