// 总览: the month at a glance. Every figure leads to the cases behind it.

import { Link } from "react-router";
import { address } from "../api/client.ts";
import { useNotices, useOverview, useReconciliation, useReturns, useReview, useScores } from "../api/queries.ts";
import type { MonthlyReturn, Overview as Document, Status, UnitTotals } from "../api/types.ts";
import { roundPath, useLink, useMonth } from "../app/where.ts";
import { DataTable } from "../components/DataTable.tsx";
import { PageHead, Panel } from "../components/Panel.tsx";
import { Save } from "../components/Save.tsx";
import { Empty, Reading } from "../components/State.tsx";
import { LevelTag, Meter, SIGNS } from "../components/Tags.tsx";
import { daysUntil, moment, monthName, number, percent, seconds } from "../format.ts";
import { useWords } from "../words/index.ts";
import { dueItems } from "./due.ts";

export function Overview() {
  const month = useMonth();
  const overview = useOverview(month);
  const { t } = useWords();
  return (
    <Reading of={overview} what={t("state.judging")}>
      {(document) => (document.audit && document.month ? <Month document={document} /> : <Nothing />)}
    </Reading>
  );
}

function Nothing() {
  const { t } = useWords();
  return (
    <Empty title={t("overview.empty")} heads>
      <p>{t("overview.empty_how")}</p>
      <p>
        <code>reelproof import --help</code> · <code>reelproof ingest --help</code>
      </p>
    </Empty>
  );
}

function Month({ document }: { document: Document }) {
  const { t, language } = useWords();
  const audit = document.audit!;
  const unconfirmed = audit.to_be_confirmed.length;
  const link = useLink();
  return (
    <>
      <PageHead title={t("overview.title", { month: monthName(document.month!, language) })}>
        <span className="quiet">{t("overview.as_of", { at: moment(audit.as_of) })}</span>
        <span className="quiet" title={`${document.policy.title} ${document.policy.document}`}>
          {t("overview.basis", { district: document.policy.district, document: document.policy.document })}
        </span>
        {unconfirmed ? <Link to={link("/system")}>{t("overview.unconfirmed", { count: unconfirmed })}</Link> : null}
      </PageHead>
      <Tiles document={document} />
      <div className="overview-grid">
        <div className="stack">
          <Squads document={document} />
          <Findings document={document} />
        </div>
        <div className="stack">
          <Due document={document} />
          <Return document={document} />
        </div>
      </div>
    </>
  );
}

function Tiles({ document }: { document: Document }) {
  const { t, word } = useWords();
  const link = useLink();
  const { totals } = document.audit!;
  const lacking = totals.required_us - totals.covered_us;
  const tile = (status: Status) => (
    <Link className={`tile status-${status}`} to={link("/cases", { status })}>
      <span>
        <span aria-hidden="true">{SIGNS[status]} </span>
        {word("status", status)}
      </span>
      <b>{number(totals[status])}</b>
      <small>{t("overview.of_all", { share: percent(totals[status], totals.obligations) })}</small>
    </Link>
  );
  return (
    <div className="tiles">
      <div className="tile wide">
        <span>{t("overview.coverage")}</span>
        <b>{percent(totals.covered_us, totals.required_us)}</b>
        <span className="meter-bar" aria-hidden="true">
          <span style={{ width: `${totals.required_us > 0 ? (totals.covered_us / totals.required_us) * 100 : 0}%` }} />
        </span>
        <small>
          {t("overview.covered_of", { covered: seconds(totals.covered_us), required: seconds(totals.required_us) })}
        </small>
        <small>
          {t("overview.not_covered", {
            n: seconds(lacking),
            tolerated: seconds(totals.tolerated_us),
            excused: seconds(totals.excused_us),
          })}
        </small>
      </div>
      <Link className="tile" to={link("/cases")}>
        <span>{t("overview.obligations")}</span>
        <b>{number(totals.obligations)}</b>
        <small>{t("overview.stages_unit")}</small>
      </Link>
      {tile("complete")}
      {tile("partial")}
      {tile("missing")}
      {tile("excused")}
    </div>
  );
}

function Squads({ document }: { document: Document }) {
  const { t, word } = useWords();
  const link = useLink();
  const scores = useScores(document.month);
  const levels = new Map(scores.data?.units.map((unit) => [unit.unit, unit]) ?? []);
  const count = (unit: UnitTotals, status: Status) =>
    unit[status] ? (
      <Link
        to={link("/cases", { unit: unit.unit ?? "?", status })}
        aria-label={`${unit.name ?? unit.unit} ${word("status", status)} ${unit[status]}`}
      >
        {unit[status]}
      </Link>
    ) : (
      <span className="quiet">0</span>
    );
  return (
    <Panel title={t("overview.squads")}>
      <DataTable
        label={t("overview.squads")}
        rows={document.audit!.units}
        rowKey={(unit) => unit.unit ?? "?"}
        columns={[
          {
            name: "unit",
            label: t("overview.squad"),
            heads: true,
            cell: (unit) => (
              <Link to={link("/cases", { unit: unit.unit ?? "?" })}>
                {unit.name ?? unit.unit ?? t("overview.unknown_unit")}
              </Link>
            ),
          },
          {
            name: "share",
            label: t("overview.share"),
            cell: (unit) => <Meter covered={unit.covered_us} required={unit.required_us} />,
          },
          { name: "covered", label: t("overview.covered"), numeric: true, cell: (unit) => seconds(unit.covered_us) },
          { name: "required", label: t("overview.required"), numeric: true, cell: (unit) => seconds(unit.required_us) },
          ...(["complete", "partial", "missing", "excused"] as const).map((status) => ({
            name: status,
            label: word("status", status),
            numeric: true,
            cell: (unit: UnitTotals) => count(unit, status),
          })),
          {
            name: "level",
            label: t("overview.level"),
            cell: (unit) => {
              const score = levels.get(unit.unit ?? "");
              return score ? <LevelTag level={score.level} /> : <span className="quiet">–</span>;
            },
          },
        ]}
      />
    </Panel>
  );
}

