// One recording: what it shows, what is lacking in it, and what proves that it was not changed.

import { Alert } from "antd";
import { useRef, useState } from "react";
import { Link, useParams } from "react-router";
import { useInspection, useRecording } from "../api/queries.ts";
import type { Recording as Entry } from "../api/types.ts";
import { useAddress, useLink } from "../app/where.ts";
import { Copied } from "../components/Copied.tsx";
import { DataTable } from "../components/DataTable.tsx";
import { Facts, PageHead, Panel } from "../components/Panel.tsx";
import { SaveBundle } from "../components/SaveBundle.tsx";
import { Reading } from "../components/State.tsx";
import { TimedLink } from "../components/TimedLink.tsx";
import { bytes, exactMoment, length, moment, place, shanghai } from "../format.ts";
import { Filmstrip } from "../player/Filmstrip.tsx";
import { Footage } from "../player/Footage.tsx";
import { mediaUrl, playable } from "../player/media.ts";
import { originOf } from "../player/Still.tsx";
import { Strip } from "../player/Strip.tsx";
import { useWords } from "../words/index.ts";
import { Condition } from "./Recordings.tsx";
import { Versions } from "./Versions.tsx";

export default function Recording() {
  const { "*": objectKey = "" } = useParams();
  const { t } = useWords();
  const link = useLink();
  const recording = useRecording(objectKey);
  return (
    <>
      <PageHead
        title={<span className="key-title">{objectKey}</span>}
        back={
          <Link className="back" to={link("/recordings")}>
            ← {t("recording.back")}
          </Link>
        }
      />
      <Reading of={recording}>
        {({ recordings }) => (
          <>
            {recordings.length > 1 ? (
              <Alert type="info" showIcon title={t("recording.two_stores", { n: recordings.length })} />
            ) : null}
            {recordings.map((entry) => (
              <One key={entry.store} entry={entry} />
            ))}
          </>
        )}
      </Reading>
    </>
  );
}

/** Whether a file is no recording, but says when and where the one of the same name was made. */
const isBeside = (entry: Entry) => entry.streams.length === 0 && entry.telemetry.length > 0;

/** A key without its extension. */
const stem = (objectKey: string) => objectKey.replace(/\.[^./]*$/, "");

