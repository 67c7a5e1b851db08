// The overview: one month's figures, its squads, its sampling round, every obligation with its
// timeline, and what is stored. The address keeps what is chosen, so a view can be sent to a colleague.

import { el, failure, fill, read, table } from "./dom.js";
import { setUp, signIn, whoIsIn } from "./session.js";
import { storedRecordings } from "./recordings.js";
import { timeline } from "./timeline.js";
import { lang, length, moment, monthName, number, percent, seconds, span, w, word } from "./words.js";

const STATUSES = ["missing", "partial", "excused", "complete"];
const SIGNS = { complete: "✓", partial: "◐", missing: "✕", excused: "ⓘ" };
const ROWS = 60;

const $ = (id) => document.getElementById(id);
const chosen = new URLSearchParams(location.search);
let overview = null;
let audit = null;
let names = new Map();
let drawn = new Set();
let rowsShown = ROWS;

const get = (name) => chosen.get(name) ?? "";
function set(changes) {
  for (const [name, value] of Object.entries(changes)) {
    if (value) chosen.set(name, value);
    else chosen.delete(name);
  }
  history.replaceState(null, "", `?${chosen}${location.hash}`);
}

const unitName = (code) => (code ? names.get(code) ?? code : w.unknown_unit);
const statusTag = (status) => el("span", { class: `status ${status}` }, el("span", { "aria-hidden": "true" }, SIGNS[status]), w[status]);
const bar = (covered, required) => {
  const inner = el("span", { class: "fill" });
  inner.style.width = required > 0 ? `${(covered / required) * 100}%` : "0";
  return el("span", { class: "meter", "aria-hidden": "true" }, inner);
};

async function start() {
  for (const id of ["figures", "units", "round", "obligations", "recordings"]) $(id).hidden = true;
  fill($("status"), el("p", { class: "state" }, w.loading));
  try {
    overview = await read(`/api/v1/overview${get("month") ? `?month=${encodeURIComponent(get("month"))}` : ""}`);
  } catch (error) {
    const code = error.problem?.code;
    if (code === "not_signed_in" || code === "setup_required") {
      (code === "setup_required" ? setUp : signIn)($("status"), start);
      return;
    }
    const empty = code === "empty_month";
    fill($("status"), failure(error, () => {
      if (empty) set({ month: "" });
      start();
    }, empty ? w.latest_month : w.retry));
    return;
  }
  fill($("status"));
  whoIsIn($("who")).catch(() => null);
  heading();
  foot();
  storedRecordings($("recordings"), overview.catalog, get("rec") === "all", (all) => set({ rec: all ? "all" : "" }));
  if (!overview.audit) {
    fill($("status"), el("div", { class: "state" }, el("p", {}, el("b", {}, w.nothing_yet)), el("p", {}, w.nothing_yet_how)));
    return;
  }
  names = new Map(overview.audit.units.map((unit) => [unit.unit, unit.name ?? unit.unit]));
  for (const squad of overview.round?.frozen.frame.squads ?? []) names.set(squad.unit, squad.name);
  drawn = new Set((overview.round?.draw?.items ?? []).map((item) => item.id));
  figures();
  units();
  round();
  await obligations();
  // The parts above the one in the address were not there when the browser looked for it.
  if (location.hash) document.querySelector(location.hash)?.scrollIntoView();
}

function heading() {
  fill($("policy"), `${overview.policy.district} · ${overview.policy.title}`);
  fill($("month"), [...overview.months].reverse().map((month) =>
    el("option", { value: month, selected: month === overview.month }, monthName(month))));
  $("month").parentNode.hidden = overview.months.length === 0;
}

