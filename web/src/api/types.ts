// What the service sends, as far as the pages use it. Times are RFC 3339 with Shanghai's offset, lengths and
// places in media are whole microseconds.

export type Time = string;
export type Status = "complete" | "partial" | "missing" | "excused";
export type Severity = "notice" | "irregular" | "missing";
export type Certainty = "certain" | "within_clock_error";

export interface Span {
  start: Time;
  end: Time;
}

export interface User {
  id: string;
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
}

export interface FindingSums {
  total: number;
  missing: number;
  irregular: number;
  notice: number;
  excused: number;
}

export interface Totals {
  obligations: number;
  complete: number;
  partial: number;
  missing: number;
  excused: number;
  required_us: number;
  covered_us: number;
  tolerated_us: number;
  excused_us: number;
  findings: Record<string, FindingSums>;
}

export interface UnitTotals extends Totals {
  unit: string | null;
  name: string | null;
}

export interface UnconfirmedFigure {
  figure: string;
  value_us: number | null;
  clause: string;
  words: string;
}

export interface CatalogTotals {
  units: number;
  officers: number;
  devices: number;
  cases: number;
  stages: number;
  recordings: number;
  sidecars: number;
  quarantined: number;
  gone: number;
  size_bytes: number;
}

export interface Bounds {
  missing_rate_upper_95: number | null;
  explanation: string;
  explanation_zh: string;
}

export interface ReturnItem {
  order: number;
  id: string;
  unit: string;
  reason: string;
  skipped: boolean;
  status: Status | null;
  irregular: number | null;
}

export interface MonthlyReturn {
  month: string;
  due: string;
  due_status: string;
  basis: string;
  recordings_sampled: number;
  irregular_found: number;
  missing_found: number;
  sentence: string;
  bounds: Bounds;
  items: ReturnItem[];
}

export interface Overview {
  now: Time;
  policy: { name: string; district: string; title: string; document: string };
  catalog: CatalogTotals;
  months: string[];
  month: string | null;
  audit: { as_of: Time; totals: Totals; units: UnitTotals[]; to_be_confirmed: UnconfirmedFigure[] } | null;
  due: { month: string; date: string; status: string } | null;
  round: Round | null;
  return: MonthlyReturn | null;
}

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
}

export interface CasePage {
  month: string;
  as_of: Time;
  cases: CaseLine[];
  next: string | null;
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

export interface Inspection {
  version: number;
  inspected_at: Time;
  video: string;
  audio: string;
  black: MediaSpan[];
  frozen: MediaSpan[];
  silent: MediaSpan[];
  undecodable: MediaSpan[];
  sound?: { step_us: number; levels: number[] } | null;
}

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
  observed: number | null;
  expected: number | null;
  kappa: number | null;
  explanation: string;
  explanation_zh: string;
}

export interface NoticeEvent {
  number: number;
  at: Time;
  by: string;
  act: string;
  text?: string;
  note?: string;
  reason?: string;
  number_?: string;
  approval?: string | null;
}

export interface Notice {
  id: number;
  kind: string;
  month: string;
  issuer: string;
  unit: string;
  unit_name: string;
  copies: string[];
  clause: string;
  facts: { round: string; item: string; text: string }[];
  demand: string;
  reply_days: number;
  reply_days_confirmed: boolean;
  events: NoticeEvent[];
  standing: {
    state: string;
    number: string | null;
    issued_at: Time | null;
    due_at: Time | null;
    replied_at: Time | null;
    late: boolean;
    overdue: boolean;
  };
}

export interface ScoreSheet {
  month: string;
  since: string;
  status: string;
  units: {
    unit: string;
    name: string;
    month_points: number;
    points: number;
    level: "none" | "blue" | "yellow" | "red";
    origins: { notice: number; kind: string; number: string; month: string; reason: string; points: number }[];
  }[];
}

export interface ReturnEntry {
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

export interface Coverage {
  month: string;
  policy: string;
  flyable_m2: number;
  covered_m2: number;
  ratio: number;
  target: number;
  target_met: boolean;
  areas: { name: string; sub_district: string | null; flyable_m2: number; covered_m2: number; ratio: number }[];
  docks: {
    dock: string;
    name: string;
    unit: string | null;
    reach_flyable_m2: number;
    reach_covered_m2: number;
    reach_ratio: number | null;
    covered_m2: number;
    sorties: number;
    filmed_sorties: number;
  }[];
  days: { day: string; sorties: number; covered_m2: number; ratio: number }[];
  sorties: {
    sortie: string;
    dock: string | null;
    device: string | null;
    took_off_at: Time;
    landed_at: Time | null;
    status: string;
    recordings: string[];
    flight_us: number | null;
    filmed_us: number | null;
    covered_m2: number | null;
  }[];
  findings: {
    code: string;
    severity: Severity;
    subject: string | null;
    at: Span | null;
    observed: string;
    observed_zh: string;
    next: string;
    next_zh: string;
  }[];
}

export interface GeoJson {
  type: "FeatureCollection";
  features: {
    type: "Feature";
    properties: Record<string, unknown>;
    geometry: { type: string; coordinates: unknown };
  }[];
}
