// Why the service did not do what somebody asked for, beside where they asked.

import { Alert } from "antd";
import { Failure } from "../api/client.ts";
import { useWords } from "../words/index.ts";

/** The refusal; nothing where there is none. */
export function Refused({ error }: { error: unknown }) {
  const { t, either } = useWords();
  if (!error) return null;
  const problem = error instanceof Failure ? error.problem : null;
  const unknown = !(error instanceof Failure);
  const notThere = problem?.status === 404 && problem.code === "not_found";
  const title = problem ? either(problem.title_zh, problem.title) : t(unknown ? "state.failed" : "state.unreachable");
  const how = problem
    ? either(problem.detail_zh, problem.detail)
    : t(unknown ? "state.failed_how" : "state.unreachable_how");
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={notThere ? t("state.act_not_in_build") : title}
      description={notThere ? t("state.act_not_in_build_how") : how}
    />
  );
}
