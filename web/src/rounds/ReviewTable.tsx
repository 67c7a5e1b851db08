// The review of a round: how far it is, who has what until when, what came of it, and how far people agree who judged
// apart.

import { Button } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { useAgreement, useReview } from "../api/queries.ts";
import type { Agreement, ReviewItem, Round, RoundReview } from "../api/types.ts";
import { useBadge, useMay } from "../app/rights.ts";
import { useLink } from "../app/where.ts";
import { DataTable, type Column } from "../components/DataTable.tsx";
import { Panel } from "../components/Panel.tsx";
import { Empty, Reading } from "../components/State.tsx";
import { deadline } from "../format.ts";
import { hasJudged, mayJudge } from "../review/verdict.ts";
import { useWords } from "../words/index.ts";
import { AssignForm, ReassignForm } from "./ItemForms.tsx";
import { itemPath } from "./items.ts";

interface Props {
  round: Round;
  unitName: (code: string) => string;
}

const COUNTS = ["drawn", "assigned", "open", "overdue", "disagreed", "appealed", "settled"] as const;

export function Review({ round, unitName }: Props) {
  const { t } = useWords();
  const review = useReview(round.id);
  const may = useMay();
  const agreement = useAgreement(round.id, may("whole"));
  const badge = useBadge();
  const link = useLink();
  const navigate = useNavigate();
  const [assigning, setAssigning] = useState(false);
  const open = review.data?.unassigned.length ?? 0;
  const mine = review.data?.items.filter((item) => mayJudge(item, badge) && !hasJudged(item, badge)) ?? [];
  const first = mine[0];
  return (
    <Panel
      title={t("review.title")}
      aside={
        <>
          {first ? (
            <Button type="primary" onClick={() => void navigate(at(first, round, link))}>
              {t("review.begin", { n: mine.length })}
            </Button>
          ) : null}
          {open > 0 && may("assign") ? (
            <Button type={first ? "default" : "primary"} onClick={() => setAssigning(true)}>
              {t("review.assign_title")} ({open})…
            </Button>
          ) : null}
        </>
      }
    >
      <Reading of={review}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty title={t("review.none")}>
              <p>{t("review.none_how")}</p>
            </Empty>
          ) : (
            <Items review={data} round={round} unitName={unitName} />
          )
        }
      </Reading>
      {agreement.data ? <Agreed agreement={agreement.data} /> : null}
      {assigning ? <AssignForm round={round} open={open} close={() => setAssigning(false)} /> : null}
    </Panel>
  );
}

function at(item: ReviewItem, round: Round, link: ReturnType<typeof useLink>): string {
  const { path, stage } = itemPath(item.item, round.id);
  return link(path, { stage, round: round.id });
}

