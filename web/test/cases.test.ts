import { describe, expect, it } from "vitest";
import type { Audit, CaseLine, Obligation, Overview, RoundReview } from "../src/api/types.ts";
import { caseRows, matches, type CaseFilter } from "../src/pages/caseRows.ts";
import { dueItems } from "../src/pages/due.ts";

const line = (case_no: string, status: CaseLine["status"]): CaseLine => ({
  case_no,
  unit: "SQ1",
  procedure: "simple",
  filed_at: null,
  closed_at: null,
  title: "跨门经营",
  obligations: 1,
  status,
  required_us: 60,
  covered_us: 30,
  findings: 1,
});
const stage = (
  case_no: string,
  stage_no: number,
  status: Obligation["status"],
  codes: string[],
  kind = "seizure",
): Obligation =>
  ({
    id: `${case_no}/${stage_no}`,
    case_no,
    stage_no,
    kind,
    unit: "SQ1",
    officers: ["31101"],
    place: "示例路155号",
    recordings: ["SQ1/BWC101.mp4"],
    status,
    findings: codes.map((code) => ({ code, severity: code === "missing" ? "missing" : "irregular" })),
  }) as unknown as Obligation;

const audit = {
  obligations: [
    stage("A", 1, "complete", []),
    stage("A", 2, "partial", ["gap"], "hearing"),
    stage("B", 1, "missing", ["missing"]),
  ],
} as unknown as Audit;
const rows = caseRows([line("A", "partial"), line("B", "missing"), line("C", null)], audit, new Set(["A/1"]));
const filter = (changes: Partial<CaseFilter>): string[] =>
  rows
    .filter((row) => matches(row, { status: "", unit: "", finding: "", kind: "", q: "", drawn: "", ...changes }))
    .map((row) => row.caseNo);

describe("the list of cases", () => {
  it("has the gravest first and those without obligations last", () => expect(filter({})).toEqual(["B", "A", "C"]));
  it("asks all that is asked of a stage of one and the same stage", () => {
    expect(filter({ status: "complete" })).toEqual(["A"]);
    expect(filter({ status: "complete", finding: "gap" })).toEqual([]);
    expect(filter({ kind: "hearing", finding: "any" })).toEqual(["A"]);
  });
  it("finds by number, subject, place, badge and file, in any case", () => {
    for (const q of ["a", "跨门", "示例路155", "31101", "bwc101"]) expect(filter({ q })).toContain("A");
    expect(filter({ q: "nothing of the kind" })).toEqual([]);
  });
  it("knows which were drawn", () => expect(filter({ drawn: "1" })).toEqual(["A"]));
});

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
