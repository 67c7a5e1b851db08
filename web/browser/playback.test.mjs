// Playing footage in a real browser: originals and previews of the demo's month and of real files, a link without a
// session, two cameras in step.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { chromium as launcher } from "playwright-core";
import { chromium, lacking, program, serve } from "./service.mjs";

const missing = lacking();
const skip = missing.length > 0 ? `playback is not tested: ${missing.join("; ")}` : false;
if (skip) console.error(`web: ${skip}`);

const PASSWORD = "demo-of-the-pages-2024";
const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const media = process.env.REELPROOF_TEST_MEDIA ?? join(root, "../shared/media");

let browser;

/** A signed-in administrator of a new service. */
async function signedIn(service) {
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
    const token = await service.token();
    assert.ok(token, "a copy of the month has no account yet");
    const answer = await context.request.post(`${service.address}/api/v1/setup`, {
        data: { token, login: "admin", name: "管理员甲", password: PASSWORD },
    });
    assert.equal(answer.status(), 201, await answer.text());
    return context;
}

/** Waits until the video of a page has gone on by a second; gives what it is then. */
async function plays(page, number = 0) {
    const video = page.locator("video").nth(number);
    await video.waitFor({ timeout: 90_000 });
    return await video.evaluate(async (element) => {
        element.muted = true;
        await element.play();
        const from = element.currentTime;
        const goneOn = () => element.currentTime >= from + 1 || (element.ended && element.currentTime > from);
        await new Promise((resolve, reject) => {
            const look = () => goneOn() && resolve();
            element.addEventListener("timeupdate", look);
            element.addEventListener("ended", look);
            element.addEventListener("error", () => reject(new Error(`it broke: ${element.error?.message}`)));
            look();
        });
        element.pause();
        return { from, at: element.currentTime, length: element.duration, width: element.videoWidth, src: element.src };
    });
}

/** Goes to moments all over a video, back and forth: each shows the picture of that moment, to one frame. */
async function seeks(page, rate, number = 0) {
    const length = await page
        .locator("video")
        .nth(number)
        .evaluate(({ duration }) => duration);
    for (const share of [0.5, 0.1, 0.93, 0.37, 0.371, 0]) {
        const to = length * share;
        const [shown, decoded] = await page
            .locator("video")
            .nth(number)
            .evaluate(async (element, to) => {
                const picture = () =>
                    new Promise((resolve) =>
                        element.requestVideoFrameCallback((_, { mediaTime }) => resolve(mediaTime)),
                    );
                // The picture at which it was stopped may still be on its way to the screen.
                for (let frame = 0; frame < 2; frame += 1)
                    await new Promise((resolve) => requestAnimationFrame(resolve));
                // Which picture is shown is told by the picture itself: `currentTime` is only what was asked for.
                let shown = picture();
                element.currentTime = to;
                await new Promise((resolve) => element.addEventListener("seeked", resolve, { once: true }));
                shown = await shown;
                const next = picture();
                await element.play();
                let decoded = await next;
                while (decoded <= shown + 0.2 && !element.ended) decoded = await picture();
                element.pause();
                return [shown, decoded];
            }, to);
        assert.ok(Math.abs(shown - to) <= 1 / rate + 0.001, `${shown} s is shown, ${to} s was asked for`);
        assert.ok(decoded > shown, `from ${shown} s it went on to ${decoded} s`);
    }
}

before(async () => {
    if (!skip) browser = await launcher.launch({ executablePath: chromium, args: ["--no-sandbox"] });
});
after(async () => await browser?.close());