function figures() {
  const { totals, as_of: asOf } = overview.audit;
  const tile = (status, count) => el("button", {
    type: "button", class: `tile ${status || "every"}`, "aria-label": `${w[status] ?? w.obligations} ${count}. ${w.show_these(w[status] ?? w.all)}`,
    onclick: () => filter({ status, finding: "", drawn: "" }),
  }, el("span", { class: "tile-name" }, status ? el("span", { "aria-hidden": "true" }, `${SIGNS[status]} `) : null, w[status] ?? w.obligations),
  el("span", { class: "tile-figure" }, number(count)));
  const codes = Object.entries(totals.findings).sort((a, b) => b[1].total - a[1].total);
  fill($("figures"),
    el("div", { class: "panel-head" }, el("h2", {}, w.figures_of(monthName(overview.month))), el("span", { class: "quiet" }, w.as_of(moment(asOf)))),
    el("div", { class: "figures" },
      el("div", { class: "tiles" },
        tile("", totals.obligations), tile("complete", totals.complete), tile("partial", totals.partial),
        tile("missing", totals.missing), tile("excused", totals.excused)),
      el("div", { class: "coverage" },
        el("p", {}, el("span", { class: "tile-name" }, w.covered), " ",
          el("b", { class: "tile-figure" }, percent(totals.covered_us, totals.required_us))),
        bar(totals.covered_us, totals.required_us),
        el("p", {}, w.covered_line(seconds(totals.covered_us), seconds(totals.required_us))),
        el("p", { class: "quiet" }, w.uncovered_line(seconds(totals.tolerated_us), seconds(totals.excused_us))))),
    el("div", { class: "chips", role: "group", "aria-label": w.findings },
      el("span", { class: "quiet" }, w.findings),
      codes.length ? codes.map(([code, sums]) => el("button", { type: "button", class: "chip", onclick: () => filter({ finding: code, status: "", drawn: "" }) },
        word(w.codes, code), " ", el("b", {}, w.finding_count(number(sums.total))), sums.excused ? w.of_which_excused(number(sums.excused)) : null))
        : w.no_findings),
    monthlyReturn());
  $("figures").hidden = false;
}

function monthlyReturn() {
  const { due, return: filled, now } = overview;
  const days = Math.round((Date.parse(`${due.date}T00:00:00+08:00`) - Date.parse(`${now.slice(0, 10)}T00:00:00+08:00`)) / 86400000);
  const left = days > 0 ? w.days_left(days) : days === 0 ? w.due_today : w.days_past(-days);
  const head = el("p", { class: "return-head" }, el("b", {}, w.return_title(monthName(due.month))), " ",
    el("span", { class: "tag" }, w.return_due(due.date)), " ",
    el("span", { class: days < 0 ? "tag late" : "tag" }, left), " ",
    due.status === "confirmed" ? null : el("span", { class: "tag" }, w.unconfirmed));
  if (!filled) return el("div", { class: "return" }, head, el("p", {}, w.return_none));
  return el("div", { class: "return" }, head,
    el("p", { class: "sentence", lang: "zh-CN" }, filled.sentence),
    lang === "en" ? el("p", { class: "quiet" },
      `${w.sampled} ${filled.recordings_sampled} · ${w.irregular_found} ${filled.irregular_found} · ${w.missing_found} ${filled.missing_found}`) : null,
    el("p", { class: "quiet" }, w.return_basis),
    el("details", {}, el("summary", {}, w.what_it_proves),
      el("p", {}, lang === "en" ? filled.bounds.explanation : filled.bounds.explanation_zh)));
}

function units() {
  const cell = (unit, status, count) => el("td", { class: "num" }, count === 0 ? el("span", { class: "quiet" }, "0")
    : el("button", { type: "button", class: "link", "aria-label": `${unitName(unit)} ${w[status] ?? w.all} ${count}`,
      onclick: () => filter({ unit: unit ?? "?", status, finding: "", drawn: "" }) }, number(count)));
  fill($("units"), el("div", { class: "panel-head" }, el("h2", {}, w.by_unit)),
    table(w.by_unit, [[w.unit], [w.obligations, "num"], ...["complete", "partial", "missing", "excused"].map((s) => [w[s], "num"]), [w.share, "num"]],
      overview.audit.units.map((unit) => el("tr", {},
        el("th", { scope: "row" }, unitName(unit.unit)),
        cell(unit.unit, "", unit.obligations),
        ["complete", "partial", "missing", "excused"].map((status) => cell(unit.unit, status, unit[status])),
        el("td", { class: "num share" }, bar(unit.covered_us, unit.required_us), percent(unit.covered_us, unit.required_us))))));
  $("units").hidden = false;
}

