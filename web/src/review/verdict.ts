// What a verdict needs before it can be sent; the service checks the same. Pure.

import type { ReviewItem } from "../api/types.ts";

export const OUTCOMES = ["regular", "irregular", "missing", "excused"] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface Verdict {
  item: string;
  outcome: Outcome;
  codes: string[];
  note: string;
  moments: { object_key: string; at_us: number }[];
}

/** What is lacking, as the name of its words under `review`; `null` if nothing. What is irregular with a recording has a
 * code, with anything else words. */
export function lacking(
  verdict: Pick<Verdict, "codes" | "note"> & { outcome: Outcome | null },
  ofRecordings: boolean,
): string | null {
  if (verdict.outcome === null) return "lacks_outcome";
  if (verdict.outcome === "irregular" && ofRecordings && verdict.codes.length === 0) return "lacks_codes";
  if (verdict.outcome === "irregular" && !ofRecordings && verdict.note.trim() === "") return "lacks_what";
  if ((verdict.outcome === "missing" || verdict.outcome === "excused") && verdict.note.trim() === "")
    return "lacks_note";
  return null;
}

/** Whether the person of this badge may judge the item now. */
export function mayJudge(item: ReviewItem, badge: string | null): boolean {
  return (
    badge !== null &&
    item.seats.some((seat) => seat.badge === badge) &&
    item.state !== "appealed" &&
    item.state !== "decided"
  );
}

/** Whether they have judged it already. */
export function hasJudged(item: ReviewItem, badge: string | null): boolean {
  return item.seats.some((seat) => seat.badge === badge && item.verdicts[String(seat.seat)] !== undefined);
}

/** The next item after (or before) this one that the person has still to judge; else simply the next. */
export function next(
  items: readonly ReviewItem[],
  item: string,
  badge: string | null,
  step: 1 | -1,
): ReviewItem | null {
  const at = items.findIndex((one) => one.item === item);
  if (at < 0 || items.length < 2) return null;
  const around = items
    .map((_, count) => items[(at + step * (count + 1) + items.length * 2) % items.length] as ReviewItem)
    .filter((one) => one.item !== item);
  return around.find((one) => mayJudge(one, badge) && !hasJudged(one, badge)) ?? around[0] ?? null;
}
