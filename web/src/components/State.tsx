// What stands where content will be, is not, or cannot be had. Each says what to do next.

import { Button, Spin } from "antd";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { Failure } from "../api/client.ts";
import { useWords } from "../words/index.ts";

export function Loading({ whole = false, what }: { whole?: boolean; what?: string }) {
  const { t } = useWords();
  return (
    <div className={whole ? "state whole" : "state"} role="status" aria-live="polite">
      <Spin /> <span>{what ?? t("state.loading")}</span>
    </div>
  );
}

export function Failed({ error, retry, whole = false }: { error: unknown; retry?: () => void; whole?: boolean }) {
  const { t, either } = useWords();
  const problem = error instanceof Failure ? error.problem : null;
  const unreachable = error instanceof Failure && error.problem === null;
  // Asking again brings nothing back that is not there.
  const gone = problem?.code.startsWith("no_such_") ?? false;
  return (
    <div className={whole ? "state whole bad" : "state bad"} role="alert">
      <p>
        <span aria-hidden="true">⚠ </span>
        <b>
          {problem ? either(problem.title_zh, problem.title) : unreachable ? t("state.unreachable") : t("state.failed")}
        </b>
      </p>
      <p>
        {problem
          ? either(problem.detail_zh, problem.detail)
          : unreachable
            ? t("state.unreachable_how")
            : t("state.failed_how")}
      </p>
      {problem?.status === 403 ? <p>{t("state.forbidden_how")}</p> : null}
      <p className="row">
        {retry && !gone ? <Button onClick={retry}>{t("state.retry")}</Button> : null}
        {gone ? <Link to="/">{t("state.home")}</Link> : null}
        {problem?.code === "empty_month" ? <Link to="?">{t("app.latest")}</Link> : null}
        {problem?.request_id ? <span className="quiet">{t("state.request", { id: problem.request_id })}</span> : null}
      </p>
    </div>
  );
}

/** Nothing to show, and what to do about it; `heads` where this is all there is on the page. */
export function Empty({ title, children, heads = false }: { title: string; children?: ReactNode; heads?: boolean }) {
  return (
    <div className="state empty">
      <svg viewBox="0 0 64 40" width="64" height="40" aria-hidden="true">
        <rect x="4" y="8" width="56" height="24" rx="3" fill="none" stroke="currentColor" strokeDasharray="4 4" />
        <path d="M14 26 L26 18 L36 24 L50 14" fill="none" stroke="currentColor" />
      </svg>
      {heads ? (
        <h1>{title}</h1>
      ) : (
        <p>
          <b>{title}</b>
        </p>
      )}
      {children ? <div>{children}</div> : null}
    </div>
  );
}

/** For what this version of the service does not send. */
export function NotOffered({ command }: { command: string }) {
  const { t } = useWords();
  return (
    <Empty title={t("state.not_in_build")}>
      <p>{t("state.not_in_build_how", { command })}</p>
    </Empty>
  );
}

interface Read<T> {
  data: T | undefined;
  error: unknown;
  isError: boolean;
  isPending: boolean;
  refetch: () => unknown;
}

/** The content of something read, or why there is none yet. */
export function Reading<T>({ of, what, children }: { of: Read<T>; what?: string; children: (data: T) => ReactNode }) {
  if (of.data !== undefined) return <>{children(of.data)}</>;
  if (of.isError) return <Failed error={of.error} retry={() => void of.refetch()} />;
  return <Loading what={what} />;
}
