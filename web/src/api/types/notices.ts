import type { Time } from "./common.ts";

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
  needs_approval?: boolean;
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

export interface Visit {
  number: number;
  unit: string;
  starts_at: Time;
  ends_at: Time;
  supervisors: string[];
  on_site: boolean;
  note: string;
  found: string[];
  recorded_at: Time;
  recorded_by: string;
}