function round() {
  const { round: one, return: filled, due, policy } = overview;
  const command = (text) => el("pre", {}, el("code", {}, text));
  const fact = (name, value) => el("div", {}, el("dt", {}, name), el("dd", {}, value));
  $("round").hidden = false;
  const head = el("div", { class: "panel-head" }, el("h2", {}, w.round_title));
  if (!one) {
    fill($("round"), head, el("p", {}, el("b", {}, w.round_none(monthName(due.month)))), el("p", {}, w.round_none_how),
      command(`reelproof sample freeze --month ${due.month}`));
    return;
  }
  const { frozen, draw } = one;
  fill($("round"), head,
    el("dl", { class: "facts" },
      fact(w.round, one.id), fact(w.frozen_at, moment(one.frozen_at)),
      fact(w.frame, w.frame_items(number(frozen.frame_size), number(frozen.cases))),
      draw ? fact(w.seed, el("code", {}, draw.seed)) : null, draw ? fact(w.drawn_at, moment(one.drawn_at)) : null),
    el("p", {}, el("span", { class: "quiet" }, `${w.digest} `), el("code", { class: "digest" }, one.frame_sha256)),
    el("p", { class: "words" }, lang === "en" ? frozen.explanation : frozen.explanation_zh),
    draw ? drawnItems(draw, filled) : [el("p", {}, el("b", {}, w.round_not_drawn)), el("p", {}, w.round_not_drawn_how),
      command(`reelproof sample draw --round ${one.id} --seed ${lang === "en" ? "SEED" : "种子"}`)]);
  if (draw) {
    const [month, name] = [one.month, policy.name].map(encodeURIComponent);
    $("round").append(el("p", { class: "row" },
      el("button", { type: "button", onclick: () => filter({ drawn: "1", status: "", finding: "", unit: "", q: "" }) }, w.show_drawn),
      el("a", { href: `/api/v1/rounds/${month}/${name}/export`, download: `round-${one.month}.json` }, w.export_it),
      el("a", { href: "/verify_draw.html" }, w.verify_it)));
  }
}

function drawnItems(draw, filled) {
  const now = new Map((filled?.items ?? []).map((item) => [item.id, item]));
  return [el("p", {}, el("b", {}, w.drawn_items(draw.items.length, draw.units.length))),
    el("div", { class: "low" }, table(w.round_title, [[w.order, "num"], [w.stage], [w.unit], [w.reason], [w.status], [w.irregular_found, "num"]],
      draw.items.map((item) => {
        const became = now.get(item.id);
        return el("tr", {},
          el("td", { class: "num" }, item.order),
          el("td", {}, el("button", { type: "button", class: "link", onclick: () => filter({ q: item.id, status: "", unit: "", finding: "", drawn: "" }, item.id) }, item.id)),
          el("td", {}, unitName(item.unit)), el("td", {}, word(w, item.reason)),
          el("td", {}, became?.status ? statusTag(became.status) : w.not_judged),
          el("td", { class: "num" }, became?.irregular ?? "–"));
      })))];
}

// ── Obligations ────────────────────────────────────────────────────────────────────────────────

