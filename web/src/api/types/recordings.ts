import type { ProblemNote } from "./cases.ts";
import type { Time } from "./common.ts";

export interface MediaSpan {
  start_us: number;
  end_us: number;
}

export interface Stream {
  index: number;
  kind: string;
  codec: string | null;
  packets: number;
  keyframes: number;
  start_us: number | null;
  end_us: number | null;
  gaps: MediaSpan[];
}

export interface Recording {
  /** Its short name in addresses; a service that hands out no footage has none. */
  id?: string;
  store: string;
  object_key: string;
  version: number;
  observed_at: Time;
  gone_at: Time | null;
  quarantined: boolean;
  /** Unit of its device; `null` where the device is not known. */
  device_unit?: string | null;
  size_bytes: number;
  sha256: string;
  sm3: string | null;
  container: string | null;
  key: { device: string | null; badge: string | null; started_at: Time | null; seq: string | null };
  started_at: Time | null;
  started_at_source: string | null;
  clock_error_us: number | null;
  start_claims: { source: string; started_at: Time; error_us: number | null }[];
  duration_us: number | null;
  streams: Stream[];
  telemetry: { kind: string; samples: number; supported: boolean }[];
  problems: ProblemNote[];
}

export interface RecordingPage {
  recordings: Recording[];
  next: string | null;
}

/** What is there and not usable; `asked_again` if the next pass over its source reads it again. */
export interface QuarantinePage {
  quarantined: (Recording & { asked_again: boolean })[];
  next: string | null;
}

/** What the present version of a recording shows. */
export interface Inspection {
  version: number;
  /** When it was looked at last; `null`: nobody did. */
  looked: { inspected_at: Time } | null;
  black: MediaSpan[];
  frozen: MediaSpan[];
  silent: MediaSpan[];
  undecodable: MediaSpan[];
  /** One byte a step, as two hexadecimal digits: 255 is full scale, each step down 0.375 dB. */
  sound: { start_us: number; step_us: number; levels: string } | null;
  /** How far key frames are apart on average. */
  keyframe_step_us: number | null;
}

/** Where a version is not what the one before it was. */
export interface Alteration {
  version: number;
  ranges: { start_byte?: number; end_byte?: number; start_us?: number | null; end_us?: number | null }[];
}

/** One reading of one version of an object. */
export interface ObjectReading {
  version: number;
  reading: number;
  present: boolean;
  observed_at: Time;
  /** When the store says it was written; `null` where it does not say. */
  written_at: Time | null;
  size_bytes: number;
  sha256: string;
  sm3: string | null;
  started_at: Time | null;
  duration_us: number | null;
  quarantined: boolean;
}

/** One still within the picture of a filmstrip. */
export interface FilmTile {
  /** When the key frame is shown that it is, in the recording's time. */
  at_us: number;
  x: number;
  y: number;
  width: number;
  height: number;
}
