// Where footage comes from, and what a browser makes of it.

import { address } from "../api/client.ts";
import type { Recording } from "../api/types.ts";

/** Where a recording's bytes are; `null` of a service that hands none out. */
export const mediaUrl = (recording: Pick<Recording, "id">): string | null =>
  recording.id === undefined ? null : address(`recordings/${recording.id}/media`);

/** Containers that browsers open. */
const OPENED = new Set(["mp4", "m4v", "mov", "webm", "ogv"]);

/** Codecs that no common browser decodes without help of the system. */
const NOT_DECODED = /^(hevc|h265|mpeg2video|mpeg4|mjpeg|wmv|vc1|prores)/;

/** Container and codecs of the picture, as people name them: `mpegts / h264`. */
export const formatOf = (recording: Pick<Recording, "container" | "streams">): string =>
  [recording.container, ...new Set(pictures(recording))].filter(Boolean).join(" / ");

const pictures = (recording: Pick<Recording, "streams">): (string | null)[] =>
  recording.streams.filter((stream) => stream.kind === "video").map((stream) => stream.codec);

/** Whether it is worth trying; a codec that is not known may do. */
export function playable(recording: Pick<Recording, "container" | "streams">): boolean {
  if (recording.container === null || !OPENED.has(recording.container)) return false;
  return pictures(recording).every((codec) => codec === null || !NOT_DECODED.test(codec));
}
