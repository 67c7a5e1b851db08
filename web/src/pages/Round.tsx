// One round, from freezing to return.

import { Button } from "antd";
import { Link, useParams } from "react-router";
import { useReturns, useReview, useRound } from "../api/queries.ts";
import type { Round as Document } from "../api/types.ts";
import { useMay } from "../app/rights.ts";
import { useAddress, useLink } from "../app/where.ts";
import { PageHead } from "../components/Panel.tsx";
import { Reading } from "../components/State.tsx";
import { moment, monthName, number } from "../format.ts";
import { Changes, Drawn } from "../rounds/Drawn.tsx";
import { RoundNotices, RoundReturn } from "../rounds/Filing.tsx";
import { Publish, Quotas } from "../rounds/Publish.tsx";
import { Review } from "../rounds/ReviewTable.tsx";
import { Show } from "../rounds/Show.tsx";
import { useWords } from "../words/index.ts";

export default function Round() {
  const { month = "", policy = "" } = useParams();
  return <Reading of={useRound(`${month}/${policy}`)}>{(round) => <Whole key={round.id} round={round} />}</Reading>;
}

function Whole({ round }: { round: Document }) {
  const { t, word, language } = useWords();
  const link = useLink();
  const may = useMay();
  const { read, write } = useAddress();
  const names = new Map(round.frozen.frame.squads.map((squad) => [squad.unit, squad.name]));
  const unitName = (code: string) => names.get(code) ?? code;
  const { frozen, draw } = round;
  const watch = () => write({ show: "1" });
  return (
    <>
      <PageHead
        title={t("round.title", { month: monthName(round.month, language), kind: word("rounds.kind", frozen.kind) })}
        back={
          <Link className="back" to={link("/rounds")}>
            ← {t("round.back")}
          </Link>
        }
      >
        <code>{round.id}</code>
        <span className="quiet">{t("round.frame", { n: number(frozen.frame_size), cases: number(frozen.cases) })}</span>
        {draw ? (
          <Button type="primary" onClick={watch}>
            ▶ {t("round.watch")}
          </Button>
        ) : null}
      </PageHead>
      <Steps round={round} />
      <div className="two">
        <Publish round={round} drawn={watch} />
        <Quotas round={round} />
      </div>
      {draw ? (
        <>
          <Drawn round={round} unitName={unitName} />
          <Review round={round} unitName={unitName} />
          <div className="two">
            <div className="stack">
              <RoundNotices round={round} />
              <Changes round={round} />
            </div>
            {frozen.kind === "recordings" && may("whole") ? <RoundReturn round={round} /> : null}
          </div>
        </>
      ) : null}
      {read("show") && draw ? <Show round={round} unitName={unitName} close={() => write({ show: null })} /> : null}
    </>
  );
}

function Steps({ round }: { round: Document }) {
  const { t } = useWords();
  const may = useMay();
  const review = useReview(round.id, Boolean(round.draw));
  const returns = useReturns(may("whole"));
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