function Items({ review, round, unitName }: Props & { review: RoundReview }) {
  const { t, word } = useWords();
  const link = useLink();
  const navigate = useNavigate();
  const may = useMay();
  const badge = useBadge();
  const [state, setState] = useState("");
  const [moving, setMoving] = useState<ReviewItem | null>(null);
  const { progress, items } = review;
  const mine = badge !== null && items.some((item) => item.seats.some((seat) => seat.badge === badge));
  const shown = items.filter((item) => {
    if (state === "overdue") return item.overdue;
    if (state === "mine") return item.seats.some((seat) => seat.badge === badge);
    return !state || item.state === state || (state === "settled" && item.state === "decided");
  });
  const columns: Column<ReviewItem>[] = [
    {
      name: "item",
      label: t("review.item"),
      heads: true,
      className: "nowrap",
      cell: (item) => <Link to={at(item, round, link)}>{item.item}</Link>,
    },
    { name: "unit", label: t("round.unit"), className: "nowrap", cell: (item) => unitName(item.unit) },
    { name: "seats", label: t("review.seats"), cell: (item) => <Seats item={item} badge={badge} /> },
    {
      name: "due",
      label: t("review.due"),
      className: "nowrap figure",
      cell: (item) => (
        <>
          {item.due_at ? deadline(item.due_at) : "–"}
          {item.overdue ? <span className="tag late">⚠ {t("review.overdue")}</span> : null}
        </>
      ),
    },
    {
      name: "state",
      label: t("review.state"),
      className: "nowrap",
      cell: (item) => word("review_states", item.state),
    },
    {
      name: "outcome",
      label: t("review.outcome"),
      cell: (item) =>
        item.verdicts_hidden ? (
          <span className="quiet">{t("review.hidden")}</span>
        ) : item.judgement ? (
          <span title={item.judgement.note}>
            {word("outcomes", item.judgement.outcome)}{" "}
            {item.judgement.codes.map((code) => (
              <span key={code} className="tag">
                {word("codes", code)}
              </span>
            ))}
          </span>
        ) : (
          "–"
        ),
    },
  ];
  if (may("assign"))
    columns.push({
      name: "acts",
      label: t("form.acts"),
      className: "nowrap no-print",
      cell: (item) =>
        item.state === "open" || item.state === "disagreed" ? (
          <button type="button" className="link" onClick={() => setMoving(item)}>
            {t("review.reassign_title")}
          </button>
        ) : null,
    });
  return (
    <>
      <div className="segments" role="group" aria-label={t("review.state")}>
        {COUNTS.map((name) => {
          const count = progress[name];
          const filter = name === "drawn" || name === "assigned" ? "" : name;
          return (
            <button
              key={name}
              type="button"
              aria-pressed={name === "drawn" ? state === "" : state === name}
              disabled={name === "assigned"}
              onClick={() => setState(filter)}
            >
              {name === "overdue" && count ? "⚠ " : ""}
              {t(`review.${name}`)} <b>{count}</b>
            </button>
          );
        })}
        {mine ? (
          <button type="button" aria-pressed={state === "mine"} onClick={() => setState("mine")}>
            {t("review.mine")}
          </button>
        ) : null}
      </div>
      <DataTable
        label={t("review.title")}
        rows={shown}
        oneLine
        rowKey={(item) => item.item}
        open={(item) => void navigate(at(item, round, link))}
        columns={columns}
      />
      <p className="quiet small no-print">
        {t("review.keys")} · {t("review.read_only")}
      </p>
      {moving ? <ReassignForm round={round} item={moving} close={() => setMoving(null)} /> : null}
    </>
  );
}

function Seats({ item, badge }: { item: ReviewItem; badge: string | null }) {
  const { t } = useWords();
  return (
    <>
      {item.seats.map((seat) => {
        const said = item.verdicts[String(seat.seat)] !== undefined;
        return (
          <span key={seat.seat} className={seat.badge === badge ? "tag mine" : "tag"}>
            {said ? "✓ " : ""}
            {seat.badge}
            {seat.badge === badge ? ` · ${t("review.me")}` : ""}
          </span>
        );
      })}{" "}
      <small className="quiet">{item.blind ? t("review.blind") : t("review.joint")}</small>
    </>
  );
}

/** Cohen's kappa, the table it comes from, and both in words. */
function Agreed({ agreement }: { agreement: Agreement }) {
  const { t, word, either } = useWords();
  const { outcomes, table } = agreement;
  return (
    <details className="agreement">
      <summary>
        {t("review.agreement")}
        {agreement.kappa === null ? "" : ` κ = ${agreement.kappa.toFixed(2)}`}
      </summary>
      <p>{either(agreement.explanation_zh, agreement.explanation)}</p>
      {agreement.judged_twice > 0 && table && outcomes ? (
        <div className="table-scroll" role="region" tabIndex={0} aria-label={t("review.agreement")}>
          <table className="table narrow" aria-label={t("review.agreement")}>
            <thead>
              <tr>
                <th scope="col">{t("review.first_second")}</th>
                {outcomes.map((outcome) => (
                  <th key={outcome} scope="col" className="num">
                    {word("outcomes", outcome)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {outcomes.map((outcome, row) => (
                <tr key={outcome}>
                  <th scope="row">{word("outcomes", outcome)}</th>
                  {outcomes.map((other, column) => (
                    <td key={other} className={row === column ? "num same" : "num"}>
                      {table[row]?.[column] ?? 0}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </details>
  );
}
