// A case: its stages above, the chosen one on the street's time below, and the player at the moment one clicked.

import { useCallback, useEffect, useState } from "react";
import { Link, useParams } from "react-router";
import { useCase } from "../api/queries.ts";
import type { CaseFile, Finding, Lane, Obligation, StageFile } from "../api/types.ts";
import { recordingPath, useAddress, useLink } from "../app/where.ts";
import { DataTable } from "../components/DataTable.tsx";
import { Facts, PageHead, Panel } from "../components/Panel.tsx";
import { Empty, Reading } from "../components/State.tsx";
import { Meter, SIGNS, StatusTag } from "../components/Tags.tsx";
import { clock, day, exactMoment, length, millis, moment, shanghai, span } from "../format.ts";
import { StreetPlayer } from "../player/StreetPlayer.tsx";
import { cameras, choose } from "../timeline/geometry.ts";
import { Timeline } from "../timeline/Timeline.tsx";
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
  const stage = firstStage(file, read("stage"), read("finding"));
  const choose = useCallback((stageNo: number) => write({ stage: String(stageNo), at: null, cam: null }), [write]);
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      if (
        (event.target as Element).closest("input,textarea,[role=combobox]") ||
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
          <Link className="back" to={link("/cases", { finding: read("finding") })}>
            ← {t("case.back")}
          </Link>
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
      </PageHead>
      <div className="stages" role="group" aria-label={t("case.stages")}>
        {file.stages.map((one) => (
          <button
            key={one.stage_no}
            type="button"
            className={`stage ${one.obligation ? `status-${one.obligation.status}` : ""}`}
            aria-pressed={one.stage_no === stage?.stage_no}
            onClick={() => choose(one.stage_no)}
          >
            <span>
              <b>
                {one.stage_no}. {word("kinds", one.stage.kind)}
              </b>
            </span>
            <span className="figure small">{span(one.stage.starts_at, one.stage.ends_at)}</span>
            {one.obligation ? (
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

function Stage({ stage }: { stage: StageFile & { obligation: Obligation } }) {
  const { t, language, word } = useWords();
  const { read, write } = useAddress();
  const must = stage.obligation;
  const all = cameras(stage.timeline);
  const asked = Date.parse(read("at"));
  const [at, setAt] = useState<number | null>(Number.isFinite(asked) ? asked : null);
  const [shown, setShown] = useState<string[]>(() =>
    Number.isFinite(asked) && read("cam")
      ? read("cam")
          .split(",")
          .filter((id) => all.some((camera) => camera.id === id))
          .slice(0, 2)
      : [],
  );
  const ids = all.map((camera) => camera.id).join("\n");
  const timeline = stage.timeline;
  const go = useCallback(
    (ms: number, camera: string | null, play: boolean) => {
      setAt(ms);
      if (!play || !ids) {
        write({ at: shanghai(ms) });
        return;
      }
      setShown((before) => {
        const opened =
          before.length && (camera === null || before.includes(camera))
            ? before
            : choose(cameras(timeline), ms, camera);
        write({ at: shanghai(ms), cam: opened.join(",") });
        return opened;
      });
    },
    [ids, timeline, write],
  );
  const close = useCallback(() => {
    setShown([]);
    write({ cam: null });
  }, [write]);
  const open = shown.length > 0 && at !== null;
  return (
    <>
      {open ? (
        <StreetPlayer
          cameras={all}
          obligation={must}
          shown={shown}
          at={at}
          goTo={setAt}
          close={close}
          show={(next) => {
            setShown(next);
            write({ cam: next.join(",") });
          }}
        />
      ) : null}
      <Panel title={`${stage.stage_no}. ${word("kinds", must.kind)}`} aside={<StatusTag status={must.status} />}>
        <Facts
          of={[
            [t("case.required"), length(must.required_us, language)],
            [t("case.covered"), length(must.covered_us, language)],
            [t("case.lacking"), length(must.required_us - must.covered_us, language)],
            [t("case.officers"), must.officers.join("、")],
            [t("case.place"), must.place || "–"],
          ]}
        />
        <Timeline stage={stage} at={at} go={go} />
        {stage.timeline.length === 0 ? <p className="hint">{t("case.no_recordings")}</p> : null}
        {must.unresolved_links.map((key) => (
          <p key={key} className="hint">
            {t("case.unresolved")}: <code>{key}</code>
          </p>
        ))}
      </Panel>
      <div className="two">
        <Panel title={t("case.findings")}>
          {must.findings.length === 0 ? (
            <p className="quiet">{t("case.no_findings")}</p>
          ) : (
            <ol className="findings">
              {must.findings.map((finding, index) => (
                <Found
                  key={index}
                  finding={finding}
                  index={index}
                  play={finding.at ? () => go(millis(finding.at!.start) - 3_000, null, true) : null}
                />
              ))}
            </ol>
          )}
          {stage.excuses.length ? (
            <>
              <h3>{t("case.excuses")}</h3>
              <ul className="plain">
                {stage.excuses.map((excuse, index) => (
                  <li key={index}>
                    {word("reasons", excuse.reason)}
                    {excuse.note ? `：${excuse.note}` : ""}{" "}
                    <span className="quiet">
                      {t("case.recorded_by", { by: excuse.recorded_by, at: moment(excuse.recorded_at) })}
                    </span>
                  </li>
                ))}
              </ul>
            </>
          ) : null}
        </Panel>
        <Panel title={t("case.recordings")}>
          {stage.timeline.length ? (
            <Evidence entries={stage.timeline} />
          ) : (
            <p className="quiet">{t("case.no_recordings")}</p>
          )}
        </Panel>
      </div>
    </>
  );
}

function Found({ finding, index, play }: { finding: Finding; index: number; play: (() => void) | null }) {
  const { t, word, either } = useWords();
  const where = finding.at
    ? day(finding.at.start) === day(finding.at.end)
      ? `${clock(finding.at.start)}–${clock(finding.at.end)}`
      : `${exactMoment(finding.at.start)} – ${exactMoment(finding.at.end)}`
    : t("case.whole");
  const remarks = [
    word("severities", finding.severity),
    finding.certainty === "certain" ? null : word("certainties", finding.certainty),
    finding.excused ? `${word("status", "excused")}: ${word("reasons", finding.excused)}` : null,
  ]
    .filter(Boolean)
    .join(" · ");
  return (
    <li>
      <span className={`mark static severity-${finding.severity}`} aria-hidden="true">
        {index + 1}
      </span>
      <div>
        {play ? (
          <button type="button" className="link figure" onClick={play} aria-label={`${t("case.play_here")} ${where}`}>
            ▶ {where}
          </button>
        ) : (
          <span className="figure">{where}</span>
        )}{" "}
        <span className={`tag severity-${finding.severity}`}>{word("codes", finding.code)}</span>{" "}
        <span className="quiet">{remarks}</span>
        <div>{either(finding.detail_zh, finding.observed)}</div>
      </div>
    </li>
  );
}

function Evidence({ entries }: { entries: Lane[] }) {
  const { t, language, word } = useWords();
  const link = useLink();
  return (
    <DataTable
      label={t("case.recordings")}
      rows={entries}
      rowKey={(entry) => entry.object_key}
      columns={[
        {
          name: "file",
          label: t("case.file"),
          heads: true,
          className: "key",
          cell: (entry) => (
            <>
              <Link to={link(recordingPath(entry.object_key))}>{entry.object_key}</Link>
              {entry.linked ? <span className="tag">{t("case.linked")}</span> : null}
            </>
          ),
        },
        { name: "role", label: t("case.role"), className: "nowrap", cell: (entry) => word("roles_of", entry.role) },
        {
          name: "start",
          label: t("case.start"),
          className: "nowrap figure",
          cell: (entry) =>
            entry.started_at ? (
              <span title={entry.started_at_source ? word("sources", entry.started_at_source) : undefined}>
                {clock(entry.started_at)}
              </span>
            ) : (
              t("timeline.no_start")
            ),
        },
        {
          name: "error",
          label: t("case.error"),
          numeric: true,
          className: "nowrap",
          cell: (entry) => `±${length(entry.clock_error_us, language)}`,
        },
        {
          name: "covers",
          label: t("case.covers"),
          numeric: true,
          className: "nowrap",
          cell: (entry) => length(entry.covers_us, language),
        },
        {
          name: "condition",
          label: t("case.condition"),
          cell: (entry) =>
            entry.problems.length ? (
              entry.problems.map((problem) => (
                <span key={problem.code} className="tag" title={problem.detail}>
                  {word("problems", problem.code)}
                </span>
              ))
            ) : (
              <span className="quiet">{t("recordings.readable")}</span>
            ),
        },
      ]}
    />
  );
}