test("originals and previews of the demo's month play, and a preview says that it is one", { skip }, async (t) => {
    const service = await serve();
    t.after(() => service.stop());
    const context = await signedIn(service);
    const audit = await (await context.request.get(`${service.address}/api/v1/audit?month=2024-05`)).json();
    const keys = audit.obligations.flatMap((one) => one.evidence.map(({ object_key }) => object_key));
    for (const [ending, previewed] of [
        [".mp4", false],
        [".ts", true],
    ]) {
        const key = keys.find((one) => one.endsWith(ending));
        assert.ok(key, `the month has a recording in ${ending}`);
        const page = await context.newPage();
        await page.goto(`${service.address}/recordings/${key}?lang=zh`);
        const played = await plays(page);
        assert.ok(played.width > 0 && played.at > played.from, JSON.stringify(played));
        assert.equal(played.src.endsWith("/preview"), previewed, played.src);
        assert.equal(await page.getByText("预览，非证据原件").count(), previewed ? 1 : 0);
        const { recordings } = await (await context.request.get(`${service.address}/api/v1/recordings/${key}`)).json();
        const lengthS = recordings[0].duration_us / 1e6;
        assert.ok(Math.abs(played.length - lengthS) < 0.5, `${played.length} s of ${lengthS} s are shown`);
        // Anywhere in it one can go to a second.
        const went = await page.locator("video").evaluate(async (element, to) => {
            element.currentTime = to;
            await new Promise((resolve) => element.addEventListener("seeked", resolve, { once: true }));
            return element.currentTime;
        }, lengthS / 2);
        assert.ok(Math.abs(went - lengthS / 2) < 0.1, `${went}`);
        await page.close();
    }
});

test("a signed link plays without a session, and no longer once it was changed", { skip }, async (t) => {
    const service = await serve();
    t.after(() => service.stop());
    const context = await signedIn(service);
    const list = await (await context.request.get(`${service.address}/api/v1/recordings?limit=500`)).json();
    const recording = list.recordings.find((one) => one.container === "mp4" && !one.quarantined);
    const made = await context.request.post(`${service.address}/api/v1/recordings/${recording.id}/links`, {
        data: { purpose: "media" },
    });
    assert.equal(made.status(), 201, await made.text());
    const { url } = await made.json();
    const nobody = await browser.newContext();
    const page = await nobody.newPage();
    await page.goto(`${service.address}/healthz`);
    await page.evaluate((src) => {
        document.body.innerHTML = "";
        const video = document.createElement("video");
        video.src = src;
        document.body.append(video);
    }, url);
    const played = await plays(page);
    assert.ok(played.at > played.from && played.width > 0, JSON.stringify(played));
    const changed = await nobody.request.get(
        `${service.address}${url.replace(/.$/, (last) => (last === "0" ? "1" : "0"))}`,
    );
    assert.equal(changed.status(), 403);
    assert.equal((await changed.json()).code, "link_invalid");
    const trail = await (await context.request.get(`${service.address}/api/v1/audit-trail?act=view_media`)).json();
    assert.ok(
        trail.lines.some((line) => line.detail.link?.startsWith("media v")),
        JSON.stringify(trail),
    );
});

/** A stage, a moment of it at which two cameras have a picture for ten seconds more, and the two. */
async function twoCameras(context, service, obligations) {
    const ms = (text) => Date.parse(text);
    for (const one of obligations.filter(({ evidence }) => evidence.length >= 2)) {
        const answer = await context.request.get(`${service.address}/api/v1/cases/${encodeURIComponent(one.case_no)}`);
        const { stages } = await answer.json();
        const lanes = stages.find(({ stage_no }) => stage_no === one.stage_no)?.timeline ?? [];
        const id = ({ badge, device }) => `${badge ?? ""}/${device ?? ""}`;
        for (const first of lanes)
            for (const second of lanes.filter((lane) => id(lane) !== id(first))) {
                const at = Math.max(...[first, second].map(({ video }) => ms(video[0]?.start ?? ""))) + 2_000;
                const both = [first, second].every(({ video }) => ms(video[0]?.end ?? "") > at + 10_000);
                if (both) return [one, at, [id(first), id(second)]];
            }
    }
    assert.fail("the month has a stage with two cameras at a time");
}

