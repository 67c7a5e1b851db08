import { describe, expect, it } from "vitest";
import type { Overview, RoundReview } from "../src/api/types.ts";
import { dueItems } from "../src/pages/due.ts";

describe("what is due", () => {
  const overview = (changes: Partial<Overview>): Overview =>
    ({
      now: "2024-06-10T09:00:00+08:00",
      due: { month: "2024-06", date: "2024-06-24", status: "confirmed" },
      round: null,
      catalog: { quarantined: 0 },
      ...changes,
    }) as unknown as Overview;
  const words = (items: ReturnType<typeof dueItems>) => items.map((item) => item.words);
  const same = (month: string) => month;
  it("begins with the round that is not frozen yet", () => {
    expect(words(dueItems({ overview: overview({}) }, same))).toEqual(["todo_freeze"]);
  });
  it("puts what is late first", () => {
    const review = {
      unassigned: [],
      items: [],
      round: "r",
      progress: { drawn: 8, assigned: 8, open: 3, overdue: 1, disagreed: 0, appealed: 0, settled: 5 },
    } as RoundReview;
    const items = dueItems(
      {
        overview: overview({ now: "2024-06-25T09:00:00+08:00", round: { id: "r", draw: {} } as never }),
        review,
        returns: [],
      },
      same,
    );
    expect(words(items)).toEqual(["todo_overdue", "todo_return", "todo_review"]);
    expect(items[0]?.late).toBe(true);
  });
  it("does not call a return due before it knows that none was sent", () => {
    expect(words(dueItems({ overview: overview({ round: { id: "r", draw: {} } as never }) }, same))).toEqual([]);
  });
});
