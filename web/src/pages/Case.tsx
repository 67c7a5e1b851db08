// A case: its stages above, the chosen one on the street's time below, and the player at the moment one clicked.

import { useCallback, useEffect } from "react";
import { Link, useParams } from "react-router";
import { useCase, useReview } from "../api/queries.ts";
import type { CaseFile, StageFile } from "../api/types.ts";
import { roundPath, useAddress, useLink } from "../app/where.ts";
import { PageHead } from "../components/Panel.tsx";
import { SaveBundle } from "../components/SaveBundle.tsx";
import { Empty, Reading } from "../components/State.tsx";
import { Meter, SIGNS } from "../components/Tags.tsx";
import { moment, span } from "../format.ts";
import { Casework } from "../review/Casework.tsx";
import { VerdictBar } from "../review/VerdictBar.tsx";
import { isOfStages } from "../rounds/items.ts";
import { Stage } from "./Stage.tsx";
import { useWords } from "../words/index.ts";

export default function Case() {
  const { "*": caseNo = "" } = useParams();
  const { t } = useWords();
  return (
    <Reading of={useCase(caseNo)} what={t("state.judging")}>
      {(file) => <File key={file.case_no} file={file} />}
    </Reading>
  );
}

/** The stage to begin with: the one asked for, else the first with a finding of the wanted code, else the gravest. */
function firstStage(file: CaseFile, asked: string, code: string): StageFile | undefined {
  const byNumber = file.stages.find((stage) => String(stage.stage_no) === asked);
  if (byNumber) return byNumber;
  const withCode = code
    ? file.stages.find((stage) => stage.obligation?.findings.some((finding) => finding.code === code))
    : undefined;
  const order = ["missing", "partial", "excused", "complete"];
  const gravest = [...file.stages]
    .filter((stage) => stage.obligation)
    .sort((a, b) => order.indexOf(a.obligation!.status) - order.indexOf(b.obligation!.status))[0];
  return withCode ?? gravest ?? file.stages[0];
}

function File({ file }: { file: CaseFile }) {
  const { t, word } = useWords();
  const link = useLink();
  const { read, write } = useAddress();
  const round = read("round");
  const review = useReview(round, round !== "");
  // In a round that is judged apart, the stages that are still to be judged do not say what the machine found; until
  // it is known which these are, none does.
  const veiled = (one: StageFile): boolean => {
    if (round === "") return false;
    if (review.isPending) return true;
    const items = review.data?.items.filter((item) => item.machine_hidden) ?? [];
    return items.some((item) => item.item === `${file.case_no}/${one.stage_no}` || item.item === file.case_no);
  };
  const stage = firstStage(file, read("stage"), read("finding"));
  // A case that was drawn as a whole, or a stage of it that nobody had to record: what had to be is judged beside its
  // footage.
  const drawn = isOfStages(round)
    ? stage && !stage.obligation && `${file.case_no}/${stage.stage_no}`
    : round !== "" && file.case_no;
  const item = review.data?.items.find((one) => one.item === drawn);
  const choose = useCallback((stageNo: number) => write({ stage: String(stageNo), at: null, cam: null }), [write]);
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      if (
        (event.target as Element).closest("input,textarea,select,dialog,[role=combobox]") ||
        (event.key !== "[" && event.key !== "]")
      )
        return;
      const index = file.stages.findIndex((one) => one.stage_no === stage?.stage_no);
      const next = file.stages[index + (event.key === "]" ? 1 : -1)];
      if (next) choose(next.stage_no);
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  }, [file, stage, choose]);
  return (
    <>
      <PageHead
        title={file.case_no}
        back={
          read("round") ? (
            <Link className="back" to={link(roundPath(read("round")))}>
              ← {read("round")}
            </Link>
          ) : (
            <Link className="back" to={link("/cases", { finding: read("finding") })}>
              ← {t("case.back")}
            </Link>
          )
        }
      >
        <span>{file.title}</span>
        <span className="quiet">
          {file.unit_name ?? file.unit} · {word("procedures", file.procedure)}
        </span>
        {file.filed_at ? (
          <span className="quiet">
            {t("case.filed")} {moment(file.filed_at)}
          </span>
        ) : null}
        <span className="quiet">
          {file.closed_at ? `${t("case.closed")} ${moment(file.closed_at)}` : t("case.open")}
        </span>
        <SaveBundle kind="case" id={file.case_no} />
      </PageHead>
      {review.data && item ? (
        <>
          <VerdictBar key={item.item} review={review.data} item={item} />
          <Casework round={review.data.round} item={item} />
        </>
      ) : null}
      <div className="stages" role="group" aria-label={t("case.stages")}>
        {file.stages.map((one) => (
          <button
            key={one.stage_no}
            type="button"
            className={`stage ${one.obligation && !veiled(one) ? `status-${one.obligation.status}` : ""}`}
            aria-pressed={one.stage_no === stage?.stage_no}
            onClick={() => choose(one.stage_no)}
          >
            <span>
              <b>
                {one.stage_no}. {word("kinds", one.stage.kind)}
              </b>
            </span>
            <span className="figure small">{span(one.stage.starts_at, one.stage.ends_at)}</span>
            {one.obligation && veiled(one) ? (
              <span className="small quiet">{t("review.not_yet_shown")}</span>
            ) : one.obligation ? (
              <span className="small">
                <span aria-hidden="true">{SIGNS[one.obligation.status]} </span>
                {word("status", one.obligation.status)}{" "}
                <Meter covered={one.obligation.covered_us} required={one.obligation.required_us} />
              </span>
            ) : (
              <span className="small quiet">{t("status.none")}</span>
            )}
          </button>
        ))}
      </div>
      {stage ? (
        stage.obligation ? (
          <Stage key={stage.stage_no} stage={{ ...stage, obligation: stage.obligation }} />
        ) : (
          <Empty title={t("case.no_obligation")} />
        )
      ) : (
        <Empty title={t("case.no_such_stage")} />
      )}
    </>
  );
}
