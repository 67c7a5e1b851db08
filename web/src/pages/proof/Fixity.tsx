// Stored footage, read again: how much of it in time, what the last runs came to, and what is not as it was recorded, to the
// second.

import { Link } from "react-router";
import { useFixity } from "../../api/queries.ts";
import type { Fixity as State, FixityClass, FixityFinding, FixityRun } from "../../api/types.ts";
import { recordingPath } from "../../app/where.ts";
import { DataTable } from "../../components/DataTable.tsx";
import { Panel } from "../../components/Panel.tsx";
import { NotOffered, Reading } from "../../components/State.tsx";
import { bytes, exactMoment, number, percent, place } from "../../format.ts";
import { useWords } from "../../words/index.ts";

/** Places of one object that are named. */
const PLACES = 5;

export function Fixity() {
  const { t } = useWords();
  const fixity = useFixity();
  return (
    <Panel
      title={t("fixity.title")}
      aside={
        fixity.data ? <span className="quiet">{t("fixity.as_of", { at: exactMoment(fixity.data.as_of) })}</span> : null
      }
    >
      <p className="quiet">{t("fixity.lead")}</p>
      <Reading of={fixity}>
        {(found) =>
          found === null ? (
            <NotOffered command="reelproof verify" />
          ) : (
            <>
              <InTime state={found} />
              <Classes state={found} />
              <Findings findings={found.findings} />
              <Runs runs={found.runs} />
            </>
          )
        }
      </Reading>
    </Panel>
  );
}

function InTime({ state }: { state: State }) {
  const { t } = useWords();
  const sum = (of: (one: FixityClass) => number) => state.classes.reduce((total, one) => total + of(one), 0);
  const held = sum((one) => one.held.objects);
  const due = sum((one) => one.due.objects);
  const overdue = sum((one) => one.overdue.objects);
  if (held === 0) return <p className="quiet">{t("fixity.nothing_held")}</p>;
  return (
    <p>
      <span
        className={due === 0 ? "tag status-complete" : overdue > 0 ? "tag severity-missing" : "tag severity-irregular"}
      >
        {due === 0 ? "✓" : "⚠"}{" "}
        {t("fixity.in_time_of", { share: percent(held - due, held), n: number(held - due), all: number(held) })}
      </span>
    </p>
  );
}

function Classes({ state }: { state: State }) {
  const { t, word } = useWords();
  const share = (of: { objects: number; bytes: number }) =>
    of.objects === 0 ? "0" : `${number(of.objects)} (${bytes(of.bytes)})`;
  return (
    <DataTable
      label={t("fixity.by_class")}
      rows={state.classes}
      rowKey={(one) => one.class}
      columns={[
        { name: "class", label: t("fixity.class"), heads: true, cell: (one) => word("risk_classes", one.class) },
        { name: "days", label: t("fixity.every"), numeric: true, cell: (one) => t("fixity.days", { n: one.days }) },
        { name: "held", label: t("fixity.held"), numeric: true, className: "nowrap", cell: (one) => share(one.held) },
        {
          name: "in_time",
          label: t("fixity.in_time"),
          numeric: true,
          className: "nowrap",
          cell: (one) => share(one.in_time),
        },
        { name: "due", label: t("fixity.due"), numeric: true, className: "nowrap", cell: (one) => share(one.due) },
        {
          name: "overdue",
          label: t("fixity.overdue"),
          numeric: true,
          className: "nowrap",
          cell: (one) => (one.overdue.objects > 0 ? `⚠ ${share(one.overdue)}` : "0"),
        },
        {
          name: "oldest",
          label: t("fixity.oldest"),
          className: "nowrap figure",
          cell: (one) => (one.oldest_read_at ? exactMoment(one.oldest_read_at) : "–"),
        },
      ]}
    />
  );
}

