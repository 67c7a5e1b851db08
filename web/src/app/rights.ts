// What a page offers to whom. The service decides, and says why where it refuses; this only keeps buttons out of the
// way of those who could not use them.

import { useSession } from "./session.tsx";

const OFFERED = {
  rounds: ["supervisor", "case_review"],
  assign: ["supervisor", "case_review"],
  answer: ["squad", "supervisor", "case_review", "duty_office"],
  decide: ["supervisor"],
  excuse: ["supervisor", "case_review"],
  notices: ["supervisor"],
  visits: ["supervisor", "case_review", "duty_office"],
  returns: ["supervisor", "case_review"],
  take_in: ["administrator", "case_review", "duty_office"],
  accounts: ["administrator"],
  trail: ["administrator", "auditor"],
  whole: ["administrator", "supervisor", "case_review", "duty_office", "auditor"],
} as const satisfies Record<string, readonly string[]>;

export type Offer = keyof typeof OFFERED;

/** What whoever is signed in is offered. */
export function useMay(): (what: Offer) => boolean {
  const session = useSession();
  return (what) => session.kind === "user" && (OFFERED[what] as readonly string[]).includes(session.user.role);
}

/** The badge of whoever is signed in; `null` without one. */
export function useBadge(): string | null {
  const session = useSession();
  return session.kind === "user" ? (session.user.badge ?? null) : null;
}
