import { casePath } from "../app/where.ts";

/** Where a drawn item is looked at: it is `CASE/STAGE`, or a case by itself. */
export function itemPath(id: string): { path: string; stage: string | null } {
  const match = /^(.*)\/(\d+)$/.exec(id);
  return match ? { path: casePath(match[1] ?? id), stage: match[2] ?? null } : { path: casePath(id), stage: null };
}