function Findings({ findings }: { findings: FixityFinding[] }) {
  const { t, word } = useWords();
  return (
    <>
      <h3>{t("fixity.found")}</h3>
      {findings.length === 0 ? (
        <p className="quiet">{t("fixity.found_none")}</p>
      ) : (
        <DataTable
          label={t("fixity.found")}
          rows={findings}
          rowKey={(one) => `${one.run} ${one.id} ${one.at}`}
          columns={[
            {
              name: "object",
              label: t("fixity.object"),
              heads: true,
              className: "key",
              cell: (one) => <Link to={recordingPath(one.object_key)}>{one.object_key}</Link>,
            },
            { name: "at", label: t("fixity.at"), className: "nowrap figure", cell: (one) => exactMoment(one.at) },
            {
              name: "outcome",
              label: t("fixity.outcome"),
              className: "nowrap",
              cell: (one) => (
                <span className={one.outcome === "unreadable" ? "tag severity-irregular" : "tag severity-missing"}>
                  ⚠ {word("check_outcomes", one.outcome)}
                </span>
              ),
            },
            {
              name: "class",
              label: t("fixity.class"),
              className: "nowrap",
              cell: (one) => word("risk_classes", one.class),
            },
            { name: "where", label: t("fixity.where"), cell: (one) => <Where finding={one} /> },
          ]}
        />
      )}
    </>
  );
}

/** When the footage in the bytes that differ is shown. */
function Where({ finding }: { finding: FixityFinding }) {
  const { t } = useWords();
  const { outcome, ranges, detail } = finding;
  if (outcome === "unreadable") return <span className="quiet small">{detail}</span>;
  if (outcome !== "altered") return <>–</>;
  if (ranges === null) return <span className="quiet">{t("fixity.not_located")}</span>;
  if (ranges.length === 0) return <>{t("fixity.cut_off")}</>;
  return (
    <>
      {ranges.slice(0, PLACES).map((range) => (
        <div key={range.start_byte} className="nowrap figure">
          {range.span
            ? `${place(range.span.start_us)} – ${place(range.span.end_us)}`
            : t("fixity.no_footage", { from: number(range.start_byte), to: number(range.end_byte) })}
        </div>
      ))}
      {ranges.length > PLACES ? <div className="quiet">{t("fixity.more", { n: ranges.length - PLACES })}</div> : null}
    </>
  );
}

function Runs({ runs }: { runs: FixityRun[] }) {
  const { t, word } = useWords();
  return (
    <>
      <h3>{t("fixity.runs")}</h3>
      {runs.length === 0 ? (
        <p className="quiet">{t("fixity.runs_none")}</p>
      ) : (
        <DataTable
          label={t("fixity.runs")}
          rows={runs}
          rowKey={(run) => String(run.run)}
          columns={[
            {
              name: "begun",
              label: t("fixity.begun"),
              heads: true,
              className: "nowrap figure",
              cell: (run) => exactMoment(run.begun_at),
            },
            {
              name: "end",
              label: t("fixity.end"),
              className: "nowrap",
              cell: (run) =>
                run.end ? word("fixity_ends", run.end) : <span className="quiet">{t("fixity.no_end")}</span>,
            },
            { name: "due", label: t("fixity.was_due"), numeric: true, cell: (run) => number(run.due_objects) },
            { name: "intact", label: t("fixity.intact"), numeric: true, cell: (run) => number(run.intact) },
            {
              name: "others",
              label: t("fixity.others"),
              numeric: true,
              cell: (run) => {
                const others = run.altered + run.missing;
                return others > 0 ? `⚠ ${number(others)}` : "0";
              },
            },
            { name: "unreadable", label: t("fixity.unreadable"), numeric: true, cell: (run) => number(run.unreadable) },
            {
              name: "read",
              label: t("fixity.read"),
              numeric: true,
              className: "nowrap",
              cell: (run) => bytes(run.bytes_read),
            },
          ]}
        />
      )}
    </>
  );
}
