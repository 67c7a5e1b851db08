// Where footage comes from, and what a browser makes of it.

import { address } from "../api/client.ts";

/** Where a recording's bytes are. The whole key is one part of the path. */
export const mediaUrl = (objectKey: string): string => address(`recordings/${encodeURIComponent(objectKey)}/media`);

/** Formats that browsers open, by what the file is named or what was found in it. */
const OPENED = new Set(["mp4", "m4v", "mov", "webm", "ogv"]);

/** Codecs that no common browser decodes without help of the system. */
const NOT_DECODED = /^(hevc|h265|mpeg2video|mpeg4|mjpeg|wmv|vc1|prores)/;

export const extension = (objectKey: string): string => /\.([A-Za-z0-9]+)$/.exec(objectKey)?.[1]?.toLowerCase() ?? "";

/** Whether it is worth trying; `null` codecs are not known. */
export function playable(format: string | null, codecs: readonly (string | null)[] = []): boolean {
  if (format === null || !OPENED.has(format)) return false;
  return codecs.every((codec) => codec === null || !NOT_DECODED.test(codec));
}
