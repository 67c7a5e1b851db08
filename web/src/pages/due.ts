// What waits for somebody, worked out from what the service says. Pure, so that a test can ask it.

import type { Notice, Overview, Reconciliation, ReturnEntry, RoundReview } from "../api/types.ts";
import { daysUntil, moment } from "../format.ts";

export interface DueItem {
  /** Name of its words under `overview`. */
  words: string;
  values: Record<string, string | number>;
  path: string;
  query?: Record<string, string>;
  late: boolean;
}

export interface DueFrom {
  overview: Overview;
  review?: RoundReview;
  notices?: Notice[];
  reconciliation?: Reconciliation;
  returns?: ReturnEntry[];
}

/** The most pressing first: what is late, then in the order of the work. */
export function dueItems(
  { overview, review, notices = [], reconciliation, returns }: DueFrom,
  named: (month: string) => string,
): DueItem[] {
  const items: DueItem[] = [];
  const add = (
    words: string,
    values: Record<string, string | number>,
    path: string,
    late = false,
    query?: Record<string, string>,
  ) => items.push({ words, values, path, query, late });
  const { round, due, now } = overview;
  const roundAt = round ? `/rounds/${round.id}` : "/rounds";

  const onDevice = reconciliation?.not_uploaded ?? [];
  const first = onDevice.map((one) => one.held_until).sort()[0];
  if (first)
    add("todo_rescue", { n: onDevice.length, at: moment(first) }, "/intake", daysUntil(first.slice(0, 10), now) <= 1);
  if (due && !round) add("todo_freeze", { month: named(due.month) }, "/rounds");
  if (round && !round.draw) add("todo_draw", { round: round.id }, roundAt);
  if (review) {
    const { open, overdue, disagreed, appealed } = review.progress;
    if (review.unassigned.length) add("todo_assign", { n: review.unassigned.length }, roundAt);
    if (open) add("todo_review", { n: open }, roundAt);
    if (overdue) add("todo_overdue", { n: overdue }, roundAt, true);
    if (disagreed) add("todo_disagreed", { n: disagreed }, roundAt);
    if (appealed) add("todo_appealed", { n: appealed }, roundAt);
  }
  const drafts = notices.filter((notice) => notice.standing.state === "draft").length;
  const unanswered = notices.filter((notice) => notice.standing.overdue).length;
  if (unanswered) add("todo_notice", { n: unanswered }, "/notices", true, { state: "issued" });
  if (drafts) add("todo_draft", { n: drafts }, "/notices", false, { state: "draft" });
  // Only once it is known that the return was not sent.
  if (due && returns && !returns.some((one) => one.month === due.month && one.state === "sent")) {
    add("todo_return", { month: named(due.month) }, "/rounds", daysUntil(due.date, now) < 0);
  }
  if (overview.catalog.quarantined) add("todo_quarantine", { n: overview.catalog.quarantined }, "/intake");
  return items.sort((a, b) => Number(b.late) - Number(a.late));
}
