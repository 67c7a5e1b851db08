// One round, from freezing to return.

import { Button } from "antd";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { address, key } from "../api/client.ts";
import { useAgreement, useAudit, useReturns, useReview, useRound } from "../api/queries.ts";
import type { DrawItem, ReviewItem, Round as Document } from "../api/types.ts";
import { useAddress, useLink } from "../app/where.ts";
import { DataTable } from "../components/DataTable.tsx";
import { Facts, PageHead, Panel } from "../components/Panel.tsx";
import { Empty, Reading } from "../components/State.tsx";
import { StatusTag } from "../components/Tags.tsx";
import { moment, number } from "../format.ts";
import { itemPath } from "../rounds/items.ts";
import { Show } from "../rounds/Show.tsx";
import { useWords } from "../words/index.ts";

export default function Round() {
  const { month = "", policy = "" } = useParams();
  return <Reading of={useRound(`${month}/${policy}`)}>{(round) => <Whole key={round.id} round={round} />}</Reading>;
}

function Whole({ round }: { round: Document }) {
  const { t, either, word } = useWords();
  const link = useLink();
  const { read, write } = useAddress();
  const names = new Map(round.frozen.frame.squads.map((squad) => [squad.unit, squad.name]));
  const unitName = (code: string) => names.get(code) ?? code;
  const { frozen, draw } = round;
  return (
    <>
      <PageHead
        title={round.id}
        back={
          <Link className="back" to={link("/rounds")}>
            ← {t("round.back")}
          </Link>
        }
      >
        <span>{word("rounds.kind", frozen.kind)}</span>
        <span className="quiet">{t("round.frame", { n: number(frozen.frame_size), cases: number(frozen.cases) })}</span>
        {draw ? (
          <Button type="primary" onClick={() => write({ show: "1" })}>
            ▶ {t("round.watch")}
          </Button>
        ) : null}
      </PageHead>
      <Steps round={round} />
      <div className="two">
        <Panel title={t("round.publish")}>
          <Facts
            of={[
              [t("rounds.frozen"), moment(round.frozen_at)],
              [
                t("rounds.digest"),
                <code key="d" className="digest">
                  {round.frame_sha256}
                </code>,
              ],
              [t("round.seed_source"), frozen.seed_source],
              ...(draw
                ? ([
                    [t("rounds.seed"), <code key="s">{draw.seed}</code>],
                    [t("rounds.drawn"), moment(round.drawn_at ?? round.frozen_at)],
                  ] as [string, React.ReactNode][])
                : []),
            ]}
          />
          {draw ? (
            <p className="row">
              <a href={address(`rounds/${key(round.id)}/export`)} download={`round-${round.month}.json`}>
                {t("round.export")}
              </a>
              <a href="/verify_draw.html" target="_blank" rel="noreferrer">
                {t("round.verify")}
              </a>
            </p>
          ) : (
            <div className="hint">
              <b>{t("round.not_drawn")}</b>
              <p>{t("round.not_drawn_how")}</p>
            </div>
          )}
        </Panel>
        <Panel
          title={t("round.quotas")}
          aside={
            <span className={frozen.feasible ? "tag status-complete" : "tag severity-missing"}>
              {frozen.feasible ? `✓ ${t("round.feasible")}` : `✕ ${t("round.infeasible")}`}
            </span>
          }
        >
          <DataTable
            label={t("round.quotas")}
            rows={frozen.plan.quotas}
            rowKey={(quota) => quota.rule}
            columns={[
              {
                name: "rule",
                label: t("round.rule"),
                heads: true,
                cell: (quota) => frozen.sources[quota.rule]?.words ?? quota.rule,
              },
              {
                name: "clause",
                label: t("round.clause"),
                className: "nowrap",
                cell: (quota) => (
                  <>
                    {frozen.sources[quota.rule]?.clause}
                    {frozen.sources[quota.rule]?.status === "confirmed" ? null : (
                      <span className="tag">{t("overview.to_confirm")}</span>
                    )}
                  </>
                ),
              },
              { name: "need", label: t("round.need"), numeric: true, cell: (quota) => quota.need },
              { name: "draw", label: t("round.to_draw"), numeric: true, cell: (quota) => quota.to_draw },
            ]}
          />
          <details>
            <summary>{t("round.words")}</summary>
            <p>{either(frozen.explanation_zh, frozen.explanation)}</p>
          </details>
        </Panel>
      </div>
      {draw ? <Drawn round={round} unitName={unitName} /> : null}
      {draw ? <Review round={round} unitName={unitName} /> : null}
      {draw ? (
        <Panel title={t("round.changes")}>
          {round.acts.length === 0 ? (
            <p className="quiet">{t("round.no_changes")}</p>
          ) : (
            <ul className="plain">
              {round.acts.map((act, index) => (
                <li key={index}>
                  <span className="figure">{moment(act.at)}</span> <b>{word("acts", act.kind)}</b> {act.item}
                  {act.taken.length ? ` → ${act.taken.join("、")}` : ""}{" "}
                  <span className="quiet">
                    {act.who}：{act.why}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Panel>
      ) : null}
      {read("show") && draw ? <Show round={round} unitName={unitName} close={() => write({ show: null })} /> : null}
    </>
  );
}

function Steps({ round }: { round: Document }) {
  const { t } = useWords();
  const review = useReview(round.id, Boolean(round.draw));
  const returns = useReturns();
  const progress = review.data?.progress;
  const reviewed = progress !== undefined && progress.drawn > 0 && progress.settled === progress.drawn;
  const sent =
    returns.data?.returns.some(
      (one) => one.month === round.month && one.policy === round.policy && one.state === "sent",
    ) ?? false;
  const steps: [string, boolean, string][] = [
    [t("round.freeze"), true, moment(round.frozen_at)],
    [t("round.draw"), Boolean(round.draw), round.drawn_at ? moment(round.drawn_at) : ""],
    [t("round.review"), reviewed, progress ? `${progress.settled} / ${progress.drawn}` : ""],
    [t("round.return"), sent, ""],
  ];
  const current = steps.findIndex(([, done]) => !done);
  return (
    <ol className="steps" aria-label={t("round.steps")}>
      {steps.map(([name, done, note], index) => (
        <li
          key={name}
          className={done ? "done" : index === current ? "current" : ""}
          aria-current={index === current ? "step" : undefined}
        >
          <span aria-hidden="true">{done ? "✓" : index === current ? "▶" : "○"}</span>
          <b>{name}</b>
          <small>
            {done ? t("round.done") : index === current ? t("round.current") : t("round.waiting")}
            {note ? ` · ${note}` : ""}
          </small>
        </li>
      ))}
    </ol>
  );
}

function Drawn({ round, unitName }: { round: Document; unitName: (code: string) => string }) {
  const { t, word } = useWords();
  const link = useLink();
  const navigate = useNavigate();
  const stages = round.frozen.kind === "recordings";
  const audit = useAudit(round.frozen.base_month, stages);
  const judged = new Map(audit.data?.obligations.map((obligation) => [obligation.id, obligation]) ?? []);
  const at = (item: DrawItem) => {
    const { path, stage } = itemPath(item.id);
    return link(path, { stage });
  };
  return (
    <Panel title={`${t("round.drawn")} (${round.draw!.items.length})`}>
      <DataTable
        label={t("round.drawn")}
        rows={round.draw!.items}
        rowKey={(item) => item.id}
        open={(item) => void navigate(at(item))}
        columns={[
          { name: "order", label: t("round.order"), numeric: true, cell: (item) => item.order },
          {
            name: "item",
            label: t("round.item"),
            heads: true,
            className: "nowrap",
            cell: (item) => <Link to={at(item)}>{item.id}</Link>,
          },
          { name: "kind", label: t("recording.kind"), cell: (item) => word("kinds", judged.get(item.id)?.kind) },
          { name: "unit", label: t("round.unit"), className: "nowrap", cell: (item) => unitName(item.unit) },
          {
            name: "reason",
            label: t("round.reason"),
            className: "nowrap",
            cell: (item) => word("draw_reasons", item.reason),
          },
          {
            name: "ticket",
            label: t("round.ticket"),
            cell: (item) => <code title={item.ticket}>{item.ticket.slice(0, 16)}…</code>,
          },
          ...(stages
            ? [
                {
                  name: "status",
                  label: t("round.status"),
                  className: "nowrap",
                  cell: (item: DrawItem) => {
                    const one = judged.get(item.id);
                    return one ? (
                      <StatusTag status={one.status} />
                    ) : (
                      <span className="quiet">{audit.isPending ? "…" : t("round.not_judged")}</span>
                    );
                  },
                },
              ]
            : []),
        ]}
      />
    </Panel>
  );
}

function Review({ round, unitName }: { round: Document; unitName: (code: string) => string }) {
  const { t, word, either } = useWords();
  const link = useLink();
  const navigate = useNavigate();
  const review = useReview(round.id);
  const agreement = useAgreement(round.id);
  const [state, setState] = useState("");
  const at = (item: ReviewItem) => {
    const { path, stage } = itemPath(item.item);
    return link(path, { stage, round: round.id });
  };
  return (
    <Panel title={t("review.title")}>
      <Reading of={review}>
        {({ progress, items }) => {
          if (items.length === 0)
            return (
              <Empty title={t("review.none")}>
                <p>{t("review.none_how")}</p>
              </Empty>
            );
          const counts = (["drawn", "assigned", "open", "overdue", "disagreed", "appealed", "settled"] as const).map(
            (name) => [name, progress[name]] as const,
          );
          const shown = items.filter((item) => !state || (state === "overdue" ? item.overdue : item.state === state));
          return (
            <>
              <div className="segments" role="group" aria-label={t("review.state")}>
                {counts.map(([name, count]) => {
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
              </div>
              <DataTable
                label={t("review.title")}
                rows={shown}
                rowKey={(item) => item.item}
                open={(item) => void navigate(at(item))}
                columns={[
                  {
                    name: "item",
                    label: t("review.item"),
                    heads: true,
                    className: "nowrap",
                    cell: (item) => <Link to={at(item)}>{item.item}</Link>,
                  },
                  { name: "unit", label: t("round.unit"), className: "nowrap", cell: (item) => unitName(item.unit) },
                  {
                    name: "seats",
                    label: t("review.seats"),
                    cell: (item) => (
                      <>
                        {item.seats.map((seat) => (
                          <span key={seat.seat} className="tag">
                            {item.verdicts[String(seat.seat)] ? "✓ " : ""}
                            {seat.badge}
                          </span>
                        ))}{" "}
                        <small className="quiet">{item.blind ? t("review.blind") : t("review.joint")}</small>
                      </>
                    ),
                  },
                  {
                    name: "due",
                    label: t("review.due"),
                    className: "nowrap figure",
                    cell: (item) => (
                      <>
                        {item.due_at ? moment(item.due_at) : "–"}
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
                ]}
              />
              <p className="quiet small">
                {t("review.keys")} · {t("review.read_only")}
              </p>
              {agreement.data ? (
                <details>
                  <summary>
                    {t("review.agreement")}
                    {agreement.data.kappa === null ? "" : ` κ = ${agreement.data.kappa.toFixed(2)}`}
                  </summary>
                  <p>{either(agreement.data.explanation_zh, agreement.data.explanation)}</p>
                </details>
              ) : null}
            </>
          );
        }}
      </Reading>
    </Panel>
  );
}