test("two cameras of one stage stay in step", { skip }, async (t) => {
    const service = await serve();
    t.after(() => service.stop());
    const context = await signedIn(service);
    const audit = await (await context.request.get(`${service.address}/api/v1/audit?month=2024-05`)).json();
    const page = await context.newPage();
    const [stage, at, cameras] = await twoCameras(context, service, audit.obligations);
    const url = new URL(`${service.address}/cases/${encodeURIComponent(stage.case_no)}`);
    const query = { stage: String(stage.stage_no), at: new Date(at).toISOString(), cam: cameras.join(","), lang: "zh" };
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    await page.goto(url.href);
    await page.waitForFunction(() => document.querySelectorAll(".player video").length === 2, null, {
        timeout: 90_000,
    });
    await page.getByRole("button", { name: /播放/ }).first().click();
    await page.waitForFunction(
        () => [...document.querySelectorAll(".player video")].every((one) => !one.paused && one.readyState >= 3),
        null,
        { timeout: 30_000 },
    );
    const started = new Map();
    for (const { object_key } of stage.evidence) {
        const { recordings } = await (
            await context.request.get(`${service.address}/api/v1/recordings/${object_key}`)
        ).json();
        started.set(recordings[0].id, Date.parse(recordings[0].started_at) / 1000);
    }
    const apart = [];
    for (let look = 0; look < 20; look += 1) {
        const at = await page.evaluate(
            () =>
                new Promise((resolve) => {
                    requestAnimationFrame(() =>
                        resolve(
                            [...document.querySelectorAll(".player video")].map(({ src, currentTime }) => ({
                                src,
                                currentTime,
                            })),
                        ),
                    );
                }),
        );
        const street = at.map(({ src, currentTime }) => started.get(/recordings\/(r\d+)\//.exec(src)[1]) + currentTime);
        apart.push(Math.abs(street[0] - street[1]));
        await page.evaluate(
            () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
        );
    }
    apart.sort((a, b) => a - b);
    assert.ok(apart[10] < 0.25 && apart.at(-1) < 0.6, `apart by ${apart.map((s) => s.toFixed(3))} s`);
    await page.close();
});

test(
    "real footage plays, as it is or as a preview",
    { skip: skip || (existsSync(media) ? false : "no real media") },
    async (t) => {
        const folder = mkdtempSync(join(tmpdir(), "reelproof-playback-"));
        t.after(() => rmSync(folder, { recursive: true, force: true }));
        const evidence = join(folder, "evidence");
        mkdirSync(evidence);
        const files = [
            ["gopro/karma.mp4", false],
            ["androidx/ts_bbb_2500ms.ts", true],
            ["kwiver/aphill_klv_10s.ts", true],
            ["kwiver/h265_klv.ts", true],
            ["nom-exif/mkv_640x360.mkv", true],
            ["androidx/avi_sample.avi", true],
            ["androidx/mp4_bbb_800x640_768kbps_30fps_avc_2b_firstpts_10_sec.mp4", false],
        ];
        for (const [file] of files) cpSync(join(media, file), join(evidence, file.replace("/", "_")));
        const catalog = join(folder, "reelproof.db");
        execFileSync(program, ["ingest", evidence, "--catalog", `sqlite://${catalog}`, "-q"], { stdio: "ignore" });
        const service = await serve(folder);
        t.after(() => service.stop());
        const context = await signedIn(service);
        for (const [file, previewed] of files) {
            const page = await context.newPage();
            await page.goto(`${service.address}/recordings/${file.replace("/", "_")}?lang=zh`);
            const played = await plays(page);
            assert.ok(played.width > 0 && played.at > played.from, `${file}: ${JSON.stringify(played)}`);
            assert.equal(played.src.endsWith("/preview"), previewed, `${file}: ${played.src}`);
            // Its pictures are not stored in the order in which they are shown, and are copied as they are: wherever one goes,
            // the picture of that moment is shown, and what is played from there goes on from it.
            if (file === "nom-exif/mkv_640x360.mkv") await seeks(page, 30000 / 1001);
            console.log(`${file}: from ${played.from} to ${played.at.toFixed(2)} s of ${played.length.toFixed(2)} s`);
            await page.close();
        }
    },
);
