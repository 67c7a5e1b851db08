import { describe, expect, it } from "vitest";
import type { ReviewItem } from "../src/api/types.ts";
import { hasJudged, lacking, mayJudge, next } from "../src/review/verdict.ts";

const item = (name: string, badges: string[], judged: number[] = [], state = "open"): ReviewItem =>
  ({
    item: name,
    state,
    seats: badges.map((badge, index) => ({ seat: index + 1, badge, due_at: "" })),
    verdicts: Object.fromEntries(judged.map((seat) => [seat, {}])),
  }) as unknown as ReviewItem;

describe("a verdict", () => {
  it("is not sent before it says what the service asks for", () => {
    expect(lacking({ outcome: null, codes: [], note: "" }, true)).toBe("lacks_outcome");
    expect(lacking({ outcome: "irregular", codes: [], note: "x" }, true)).toBe("lacks_codes");
    expect(lacking({ outcome: "missing", codes: [], note: " " }, true)).toBe("lacks_note");
    expect(lacking({ outcome: "excused", codes: [], note: "电量不足" }, true)).toBeNull();
    expect(lacking({ outcome: "regular", codes: [], note: "" }, true)).toBeNull();
  });
  it("says in words what is irregular with a case", () => {
    expect(lacking({ outcome: "irregular", codes: [], note: " " }, false)).toBe("lacks_what");
    expect(lacking({ outcome: "irregular", codes: [], note: "缺少送达回证" }, false)).toBeNull();
    expect(lacking({ outcome: "missing", codes: [], note: "" }, false)).toBe("lacks_note");
  });
  it("is only of those who hold a seat, while it can be changed", () => {
    expect(mayJudge(item("a", ["1", "2"]), "2")).toBe(true);
    expect(mayJudge(item("a", ["1", "2"]), "3")).toBe(false);
    expect(mayJudge(item("a", ["1", "2"]), null)).toBe(false);
    expect(mayJudge(item("a", ["1", "2"], [], "decided"), "1")).toBe(false);
    expect(hasJudged(item("a", ["1", "2"], [2]), "2")).toBe(true);
    expect(hasJudged(item("a", ["1", "2"], [2]), "1")).toBe(false);
  });
  it("leads on to what the person has still to judge, around the end", () => {
    const items = [item("a", ["1"]), item("b", ["1"], [1]), item("c", ["2"]), item("d", ["1"])];
    expect(next(items, "a", "1", 1)?.item).toBe("d");
    expect(next(items, "d", "1", 1)?.item).toBe("a");
    expect(next(items, "a", "1", -1)?.item).toBe("d");
    expect(next(items, "a", null, 1)?.item).toBe("b");
    expect(next([items[0]!], "a", "1", 1)).toBeNull();
  });
});
