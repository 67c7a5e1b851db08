import { Button } from "antd";
import { useEffect } from "react";
import { Link, useRouteError } from "react-router";
import { Empty } from "../components/State.tsx";
import { useWords } from "../words/index.ts";

export function NotFound() {
  const { t } = useWords();
  return (
    <Empty title={t("state.not_here")} heads>
      <p>{t("state.not_here_how")}</p>
      <p>
        <Link to="/">{t("state.home")}</Link>
      </p>
    </Empty>
  );
}

/** A mistake of ours, caught before it takes everything down. */
export function PageFailed() {
  const { t } = useWords();
  const error = useRouteError();
  useEffect(() => console.error(error), [error]);
  return (
    <div className="state bad" role="alert">
      <p>
        <b>{t("state.failed")}</b>
      </p>
      <p>{t("state.failed_how")}</p>
      <p>
        <Button onClick={() => location.reload()}>{t("state.reload")}</Button>
      </p>
    </div>
  );
}
