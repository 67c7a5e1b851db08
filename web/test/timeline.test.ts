import { describe, expect, it } from "vitest";
import type { Lane } from "../src/api/types.ts";
import {
  bar,
  cameras,
  choose,
  following,
  gapLook,
  momentAt,
  pictureAt,
  share,
  ticks,
  wholeOf,
  zoomed,
} from "../src/timeline/geometry.ts";

const at = (clock: string): number => Date.parse(`2024-05-03T${clock}+08:00`);
const text = (clock: string): string => `2024-05-03T${clock}+08:00`;

function lane(badge: string, start: string, end: string, key = `${badge}-${start}`): Lane {
  return {
    object_key: key,
    role: "covers",
    linked: false,
    device: `B${badge}`,
    badge,
    started_at: text(start),
    clock_error_us: 0,
    covers_us: 0,
    device_kind: "bodycam",
    officer: null,
    started_at_source: "file_name",
    video: [{ start: text(start), end: text(end) }],
    audio: [],
    problems: [],
  };
}

const whole = wholeOf({ starts_at: text("14:35:00"), ends_at: text("14:49:00") });

describe("the street's time", () => {
  it("goes from moments to places and back", () => {
    for (const fraction of [0, 0.25, 0.5, 1])
      expect(share(whole, momentAt(whole, fraction))).toBeCloseTo(fraction * 100);
  });
  it("cuts what stands out and leaves out what is elsewhere", () => {
    const cut = bar(whole, at("14:00:00"), at("14:42:00"));
    expect(cut?.left).toBe(0);
    expect((cut?.left ?? 0) + (cut?.width ?? 0)).toBeCloseTo(50);
    expect(bar(whole, at("15:00:00"), at("15:01:00"))).toBeNull();
    expect(bar(whole, at("14:40:00"), at("14:40:00") + 1)?.width).toBeGreaterThanOrEqual(0.2);
  });
  it("zooms around a moment that stays where it is, and never beyond the whole", () => {
    const around = at("14:40:00");
    const near = zoomed(whole, whole, 0.5, around);
    expect(share(near, around)).toBeCloseTo(share(whole, around));
    expect(zoomed(near, whole, 100, around)).toEqual(whole);
    const edge = following(near, whole, whole.right);
    expect(edge.right).toBeLessThanOrEqual(whole.right);
    expect(edge.right - edge.left).toBeCloseTo(near.right - near.left);
  });
  it("marks round times of Shanghai, not too many", () => {
    const marks = ticks(whole);
    expect(marks.map((mark) => mark.text)).toContain("14:40");
    expect(marks.length).toBeLessThanOrEqual(10);
  });
  it("tells an excused gap from a certain one and from one that a slow clock explains", () => {
    expect(gapLook({ certainty: "certain", excused: "fault" })).toBe("excused");
    expect(gapLook({ certainty: "certain", excused: null })).toBe("certain");
    expect(gapLook({ certainty: "within_clock_error", excused: null })).toBe("within_clock_error");
  });
});

describe("cameras", () => {
  const all = cameras([
    lane("1", "14:34:50", "14:40:00"),
    lane("2", "14:36:00", "14:49:10"),
    lane("1", "14:41:00", "14:49:05"),
  ]);
  it("are one a badge and device, each with all it recorded", () => {
    expect(all.map((camera) => [camera.badge, camera.entries.length])).toEqual([
      ["1", 2],
      ["2", 1],
    ]);
  });
  it("know which file has a picture, and how far into it", () => {
    expect(pictureAt(all[0]!, at("14:41:30"))).toMatchObject({ mediaS: 30, entry: { object_key: "1-14:41:00" } });
    expect(pictureAt(all[0]!, at("14:40:30"))).toBeNull();
    expect(pictureAt(all[0]!, at("14:40:00"))).toBeNull();
  });
  it("open the one asked for beside one that has a picture then", () => {
    expect(choose(all, at("14:40:30"), "1/B1")).toEqual(["1/B1", "2/B2"]);
    expect(choose(all, at("14:35:10"), null)).toEqual(["1/B1", "2/B2"]);
    expect(choose([], 0, null)).toEqual([]);
  });
});