async function obligations() {
  $("obligations").hidden = false;
  fill($("obligations"), el("h2", {}, w.list_title), el("p", { class: "state" }, w.judging));
  const { month, audit: { as_of: asOf } } = overview;
  try {
    audit = await read(`/api/v1/audit?month=${month}&as_of=${encodeURIComponent(asOf)}`);
  } catch (error) {
    fill($("obligations"), el("h2", {}, w.list_title), failure(error, obligations));
    return;
  }
  const weight = (one) => STATUSES.indexOf(one.status) * 2 + (one.findings.length ? 0 : 1);
  audit.obligations.sort((a, b) => weight(a) - weight(b) || a.starts_at.localeCompare(b.starts_at) || a.id.localeCompare(b.id));
  const option = (name, value, text) => el("option", { value, selected: get(name) === value }, text);
  const choose = (name, label, options) => el("label", {}, el("span", { class: "unseen" }, label),
    el("select", { id: `by-${name}`, onchange: (event) => filter({ [name]: event.target.value }, null, false) }, options));
  const codes = Object.keys(audit.totals.findings);
  fill($("obligations"),
    el("div", { class: "panel-head" }, el("h2", {}, w.list_title), el("span", { id: "count", class: "quiet", role: "status" })),
    el("div", { class: "filters" },
      el("div", { class: "segments", role: "group", "aria-label": w.status },
        ["", ...STATUSES].map((status) => el("button", { type: "button", "data-status": status, onclick: () => filter({ status }, null, false) },
          status ? `${SIGNS[status]} ${w[status]}` : w.all))),
      choose("unit", w.unit, [option("unit", "", w.units_all), audit.units.map((unit) => option("unit", unit.unit ?? "?", unitName(unit.unit)))]),
      choose("finding", w.findings, [option("finding", "", w.findings_all), option("finding", "any", w.findings_any),
        codes.map((code) => option("finding", code, word(w.codes, code)))]),
      el("label", {}, el("span", { class: "unseen" }, w.search_label),
        el("input", { id: "by-q", type: "search", placeholder: w.search, value: get("q"), oninput: (event) => filter({ q: event.target.value }, null, false) })),
      drawn.size ? el("label", { class: "check" }, el("input", { id: "by-drawn", type: "checkbox", checked: get("drawn") === "1",
        onchange: (event) => filter({ drawn: event.target.checked ? "1" : "" }, null, false) }), w.drawn_only) : null,
      el("button", { type: "button", id: "clear", class: "link", onclick: () => filter({ status: "", unit: "", finding: "", q: "", drawn: "" }, null, false) }, w.clear)),
    el("div", { id: "list" }));
  list(get("open"));
}

/** Changes the filters, shows the list and, where the wish came from elsewhere on the page, goes there. */
function filter(changes, open = null, go = true) {
  set({ ...changes, open: open ?? "" });
  rowsShown = ROWS;
  if (!audit) return;
  for (const name of ["unit", "finding", "q"]) if ($(`by-${name}`).value !== get(name)) $(`by-${name}`).value = get(name);
  if ($("by-drawn")) $("by-drawn").checked = get("drawn") === "1";
  list(open);
  if (go) {
    $("obligations").scrollIntoView();
    $("obligations").focus({ preventScroll: true });
  }
}

function matches(one) {
  const q = get("q").trim().toLowerCase();
  const finding = get("finding");
  const unit = get("unit");
  return (!get("status") || one.status === get("status"))
    && (!unit || (one.unit ?? "?") === unit)
    && (!finding || (finding === "any" ? one.findings.length > 0 : one.findings.some((f) => f.code === finding)))
    && (get("drawn") !== "1" || drawn.has(one.id))
    && (!q || [one.id, one.place, ...one.officers, ...one.recordings, unitName(one.unit), word(w.stage_kinds, one.kind)].some((text) => text.toLowerCase().includes(q)));
}

function list(open) {
  const found = audit.obligations.filter(matches);
  for (const button of document.querySelectorAll("[data-status]")) button.setAttribute("aria-pressed", String(button.dataset.status === get("status")));
  fill($("count"), w.list_count(found.length, audit.obligations.length));
  $("clear").hidden = !["status", "unit", "finding", "q", "drawn"].some((name) => get(name));
  if (!found.length) {
    fill($("list"), el("p", { class: "state" }, w.none_match));
    return;
  }
  const rows = found.slice(0, rowsShown).flatMap((one) => row(one, one.id === open));
  const left = found.length - rowsShown;
  fill($("list"),
    table(w.list_title, [["", "turn"], [w.status], [w.stage], [w.kind], [w.unit], [w.time], [w.share, "num"], [w.findings]], rows),
    left > 0 ? el("p", { class: "row" }, el("button", { type: "button", onclick: () => { rowsShown += ROWS * 4; list(get("open")); } }, w.more(Math.min(left, ROWS * 4)))) : null);
}

