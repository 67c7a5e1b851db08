// The words of the trail over the addresses that the service has: a test of the service keeps their list.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ACTS, actWord, rawObject, touched } from "../src/pages/system/trail.ts";
import { zh } from "../src/words/zh.ts";

const snapshot = join(import.meta.dirname, "../../api/tests/service/snapshots/service__openapi__addresses.snap");

/** Addresses that write lines: those that not anyone may ask. */
const guarded = readFileSync(snapshot, "utf8")
  .split("\n")
  .map((line) => /^([A-Z]+) (\/api\/v1\/\S+) (\w+)$/.exec(line))
  .filter((found) => found !== null)
  .map(([, method = "", path = "", right = ""]) => ({ method, path, right }))
  .filter(({ right }) => right !== "Anyone");

const filledIn = (path: string) => path.replaceAll(/\{\w+\}/g, "1");
const line = (act: string, subject = "", detail: Record<string, string> = {}) => ({ act, subject, detail });

describe("the trail", () => {
  it("knows what each address of the service is about", () => {
    expect(guarded.length).toBeGreaterThan(60);
    const known = Object.keys(zh.trail_objects);
    const wordless = guarded
      .filter(({ path }) =>
        [line(path), line(path, filledIn(path))].some((one) => !known.includes(touched(one)?.word ?? "")),
      )
      .map(({ method, path }) => `${method} ${path}`);
    expect(wordless, "say in src/pages/system/trail.ts what these are about").toEqual([]);
  });
  it("has a word for what is done at each, and for what can be asked for", () => {
    const known = Object.keys(zh.trail_acts);
    const lines = [...guarded.map(({ method, path }) => line(path, "", { method })), ...ACTS.map((act) => line(act))];
    const wordless = lines
      .filter((one) => !known.includes(actWord(one)))
      .map(({ act, detail }) => [detail.method, act]);
    expect(wordless, "add these to trail_acts in src/words").toEqual([]);
  });
  it("uses each word", () => {
    const used = new Set(guarded.map(({ path }) => touched(line(path))?.word));
    expect(Object.keys(zh.trail_objects).filter((word) => !used.has(word as never))).toEqual([]);
    const acts = new Set([
      ...guarded.map(({ method, path }) => actWord(line(path, "", { method }))),
      ...ACTS.map((act) => actWord(line(act))),
    ]);
    expect(Object.keys(zh.trail_acts).filter((word) => !acts.has(word))).toEqual([]);
  });
  it("leads to the page of what was touched", () => {
    const at = (act: string, subject: string) => touched(line(act, subject));
    expect(at("/api/v1/imports/{kind}", "/api/v1/imports/officers")).toEqual({
      word: "import",
      coded: { group: "import_kinds", code: "officers" },
      to: "/system/imports?kind=officers",
    });
    expect(at("/api/v1/rounds/{month}/{policy}/verdicts", "/api/v1/rounds/2024-06/jingan-2024/verdicts")).toEqual({
      word: "round",
      name: "2024-06 jingan-2024",
      to: "/rounds/2024-06/jingan-2024",
    });
    expect(at("/api/v1/notices/{id}/issue", "/api/v1/notices/3/issue")).toEqual({
      word: "notice",
      name: "#3",
      to: "/notices/3",
    });
    expect(at("/api/v1/cases/{*case_no}", "/api/v1/cases/%E7%BD%9A%2F2024")).toEqual({
      word: "case",
      name: "罚/2024",
      to: "/cases/%E7%BD%9A/2024",
    });
    expect(at("view_media", "evidence/a b.mp4")).toMatchObject({
      word: "recording",
      to: "/recordings/evidence/a%20b.mp4",
    });
    expect(at("set_password", "li")).toMatchObject({ word: "user", name: "li" });
    expect(at("make_bundle", "case-SL2024-0513")).toEqual({ word: "bundle", name: "SL2024-0513" });
  });
  it("shows what it does not know as it is written, and nothing where there was nothing", () => {
    expect(touched(line("/api/v1/later/{id}", "/api/v1/later/3"))).toBeNull();
    expect(rawObject(line("/api/v1/later/{id}", "/api/v1/later/3"))).toBe("/api/v1/later/3");
    expect(touched(line("sign_in"))).toBeNull();
    expect(rawObject(line("sign_in"))).toBe("");
    // What is no encoding of anything is left alone.
    expect(touched(line("/api/v1/cases/{*case_no}", "/api/v1/cases/%E7"))).toMatchObject({ name: "%E7" });
    // Refused before anything was touched: the address of the act says what it would have been.
    expect(touched(line("/api/v1/notices/{id}/issue", "", { method: "POST" }))).toEqual({ word: "notice" });
  });
});
