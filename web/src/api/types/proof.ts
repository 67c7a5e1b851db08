import type { Time } from "./common.ts";

export interface KeyLine {
  vkey: string;
  statement?: string;
}

/** What holds of a bundle that was handed in. */
export interface ProofReport {
  origin: string | null;
  size: number | null;
  at: string | null;
  /** The first key, which everything rests on. */
  key: string | null;
  entries: number;
  faults: { code: string; subject: string }[];
}

/** The state of the log. */
export interface LogNow {
  log: string;
  size: number;
  root: string;
  begun_at: Time;
  keys: KeyLine[];
  checkpoint: { size: number; root: string; at: Time; note: string } | null;
}

export interface LogRecord {
  at_us: number;
  content: string;
  id: string;
  kind: string;
  origin: string;
  v: number;
}

export interface LogEntries {
  entries: { index: number; record: LogRecord; leaf_hash: string }[];
  next: number | null;
}

/** Some entries, each with its path to the root of one checkpoint. */
export interface ProofFile {
  format: string;
  checkpoint: string;
  keys: KeyLine[];
  entries: {
    index: number;
    /** The leaf's record, byte for byte. */
    record: string;
    proof: string[];
    row?: { key: string; salt: string; content: string };
  }[];
}

/** That one state of the log is the beginning of another. */
export interface ConsistencyProof {
  from: number;
  to: number;
  from_root: string;
  to_root: string;
  proof: string[];
}

/** Objects and their bytes. */
export interface Share {
  objects: number;
  bytes: number;
}

/** How it stands with the stored bytes of one class of objects. */
export interface FixityClass {
  class: string;
  days: number;
  held: Share;
  in_time: Share;
  due: Share;
  overdue: Share;
  oldest_read_at: Time | null;
}

/** One run of checks; without an end it goes on, or was killed. */
export interface FixityRun {
  run: number;
  begun_at: Time;
  policy: string;
  budget_us: number | null;
  budget_bytes: number | null;
  due_objects: number;
  due_bytes: number;
  ended_at: Time | null;
  end: string | null;
  last_check_at: Time | null;
  bytes_read: number;
  intact: number;
  altered: number;
  missing: number;
  unreadable: number;
}

/** A check that found something else than what was recorded, or could not be made. */
export interface FixityFinding {
  run: number;
  id: string;
  store: string;
  object_key: string;
  version: number;
  at: Time;
  class: string;
  outcome: string;
  detail: string | null;
  ranges: { start_byte: number; end_byte: number; span: { start_us: number; end_us: number } | null }[] | null;
}

/** Whether stored footage is still what was recorded. */
export interface Fixity {
  policy: string;
  as_of: Time;
  classes: FixityClass[];
  runs: FixityRun[];
  findings: FixityFinding[];
}

/** Recordings and their bytes. */
export interface Amount {
  recordings: number;
  bytes: number;
}

interface AdviceSums {
  keep: Amount;
  locked: Amount;
  may_go: Amount;
}

/** What of the footage must be kept, what is locked, and what may go, in sums. */
export interface Retention {
  policy: string;
  as_of: Time;
  totals: AdviceSums;
  locks: ({ lock: string } & Amount)[];
  months: ({ month: string | null } & AdviceSums)[];
}

/** What is advised of one recording, and why. */
export interface Advised {
  id: string;
  object_key: string;
  size_bytes: number;
  began_at: Time | null;
  evidence: boolean;
  cases: string[];
  advice: string;
  keep_until: Time | null;
  locks: string[];
}

export interface AdvisedPage {
  policy: string;
  as_of: Time;
  month: string | null;
  recordings: Advised[];
  next: string | null;
}
