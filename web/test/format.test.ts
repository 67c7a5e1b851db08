import { describe, expect, it } from "vitest";
import {
  bytes,
  daysUntil,
  deadline,
  lastDay,
  length,
  moment,
  nextMonth,
  percent,
  place,
  shanghai,
  span,
} from "../src/format.ts";

describe("what people read", () => {
  it("writes lengths as they are said in each language, and never rounds up", () => {
    expect(length(3_725_999_999, "zh")).toBe("1小时02分");
    expect(length(3_725_999_999, "en")).toBe("1 h 02 min");
    expect(length(59_999_999, "zh")).toBe("59.9秒");
    expect(length(192_000_000, "en")).toBe("3 min 12 s");
    expect(length(3 * 86_400_000_000, "zh")).toBe("3天0小时");
  });
  it("keeps the digits of the service, wherever the browser stands", () => {
    expect(moment("2024-05-13T09:41:07.25+08:00")).toBe("2024-05-13 09:41");
    expect(span("2024-05-13T09:41:07+08:00", "2024-05-13T10:02:00+08:00")).toBe("2024-05-13 09:41–10:02");
    expect(shanghai(Date.parse("2024-05-12T18:30:00Z"))).toBe("2024-05-13T02:30:00.000+08:00");
  });
  it("names the last day of what is due at midnight", () => {
    expect(lastDay("2024-07-01T00:00:00+08:00")).toBe("2024-06-30");
    expect(deadline("2024-07-01T00:00:00+08:00")).toBe("2024-06-30");
    expect(deadline("2024-07-01T17:30:00+08:00")).toBe("2024-07-01 17:30");
  });
  it("says 100 % of the whole alone", () => {
    expect(percent(999_999, 1_000_000)).toBe("99.9%");
    expect(percent(1, 1)).toBe("100.0%");
    expect(percent(0, 0)).toBe("–");
  });
  it("counts days by the calendar of Shanghai", () => {
    expect(daysUntil("2024-06-24", "2024-06-23T23:59:00+08:00")).toBe(1);
    expect(daysUntil("2024-06-24", "2024-06-25T00:01:00+08:00")).toBe(-1);
    expect(nextMonth("2024-12")).toBe("2025-01");
  });
  it("writes sizes and places", () => {
    expect(bytes(391_381_223)).toBe("391.4 MB");
    expect(place(75_250_000, true)).toBe("00:01:15.2");
  });
});
