// The Merkle tree of the log (RFC 6962, section 2.1), worked through in the browser, step by step: so that whoever looks
// at a proof sees what is hashed with what, and need not take the service's word for it.

import { sha256 } from "../rounds/sha256.ts";

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

const utf8 = new TextEncoder();

/** SHA-256(00 ‖ record). */
export function leafHash(record: string): string {
  const text = utf8.encode(record);
  const bytes = new Uint8Array(text.length + 1);
  bytes.set(text, 1);
  return sha256(bytes);
}

/** SHA-256(01 ‖ left ‖ right). */
export function nodeHash(left: string, right: string): string {
  return sha256(bytesOf(`01${left}${right}`));
}

export interface Step {
  left: string;
  right: string;
  /** Which of the two came with the proof; the other was computed before. */
  given: "left" | "right";
  hash: string;
}

/** The way from a leaf to the root; `null` if the path has the wrong length for a tree of this size. */
export function stepsToRoot(index: number, size: number, leaf: string, path: readonly string[]): Step[] | null {
  if (!(Number.isSafeInteger(index) && Number.isSafeInteger(size)) || index < 0 || index >= size) return null;
  let [at, last, hash] = [index, size - 1, leaf];
  const steps: Step[] = [];
  for (const sibling of path) {
    if (last === 0) return null;
    const given = at % 2 === 1 || at === last ? "left" : "right";
    const [left, right] = given === "left" ? [sibling, hash] : [hash, sibling];
    hash = nodeHash(left, right);
    steps.push({ left, right, given, hash });
    if (given === "left") {
      // Levels at which this node is the last and alone are passed over.
      while (at % 2 === 0 && at !== 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 ? steps : null;
}

/** Whether a tree of `to` leaves begins with the tree of `from` leaves (RFC 9162, section 2.1.4.2). */
export function continues(
  from: { size: number; root: string },
  to: { size: number; root: string },
  path: readonly string[],
): boolean {
  if (from.size > to.size || from.size < 0) return false;
  if (from.size === to.size) return path.length === 0 && from.root === to.root;
  if (from.size === 0) return path.length === 0;
  const isPower = 2 ** Math.floor(Math.log2(from.size)) === from.size;
  const rest = isPower ? [from.root, ...path] : [...path];
  let [at, last] = [from.size - 1, to.size - 1];
  while (at % 2 === 1) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  const first = rest.shift();
  if (first === undefined) return false;
  let [before, after] = [first, first];
  for (const hash of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      before = nodeHash(hash, before);
      after = nodeHash(hash, after);
      while (at % 2 === 0 && at !== 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    } else after = nodeHash(after, hash);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && before === from.root && after === to.root;
}

/** Salted digest of a row's key (`id`) or of its content (`content`), as the log writes them. */
export function saltedDigest(what: "id" | "content", salt: string, text: string): string {
  const [head, tail] = [utf8.encode(what), utf8.encode(text)];
  const salted = bytesOf(salt);
  const bytes = new Uint8Array(head.length + 1 + salted.length + 1 + tail.length);
  bytes.set(head);
  bytes.set(salted, head.length + 1);
  bytes.set(tail, head.length + 1 + salted.length + 1);
  return sha256(bytes);
}

export interface Checkpoint {
  origin: string;
  size: number;
  root: string;
}

/** What a signed note says: origin, size, root, a line each; the root is written in Base64. */
export function readCheckpoint(note: string): Checkpoint | null {
  const [origin = "", size = "", root = ""] = note.split("\n");
  if (!origin || !/^\d+$/.test(size)) return null;
  try {
    const bytes = atob(root);
    if (bytes.length !== 32) return null;
    const hex = Array.from(bytes, (letter) => letter.charCodeAt(0).toString(16).padStart(2, "0")).join("");
    return { origin, size: Number(size), root: hex };
  } catch {
    return null;
  }
}
