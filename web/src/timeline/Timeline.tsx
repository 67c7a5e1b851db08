// One stage on the street's time: what had to be recorded, what each officer's device recorded, what is lacking,
// and the findings at their second. A click anywhere goes there; so do the arrow keys.

import { Button } from "antd";
import { memo, useEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from "react";
import type { Finding, Lane, Obligation, StageFile } from "../api/types.ts";
import { clock, exactMoment, length, millis, shanghai, span } from "../format.ts";
import { REST_MS, type Spot } from "../player/Still.tsx";
import { useWords } from "../words/index.ts";
import {
  bar,
  cameras,
  following,
  gapLook,
  momentAt,
  share,
  ticks,
  wholeOf,
  zoomed,
  type Camera,
  type Window,
} from "./geometry.ts";
import { Resting } from "./Resting.tsx";

interface Props {
  stage: StageFile & { obligation: Obligation };
  /** Where the cursor stands, in milliseconds; `null`: nowhere yet. */
  at: number | null;
  /** Somebody went to a moment; `camera` where it was on the row of one, `play` where they want to see it. */
  go: (ms: number, camera: string | null, play: boolean) => void;
}

export function Timeline({ stage, at, go }: Props) {
  const { t, word, language } = useWords();
  const must = stage.obligation;
  const whole = wholeOf(must);
  const [window, setWindow] = useState<Window>(whole);
  const tracks = useRef<HTMLDivElement>(null);
  const [resting, setResting] = useState<{ camera: string; ms: number; spot: Spot } | null>(null);
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(rest.current), []);
  useEffect(() => {
    if (at !== null) setWindow((shown) => following(shown, wholeOf(must), at));
  }, [at, must]);

  const from = millis(must.starts_at);
  const cursor = at ?? from;
  // The same as long as the recordings are: a cursor that moves makes none of their bars anew.
  const all = useMemo(() => cameras(stage.timeline), [stage.timeline]);
  const zoom = (factor: number) =>
    setWindow((shown) => zoomed(shown, whole, factor, Math.min(shown.right, Math.max(shown.left, cursor))));
  const click = (camera: string | null) => (event: MouseEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    go(momentAt(window, (event.clientX - box.left) / box.width), camera, true);
  };
  const leave = () => {
    clearTimeout(rest.current);
    setResting(null);
  };
  const move = (camera: string) => (event: MouseEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const [x, ms] = [event.clientX, momentAt(window, (event.clientX - box.left) / box.width)];
    clearTimeout(rest.current);
    if (resting) setResting(null);
    rest.current = setTimeout(() => setResting({ camera, ms, spot: { x, y: box.bottom } }), REST_MS);
  };
  const keys = (event: KeyboardEvent) => {
    const step = event.shiftKey ? 10_000 : 1_000;
    const inside = (ms: number) => Math.min(whole.right, Math.max(whole.left, ms));
    if (event.key === "ArrowLeft") go(inside(cursor - step), null, false);
    else if (event.key === "ArrowRight") go(inside(cursor + step), null, false);
    else if (event.key === "Home") go(from, null, false);
    else if (event.key === "End") go(millis(must.ends_at), null, false);
    else if (event.key === "Enter") go(cursor, null, true);
    else if (event.key === "+" || event.key === "=") zoom(0.5);
    else if (event.key === "-") zoom(2);
    else return;
    event.preventDefault();
  };
  useEffect(() => {
    const element = tracks.current;
    if (!element) return;
    const wheel = (event: WheelEvent) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      const track = element.querySelector(".track")?.getBoundingClientRect();
      if (!track) return;
      setWindow((shown) =>
        zoomed(
          shown,
          wholeOf(must),
          event.deltaY > 0 ? 1.25 : 0.8,
          momentAt(shown, (event.clientX - track.left) / track.width),
        ),
      );
    };
    // React's own wheel listeners cannot keep the page from zooming.
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  }, [must]);

  const gapText = (gap: Obligation["gaps"][number]) => {
    const look = gapLook(gap);
    const what =
      look === "excused" ? `${t("timeline.excused")}: ${word("reasons", gap.excused)}` : t(`timeline.${look}`);
    return `${span(gap.start, gap.end)} ${t("timeline.gap", { length: length(gap.length_us, language), what })}`;
  };
  return (
    <div className="timeline">
      <div className="timeline-tools">
        <Legend />
        <span className="row">
          {at === null ? null : (
            <span className="figure" aria-live="off">
              {t("timeline.cursor", { at: exactMoment(shanghai(at)) })}
            </span>
          )}
          <Button
            size="small"
            aria-label={t("timeline.zoom_out")}
            title={t("timeline.zoom_out")}
            onClick={() => zoom(2)}
          >
            −
          </Button>
          <Button
            size="small"
            aria-label={t("timeline.zoom_in")}
            title={t("timeline.zoom_in")}
            onClick={() => zoom(0.5)}
          >
            ＋
          </Button>
          <Button size="small" onClick={() => setWindow(whole)}>
            {t("timeline.fit")}
          </Button>
        </span>
      </div>
      <div
        ref={tracks}
        className="lanes"
        role="slider"
        tabIndex={0}
        aria-label={t("timeline.label", { kind: word("kinds", must.kind), span: span(must.starts_at, must.ends_at) })}
        aria-valuemin={0}
        aria-valuemax={Math.round((whole.right - whole.left) / 1000)}
        aria-valuenow={Math.round((cursor - whole.left) / 1000)}
        aria-valuetext={`${exactMoment(shanghai(cursor))} ${must.gaps.map(gapText).join("; ")}`}
        onKeyDown={keys}
      >
        <Row name="">
          <div className="track axis" onClick={click(null)}>
            {ticks(window).map((mark) => (
              <span key={mark.ms} className="tick" style={{ left: `${share(window, mark.ms)}%` }}>
                {mark.text}
              </span>
            ))}
          </div>
        </Row>
        <Row name={t("timeline.required")}>
          <div className="track" onClick={click(null)}>
            <Piece
              window={window}
              start={from}
              end={millis(must.ends_at)}
              className="must"
              title={span(must.starts_at, must.ends_at)}
            />
          </div>
        </Row>
        {all.map((camera) => (
          <Row key={camera.id} name={<CameraName camera={camera} />}>
            {resting?.camera === camera.id ? <Resting camera={camera} ms={resting.ms} spot={resting.spot} /> : null}
            <div
              className="track record"
              onClick={(event) => {
                leave();
                click(camera.id)(event);
              }}
              onMouseMove={move(camera.id)}
              onMouseLeave={leave}
            >
              <Bars camera={camera} window={window} />
            </div>
          </Row>
        ))}
        <Row name={t("timeline.gaps")}>
          <div className="track gaps" onClick={click(null)}>
            {must.gaps.map((gap) => (
              <Piece
                key={gap.start}
                window={window}
                start={millis(gap.start)}
                end={millis(gap.end)}
                className={`gap ${gapLook(gap)}`}
                title={gapText(gap)}
              />
            ))}
          </div>
        </Row>
        <Row name={t("timeline.findings")}>
          <div className="track marks" onClick={click(null)}>
            {must.findings.map((finding, index) => (
              <Mark key={index} finding={finding} index={index} window={window} />
            ))}
          </div>
        </Row>
        {at === null ? null : <Cursor window={window} at={at} />}
      </div>
      <p className="quiet small">{t("timeline.help")}</p>
    </div>
  );
}

