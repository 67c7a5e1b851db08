// The tickets of a round, computed anew from what was published (docs/sampling.md, "Tickets").

import type { DrawItem, Round } from "../api/types.ts";
import { sha256 } from "./sha256.ts";

export interface Ticket {
  id: string;
  unit: string;
  ticket: string;
}

const utf8 = new TextEncoder();

/** SHA-256(seed ‖ 1F ‖ id). */
export function ticketOf(seed: string, id: string): string {
  const [before, after] = [utf8.encode(seed), utf8.encode(id)];
  const bytes = new Uint8Array(before.length + 1 + after.length);
  bytes.set(before);
  bytes[before.length] = 0x1f;
  bytes.set(after, before.length + 1);
  return sha256(bytes);
}

export const byTicket = (a: Ticket, b: Ticket): number => (a.ticket < b.ticket ? -1 : a.ticket > b.ticket ? 1 : 0);

/** Drawn items whose ticket on record is not the one computed here, or which the frame does not have. */
export function differing(tickets: readonly Ticket[], drawn: readonly DrawItem[]): string[] {
  const computed = new Map(tickets.map((ticket) => [ticket.id, ticket.ticket]));
  return drawn.filter((item) => computed.get(item.id) !== item.ticket).map((item) => item.id);
}

/** Of the lowest tickets, those that should have been drawn and were not: the core is the lowest of the frame. */
export function missingFromCore(sorted: readonly Ticket[], round: Pick<Round, "frozen" | "draw">): string[] {
  const drawn = new Set(round.draw?.items.map((item) => item.id) ?? []);
  return sorted
    .slice(0, round.frozen.plan.core)
    .filter((ticket) => !drawn.has(ticket.id))
    .map((ticket) => ticket.id);
}
