// Whether the two longest pages scroll without dropped frames: the timeline of a case with 40 officers and 400
// recordings, and the review of a round of 10,000 items. The built pages are served as they are, what they ask for is
// made up here, and Chromium's own trace counts the frames. `node browser/frames.mjs` prints one JSON document.

import { createServer } from "node:http";
import { existsSync, readFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium as launcher } from "playwright-core";
import { chromium } from "./service.mjs";

const dist = join(dirname(fileURLToPath(import.meta.url)), "../dist");
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const US = 1_000_000;

/** 2024-05-13T09:00 in Shanghai and so many seconds, as the service writes it. */
const at = (seconds) =>
    new Date(Date.UTC(2024, 4, 13, 1) + seconds * 1000 + 8 * 3_600_000).toISOString().replace("Z", "+08:00");
const span = (start, end) => ({ start: at(start), end: at(end) });

const OFFICERS = 40;
const PER_OFFICER = 10;
const LENGTH_S = 4 * 3600;

function caseFile() {
    const timeline = [];
    const gaps = [];
    for (let officer = 0; officer < OFFICERS; officer += 1)
        for (let piece = 0; piece < PER_OFFICER; piece += 1) {
            const start = piece * (LENGTH_S / PER_OFFICER) + officer;
            const end = start + LENGTH_S / PER_OFFICER - 20;
            timeline.push({
                object_key: `cams/B${officer}/B${officer}_${piece}.mp4`,
                role: "covers",
                linked: false,
                device: `BWC${String(officer).padStart(3, "0")}`,
                device_kind: "bodycam",
                badge: `D${String(officer).padStart(5, "0")}`,
                officer: `队员${officer}`,
                started_at: at(start),
                started_at_source: "file_name",
                clock_error_us: 3 * US,
                covers_us: (end - start) * US,
                video: [span(start, start + 600), span(start + 605, end)],
                audio: [span(start, end)],
                problems: [],
            });
        }
    for (let n = 0; n < 60; n += 1)
        gaps.push({
            ...span(n * 240, n * 240 + 8),
            length_us: 8 * US,
            certainty: n % 3 ? "certain" : "within_clock_error",
            code: "gap",
            place: null,
            excused: null,
        });
    const obligation = {
        id: "C1/1",
        case_no: "C1",
        stage_no: 1,
        kind: "seizure",
        unit: "z1",
        starts_at: at(0),
        ends_at: at(LENGTH_S),
        officers: Array.from({ length: OFFICERS }, (_, n) => `D${n}`),
        place: "示例路1号",
        required_us: LENGTH_S * US,
        covered_us: (LENGTH_S - 480) * US,
        tolerated_us: 0,
        excused_us: 0,
        status: "partial",
        gaps,
        recordings: timeline.map((entry) => entry.object_key),
        unresolved_links: [],
        findings: gaps.map((gap) => ({
            code: "gap",
            severity: "irregular",
            certainty: gap.certainty,
            detail: "gap",
            detail_zh: "中断8.0秒",
            observed: "gap of 8.0 s",
            at: { start: gap.start, end: gap.end },
            recordings: [],
            excused: null,
        })),
    };
    const stage = {
        stage_no: 1,
        stage: { kind: "seizure", starts_at: at(0), ends_at: at(LENGTH_S), officers: obligation.officers, place: "" },
        obligation,
        timeline,
        excuses: [],
    };
    return {
        case_no: "C1",
        unit: "z1",
        unit_name: "示例中队",
        procedure: "ordinary",
        filed_at: at(0),
        closed_at: null,
        title: "示例案由",
        as_of: at(LENGTH_S),
        policy: "jingan-2024",
        stages: [stage],
    };
}

const ITEMS = 10_000;
const itemId = (n) => `AQ2024-${String(n).padStart(5, "0")}/1`;

function round() {
    const items = Array.from({ length: ITEMS }, (_, n) => ({
        id: itemId(n),
        unit: `z${n % 30}`,
        repeats: 0,
        officers: [],
    }));
    return {
        id: "2024-06/jingan-2024",
        month: "2024-06",
        policy: "jingan-2024",
        frozen_at: at(0),
        frame_sha256: "0".repeat(64),
        seed: "1",
        drawn_at: at(60),
        frozen: {
            base_month: "2024-05",
            kind: "recordings",
            seed_source: "掷骰",
            cases: ITEMS,
            frame_size: ITEMS,
            items_required: ITEMS,
            units_required: 30,
            plan: { core: ITEMS, quotas: [] },
            feasible: true,
            shortfalls: [],
            explanation: "",
            explanation_zh: "",
            sources: {},
            frame: {
                rules: [],
                squads: Array.from({ length: 30 }, (_, n) => ({ unit: `z${n}`, name: `中队${n}` })),
                items,
            },
        },
        draw: {
            seed: "1",
            units: [],
            items: items.map(({ id, unit }, n) => ({ order: n + 1, id, unit, ticket: "0".repeat(64), reason: "core" })),
        },
        acts: [],
    };
}

function review() {
    const items = Array.from({ length: ITEMS }, (_, n) => ({
        item: itemId(n),
        unit: `z${n % 30}`,
        blind: n % 2 === 0,
        state: "open",
        seats: [
            { seat: 1, badge: "31901", due_at: at(86_400) },
            { seat: 2, badge: "31902", due_at: at(86_400) },
        ],
        verdicts: {},
        judgement: null,
        settled_at: null,
        appealed_at: null,
        verdicts_hidden: true,
        due_at: at(86_400),
        overdue: n % 7 === 0,
        recordings: [],
        machine_hidden: true,
        events: [],
    }));
    const progress = { drawn: ITEMS, assigned: ITEMS, open: ITEMS, overdue: 0, disagreed: 0, appealed: 0, settled: 0 };
    return { round: "2024-06/jingan-2024", progress, unassigned: [], items };
}