let opened = 0;

function row(one, open) {
  opened += 1;
  const id = `stage-${opened}`;
  const below = el("tr", { id, class: "below", hidden: true }, el("td", { colspan: 8 }));
  const turn = el("button", { type: "button", class: "turn", "aria-expanded": "false", "aria-controls": id, "aria-label": `${w.open} ${one.id}` }, "▸");
  const toggle = async () => {
    const show = below.hidden;
    below.hidden = !show;
    turn.setAttribute("aria-expanded", String(show));
    turn.setAttribute("aria-label", `${show ? w.close : w.open} ${one.id}`);
    turn.textContent = show ? "▾" : "▸";
    set({ open: show ? one.id : "" });
    if (show && !below.dataset.done) await unfold(one, below);
  };
  turn.addEventListener("click", toggle);
  const main = el("tr", { class: "main", ondblclick: toggle },
    el("td", { class: "turn" }, turn),
    el("td", {}, statusTag(one.status)),
    el("td", {}, one.id, drawn.has(one.id) ? el("span", { class: "tag" }, w.drawn) : null),
    el("td", {}, word(w.stage_kinds, one.kind)),
    el("td", {}, unitName(one.unit)),
    el("td", { class: "time" }, span(one.starts_at, one.ends_at)),
    el("td", { class: "num share" }, bar(one.covered_us, one.required_us), percent(one.covered_us, one.required_us)),
    el("td", {}, [...new Set(one.findings.map((finding) => finding.code))].map((code) => el("span", { class: "tag" }, word(w.codes, code)))));
  if (open) toggle();
  return [main, below];
}

async function unfold(one, below) {
  const cell = below.firstChild;
  fill(cell, el("p", { class: "state" }, w.loading));
  try {
    const file = await read(`/api/v1/cases/${encodeURIComponent(one.case_no)}?as_of=${encodeURIComponent(overview.audit.as_of)}`);
    const stage = file.stages.find((each) => each.stage_no === one.stage_no);
    fill(cell, el("p", { class: "case" }, el("b", {}, file.title || file.case_no), el("span", { class: "quiet" }, ` ${file.case_no}`)),
      timeline(stage, unitName(one.unit)));
    below.dataset.done = "1";
  } catch (error) {
    fill(cell, failure(error, () => unfold(one, below)));
  }
}

function foot() {
  const figures_ = overview.audit?.to_be_confirmed ?? [];
  fill($("foot"),
    el("p", {}, w.foot_policy(overview.policy)),
    figures_.length ? el("details", {}, el("summary", {}, w.foot_unconfirmed(figures_.length)),
      el("ul", { class: "plain" }, figures_.map((figure) => el("li", {}, el("code", {}, figure.figure),
        figure.value_us === null ? null : ` ${length(figure.value_us)}`,
        el("span", { class: "quiet" }, ` ${figure.clause} — ${figure.words}`))))) : null,
    el("p", {}, w.foot_note));
}

document.documentElement.lang = lang === "en" ? "en" : "zh-CN";
document.title = w.title;
for (const node of document.querySelectorAll("[data-word]")) node.textContent = w[node.dataset.word];
for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", w[node.dataset.label]);
$("language").textContent = w.other_language;
$("language").addEventListener("click", () => {
  set({ lang: lang === "en" ? "zh" : "en" });
  location.reload();
});
$("month").addEventListener("change", (event) => {
  set({ month: event.target.value, open: "" });
  audit = null;
  rowsShown = ROWS;
  start();
});
start();
