// A file to be saved. What the service says where it has none stands beside it, instead of a broken file on the disk.

import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Failure, save } from "../api/client.ts";
import { useWords } from "../words/index.ts";

export function Save({
  url,
  name,
  title,
  children,
}: {
  url: string;
  name: string;
  title?: string;
  children: ReactNode;
}) {
  const { t, either } = useWords();
  const saving = useMutation({ mutationFn: () => save(url, name) });
  const problem = saving.error instanceof Failure ? saving.error.problem : null;
  const notThere = problem?.status === 404 && problem.code === "not_found";
  return (
    <span className="save no-print">
      <button type="button" className="link" title={title} disabled={saving.isPending} onClick={() => saving.mutate()}>
        <span aria-hidden="true">⤓ </span>
        {children}
      </button>
      {saving.isError ? (
        <span className="field-error" role="alert">
          {" "}
          ⚠{" "}
          {notThere
            ? t("state.file_not_in_build")
            : problem
              ? either(problem.detail_zh, problem.detail)
              : t("state.unreachable")}
        </span>
      ) : null}
    </span>
  );
}
