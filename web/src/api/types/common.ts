export type Time = string;

export type Status = "complete" | "partial" | "missing" | "excused";

export type Severity = "notice" | "irregular" | "missing";

export type Certainty = "certain" | "within_clock_error";

export interface Span {
  start: Time;
  end: Time;
}

export interface Bounds {
  missing_rate_upper_95: number | null;
  explanation: string;
  explanation_zh: string;
}
