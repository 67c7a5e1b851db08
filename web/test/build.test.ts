// The budget of the first page, over the manifest of the build.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

interface Chunk {
  file: string;
  isEntry?: boolean;
  imports?: string[];
  css?: string[];
}

const dist = join(import.meta.dirname, "../dist");
const built = existsSync(join(dist, "manifest.json"));

describe.runIf(built)("the build", () => {
  const manifest = built
    ? (JSON.parse(readFileSync(join(dist, "manifest.json"), "utf8")) as Record<string, Chunk>)
    : {};
  /** What has to be there before the first page is usable: the entry and all it imports at once. */
  const first = (() => {
    const names = Object.keys(manifest).filter((name) => manifest[name]?.isEntry);
    const files = new Set<string>();
    while (names.length) {
      const chunk = manifest[names.pop() as string];
      if (!chunk || files.has(chunk.file)) continue;
      files.add(chunk.file);
      names.push(...(chunk.imports ?? []));
    }
    return files;
  })();
  it("asks for at most 350 KB of compressed script before the first page is usable", () => {
    const sizes = [...first].map((file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    console.log(`first page: ${(total / 1000).toFixed(0)} KB of compressed script in ${sizes.length} files`);
    expect(total).toBeGreaterThan(50_000);
    expect(total).toBeLessThanOrEqual(350_000);
  });
  it("leaves the map out of it", () => {
    for (const file of first) expect(file).not.toMatch(/Map|maplibre/i);
  });
  it("carries every script compressed, too", () => {
    for (const file of readdirSync(join(dist, "assets")).filter((name) => name.endsWith(".js"))) {
      expect(existsSync(join(dist, "assets", `${file}.gz`)), file).toBe(true);
    }
  });
});
