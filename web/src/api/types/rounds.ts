import type { Time } from "./common.ts";

export interface RoundLine {
  id: string;
  month: string;
  policy: string;
  frozen_at: Time;
  frame_sha256: string;
  seed: string | null;
  drawn_at: Time | null;
}

export interface Rule {
  id: string;
  take: string;
  percent: number | null;
  count: number | null;
  of: string | null;
  each: string | null;
  within: string;
  there: number;
  done: number;
  rounds_left: number;
}

export interface Frozen {
  base_month: string;
  kind: string;
  seed_source: string;
  cases: number;
  frame_size: number;
  items_required: number;
  units_required: number;
  plan: { core: number; quotas: { rule: string; need: number; possible: number; to_draw: number }[] };
  feasible: boolean;
  shortfalls: unknown[];
  explanation: string;
  explanation_zh: string;
  sources: Record<string, { clause: string; words: string; status: string }>;
  frame: {
    rules: Rule[];
    squads: { unit: string; name: string }[];
    items: { id: string; unit: string; repeats: number; officers: string[] }[];
  };
}

export interface DrawItem {
  order: number;
  id: string;
  unit: string;
  ticket: string;
  reason: string;
}

export interface Round extends RoundLine {
  frozen: Frozen;
  draw: { seed: string; units: string[]; items: DrawItem[] } | null;
  acts: { kind: string; at: Time; who: string; why: string; item: string; taken: string[] }[];
}

export interface Judgement {
  outcome: string;
  codes: string[];
  note: string;
  moments: { object_key: string; at_us: number }[];
}

/** One act about one item: a verdict, a statement or a decision. */
export interface ReviewEvent extends Partial<Judgement> {
  number: number;
  at: Time;
  by: string;
  act: "verdict" | "statement" | "decision";
  seat?: number;
  statement?: "explanation" | "appeal";
  text?: string;
  granted?: boolean | null;
}

export interface ReviewItem {
  item: string;
  unit: string;
  blind: boolean;
  state: string;
  seats: { seat: number; badge: string; due_at: Time }[];
  verdicts: Record<string, { at: Time; by: string } & Judgement>;
  judgement: Judgement | null;
  settled_at: Time | null;
  appealed_at: Time | null;
  verdicts_hidden: boolean;
  due_at: Time | null;
  overdue: boolean;
  recordings: string[];
  machine_hidden: boolean;
  events: ReviewEvent[];
}

export interface RoundReview {
  round: string;
  progress: {
    drawn: number;
    assigned: number;
    open: number;
    overdue: number;
    disagreed: number;
    appealed: number;
    settled: number;
  };
  unassigned: string[];
  items: ReviewItem[];
}

export interface Agreement {
  blind_items: number;
  judged_twice: number;
  /** How often the first said the row and the second the column, in the order of `outcomes`. */
  table: number[][];
  outcomes: string[];
  observed: number | null;
  expected: number | null;
  kappa: number | null;
  explanation: string;
  explanation_zh: string;
}

export interface ReturnEntry {
  id: string;
  month: string;
  policy: string;
  state: string;
  version: number;
  at: Time;
  by: string;
  sentence: string;
}

export interface ScheduleStep {
  month: string;
  policy: string;
  step: string;
  at: Time;
  outcome: string;
  detail: string;
  detail_zh: string;
}
