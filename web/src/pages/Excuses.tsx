// Why a stage was not recorded, as people said it: given, and taken back. Neither is ever rewritten, so both stay to be
// read.

import { Button } from "antd";
import { useState } from "react";
import { address, key, write } from "../api/client.ts";
import { useExcuses } from "../api/queries.ts";
import type { ExcuseEntry, Obligation, StageFile } from "../api/types.ts";
import { useMay } from "../app/rights.ts";
import { FormDialog, asShanghai } from "../components/FormDialog.tsx";
import { Panel } from "../components/Panel.tsx";
import { Reading } from "../components/State.tsx";
import { moment, span } from "../format.ts";
import { useWords } from "../words/index.ts";
import { zh } from "../words/zh.ts";

export function Excuses({ stage }: { stage: StageFile & { obligation: Obligation } }) {
  const { t, word, colon } = useWords();
  const may = useMay();
  const must = stage.obligation;
  const [open, setOpen] = useState<"add" | ExcuseEntry | null>(null);
  const excuses = useExcuses(must.id);
  const local = (time: string) => time.slice(0, 19);
  const close = () => setOpen(null);
  return (
    <Panel
      title={t("case.excuses")}
      aside={may("excuse") ? <Button onClick={() => setOpen("add")}>{t("excuse.add")}…</Button> : null}
    >
      <Reading of={excuses}>
        {({ excuses: all }) =>
          all.length === 0 ? (
            <p className="quiet">{t("excuse.none")}</p>
          ) : (
            <ul className="plain">
              {all.map((entry) => (
                <li key={`${entry.reason} ${entry.recorded_at}`}>
                  <span className={entry.withdrawal ? "tag" : "tag status-excused"}>
                    {entry.withdrawal ? `↩ ${t("excuse.withdrawn")}` : `ⓘ ${t("excuse.stands")}`}
                  </span>
                  <b>{word("reasons", entry.reason)}</b>
                  {entry.note ? `${colon}${entry.note}` : ""}{" "}
                  <span className="figure quiet">
                    {entry.starts_at || entry.ends_at
                      ? span(entry.starts_at ?? must.starts_at, entry.ends_at ?? must.ends_at)
                      : t("excuse.whole")}
                  </span>{" "}
                  <span className="quiet">
                    {t("case.recorded_by", { by: entry.recorded_by, at: moment(entry.recorded_at) })}
                  </span>
                  {entry.withdrawal ? (
                    <div className="quiet">
                      {t("excuse.withdrawn_by", {
                        by: entry.withdrawal.withdrawn_by,
                        at: moment(entry.withdrawal.withdrawn_at),
                      })}
                      {entry.withdrawal.note ? `${colon}${entry.withdrawal.note}` : ""}
                    </div>
                  ) : may("excuse") ? (
                    <>
                      {" "}
                      <button type="button" className="link" onClick={() => setOpen(entry)}>
                        {t("excuse.withdraw")}…
                      </button>
                    </>
                  ) : null}
                </li>
              ))}
            </ul>
          )
        }
      </Reading>
      {open === "add" ? (
        <FormDialog
          title={`${t("excuse.add")} · ${must.id}`}
          lead={<p>{t("excuse.lead")}</p>}
          fields={[
            {
              name: "reason",
              label: t("excuse.reason"),
              kind: "select",
              required: true,
              options: Object.keys(zh.reasons).map((reason) => ({ value: reason, label: word("reasons", reason) })),
            },
            {
              name: "starts_at",
              label: t("excuse.from"),
              kind: "datetime",
              hint: t("excuse.from_hint", { span: span(must.starts_at, must.ends_at) }),
            },
            { name: "ends_at", label: t("excuse.to"), kind: "datetime" },
            { name: "note", label: t("form.note"), kind: "area" },
          ]}
          submit={t("excuse.add")}
          said={t("excuse.added")}
          close={close}
          send={({ reason, starts_at = "", ends_at = "", note }, intent) =>
            write("POST", address("excuses"), {
              body: {
                case_no: must.case_no,
                stage_no: must.stage_no,
                reason,
                note,
                // What a field of the browser gives begins with the day; a field left alone is left out.
                ...(starts_at && starts_at !== local(must.starts_at) ? { starts_at: asShanghai(starts_at) } : {}),
                ...(ends_at && ends_at !== local(must.ends_at) ? { ends_at: asShanghai(ends_at) } : {}),
              },
              intent,
            })
          }
        />
      ) : open ? (
        <FormDialog
          title={`${t("excuse.withdraw")} · ${word("reasons", open.reason)}`}
          lead={<p>{t("excuse.withdraw_lead")}</p>}
          fields={[{ name: "reason", label: t("form.reason"), kind: "area", required: true }]}
          submit={t("excuse.withdraw")}
          said={t("excuse.withdrawn_now")}
          close={close}
          send={({ reason }, intent) =>
            write("POST", address(`excuses/${key(String(open.id ?? ""))}/withdraw`), { body: { reason }, intent })
          }
        />
      ) : null}
    </Panel>
  );
}
