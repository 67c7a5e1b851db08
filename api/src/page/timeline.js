// One stage on the street's time: what had to be recorded, what each officer's device recorded, what
// is lacking, and the findings, numbered, in words.

import { el } from "./dom.js";
import { clock, day, length, moment, span, told, w, word } from "./words.js";

const ms = (time) => Date.parse(time);

/** The look of a gap; colour is never the only sign: each look has its own hatching, edge and word. */
const look = (gap) => (gap.excused ? "excused" : gap.certainty === "certain" ? "certain" : "within_clock_error");

const gapWord = (gap) => {
  const what = look(gap);
  if (what === "excused") return `${w.gap_excused}: ${word(w.reasons, gap.excused)}`;
  return what === "certain" ? w.gap_certain : w.gap_within_clock_error;
};

/** The stage of a case file, drawn. */
export function timeline(stage, unitName) {
  const must = stage.obligation;
  const from = ms(must.starts_at);
  const to = ms(must.ends_at);
  const pad = Math.max((to - from) * 0.06, 15000);
  const [left, right] = [from - pad, to + pad];
  const at = (t) => Math.min(100, Math.max(0, ((t - left) / (right - left)) * 100));

  const bar = (start, end, kind, label) => {
    const node = el("span", { class: `bar ${kind}`, title: label });
    node.style.left = `${at(start)}%`;
    node.style.width = `${Math.max(at(end) - at(start), 0.25)}%`;
    return node;
  };
  const visible = (piece) => ms(piece.end) > left && ms(piece.start) < right;
  const row = (label, kind, ...pieces) =>
    el("div", { class: `lane ${kind}` }, el("div", { class: "lane-name" }, label), el("div", { class: "track" }, pieces));

  const rows = [
    row("", "axis", ticks(left, right, at)),
    row(w.tl_stage, "stage", bar(from, to, "must", span(must.starts_at, must.ends_at))),
    ...lanes(stage.timeline).map(({ name, entries }) => row(name, "record", entries.flatMap((entry) => {
      const from_ = entry.started_at ? moment(entry.started_at) : "";
      const label = `${entry.object_key}\n${from_}`;
      const seen = entry.video.filter(visible);
      const heard = entry.audio.filter(visible);
      const marks = [
        ...seen.map((piece) => bar(ms(piece.start), ms(piece.end), `video ${entry.role}`, label)),
        ...heard.map((piece) => bar(ms(piece.start), ms(piece.end), "audio", `${label}\n${w.sound}`)),
      ];
      if (marks.length) return marks;
      const why = entry.role === "unreadable" ? w.unreadable_lane
        : entry.role === "gone" ? w.gone_lane
          : entry.started_at ? w.outside(from_) : w.no_start;
      return [el("span", { class: "aside", title: label }, `⚠ ${why}`)];
    }))),
    row(w.tl_gaps, "gaps", must.gaps.map((gap) =>
      bar(ms(gap.start), ms(gap.end), `gap ${look(gap)}`,
        `${span(gap.start, gap.end)}\n${w.gap_words(length(gap.length_us), gapWord(gap))}`))),
    row(w.findings, "marks", must.findings.flatMap((finding, index) => {
      if (!finding.at) return [];
      const node = el("span", { class: "mark", title: told(finding) }, String(index + 1));
      node.style.left = `${at((ms(finding.at.start) + ms(finding.at.end)) / 2)}%`;
      return [node];
    })),
  ];
  const facts = [
    [w.unit, unitName], [w.place, must.place || "–"], [w.officers, must.officers.join("、")],
    [w.required, length(must.required_us)], [w.recorded, length(must.covered_us)],
    [w.lacking, length(must.required_us - must.covered_us)],
  ];
  return el("div", { class: "detail" },
    el("dl", { class: "facts" }, facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))),
    el("div", { class: "lanes", role: "img", "aria-label": spoken(stage) }, rows),
    stage.timeline.length ? null : el("p", { class: "hint" }, w.tl_none),
    legend(),
    el("h4", {}, w.findings_here),
    must.findings.length
      ? el("ol", { class: "findings" }, must.findings.map(found))
      : el("p", { class: "hint" }, w.no_findings_here),
    must.unresolved_links.map((key) => el("p", { class: "hint" }, w.unresolved, el("code", {}, key))),
    stage.excuses.length ? el("h4", {}, w.excuses_here) : null,
    stage.excuses.length ? el("ul", { class: "plain" }, stage.excuses.map((excuse) => el("li", {},
      `${word(w.reasons, excuse.reason)}${excuse.note ? ` — ${excuse.note}` : ""}`,
      el("span", { class: "quiet" }, ` ${w.recorded_by} ${excuse.recorded_by}, ${moment(excuse.recorded_at)}`)))) : null,
    stage.timeline.length ? el("h4", {}, w.records_here) : null,
    stage.timeline.length ? recordings(stage.timeline) : null);
}

