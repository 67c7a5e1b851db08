import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Round } from "../src/api/types.ts";
import { byTicket, differing, missingFromCore, ticketOf } from "../src/rounds/draw.ts";
import { itemPath } from "../src/rounds/items.ts";
import { sha256 } from "../src/rounds/sha256.ts";

const utf8 = new TextEncoder();

describe("SHA-256", () => {
  it("gives the digests of FIPS 180-4", () => {
    expect(sha256(utf8.encode("abc"))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(sha256(utf8.encode("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))).toBe(
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    );
  });
  it("agrees with another implementation at every length around a block", () => {
    for (let length = 0; length <= 130; length += 1) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 37 + length) % 256);
      expect(sha256(bytes)).toBe(createHash("sha256").update(bytes).digest("hex"));
    }
  });
});

describe("a draw", () => {
  // The demo's own: the seed and an item that it drew, with its ticket.
  it("gives the tickets that the service gives", () => {
    expect(ticketOf("20240603-4-2", "SL2024-0542/1")).toBe(
      "00a531ebcc6e604bfce3b97dc70ca4a13540f3d21e34098c906735f2f6a386dc",
    );
  });
  it("is found out where a ticket was changed, or a lower one left out", () => {
    const tickets = ["a", "b", "c", "d"].map((id) => ({ id, unit: "U", ticket: ticketOf("seed", id) })).sort(byTicket);
    const drawn = tickets.slice(0, 2).map((ticket, order) => ({ ...ticket, order, reason: "core" }));
    const round = { frozen: { plan: { core: 2 } }, draw: { items: drawn } } as unknown as Round;
    expect(differing(tickets, drawn)).toEqual([]);
    expect(missingFromCore(tickets, round)).toEqual([]);
    expect(differing(tickets, [{ ...drawn[0]!, ticket: "0".repeat(64) }])).toEqual([drawn[0]!.id]);
    const skipped = {
      ...round,
      draw: { items: [drawn[0], { ...tickets[2], order: 2, reason: "core" }] },
    } as unknown as Round;
    expect(missingFromCore(tickets, skipped)).toEqual([tickets[1]!.id]);
  });
  it("leads from an item to the stage or case behind it", () => {
    expect(itemPath("罚〔2024〕005号/2")).toEqual({
      path: `/cases/${encodeURIComponent("罚〔2024〕005号")}`,
      stage: "2",
    });
    expect(itemPath("SL2024-0501")).toEqual({ path: "/cases/SL2024-0501", stage: null });
    expect(itemPath("罚/2024/5", "2024-05:jingan-2024:case_files").stage).toBeNull();
    expect(itemPath("SL2024-0501/3", "2024-05:jingan-2024:legal_reviews").stage).toBe("3");
    expect(itemPath("SL2024-0501/3", "2024-05:jingan-2024").stage).toBe("3");
  });
});