function Row({ name, children }: { name: React.ReactNode; children: React.ReactNode }) {
  return (
    <div className="lane">
      <div className="lane-name">{name}</div>
      {children}
    </div>
  );
}

export function CameraName({ camera }: { camera: Camera }) {
  const { t, word } = useWords();
  const who = camera.officer ? `${camera.officer} ${camera.badge ?? ""}` : (camera.badge ?? t("timeline.nobody"));
  const what = [camera.deviceKind ? word("devices", camera.deviceKind) : null, camera.device].filter(Boolean).join(" ");
  return (
    <>
      <b>{who}</b>
      <small>{what}</small>
    </>
  );
}

function Piece({
  window,
  start,
  end,
  className,
  title,
}: {
  window: Window;
  start: number;
  end: number;
  className: string;
  title?: string;
}) {
  const place = bar(window, start, end);
  if (!place) return null;
  return (
    <span className={`piece ${className}`} title={title} style={{ left: `${place.left}%`, width: `${place.width}%` }} />
  );
}

/** What a camera recorded; made anew only where the window or the recordings change. */
const Bars = memo(function Bars({ camera, window }: { camera: Camera; window: Window }) {
  return camera.entries.map((entry) => <Recorded key={entry.object_key} entry={entry} window={window} />);
});

function Recorded({ entry, window }: { entry: Lane; window: Window }) {
  const { t } = useWords();
  if (entry.video.length === 0 && entry.audio.length === 0) {
    const why =
      entry.role === "unreadable"
        ? t("timeline.unreadable")
        : entry.role === "gone"
          ? t("timeline.gone")
          : t("timeline.no_start");
    const left = entry.started_at ? Math.min(96, Math.max(0, share(window, millis(entry.started_at)))) : 0;
    return (
      <span className="aside" style={{ left: `${left}%` }} title={entry.object_key}>
        ⚠ {why}
      </span>
    );
  }
  return (
    <>
      {entry.video.map((piece) => (
        <Piece
          key={`v${piece.start}`}
          window={window}
          start={millis(piece.start)}
          end={millis(piece.end)}
          className={`video ${entry.role}`}
        />
      ))}
      {entry.audio.map((piece) => (
        <Piece
          key={`a${piece.start}`}
          window={window}
          start={millis(piece.start)}
          end={millis(piece.end)}
          className="audio"
        />
      ))}
    </>
  );
}

function Mark({ finding, index, window }: { finding: Finding; index: number; window: Window }) {
  const { word, either } = useWords();
  if (!finding.at) return null;
  const place = bar(window, millis(finding.at.start), millis(finding.at.end));
  if (!place) return null;
  return (
    <span
      className={`mark severity-${finding.severity}`}
      style={{ left: `${place.left}%` }}
      title={`${clock(finding.at.start)} ${word("codes", finding.code)}: ${either(finding.detail_zh, finding.observed)}`}
    >
      {index + 1}
    </span>
  );
}

function Cursor({ window, at }: { window: Window; at: number }) {
  const place = share(window, at);
  if (place < 0 || place > 100) return null;
  return (
    <div className="cursor" aria-hidden="true">
      <span style={{ left: `${place}%` }} />
    </div>
  );
}

function Legend() {
  const { t } = useWords();
  return (
    <ul className="legend" aria-label={t("timeline.legend")}>
      <li>
        <span className="swatch video covers" />
        {t("timeline.picture")}
      </li>
      <li>
        <span className="swatch audio" />
        {t("timeline.sound")}
      </li>
      <li>
        <span className="swatch gap certain" />
        {t("timeline.certain")}
      </li>
      <li>
        <span className="swatch gap within_clock_error" />
        {t("timeline.within_clock_error")}
      </li>
      <li>
        <span className="swatch gap excused" />
        {t("timeline.excused")}
      </li>
    </ul>
  );
}
