import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { en } from "../src/words/en.ts";
import { zh } from "../src/words/zh.ts";

/** Names of all words, with what is filled into each. */
function names(words: object, before = ""): [string, string][] {
  return Object.entries(words).flatMap(([name, value]): [string, string][] =>
    typeof value === "string"
      ? [
          [
            before + name,
            [...value.matchAll(/\{\{(\w+)\}\}/g)]
              .map((match) => match[1])
              .sort()
              .join(),
          ],
        ]
      : names(value as object, `${before}${name}.`),
  );
}

describe("the words", () => {
  it("are there in both languages, with the same things filled in", () => {
    expect(names(en).sort()).toEqual(names(zh).sort());
    expect(names(zh).length).toBeGreaterThan(300);
  });
  it("have every name that the pages use", () => {
    const known = new Set(names(zh).map(([name]) => name.replace(/_(one|other)$/, "")));
    const groups = new Set([...known].map((name) => name.split(".").slice(0, -1).join(".")));
    const root = join(import.meta.dirname, "../src");
    const missing = [];
    for (const file of readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) =>
      /\.tsx?$/.test(name),
    )) {
      const text = readFileSync(join(root, file), "utf8");
      for (const [, name = ""] of text.matchAll(/\bt\("([\w.]+)"/g))
        if (!known.has(name)) missing.push(`${file}: ${name}`);
      for (const [, group = ""] of text.matchAll(/\bword\("([\w.]+)"/g))
        if (!groups.has(group)) missing.push(`${file}: ${group}.*`);
      for (const [, group = ""] of text.matchAll(/\bt\(`([\w.]+)\.\$\{/g))
        if (!groups.has(group)) missing.push(`${file}: ${group}.*`);
    }
    expect(missing).toEqual([]);
  });
});
