// Where things stand on the street's time. Pure: milliseconds in, shares of the width out.

import type { Gap, Lane, Obligation } from "../api/types.ts";
import { millis, shanghai } from "../format.ts";
import { groupBy } from "../groupBy.ts";

/** The part of time that is shown. */
export interface Window {
  left: number;
  right: number;
}

/** All that one officer's device recorded. */
export interface Camera {
  id: string;
  badge: string | null;
  officer: string | null;
  device: string | null;
  deviceKind: string | null;
  entries: Lane[];
}

/** How a gap is drawn; each look has a hatching, an edge and a word of its own. */
export type GapLook = "certain" | "within_clock_error" | "excused";

export const gapLook = (gap: Pick<Gap, "certainty" | "excused">): GapLook =>
  gap.excused ? "excused" : gap.certainty === "certain" ? "certain" : "within_clock_error";

/** The whole stage with a little to either side. */
export function wholeOf(obligation: Pick<Obligation, "starts_at" | "ends_at">): Window {
  const [from, to] = [millis(obligation.starts_at), millis(obligation.ends_at)];
  const pad = Math.max((to - from) * 0.06, 15_000);
  return { left: from - pad, right: to + pad };
}

/** Where a moment stands, in per cent of the width; outside the window less than 0 or more than 100. */
export const share = (window: Window, ms: number): number => ((ms - window.left) / (window.right - window.left)) * 100;

/** The moment at a share (0 to 1) of the width. */
export const momentAt = (window: Window, fraction: number): number =>
  window.left + (window.right - window.left) * Math.min(1, Math.max(0, fraction));

export interface Bar {
  left: number;
  width: number;
}

/** A stretch as far as it is in the window; `null` if it is not. Never thinner than can be seen. */
export function bar(window: Window, start: number, end: number): Bar | null {
  if (end <= window.left || start >= window.right) return null;
  const left = Math.max(0, share(window, start));
  const right = Math.min(100, share(window, end));
  return { left, width: Math.max(right - left, 0.2) };
}

const SHORTEST_MS = 4_000;

/** The window after zooming by a factor around a moment, kept within the whole. */
export function zoomed(window: Window, whole: Window, factor: number, around: number): Window {
  const length = Math.min(whole.right - whole.left, Math.max(SHORTEST_MS, (window.right - window.left) * factor));
  const fraction = (around - window.left) / (window.right - window.left);
  return within({ left: around - length * fraction, right: around + length * (1 - fraction) }, whole);
}

/** A window of the same length that holds the moment. */
export function following(window: Window, whole: Window, moment: number): Window {
  if (moment >= window.left && moment <= window.right) return window;
  const length = window.right - window.left;
  return within({ left: moment - length / 4, right: moment + (length * 3) / 4 }, whole);
}

function within(window: Window, whole: Window): Window {
  const length = window.right - window.left;
  if (window.left < whole.left) return { left: whole.left, right: whole.left + length };
  if (window.right > whole.right) return { left: whole.right - length, right: whole.right };
  return window;
}

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];

/** Marks at round times of Shanghai, whose offset is whole hours. */
export function ticks(window: Window, most = 9): { ms: number; text: string }[] {
  const length = window.right - window.left;
  const step = (STEPS_S.find((s) => length / (s * 1000) <= most) ?? 86400) * 1000;
  const marks = [];
  for (let ms = Math.ceil(window.left / step) * step; ms <= window.right; ms += step) {
    marks.push({ ms, text: shanghai(ms).slice(11, step < 60_000 ? 19 : 16) });
  }
  return marks;
}

/** The recordings by officer and device, in order of first mention. */
export function cameras(timeline: readonly Lane[]): Camera[] {
  const groups = groupBy(timeline, (entry) => `${entry.badge ?? ""}/${entry.device ?? ""}`);
  return [...groups].map(([id, entries]) => {
    const first = entries[0] as Lane;
    return {
      id,
      badge: first.badge,
      officer: first.officer,
      device: first.device,
      deviceKind: first.device_kind,
      entries,
    };
  });
}

/** The recording of a camera that has a picture at a moment, and where in it that is, in seconds. */
export function pictureAt(camera: Camera, ms: number): { entry: Lane; mediaS: number } | null {
  for (const entry of camera.entries) {
    if (entry.started_at === null) continue;
    if (entry.video.some((piece) => millis(piece.start) <= ms && ms < millis(piece.end))) {
      return { entry, mediaS: (ms - millis(entry.started_at)) / 1000 };
    }
  }
  return null;
}

/** The cameras to open at a moment: the one asked for, and another that has a picture then. */
export function choose(all: readonly Camera[], ms: number, wanted: string | null): string[] {
  const first = all.find((camera) => camera.id === wanted) ?? all.find((camera) => pictureAt(camera, ms)) ?? all[0];
  const second =
    all.find((camera) => camera !== first && pictureAt(camera, ms)) ?? all.find((camera) => camera !== first);
  return [first, second].filter((camera) => camera !== undefined).map((camera) => camera.id);
}
