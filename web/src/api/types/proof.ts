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
