// The frame of what stands before the pages: sign-in and set-up.

import { Button } from "antd";
import { useId, type ReactNode } from "react";
import { useWords } from "../words/index.ts";

export function Door({ title, children }: { title: string; children: ReactNode }) {
  const { t, switchLanguage } = useWords();
  return (
    <div className="door">
      <main className="door-box">
        <p className="door-name">{t("app.name")}</p>
        <h1>{title}</h1>
        {children}
        <p className="door-language">
          <Button type="link" onClick={switchLanguage} lang={t("app.language") === "English" ? "en" : "zh-CN"}>
            {t("app.language")}
          </Button>
        </p>
      </main>
    </div>
  );
}

/** One field of a form: its label above, what is wrong with it below, tied to it for those who hear the page. */
export function Field({
  label,
  error,
  children,
}: {
  label: string;
  error: string | null;
  children: (id: string, described: string | undefined) => ReactNode;
}) {
  const id = useId();
  const described = error ? `${id}-error` : undefined;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(id, described)}
      {error ? (
        <p className="field-error" id={described} role="alert">
          ⚠ {error}
        </p>
      ) : null}
    </div>
  );
}