function Due({ document }: { document: Document }) {
  const { t, language } = useWords();
  const link = useLink();
  const round = document.round;
  const review = useReview(round?.id ?? "", Boolean(round?.draw));
  const notices = useNotices();
  const returns = useReturns();
  const reconciliation = useReconciliation(document.month);
  const items = dueItems(
    {
      overview: document,
      review: review.data,
      notices: notices.data?.notices,
      reconciliation: reconciliation.data ?? undefined,
      returns: returns.data?.returns,
    },
    (one) => monthName(one, language),
  );
  return (
    <Panel title={t("overview.todo")}>
      {items.length === 0 ? (
        <p className="quiet">{t("overview.nothing_due")}</p>
      ) : (
        <ul className="due">
          {items.map((item) => (
            <li key={item.words} className={item.late ? "late" : undefined}>
              <Link to={link(item.path, item.query)}>
                {t(`overview.${item.words}` as "overview.todo_draw", item.values)}
              </Link>
              {item.late ? <span className="tag late">⚠ {t("overview.late")}</span> : null}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Return({ document }: { document: Document }) {
  const { t, language, either } = useWords();
  const link = useLink();
  const { due, return: filled, now, round } = document;
  const returns = useReturns();
  if (!due) return null;
  const days = daysUntil(due.date, now);
  const sent = returns.data?.returns.filter((one) => one.month === due.month && one.state === "sent").at(-1);
  const left =
    days > 0
      ? t("overview.days_left", { count: days })
      : days === 0
        ? t("overview.due_today")
        : t("overview.days_past", { count: -days });
  return (
    <Panel
      title={t("overview.return", { month: monthName(due.month, language) })}
      aside={
        <>
          <span className="tag">{t("overview.due", { date: due.date })}</span>
          {sent ? (
            <span className="tag status-complete">
              ✓ {t("overview.sent", { version: sent.version, at: moment(sent.at) })}
            </span>
          ) : (
            <span className={days < 0 ? "tag late" : "tag"}>
              {days < 0 ? "⚠ " : ""}
              {left}
            </span>
          )}
          {due.status === "confirmed" ? null : <span className="tag">{t("overview.to_confirm")}</span>}
        </>
      }
    >
      {filled ? (
        <>
          <ReturnFigures filled={filled} />
          <p className="sentence" lang="zh-CN">
            {filled.sentence}
          </p>
          <p className="quiet">
            {filled.basis === "machine" ? t("overview.basis_machine") : t("overview.basis_review")}
          </p>
          <details>
            <summary>{t("overview.proves")}</summary>
            <p>{either(filled.bounds.explanation_zh, filled.bounds.explanation)}</p>
          </details>
        </>
      ) : (
        <p>{t("overview.not_drawn")}</p>
      )}
      {round ? (
        <p>
          <Link to={link(roundPath(round.id))}>
            {t("overview.to_round", { month: monthName(round.month, language) })}
          </Link>
        </p>
      ) : null}
    </Panel>
  );
}

function ReturnFigures({ filled }: { filled: MonthlyReturn }) {
  const { t } = useWords();
  return (
    <div className="return-figures">
      <div>
        <span>{t("overview.sampled")}</span>
        <b>{filled.recordings_sampled}</b>
      </div>
      <div>
        <span>{t("overview.irregular")}</span>
        <b>{filled.irregular_found}</b>
      </div>
      <div>
        <span>{t("overview.missing")}</span>
        <b>{filled.missing_found}</b>
      </div>
    </div>
  );
}

function Findings({ document }: { document: Document }) {
  const { t, word, language } = useWords();
  const link = useLink();
  const codes = Object.entries(document.audit!.totals.findings).sort((a, b) => b[1].total - a[1].total);
  return (
    <Panel
      title={t("overview.findings")}
      aside={
        codes.length ? (
          <Save
            url={address("audit", { month: document.month, format: "xlsx", lang: language })}
            name="findings.xlsx"
            title={t("overview.export_findings_how")}
          >
            {t("overview.export_findings")}
          </Save>
        ) : null
      }
    >
      {codes.length === 0 ? <p className="quiet">{t("overview.no_findings")}</p> : null}
      <ul className="chips">
        {codes.map(([code, sums]) => (
          <li key={code}>
            <Link className="chip" to={link("/cases", { finding: code })}>
              {word("codes", code)} <b>{number(sums.total)}</b>
              {sums.excused ? <small> {t("overview.excused_of", { n: sums.excused })}</small> : null}
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
