import type { Bounds, Status, Time } from "./common.ts";
import type { Round } from "./rounds.ts";

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
