// What a recording holds, end to end: where the file has gaps, and, where it was inspected, where it is black,
// frozen, silent or not decodable, and how loud it is. Each kind has a row of its own, named, with its hatching.

import type { KeyboardEvent, MouseEvent } from "react";
import type { Inspection, MediaSpan, Recording } from "../api/types.ts";
import { length, place } from "../format.ts";
import { useWords } from "../words/index.ts";

interface Props {
  recording: Recording;
  inspection: Inspection | null;
  /** Where the player stands, in seconds. */
  atS: number;
  go: (seconds: number) => void;
}

const KINDS = ["black", "frozen", "silent", "undecodable"] as const;

export function Strip({ recording, inspection, atS, go }: Props) {
  const { t, language } = useWords();
  const wholeUs = recording.duration_us ?? 0;
  if (wholeUs <= 0) return null;
  // Spans are told in the file's own time, which need not begin at 0; the player's does.
  const origins = recording.streams.flatMap((stream) =>
    (stream.kind === "video" || stream.kind === "audio") && stream.start_us !== null ? [stream.start_us] : [],
  );
  const originUs = origins.length ? Math.min(...origins) : 0;
  const gaps = recording.streams.filter((stream) => stream.kind === "video").flatMap((stream) => stream.gaps);
  const rows: [string, string, MediaSpan[]][] = [["gap", t("strip.gap"), gaps]];
  if (inspection?.looked) for (const kind of KINDS) rows.push([kind, t(`strip.${kind}`), inspection[kind]]);
  const filled = rows.filter(([kind, , spans]) => kind === "gap" || spans.length > 0);
  const click = (event: MouseEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    go(((event.clientX - box.left) / box.width) * (wholeUs / 1e6));
  };
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -30, PageDown: 30 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    go(Math.min(wholeUs / 1e6, Math.max(0, atS + step)));
  };
  const levels = inspection?.sound ? loudness(inspection.sound.levels) : [];
  const nothing = rows.every(([, , spans]) => spans.length === 0);
  return (
    <div className="strip">
      <div
        className="strip-rows"
        role="slider"
        tabIndex={0}
        aria-label={`${t("player.strip")}. ${t("player.strip_help")}`}
        aria-valuemin={0}
        aria-valuemax={Math.round(wholeUs / 1e6)}
        aria-valuenow={Math.round(atS)}
        aria-valuetext={place(atS * 1e6)}
        onKeyDown={keys}
      >
        {filled.map(([kind, name, spans]) => (
          <div key={kind} className="lane">
            <div className="lane-name">{name}</div>
            <div className="track" onClick={click}>
              {spans.map((one) => (
                <span
                  key={one.start_us}
                  className={`piece in-${kind}`}
                  title={`${place(one.start_us - originUs, true)} ${name} ${length(one.end_us - one.start_us, language)}`}
                  style={{
                    left: `${((one.start_us - originUs) / wholeUs) * 100}%`,
                    width: `${Math.max(0.3, ((one.end_us - one.start_us) / wholeUs) * 100)}%`,
                  }}
                />
              ))}
              <span className="strip-at" style={{ left: `${Math.min(100, (atS * 1e8) / wholeUs)}%` }} />
            </div>
          </div>
        ))}
        {levels.length > 1 ? (
          <div className="lane">
            <div className="lane-name">{t("strip.sound")}</div>
            <div className="track sound" onClick={click}>
              <Envelope levels={levels} />
              <span className="strip-at" style={{ left: `${Math.min(100, (atS * 1e8) / wholeUs)}%` }} />
            </div>
          </div>
        ) : null}
      </div>
      <p className="quiet small">
        {inspection?.looked
          ? nothing
            ? t("strip.nothing")
            : null
          : `${gaps.length ? "" : t("strip.none")} ${t("strip.not_inspected")}`}
      </p>
    </div>
  );
}

/** Decibels below full scale at which the envelope begins to be drawn: a quiet room. */
const FLOOR_DB = 60;

/** What the service keeps of the sound, as shares of what is drawn: 0 at a quiet room or less, 1 at full scale. */
export function loudness(levels: string): number[] {
  return Array.from(levels.match(/../g) ?? [], (pair) => {
    const level = Number.parseInt(pair, 16);
    return level === 0 ? 0 : Math.max(0, 1 - ((255 - level) * 0.375) / FLOOR_DB);
  });
}

/** Loudness over time, from 0 (a quiet room) to 1 (full scale). */
function Envelope({ levels }: { levels: number[] }) {
  const points = levels.map((level, index) => `${(index / (levels.length - 1)) * 1000},${100 - level * 100}`).join(" ");
  return (
    <svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">
      <polygon points={`0,100 ${points} 1000,100`} />
    </svg>
  );
}
