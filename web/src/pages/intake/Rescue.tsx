// What devices say they recorded against what is stored: what is still only on a device, and how long it will be there.

import { Link } from "react-router";
import { useReconciliation } from "../../api/queries.ts";
import type { NotStored, Reconciliation } from "../../api/types.ts";
import { useLink } from "../../app/where.ts";
import { DataTable } from "../../components/DataTable.tsx";
import { Panel } from "../../components/Panel.tsx";
import { NotOffered, Reading } from "../../components/State.tsx";
import { length, moment, number, span } from "../../format.ts";
import { itemPath } from "../../rounds/items.ts";
import { useWords } from "../../words/index.ts";

export function Rescue({ month }: { month: string | null }) {
  const { t } = useWords();
  const reconciliation = useReconciliation(month, month !== null);
  if (month === null) return null;
  return (
    <Panel
      title={t("intake.reconcile")}
      aside={
        reconciliation.data ? (
          <span className="quiet">
            {t("intake.manifest", { n: number(reconciliation.data.totals.manifest_entries) })} ·{" "}
            {t("overview.as_of", { at: moment(reconciliation.data.as_of) })}
          </span>
        ) : null
      }
    >
      <Reading of={reconciliation} what={t("state.judging")}>
        {(found) =>
          found === null ? <NotOffered command={`reelproof reconcile --month ${month}`} /> : <Missing found={found} />
        }
      </Reading>
    </Panel>
  );
}

function Missing({ found }: { found: Reconciliation }) {
  const { t, language } = useWords();
  const link = useLink();
  const rows = [...found.not_uploaded, ...found.lost];
  if (rows.length === 0) return <p className="quiet">✓ {t("intake.none_missing")}</p>;
  const late = (row: NotStored) => row.left_us <= 0;
  return (
    <>
      <p>
        <span className="tag severity-irregular">
          ◔ {t("intake.not_uploaded")} {found.totals.not_uploaded}
        </span>{" "}
        {found.totals.not_uploaded ? (
          <span className="quiet">{length(found.totals.not_uploaded_us, language)} </span>
        ) : null}
        <span className="tag severity-missing">
          ✕ {t("intake.lost")} {found.totals.lost}
        </span>{" "}
        {found.totals.lost ? <span className="quiet">{length(found.totals.lost_us, language)}</span> : null}
      </p>
      <DataTable
        label={t("intake.reconcile")}
        rows={rows}
        rowKey={(row) => `${row.device} ${row.file}`}
        columns={[
          {
            name: "clock",
            label: t("intake.clock"),
            className: "nowrap",
            cell: (row) =>
              late(row) ? (
                <span className="tag severity-missing">✕ {t("intake.overdue")}</span>
              ) : (
                <span className={row.left_us < 86_400_000_000 * 2 ? "tag severity-irregular" : "tag"}>
                  ◔ {length(row.left_us, language)}
                </span>
              ),
          },
          { name: "held", label: t("intake.held"), className: "nowrap figure", cell: (row) => moment(row.held_until) },
          { name: "file", label: t("intake.file"), heads: true, className: "key", cell: (row) => row.file },
          { name: "device", label: t("intake.device"), className: "nowrap", cell: (row) => row.device },
          {
            name: "holder",
            label: t("intake.holder"),
            className: "nowrap",
            cell: (row) => `${row.officer ?? row.badge ?? "–"} · ${row.unit_name ?? row.unit ?? "–"}`,
          },
          {
            name: "recorded",
            label: t("intake.recorded"),
            className: "nowrap figure",
            cell: (row) => span(row.starts_at, row.ends_at),
          },
          {
            name: "length",
            label: t("recordings.length"),
            numeric: true,
            className: "nowrap",
            cell: (row) => length(row.length_us, language),
          },
          {
            name: "stages",
            label: t("intake.stages"),
            cell: (row) =>
              row.stages.map((id) => {
                const { path, stage } = itemPath(id);
                return (
                  <Link key={id} to={link(path, { stage })}>
                    {id}{" "}
                  </Link>
                );
              }),
          },
        ]}
      />
    </>
  );
}
