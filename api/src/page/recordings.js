// What is stored: quarantined files first, with the reason, or all of them, a page at a time.

import { el, failure, fill, read } from "./dom.js";
import { bytes, length, moment, number, w, word } from "./words.js";

/** Fills `panel`; `all` says whether to begin with all recordings, `chose` hears of a change. */
export function storedRecordings(panel, catalog, startWithAll, chose) {
  let all = startWithAll || catalog.quarantined === 0;
  let problem = "";
  let q = "";
  let asked = 0;
  const body = el("tbody", {});
  const foot = el("div", {});
  const show = async (after) => {
    asked += 1;
    const mine = asked;
    if (!after) fill(body);
    fill(foot, el("p", { class: "state" }, w.loading));
    const query = new URLSearchParams({ limit: "50" });
    if (after) query.set("after", after);
    if (!all) query.set("quarantined", "true");
    if (problem) query.set("problem", problem);
    if (q.trim()) query.set("q", q.trim());
    try {
      const page = await read(`/api/v1/recordings?${query}`);
      // An answer to an older wish comes too late.
      if (mine !== asked) return;
      body.append(...page.recordings.map(stored));
      const empty = !after && page.recordings.length === 0;
      fill(foot, empty ? el("p", { class: "state" }, all || problem || q ? w.rec_none : w.rec_none_quarantined) : null,
        page.next ? el("p", { class: "row" }, el("button", { type: "button", onclick: () => show(page.next) }, w.more(50))) : null);
    } catch (error) {
      if (mine === asked) fill(foot, failure(error, () => show(after)));
    }
  };
  const which = (value, text) => el("button", { type: "button", "aria-pressed": String(all === value), onclick: (event) => {
    all = value;
    chose(value);
    for (const button of event.target.parentNode.children) button.setAttribute("aria-pressed", String(button === event.target));
    show();
  } }, text);
  fill(panel,
    el("div", { class: "panel-head" }, el("h2", {}, w.rec_title),
      el("span", { class: "quiet" }, `${w.rec_line(bytes(catalog.size_bytes))} · ${w.rec_stored} ${number(catalog.recordings)} · ${w.rec_quarantined} ${number(catalog.quarantined)} · ${w.rec_gone} ${number(catalog.gone)}`)),
    el("div", { class: "filters" },
      el("div", { class: "segments", role: "group", "aria-label": w.rec_title },
        which(false, `⚠ ${w.rec_show_quarantined} ${number(catalog.quarantined)}`), which(true, w.rec_show_all)),
      el("label", {}, el("span", { class: "unseen" }, w.problems), el("select", { onchange: (event) => { problem = event.target.value; show(); } },
        el("option", { value: "" }, w.rec_problem), Object.entries(w.problem_codes).map(([code, text]) => el("option", { value: code }, text)))),
      el("label", {}, el("span", { class: "unseen" }, w.rec_search), el("input", { type: "search", placeholder: w.rec_search, oninput: (event) => { q = event.target.value; show(); } }))),
    el("p", { class: "quiet" }, w.quarantine_note),
    el("div", { class: "scroll", role: "region", "aria-label": w.rec_title, tabindex: 0 }, el("table", {},
      el("thead", {}, el("tr", {}, [[w.file], [w.device], [w.badge], [w.start], [w.length, "num"], [w.size, "num"], [w.container], [w.problems]]
        .map(([text, kind]) => el("th", { scope: "col", class: kind }, text)))), body)),
    foot);
  panel.hidden = false;
  show();
}

function stored(entry) {
  const source = entry.started_at_source ? ` (${word(w.sources, entry.started_at_source)})` : "";
  return el("tr", {},
    el("td", { class: "key" }, entry.object_key, entry.version > 1 ? el("span", { class: "tag" }, w.version(entry.version)) : null),
    el("td", {}, entry.key.device ?? "–"), el("td", {}, entry.key.badge ?? "–"),
    el("td", { class: "time" }, entry.started_at ? moment(entry.started_at) : "–", el("span", { class: "quiet" }, source)),
    el("td", { class: "num" }, entry.duration_us === null ? "–" : length(entry.duration_us)),
    el("td", { class: "num" }, bytes(entry.size_bytes)),
    el("td", {}, entry.container ?? "–"),
    el("td", {}, entry.gone_at ? el("div", {}, w.state_gone) : null,
      entry.problems.length ? entry.problems.map((problem) => el("div", {},
        el("b", {}, `${entry.quarantined ? "⚠ " : ""}${word(w.problem_codes, problem.code)}`), " ", el("span", { class: "quiet" }, problem.detail)))
        : entry.gone_at ? null : w.readable));
}
