// Cameras in step on the street's time. The first camera with a picture leads; the other follows it to within a
// fifth of a second. Where none has a picture, time goes on by itself, so that a gap is seen as a gap.

import { Button, Segmented, Select } from "antd";
import { useCallback, useEffect, useRef, useState, type ComponentProps } from "react";
import type { Obligation } from "../api/types.ts";
import { exactMoment, length, millis, shanghai } from "../format.ts";
import { pictureAt, type Camera } from "../timeline/geometry.ts";
import { useWords } from "../words/index.ts";
import { Loading } from "../components/State.tsx";
import { useRecording } from "../api/queries.ts";
import { Footage } from "./Footage.tsx";

interface Props {
  cameras: Camera[];
  obligation: Obligation;
  /** Which cameras are shown, by id: one or two. */
  shown: string[];
  at: number;
  goTo: (ms: number) => void;
  show: (ids: string[]) => void;
  close: () => void;
}

const TICK_MS = 100;
/** How far the second camera may be from the first before it is set right. */
const OUT_OF_STEP_S = 0.2;
const FRAME_MS = 40;

export function StreetPlayer({ cameras, obligation, shown, at, goTo, show, close }: Props) {
  const { t, language } = useWords();
  const [playing, setPlaying] = useState(false);
  const [rate, setRate] = useState(1);
  const [muted, setMuted] = useState(true);
  const videos = useRef(new Map<string, HTMLVideoElement>());
  const clock = useRef(at);
  const told = useRef(at);

  const pictures = shown.map((id) => {
    const camera = cameras.find((one) => one.id === id);
    return { id, camera, picture: camera ? pictureAt(camera, at) : null };
  });

  /** Brings a camera to the clock. */
  const align = useCallback(
    (id: string, tolerance: number) => {
      const camera = cameras.find((one) => one.id === id);
      const video = videos.current.get(id);
      const picture = camera ? pictureAt(camera, clock.current) : null;
      if (!video || !picture || video.readyState < 1) return;
      if (Math.abs(video.currentTime - picture.mediaS) > tolerance) video.currentTime = picture.mediaS;
    },
    [cameras],
  );

  // Somebody went elsewhere.
  useEffect(() => {
    if (at === told.current) return;
    clock.current = at;
    told.current = at;
    for (const id of shown) align(id, 0.02);
  }, [at, shown, align]);

  const seek = useCallback(
    (ms: number) => {
      clock.current = ms;
      told.current = ms;
      for (const id of shown) align(id, 0.02);
      goTo(ms);
    },
    [shown, align, goTo],
  );

  useEffect(() => {
    const playingNow = shown.map((id) => videos.current.get(id)).filter((video) => video !== undefined);
    for (const video of playingNow) {
      video.playbackRate = rate;
      if (playing) video.play().catch(() => undefined);
      else video.pause();
    }
    if (!playing) return;
    let last = performance.now();
    const tick = setInterval(() => {
      const now = performance.now();
      const elapsed = (now - last) * rate;
      last = now;
      const leader = shown
        .map((id) => ({ id, camera: cameras.find((one) => one.id === id), video: videos.current.get(id) }))
        .find(
          ({ camera, video }) =>
            camera &&
            video &&
            !video.paused &&
            !video.seeking &&
            video.readyState >= 3 &&
            pictureAt(camera, clock.current),
        );
      if (leader?.camera && leader.video) {
        const started = pictureAt(leader.camera, clock.current)?.entry.started_at;
        const next = started ? millis(started) + leader.video.currentTime * 1000 : clock.current + elapsed;
        // At the end of a file the element stands still; the street does not.
        clock.current = leader.video.ended ? clock.current + elapsed : next;
      } else if (!shown.some((id) => videos.current.get(id)?.seeking)) {
        clock.current += elapsed;
      }
      for (const id of shown) {
        if (id !== leader?.id) align(id, OUT_OF_STEP_S);
        const video = videos.current.get(id);
        if (video?.paused && !video.ended && video.readyState >= 2) video.play().catch(() => undefined);
      }
      told.current = clock.current;
      goTo(clock.current);
    }, TICK_MS);
    return () => clearInterval(tick);
  }, [playing, rate, shown, cameras, align, goTo]);

  const nextFinding = useCallback(() => {
    const moments = obligation.findings
      .flatMap((finding) => (finding.at ? [millis(finding.at.start)] : []))
      .sort((a, b) => a - b);
    // A few seconds earlier: one wants to see it come.
    const next = moments.find((ms) => ms - 3_000 > clock.current + 500) ?? moments[0];
    if (next !== undefined) seek(next - 3_000);
  }, [obligation, seek]);

  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      const target = event.target as Element;
      if (
        target.closest("input,textarea,select,dialog,.lanes,[role=combobox],[role=listbox]") ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey
      )
        return;
      if (event.key === " " && !target.closest("button,a")) setPlaying((was) => !was);
      else if (event.key === "ArrowLeft") seek(clock.current - 5_000);
      else if (event.key === "ArrowRight") seek(clock.current + 5_000);
      else if (event.key === ",") seek(clock.current - FRAME_MS);
      else if (event.key === ".") seek(clock.current + FRAME_MS);
      else if (event.key === "n" || event.key === "N") nextFinding();
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  }, [seek, nextFinding, close]);

  return (
    <section className="player panel" aria-label={t("player.title")}>
      <div className="player-cameras" data-count={shown.length}>
        {pictures.map(({ id, camera, picture }, index) => (
          <div key={index} className="player-camera">
            <div className="player-screen">
              {picture ? (
                <Stored
                  objectKey={picture.entry.object_key}
                  muted={muted || index > 0}
                  aria-label={picture.entry.object_key}
                  videoRef={(element) => {
                    if (!element) return;
                    videos.current.set(id, element);
                    return () => void videos.current.delete(id);
                  }}
                  onLoadedMetadata={() => align(id, 0.02)}
                />
              ) : (
                <div className="footage-none">
                  <p>{t("player.no_picture")}</p>
                </div>
              )}
            </div>
            <div className="player-under">
              <CameraChoice
                cameras={cameras}
                value={id}
                choose={(chosen) => show(shown.map((one, place) => (place === index ? chosen : one)))}
              />
              <small className="quiet">
                {picture ? picture.entry.object_key : (camera?.device ?? "")}
                {picture
                  ? ` · ${t("player.clock_error", { error: length(picture.entry.clock_error_us, language) })}`
                  : ""}
              </small>
            </div>
          </div>
        ))}
      </div>
      <div className="player-bar">
        <Button type="primary" onClick={() => setPlaying(!playing)}>
          {playing ? `❚❚ ${t("player.pause")}` : `▶ ${t("player.play")}`}
        </Button>
        <Button onClick={() => seek(clock.current - 5_000)} title={t("player.back", { n: 5 })}>
          {t("player.seconds", { n: "−5" })}
        </Button>
        <Button onClick={() => seek(clock.current + 5_000)} title={t("player.forward", { n: 5 })}>
          {t("player.seconds", { n: "+5" })}
        </Button>
        <Button onClick={nextFinding} disabled={!obligation.findings.some((finding) => finding.at)}>
          {t("player.next_gap")}
        </Button>
        <span className="figure street-time" aria-label={t("player.at")}>
          {exactMoment(shanghai(at))}
        </span>
        <Select
          aria-label={t("player.speed")}
          value={rate}
          onChange={setRate}
          options={[0.5, 1, 2, 4, 8].map((value) => ({ value, label: `${value}×` }))}
        />
        <Button onClick={() => setMuted(!muted)} aria-pressed={!muted}>
          {muted ? t("player.unmute") : t("player.mute")}
        </Button>
        {cameras.length > 1 ? (
          <Segmented
            value={shown.length}
            aria-label={t("player.camera")}
            options={[
              { value: 1, label: t("player.one") },
              { value: 2, label: t("player.two") },
            ]}
            onChange={(count) =>
              show(
                count === 1
                  ? shown.slice(0, 1)
                  : [...shown, cameras.find((one) => !shown.includes(one.id))?.id ?? ""].filter(Boolean).slice(0, 2),
              )
            }
          />
        ) : null}
        <Button onClick={close}>{t("player.close")}</Button>
      </div>
      <p className="quiet small">{t("player.keys")}</p>
    </section>
  );
}

/** The footage of a key, once the catalog has said what it is. */
function Stored({ objectKey, ...rest }: { objectKey: string } & Omit<ComponentProps<typeof Footage>, "recording">) {
  const { t } = useWords();
  const found = useRecording(objectKey);
  const recording = found.data?.recordings.find((one) => one.gone_at === null) ?? found.data?.recordings[0];
  if (recording) return <Footage recording={recording} {...rest} />;
  return found.isError ? (
    <div className="footage-none">
      <p>⚠ {t("player.no_media")}</p>
    </div>
  ) : (
    <div className="on-dark">
      <Loading />
    </div>
  );
}

function CameraChoice({ cameras, value, choose }: { cameras: Camera[]; value: string; choose: (id: string) => void }) {
  const { t, word } = useWords();
  return (
    <Select
      aria-label={t("player.choose")}
      className="camera-choice"
      size="small"
      value={value}
      onChange={choose}
      options={cameras.map((camera) => ({
        value: camera.id,
        label: `${camera.officer ?? camera.badge ?? t("timeline.nobody")} · ${camera.deviceKind ? word("devices", camera.deviceKind) : ""} ${camera.device ?? ""}`,
      }))}
    />
  );
}
