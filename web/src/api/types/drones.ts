import type { Severity, Span, Time } from "./common.ts";

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
