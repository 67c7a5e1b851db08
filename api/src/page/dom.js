// Building the page. Texts go in as text nodes alone, so nothing that stands in a file name, a title or
// a place can become markup.

import { lang, w } from "./words.js";

/** An element; `props` are attributes, `on…` listeners; children are elements, texts or nothing. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else node.setAttribute(name, String(value));
  }
  add(node, children);
  return node;
}

/** Adds children. */
export function add(node, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return node;
}

/** Puts children in place of what is there. */
export function fill(node, ...children) {
  node.replaceChildren();
  return add(node, children);
}

/** A table with a heading; `columns` are [text, class]; rows are elements. */
export function table(caption, columns, rows) {
  return el("div", { class: "scroll", role: "region", "aria-label": caption, tabindex: 0 },
    el("table", {},
      el("caption", { class: "unseen" }, caption),
      el("thead", {}, el("tr", {}, columns.map(([text, kind]) => el("th", { scope: "col", class: kind }, text)))),
      el("tbody", {}, rows)));
}

/** Reads JSON; a problem document becomes an error that carries it. */
export async function read(address) {
  let answer;
  try {
    answer = await fetch(address, { headers: { accept: "application/json" } });
  } catch {
    throw Object.assign(new Error("unreachable"), { problem: null });
  }
  const document_ = await answer.json().catch(() => null);
  if (!answer.ok) throw Object.assign(new Error("problem"), { problem: document_ });
  return document_;
}

/** Sends JSON; likewise. */
export async function send(method, address, body) {
  let answer;
  try {
    answer = await fetch(address, {
      method,
      headers: { accept: "application/json", ...(body ? { "content-type": "application/json" } : {}) },
      body: body ? JSON.stringify(body) : undefined,
    });
  } catch {
    throw Object.assign(new Error("unreachable"), { problem: null });
  }
  const document_ = await answer.json().catch(() => null);
  if (!answer.ok) throw Object.assign(new Error("problem"), { problem: document_ });
  return document_;
}

/** What went wrong, with a way on. */
export function failure(error, again, wayOn = w.retry) {
  const problem = error.problem;
  const title = problem ? (lang === "en" ? problem.title : problem.title_zh) : w.unreachable;
  const detail = problem ? (lang === "en" ? problem.detail : problem.detail_zh) : "";
  return el("div", { class: "state bad", role: "alert" },
    el("p", {}, el("b", {}, `✕ ${title}`)),
    detail ? el("p", {}, detail) : null,
    problem ? el("p", { class: "quiet" }, `${w.request_no} ${problem.request_id}`) : null,
    el("button", { type: "button", onclick: again }, wayOn));
}
