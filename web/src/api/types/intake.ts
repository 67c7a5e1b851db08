import type { Time } from "./common.ts";

export interface NotStored {
  device: string;
  device_kind: string | null;
  file: string;
  starts_at: Time;
  ends_at: Time;
  length_us: number;
  size_bytes: number | null;
  badge: string | null;
  officer: string | null;
  unit: string | null;
  unit_name: string | null;
  held_until: Time;
  left_us: number;
  stages: string[];
}

export interface Reconciliation {
  month: string;
  as_of: Time;
  totals: {
    manifest_entries: number;
    not_uploaded: number;
    not_uploaded_us: number;
    lost: number;
    lost_us: number;
    differing: number;
    objects: number;
    not_in_manifest: number;
  };
  not_uploaded: NotStored[];
  lost: NotStored[];
}

/** A place that footage is taken in from. */
export interface Source {
  url: string;
  added_at: Time;
  /** The last complete listing; `null` while there was none. */
  last_pass: { prefix: string; listed_at: Time; recorded_at: Time; objects: number } | null;
  objects: number;
  quarantined: number;
  gone: number;
  size_bytes: number;
}
