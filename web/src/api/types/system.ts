import type { Time } from "./common.ts";

export interface User {
  id: number;
  login: string;
  name: string;
  role: string;
  unit: string | null;
  badge?: string | null;
  disabled_at?: Time | null;
}

export interface TrailLine {
  id: number;
  at: Time;
  login: string;
  act: string;
  subject: string;
  outcome: string;
  /** Particulars: the method of what was refused, for one. */
  detail: Record<string, string>;
}

export interface Unit {
  code: string;
  name: string;
  kind: string;
  parent: string | null;
}

export interface PolicyLine {
  name: string;
  district: string;
  title: string;
  document: string;
}

/** One figure of a policy, with where it comes from. */
export interface PolicyFigure {
  name: string;
  says: string;
  says_zh: string;
  clause: string;
  words: string;
  status: string;
}

export interface PolicyDocument extends PolicyLine {
  rules: PolicyFigure[];
  to_be_confirmed: number;
}

/** What a file would change, or changed. */
export interface ImportAnswer {
  /** `null` where something is wrong: then nothing would be taken in. */
  rows: number | null;
  new: number | null;
  changed: number | null;
  unchanged: number | null;
  problems?: { row: number | null; column: string | null; detail: string; detail_zh?: string }[];
  /** How many there are; not more than a thousand are listed. */
  problems_total?: number;
  /** The first rows, as they were read. */
  sample?: Record<string, unknown>[];
}