/** Recordings by officer and device, in order of their first start. */
function lanes(entries) {
  const by = new Map();
  for (const entry of entries) {
    const who = entry.officer ? `${entry.officer} ${entry.badge}` : entry.badge ?? "?";
    const what = [entry.device_kind ? word(w.devices, entry.device_kind) : null, entry.device].filter(Boolean).join(" ");
    const key = `${entry.badge}\n${entry.device}`;
    if (!by.has(key)) by.set(key, { name: [el("b", {}, who), el("span", { class: "quiet" }, what)], entries: [] });
    by.get(key).entries.push(entry);
  }
  return [...by.values()];
}

function ticks(left, right, at) {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400].map((s) => s * 1000);
  const step = steps.find((s) => (right - left) / s <= 9) ?? steps.at(-1);
  // Ticks stand at round times of Shanghai, whose offset is whole hours.
  const marks = [];
  for (let t = Math.ceil(left / step) * step; t <= right; t += step) {
    const text = new Date(t + 8 * 3600 * 1000).toISOString().slice(11, step < 60000 ? 19 : 16);
    const node = el("span", { class: "tick" }, text);
    node.style.left = `${at(t)}%`;
    marks.push(node);
  }
  return marks;
}

function found(finding) {
  const where = finding.at
    ? (day(finding.at.start) === day(finding.at.end) ? `${clock(finding.at.start)}–${clock(finding.at.end)}` : span(finding.at.start, finding.at.end))
    : w.whole;
  const remarks = [
    word(w.severities, finding.severity),
    finding.certainty === "certain" ? null : word(w.certainties, finding.certainty),
    finding.excused ? `${w.excused}: ${word(w.reasons, finding.excused)}` : null,
  ].filter(Boolean).join(" · ");
  return el("li", {},
    el("span", { class: "when" }, where), " ",
    el("b", {}, word(w.codes, finding.code)), " ", told(finding), " ",
    el("span", { class: "quiet" }, `(${remarks})`));
}

function recordings(entries) {
  return el("div", { class: "scroll" }, el("table", { class: "small" },
    el("thead", {}, el("tr", {}, [[w.file], [w.role], [w.start], [w.source], [w.error, "num"], [w.covers, "num"], [w.problems]]
      .map(([text, kind]) => el("th", { scope: "col", class: kind }, text)))),
    el("tbody", {}, entries.map((entry) => el("tr", {},
      el("td", { class: "key" }, entry.object_key, entry.linked ? el("span", { class: "tag" }, w.linked) : null),
      el("td", {}, word(w.roles, entry.role)),
      el("td", { class: "time" }, entry.started_at ? moment(entry.started_at) : w.no_start),
      el("td", {}, entry.started_at_source ? word(w.sources, entry.started_at_source) : "–"),
      el("td", { class: "num" }, `±${length(entry.clock_error_us)}`),
      el("td", { class: "num" }, length(entry.covers_us)),
      el("td", {}, entry.problems.length
        ? entry.problems.map((problem) => el("div", { title: problem.detail }, word(w.problem_codes, problem.code)))
        : w.readable))))));
}

function legend() {
  const sample = (kind, text) => el("span", {}, el("span", { class: `bar sample ${kind}` }), text);
  return el("p", { class: "legend" },
    sample("video covers", w.picture), sample("audio", w.sound),
    sample("gap certain", w.gap_certain), sample("gap within_clock_error", w.gap_within_clock_error),
    sample("gap excused", w.gap_excused));
}

/** The timeline for those who do not see it. */
function spoken(stage) {
  const gaps = stage.obligation.gaps.map((gap) => `${clock(gap.start)}–${clock(gap.end)} ${gapWord(gap)}`);
  return [w.tl_label, span(stage.obligation.starts_at, stage.obligation.ends_at), ...gaps].join("; ");
}
