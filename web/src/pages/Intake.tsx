// 接入: what is stored, what could not be read and why, and what is still only on a device, with the time left.

import { Link, useNavigate } from "react-router";
import { useOverview, useReconciliation, useRecordings, useSchedule } from "../api/queries.ts";
import type { CatalogTotals, NotStored, Reconciliation } from "../api/types.ts";
import { recordingPath, useLink, useMonth } from "../app/where.ts";
import { DataTable } from "../components/DataTable.tsx";
import { PageHead, Panel } from "../components/Panel.tsx";
import { NotOffered, Reading } from "../components/State.tsx";
import { bytes, length, moment, number, span } from "../format.ts";
import { itemPath } from "../rounds/items.ts";
import { useWords } from "../words/index.ts";

export default function Intake() {
  const { t } = useWords();
  const month = useMonth();
  const overview = useOverview(month);
  return (
    <>
      <PageHead title={t("intake.title")} />
      <Reading of={overview}>
        {({ catalog, month: shown }) => (
          <>
            <Stored catalog={catalog} />
            <Rescue month={shown} />
          </>
        )}
      </Reading>
      <Quarantine />
      <Schedule />
    </>
  );
}

function Stored({ catalog }: { catalog: CatalogTotals }) {
  const { t } = useWords();
  const link = useLink();
  const tile = (name: string, figure: string, to?: string) =>
    to ? (
      <Link className="tile" to={to}>
        <span>{name}</span>
        <b>{figure}</b>
      </Link>
    ) : (
      <div className="tile">
        <span>{name}</span>
        <b>{figure}</b>
      </div>
    );
  return (
    <div className="tiles">
      {tile(t("intake.recordings"), number(catalog.recordings), link("/recordings", { quarantined: "false" }))}
      {tile(`⚠ ${t("intake.quarantined")}`, number(catalog.quarantined), link("/recordings", { quarantined: "true" }))}
      {tile(t("intake.sidecars"), number(catalog.sidecars))}
      {tile(t("intake.gone"), number(catalog.gone))}
      {tile(t("intake.size"), bytes(catalog.size_bytes))}
    </div>
  );
}

function Rescue({ month }: { month: string | null }) {
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
          ⏱ {t("intake.not_uploaded")} {found.totals.not_uploaded}
        </span>{" "}
        <span className="quiet">{length(found.totals.not_uploaded_us, language)}</span>{" "}
        <span className="tag severity-missing">
          ✕ {t("intake.lost")} {found.totals.lost}
        </span>{" "}
        <span className="quiet">{length(found.totals.lost_us, language)}</span>
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
                  ⏱ {length(row.left_us, language)}
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

function Quarantine() {
  const { t, word, language } = useWords();
  const link = useLink();
  const navigate = useNavigate();
  const pages = useRecordings({ q: "", device: "", badge: "", quarantined: "true", problem: "" });
  return (
    <Panel title={t("intake.quarantine")}>
      <p className="quiet">{t("intake.quarantine_how")}</p>
      <Reading of={pages}>
        {(data) => {
          const rows = data.pages.flatMap((page) => page.recordings);
          if (rows.length === 0) return <p className="quiet">✓ {t("intake.quarantine_none")}</p>;
          return (
            <DataTable
              label={t("intake.quarantine")}
              rows={rows}
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
                  numeric: true,
                  className: "nowrap",
                  cell: (row) => bytes(row.size_bytes),
                },
                {
                  name: "read",
                  label: t("recording.observed"),
                  className: "nowrap figure",
                  cell: (row) => moment(row.observed_at),
                },
              ]}
            />
          );
        }}
      </Reading>
    </Panel>
  );
}

function Schedule() {
  const { t, word, either } = useWords();
  return (
    <Panel title={t("intake.schedule")}>
      <Reading of={useSchedule()}>
        {({ steps }) =>
          steps.length === 0 ? (
            <p className="quiet">{t("intake.schedule_none")}</p>
          ) : (
            <DataTable
              label={t("intake.schedule")}
              rows={[...steps].reverse()}
              rowKey={(step) => `${step.month} ${step.policy} ${step.step} ${step.at}`}
              columns={[
                { name: "at", label: t("intake.at"), className: "nowrap figure", cell: (step) => moment(step.at) },
                {
                  name: "step",
                  label: t("intake.step"),
                  heads: true,
                  className: "nowrap",
                  cell: (step) => `${step.month} ${word("steps", step.step)}`,
                },
                {
                  name: "outcome",
                  label: t("intake.outcome"),
                  className: "nowrap",
                  cell: (step) => word("step_outcomes", step.outcome),
                },
                { name: "detail", label: t("intake.detail"), cell: (step) => either(step.detail_zh, step.detail) },
              ]}
            />
          )
        }
      </Reading>
    </Panel>
  );
}
