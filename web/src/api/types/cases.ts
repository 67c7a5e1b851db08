import type { Certainty, Severity, Span, Status, Time } from "./common.ts";
import type { Totals, UnitTotals } from "./overview.ts";

export interface Gap extends Span {
  length_us: number;
  certainty: Certainty;
  code: string;
  place: string | null;
  excused: string | null;
}

export interface Finding {
  code: string;
  severity: Severity;
  certainty: Certainty;
  detail: string;
  detail_zh: string;
  observed: string;
  at: Span | null;
  recordings: string[];
  excused: string | null;
}

export interface Obligation {
  id: string;
  case_no: string;
  stage_no: number;
  kind: string;
  unit: string | null;
  starts_at: Time;
  ends_at: Time;
  officers: string[];
  place: string | null;
  required_us: number;
  covered_us: number;
  tolerated_us: number;
  excused_us: number;
  status: Status;
  gaps: Gap[];
  recordings: string[];
  unresolved_links: string[];
  findings: Finding[];
}

export interface Audit {
  month: string;
  as_of: Time;
  obligations: Obligation[];
  totals: Totals;
  units: UnitTotals[];
}

export interface CaseLine {
  case_no: string;
  unit: string;
  procedure: string;
  filed_at: Time | null;
  closed_at: Time | null;
  title: string | null;
  obligations: number;
  status: Status | null;
  required_us: number;
  covered_us: number;
  findings: number;
  /** What was found, the gravest first, each code once. */
  codes: { code: string; severity: Severity }[];
}

export interface CasePage {
  month: string;
  as_of: Time;
  cases: CaseLine[];
  next: string | null;
  /** How many are as the filters ask, on all pages. */
  matching: number;
  /** How many there are without filters. */
  all: number;
}

export interface ProblemNote {
  code: string;
  detail: string;
}

export interface Lane {
  object_key: string;
  role: string;
  linked: boolean;
  device: string | null;
  badge: string | null;
  started_at: Time | null;
  clock_error_us: number;
  covers_us: number;
  device_kind: string | null;
  officer: string | null;
  started_at_source: string | null;
  video: Span[];
  audio: Span[];
  problems: ProblemNote[];
}

export interface Excuse {
  case_no: string;
  stage_no: number;
  reason: string;
  note: string | null;
  recorded_by: string;
  recorded_at: Time;
}

export interface StageFile {
  stage_no: number;
  stage: { kind: string; starts_at: Time; ends_at: Time; officers: string[]; place: string | null };
  obligation: Obligation | null;
  timeline: Lane[];
  excuses: Excuse[];
}

export interface CaseFile {
  case_no: string;
  unit: string;
  unit_name: string | null;
  procedure: string;
  filed_at: Time | null;
  closed_at: Time | null;
  title: string | null;
  as_of: Time;
  policy: string;
  stages: StageFile[];
}

/** An excuse with what became of it. */
export interface ExcuseEntry extends Excuse {
  id?: string | number;
  starts_at?: Time | null;
  ends_at?: Time | null;
  withdrawal: { withdrawn_by: string; withdrawn_at: Time; note: string } | null;
}
