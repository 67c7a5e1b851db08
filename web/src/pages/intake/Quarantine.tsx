// Files that could not be read, each with why; the original stays as it is, and can be read once more.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { address, key, write } from "../../api/client.ts";
import { useQuarantine } from "../../api/queries.ts";
import { useMay } from "../../app/rights.ts";
import { say } from "../../app/Said.tsx";
import { recordingPath, useLink } from "../../app/where.ts";
import { DataTable } from "../../components/DataTable.tsx";
import { More } from "../../components/Pages.tsx";
import { Panel } from "../../components/Panel.tsx";
import { Refused } from "../../components/Refused.tsx";
import { Reading } from "../../components/State.tsx";
import { bytes, moment } from "../../format.ts";
import { useWords } from "../../words/index.ts";

export function Quarantine() {
  const { t, word, language } = useWords();
  const link = useLink();
  const navigate = useNavigate();
  const may = useMay();
  const [sort, setSort] = useState("");
  const pages = useQuarantine({ sort });
  return (
    <Panel title={t("intake.quarantine")}>
      <p className="quiet">{t("intake.quarantine_how")}</p>
      <Reading of={pages}>
        {(data) => {
          const rows = data.pages.flatMap((page) => page.quarantined);
          if (rows.length === 0) return <p className="quiet">✓ {t("intake.quarantine_none")}</p>;
          return (
            <>
              <DataTable
                label={t("intake.quarantine")}
                rows={rows}
                busy={pages.isPlaceholderData}
                order={sort}
                onOrder={setSort}
                rowKey={(row) => `${row.store} ${row.object_key}`}
                open={(row) => void navigate(link(recordingPath(row.object_key)))}
                columns={[
                  {
                    name: "file",
                    label: t("recordings.file"),
                    heads: true,
                    className: "key",
                    cell: (row) => <Link to={link(recordingPath(row.object_key))}>{row.object_key}</Link>,
                  },
                  {
                    name: "reason",
                    label: t("intake.reason"),
                    sort: "reason",
                    cell: (row) =>
                      row.problems.map((problem, index) => (
                        <div key={index}>
                          <span className="tag severity-missing">⚠ {word("problems", problem.code)}</span>{" "}
                          <span className="quiet" title={problem.detail}>
                            {language === "en" ? problem.detail : word("problem_how", problem.code)}
                          </span>
                        </div>
                      )),
                  },
                  {
                    name: "size",
                    label: t("recordings.size"),
                    sort: "size_bytes",
                    numeric: true,
                    className: "nowrap",
                    cell: (row) => bytes(row.size_bytes),
                  },
                  {
                    name: "read",
                    label: t("recording.observed"),
                    sort: "observed_at",
                    className: "nowrap figure",
                    cell: (row) => moment(row.observed_at),
                  },
                  {
                    name: "again",
                    label: t("form.acts"),
                    className: "nowrap",
                    cell: (row) =>
                      row.asked_again ? (
                        <span className="tag">… {t("intake.waits")}</span>
                      ) : may("take_in") && row.id !== undefined && !row.gone_at ? (
                        <Retry id={row.id} />
                      ) : null,
                  },
                ]}
              />
              {pages.hasNextPage ? <More of={pages} /> : null}
            </>
          );
        }}
      </Reading>
    </Panel>
  );
}

function Retry({ id }: { id: string }) {
  const { t } = useWords();
  const client = useQueryClient();
  const retry = useMutation({
    mutationFn: () => write<unknown>("POST", address(`quarantine/${key(id.replace(/^r/, ""))}/retry`), { body: {} }),
    onSuccess: () => {
      say(t("intake.retried"));
      return client.invalidateQueries({ queryKey: ["quarantine"] });
    },
  });
  return (
    <>
      <button type="button" className="link" disabled={retry.isPending} onClick={() => retry.mutate()}>
        ↻ {t(retry.isPending ? "intake.retrying" : "intake.retry")}
      </button>
      <Refused error={retry.error} />
    </>
  );
}
