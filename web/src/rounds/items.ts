// What the items of a round are, which its name says: `2024-05:jingan-2024:case_files`. Pure.

import { casePath } from "../app/where.ts";

/** Rounds whose items are stages, `CASE/STAGE`. Those of the others are whole cases. */
const OF_STAGES = ["recordings", "legal_reviews", "legal_review_recordings"];
/** Rounds in which recordings are judged. */
const OF_RECORDINGS = ["recordings", "legal_review_recordings"];
const OF_CASES = ["cases", "case_files", "inspections", "complaints"];

/** The kind of a round; the name of one of recordings does not say it. */
function kindOf(round: string): string {
  const kind = round.slice(round.lastIndexOf(":") + 1);
  return [...OF_STAGES, ...OF_CASES].includes(kind) ? kind : "recordings";
}

export const isOfStages = (round: string): boolean => OF_STAGES.includes(kindOf(round));
export const isOfRecordings = (round: string): boolean => OF_RECORDINGS.includes(kindOf(round));

/** Where an item of a round is looked at. A case's number may hold a slash itself. */
export function itemPath(id: string, round = ""): { path: string; stage: string | null } {
  const match = isOfStages(round) ? /^(.*)\/(\d+)$/.exec(id) : null;
  return match ? { path: casePath(match[1] ?? id), stage: match[2] ?? null } : { path: casePath(id), stage: null };
}