function One({ entry }: { entry: Entry }) {
  const link = useLink();
  const inspection = useInspection(entry.id).data ?? null;
  const { t, language, word } = useWords();
  const { read, write } = useAddress();
  const [atS, setAtS] = useState(() => Number(read("t")) || 0);
  const video = useRef<HTMLVideoElement | null>(null);
  const go = (seconds: number) => {
    setAtS(seconds);
    write({ t: seconds.toFixed(1) });
    if (video.current) video.current.currentTime = seconds;
  };
  const originUs = originOf(entry);
  const hasPicture = entry.streams.some((stream) => stream.kind === "video");
  const started = entry.started_at;
  const original = mediaUrl(entry);
  return (
    <>
      {entry.quarantined ? (
        <Alert
          type="warning"
          showIcon
          title={t("recording.quarantine")}
          description={entry.problems
            .map(
              (problem) =>
                `${word("problems", problem.code)}: ${language === "en" ? problem.detail : word("problem_how", problem.code)}`,
            )
            .join("; ")}
        />
      ) : null}
      <div className="recording">
        <Panel
          title={t("player.title")}
          aside={
            <span className="row">
              {original ? (
                <a href={original} download={entry.object_key.split("/").at(-1)}>
                  {t("player.download")}
                </a>
              ) : null}
              <SaveBundle kind="recording" id={entry.id ?? entry.object_key} />
            </span>
          }
        >
          {hasPicture ? (
            <div className="player-screen">
              <Footage
                recording={entry}
                controls
                aria-label={entry.object_key}
                videoRef={(element) => {
                  video.current = element;
                }}
                onLoadedMetadata={(event) => {
                  if (atS > 0) event.currentTarget.currentTime = atS;
                }}
                onTimeUpdate={(event) => setAtS(event.currentTarget.currentTime)}
              />
            </div>
          ) : (
            <div className="player-screen">
              <div className="footage-none">
                {isBeside(entry) ? (
                  <>
                    <p>{t("player.only_telemetry")}</p>
                    <Link to={link("/recordings", { q: stem(entry.object_key) })}>{t("player.beside")}</Link>
                  </>
                ) : (
                  <p>{t("player.never_picture")}</p>
                )}
              </div>
            </div>
          )}
          {isBeside(entry) ? null : (
            <p className="row">
              <span className="figure">
                {place(atS * 1e6, true)}
                {entry.duration_us === null ? "" : ` / ${place(entry.duration_us)}`}
              </span>
              {started ? (
                <span className="figure quiet">
                  {t("player.at")} {exactMoment(shanghai(Date.parse(started) + atS * 1000))}
                  {entry.clock_error_us === null ? "" : ` ±${length(entry.clock_error_us, language)}`}
                </span>
              ) : null}
            </p>
          )}
          <Strip recording={entry} inspection={inspection} atS={atS} go={go} />
          {hasPicture && entry.id !== undefined ? (
            <Filmstrip id={entry.id} originUs={originUs} atS={atS} go={go} />
          ) : null}
          {hasPicture && entry.id !== undefined && !entry.gone_at ? (
            <TimedLink id={entry.id} purpose={playable(entry) ? "media" : "preview"} />
          ) : null}
          {inspection?.looked ? (
            <p className="quiet small">{t("recording.inspected", { at: moment(inspection.looked.inspected_at) })}</p>
          ) : null}
        </Panel>
        <div className="stack">
          <Panel title={t("recording.facts")} aside={<Condition of={entry} />}>
            <Facts
              of={[
                [t("recordings.start"), started ? exactMoment(started) : t("recording.start_none")],
                [t("recordings.length"), entry.duration_us === null ? "–" : length(entry.duration_us, language)],
                [t("recordings.device"), entry.key.device ?? "–"],
                [t("recordings.badge"), entry.key.badge ?? "–"],
                [t("recordings.size"), bytes(entry.size_bytes)],
                [t("recordings.format"), entry.container ?? "–"],
              ]}
            />
            {entry.problems.length ? (
              <ul className="plain">
                {entry.problems.map((problem, index) => (
                  <li key={index}>
                    <b>{word("problems", problem.code)}</b>{" "}
                    <span className="quiet" title={problem.detail}>
                      {language === "en" ? problem.detail : word("problem_how", problem.code)}
                    </span>
                  </li>
                ))}
              </ul>
            ) : (
              <p className="quiet">{t("recording.no_problems")}</p>
            )}
          </Panel>
          <Panel
            title={t("recording.digests")}
            aside={<span className="tag">{t("recordings.version", { n: entry.version })}</span>}
          >
            <Facts
              of={[
                ["SHA-256", <Copied key="d" value={entry.sha256} />],
                ["SM3", entry.sm3 ? <Copied key="s" value={entry.sm3} /> : t("recording.sm3_none")],
                [t("recording.observed"), exactMoment(entry.observed_at)],
                [t("recording.store"), <code key="c">{entry.store}</code>],
              ]}
            />
          </Panel>
        </div>
      </div>
      <div className="two">
        <Panel title={t("recording.claims")}>
          {entry.start_claims.length === 0 ? (
            <p className="quiet">{t("recording.start_none")}</p>
          ) : (
            <DataTable
              label={t("recording.claims")}
              rows={entry.start_claims}
              rowKey={(claim) => claim.source}
              columns={[
                {
                  name: "source",
                  label: t("case.source"),
                  heads: true,
                  cell: (claim) => (
                    <>
                      {word("sources", claim.source)}{" "}
                      {claim.source === entry.started_at_source ? (
                        <span className="tag status-complete">✓ {t("recording.believed")}</span>
                      ) : null}
                    </>
                  ),
                },
                {
                  name: "start",
                  label: t("case.start"),
                  className: "figure nowrap",
                  cell: (claim) => exactMoment(claim.started_at),
                },
                {
                  name: "error",
                  label: t("case.error"),
                  numeric: true,
                  cell: (claim) => (claim.error_us === null ? "–" : `±${length(claim.error_us, language)}`),
                },
              ]}
            />
          )}
          <h3>{t("recording.telemetry")}</h3>
          {entry.telemetry.length === 0 ? (
            <p className="quiet">{t("recording.telemetry_none")}</p>
          ) : (
            <ul className="plain">
              {entry.telemetry.map((one) => (
                <li key={one.kind}>
                  {one.kind} · {t("recording.samples", { n: one.samples })}
                  {one.supported ? "" : ` · ${t("recording.unsupported")}`}
                </li>
              ))}
            </ul>
          )}
        </Panel>
        <Panel title={t("recording.streams")}>
          {entry.streams.length === 0 ? (
            <p className="quiet">{t("recording.streams_none")}</p>
          ) : (
            <DataTable
              label={t("recording.streams")}
              rows={entry.streams}
              rowKey={(stream) => String(stream.index)}
              columns={[
                {
                  name: "kind",
                  label: t("recording.kind"),
                  heads: true,
                  cell: (stream) => word("recording", stream.kind),
                },
                { name: "codec", label: t("recording.codec"), cell: (stream) => stream.codec ?? "–" },
                { name: "packets", label: t("recording.packets"), numeric: true, cell: (stream) => stream.packets },
                {
                  name: "keyframes",
                  label: t("recording.keyframes"),
                  numeric: true,
                  cell: (stream) => stream.keyframes,
                },
                { name: "gaps", label: t("recording.gaps"), numeric: true, cell: (stream) => stream.gaps.length },
              ]}
            />
          )}
        </Panel>
      </div>
      <Versions id={entry.id} />
    </>
  );
}
