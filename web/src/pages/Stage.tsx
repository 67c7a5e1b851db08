// One stage of a case: on the street's time, with its findings, its recordings and, in a review, the verdict.

import { useCallback, useEffect, useState } from "react";
import { Link } from "react-router";
import { useReview } from "../api/queries.ts";
import type { Finding, Lane, Obligation, StageFile } from "../api/types.ts";
import { recordingPath, useAddress, useLink } from "../app/where.ts";
import { DataTable } from "../components/DataTable.tsx";
import { Facts, Panel } from "../components/Panel.tsx";
import { StatusTag } from "../components/Tags.tsx";
import { clock, day, exactMoment, length, millis, shanghai } from "../format.ts";
import { StreetPlayer } from "../player/StreetPlayer.tsx";
import { Casework } from "../review/Casework.tsx";
import { VerdictBar } from "../review/VerdictBar.tsx";
import { cameras, choose, pictureAt } from "../timeline/geometry.ts";
import { Timeline } from "../timeline/Timeline.tsx";
import { useWords } from "../words/index.ts";
import { Excuses } from "./Excuses.tsx";

/** Of an item that is judged apart, what the machine found stays out of sight. */
function veiled(stage: Judged): Judged {
  return { ...stage, obligation: { ...stage.obligation, gaps: [], findings: [] } };
}

type Judged = StageFile & { obligation: Obligation };

export function Stage({ stage: whole }: { stage: Judged }) {
  const { t, language, word, and } = useWords();
  const { read, write } = useAddress();
  const round = read("round");
  const review = useReview(round, round !== "");
  const item = review.data?.items.find((one) => one.item === whole.obligation.id);
  const hidden = item?.machine_hidden ?? false;
  const stage = hidden ? veiled(whole) : whole;
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
  const timeline = whole.timeline;
  const go = useCallback(
    (ms: number, camera: string | null, play: boolean) => {
      setAt(ms);
      if (!play || timeline.length === 0) {
        write({ at: shanghai(ms) });
        return;
      }
      const stays = shown.length > 0 && (camera === null || shown.includes(camera));
      const opened = stays ? shown : choose(cameras(timeline), ms, camera);
      setShown(opened);
      write({ at: shanghai(ms), cam: opened.join(",") });
    },
    [shown, timeline, write],
  );
  const close = useCallback(() => {
    setShown([]);
    write({ cam: null });
  }, [write]);
  const open = shown.length > 0 && at !== null;
  // N opens the player at the next place to look at; once it is open, the player listens itself.
  useEffect(() => {
    if (open) return;
    const moments = must.findings.flatMap((finding) => (finding.at ? [millis(finding.at.start)] : [])).sort();
    const keys = (event: KeyboardEvent) => {
      const target = event.target as Element;
      if (target.closest("input,textarea,select,dialog,[role=combobox],[role=listbox]")) return;
      if (event.ctrlKey || event.metaKey || event.altKey || event.key.toLowerCase() !== "n") return;
      const next = moments.find((ms) => at === null || ms - 3_000 > at + 500) ?? moments[0];
      if (next === undefined) return;
      event.preventDefault();
      go(next - 3_000, null, true);
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  }, [open, must, at, go]);
  const here = () => {
    const camera = all.find((one) => one.id === shown[0]);
    const picture = camera && at !== null ? pictureAt(camera, at) : null;
    return picture ? { object_key: picture.entry.object_key, at_us: Math.round(picture.mediaS * 1e6) } : null;
  };
  const covered: [string, string][] = [
    [t("case.covered"), length(must.covered_us, language)],
    [t("case.lacking"), length(must.required_us - must.covered_us, language)],
  ];
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
      {review.data && item ? (
        <VerdictBar
          key={item.item}
          review={review.data}
          item={item}
          codes={[
            ...new Set(
              must.findings.filter((finding) => finding.severity === "irregular").map((finding) => finding.code),
            ),
          ]}
          moment={here}
        />
      ) : null}
      <Panel
        title={`${stage.stage_no}. ${word("kinds", must.kind)}`}
        aside={hidden ? null : <StatusTag status={must.status} />}
      >
        <Facts
          of={[
            [t("case.required"), length(must.required_us, language)],
            ...(hidden ? [] : covered),
            [t("case.officers"), must.officers.join(and)],
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
      {review.data && item ? <Casework round={review.data.round} item={item} /> : null}
      <div className="two of-stage">
        <Panel title={t("case.findings")}>
          {must.findings.length === 0 ? (
            <p className="quiet">{hidden ? t("review.machine_hidden") : t("case.no_findings")}</p>
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
        </Panel>
        <Panel title={t("case.recordings")}>
          {stage.timeline.length ? (
            <Evidence entries={stage.timeline} />
          ) : (
            <p className="quiet">{t("case.no_recordings")}</p>
          )}
        </Panel>
      </div>
      <Excuses stage={stage} />
    </>
  );
}

function Found({ finding, index, play }: { finding: Finding; index: number; play: (() => void) | null }) {
  const { t, word, either, colon } = useWords();
  const where = finding.at
    ? day(finding.at.start) === day(finding.at.end)
      ? `${clock(finding.at.start)}–${clock(finding.at.end)}`
      : `${exactMoment(finding.at.start)} – ${exactMoment(finding.at.end)}`
    : t("case.whole");
  const remarks = [
    word("severities", finding.severity),
    finding.certainty === "certain" ? null : word("certainties", finding.certainty),
    finding.excused ? `${word("status", "excused")}${colon}${word("reasons", finding.excused)}` : null,
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