const user = { id: 1, login: "li", name: "李", role: "case_review", unit: null, badge: "31901" };
const ANSWERS = [
    ["session", () => ({ user })],
    ["cases/C1", caseFile],
    ["rounds/2024-06/jingan-2024/review", review],
    ["rounds/2024-06/jingan-2024/agreement", () => null],
    ["rounds/2024-06/jingan-2024", round],
    ["rounds", () => ({ rounds: [] })],
    ["audit", () => ({ month: "2024-05", as_of: at(0), obligations: [], totals: {}, units: [] })],
    ["excuses", () => ({ excuses: [], standing: 0, withdrawn: 0 })],
    ["notices", () => ({ notices: [] })],
    ["returns", () => ({ returns: [] })],
];

/** The built pages, and what they ask for. */
function serve() {
    const server = createServer((request, response) => {
        const { pathname } = new URL(request.url, "http://here");
        if (pathname.startsWith("/api/v1/")) {
            const found = ANSWERS.find(([path]) => pathname === `/api/v1/${path}`);
            const body = found?.[1]() ?? null;
            response.writeHead(body ? 200 : 404, { "content-type": "application/json" });
            response.end(
                JSON.stringify(
                    body ?? { status: 404, code: "not_found", title: "", title_zh: "", detail: "", detail_zh: "" },
                ),
            );
            return;
        }
        const file = join(dist, pathname);
        const there = pathname !== "/" && existsSync(file) ? file : join(dist, "index.html");
        response.writeHead(200, { "content-type": TYPES[extname(there)] ?? "application/octet-stream" });
        response.end(readFileSync(there));
    });
    return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

const share = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

/** Scrolls the page to its end and back in `frames` steps, one a frame, and counts what the browser could not show. */
async function scroll(page, frames, step) {
    const client = await page.context().newCDPSession(page);
    const events = [];
    // In processor time of the page's own thread, so that it says the same on a busy machine.
    await client.send("Performance.setTimeDomain", { timeDomain: "threadTicks" });
    await client.send("Performance.enable");
    const work = async () => {
        const { metrics } = await client.send("Performance.getMetrics");
        return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
    };
    client.on("Tracing.dataCollected", ({ value }) => events.push(...value));
    await client.send("Tracing.start", {
        transferMode: "ReportEvents",
        traceConfig: { includedCategories: ["devtools.timeline.frame", "disabled-by-default-devtools.timeline.frame"] },
    });
    const before = await work();
    const deltas = await page.evaluate(
        ([frames, step]) =>
            new Promise((done) => {
                const deltas = [];
                let last = null;
                let down = true;
                const move = (now) => {
                    if (last !== null) deltas.push(now - last);
                    last = now;
                    if (deltas.length >= frames) return done(deltas);
                    if (scrollY + innerHeight >= document.documentElement.scrollHeight - 1) down = false;
                    else if (scrollY <= 0) down = true;
                    scrollBy(0, down ? step : -step);
                    requestAnimationFrame(move);
                };
                requestAnimationFrame(move);
            }),
        [frames, step],
    );
    const after = await work();
    await client.send("Performance.disable");
    const perFrame = (name) => Math.round(((after[name] - before[name]) / deltas.length) * 1e6);
    const ended = new Promise((done) => client.once("Tracing.tracingComplete", done));
    await client.send("Tracing.end");
    await ended;
    const sorted = [...deltas].sort((a, b) => a - b);
    const of = (name) => events.filter((event) => event.name === name).length;
    return {
        frames: deltas.length,
        shown: of("DrawFrame"),
        dropped: of("DroppedFrame"),
        frame_ms: { p50: share(sorted, 0.5), p99: share(sorted, 0.99), most: sorted.at(-1) },
        later_than_25_ms: deltas.filter((delta) => delta > 25).length,
        work_us_a_frame: {
            all: perFrame("TaskDuration"),
            script: perFrame("ScriptDuration"),
            style: perFrame("RecalcStyleDuration"),
            layout: perFrame("LayoutDuration"),
        },
    };
}

const server = await serve();
const browser = await launcher.launch({ executablePath: chromium, args: ["--no-sandbox"] });
try {
    const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
    const base = `http://127.0.0.1:${server.address().port}`;
    const measured = {};
    // What this machine manages at the time: a page of nothing but text.
    await page.goto("about:blank");
    await page.setContent(`<p>${"<br>text".repeat(20_000)}</p>`);
    measured.plain_text = await scroll(page, 600, 40);
    await page.goto(`${base}/cases/C1?stage=1`);
    await page
        .locator(".track.record")
        .nth(OFFICERS - 1)
        .waitFor();
    measured.timeline = { officers: OFFICERS, recordings: OFFICERS * PER_OFFICER, ...(await scroll(page, 600, 40)) };
    await page.goto(`${base}/rounds/2024-06/jingan-2024`);
    await page.getByRole("table", { name: "复核", exact: true }).locator("tbody tr").first().waitFor();
    measured.review = { items: ITEMS, ...(await scroll(page, 600, 40)) };
    measured.review_three_times_as_fast = { items: ITEMS, ...(await scroll(page, 600, 120)) };
    console.log(JSON.stringify(measured, null, 2));
} finally {
    await browser.close();
    server.close();
}
