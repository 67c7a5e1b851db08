import { describe, expect, it } from "vitest";
import { continues, leafHash, nodeHash, readCheckpoint, saltedDigest, stepsToRoot } from "../src/proof/merkle.ts";

/** The tree as RFC 6962 defines it, without any cleverness. */
function rootOf(leaves: string[]): string {
  if (leaves.length === 1) return leaves[0]!;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(rootOf(leaves.slice(0, split)), rootOf(leaves.slice(split)));
}

function pathOf(index: number, leaves: string[]): string[] {
  if (leaves.length === 1) return [];
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split ? [...pathOf(index, left), rootOf(right)] : [...pathOf(index - split, right), rootOf(left)];
}

function growth(from: number, leaves: string[], whole = true): string[] {
  if (from === leaves.length) return whole ? [] : [rootOf(leaves)];
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return from <= split
    ? [...growth(from, left, whole), rootOf(right)]
    : [...growth(from - split, right, false), rootOf(left)];
}

const leaves = Array.from({ length: 23 }, (_, n) => leafHash(`record ${n}`));

describe("the tree of the log", () => {
  it("hashes a leaf as RFC 6962 says", () => {
    // The empty leaf of the test vectors of Certificate Transparency.
    expect(leafHash("")).toBe("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  });
  it("leads from every leaf of every size to the root, and to no other", () => {
    for (let size = 1; size <= leaves.length; size += 1) {
      const tree = leaves.slice(0, size);
      const root = rootOf(tree);
      for (let index = 0; index < size; index += 1) {
        const path = pathOf(index, tree);
        const steps = stepsToRoot(index, size, tree[index]!, path);
        expect(steps?.at(-1)?.hash ?? tree[index]).toBe(root);
        expect(stepsToRoot(index, size, tree[index]!, [...path, root])).toBeNull();
        if (path.length) {
          expect(stepsToRoot(index, size, tree[index]!, path.slice(1))).toBeNull();
          const other = stepsToRoot(index, size, leafHash("another"), path);
          expect(other?.at(-1)?.hash).not.toBe(root);
        }
      }
    }
  });
  it("shows that a later tree begins with an earlier one", () => {
    for (let to = 1; to <= leaves.length; to += 1) {
      const after = { size: to, root: rootOf(leaves.slice(0, to)) };
      for (let from = 1; from <= to; from += 1) {
        const before = { size: from, root: rootOf(leaves.slice(0, from)) };
        const path = growth(from, leaves.slice(0, to));
        expect(continues(before, after, path), `${from} in ${to}`).toBe(true);
        const changed = { size: from, root: leafHash("changed") };
        expect(continues(changed, after, path), `changed ${from} in ${to}`).toBe(false);
      }
    }
  });
  it("reads a checkpoint, and none where it is not one", () => {
    const root = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    expect(readCheckpoint(`log/one\n7\n${root}\n\n— one x\n`)).toEqual({
      origin: "log/one",
      size: 7,
      root: "0".repeat(64),
    });
    expect(readCheckpoint("log\nseven\nAAAA\n")).toBeNull();
  });
  it("tells the digest of a key from that of a content", () => {
    const salt = "00".repeat(16);
    expect(saltedDigest("id", salt, "[1]")).not.toBe(saltedDigest("content", salt, "[1]"));
  });
});
