// Lists as staff use them: sorted and narrowed down by the service, taken along as a table or on paper; a still where one
// rests; a link to footage that holds for some minutes.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { ask, grave, launch, saved, setUp, settled, trouble } from "./harness.mjs";
import { lacking, serve } from "./service.mjs";

const missing = lacking();
const skip = missing.length > 0 ? `the browser tests are left out: ${missing.join("; ")}` : false;

let service;
let browser;
let page;

before(async () => {
    if (skip) return;
    service = await serve();
    browser = await launch();
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, acceptDownloads: true });
    page = await setUp(context, service);
});
after(async () => {
    await browser?.close();
    await service?.stop();
});

const go = async (path) => {
    await page.goto(`${service.address}${path}`);
    await settled(page);
};
const rows = () => page.locator("main table tbody tr[data-index]");
const quiet = () => page.locator("[aria-busy=true]").waitFor({ state: "detached" });

test("cases are narrowed down and sorted by the service, and a link keeps both", { skip }, async () => {
    const { cases, matching } = await ask(page, "GET", "cases?month=2024-05&finding=gap&sort=-filed_at");
    await go("/cases?month=2024-05&finding=gap&sort=-filed_at");
    await rows().first().waitFor();
    const shown = await page.locator("main tbody th a").allInnerTexts();
    assert.deepEqual(
        shown,
        cases.map((one) => one.case_no),
    );
    await page.getByText(`${matching} 件，全部 80 件`).waitFor();
    await page.getByRole("button", { name: /^案号/ }).click();
    await page.locator("th[aria-sort=ascending]", { hasText: "案号" }).waitFor();
    await quiet();
    assert.deepEqual(await page.locator("main tbody th a").allInnerTexts(), [...shown].sort());
    await page.reload();
    await rows().first().waitFor();
    assert.deepEqual(await page.locator("main tbody th a").allInnerTexts(), [...shown].sort());
    assert.deepEqual(await grave(page), []);
});

test("recordings, what is quarantined and the trail are sorted by their headings", { skip }, async () => {
    const shown = () => page.locator("main tbody th a").allInnerTexts();
    const sortBy = async (heading, direction) => {
        await page.getByRole("button", { name: heading }).click();
        await page.locator(`th[aria-sort=${direction}]`, { hasText: heading }).waitFor();
        await page.locator(".table-scroll[aria-busy=true]").waitFor({ state: "detached" });
    };
    await go("/recordings?device=BWC102");
    await rows().first().waitFor();
    for (const [heading, sort] of [
        ["大小", "size_bytes"],
        ["时长", "duration_us"],
        ["起始时间", "started_at"],
    ])
        for (const [direction, sign] of [
            ["ascending", ""],
            ["descending", "-"],
        ]) {
            await sortBy(heading, direction);
            const { recordings } = await ask(page, "GET", `recordings?device=BWC102&sort=${sign}${sort}&limit=200`);
            const expected = recordings.map((one) => one.object_key);
            assert.deepEqual((await shown()).slice(0, 20), expected.slice(0, 20), `${sign}${sort}`);
        }
    // What devices hold is worked out longer than what is quarantined.
    await page.goto(`${service.address}/intake`);
    await page.getByRole("button", { name: "原因" }).waitFor();
    await sortBy("原因", "ascending");
    const { quarantined } = await ask(page, "GET", "quarantine?sort=reason&limit=200");
    const table = page.getByRole("region", { name: "隔离文件" });
    assert.deepEqual(
        await table.locator("tbody th a").allInnerTexts(),
        quarantined.map((one) => one.object_key),
    );
    await go("/system/trail?sort=act");
    await rows().first().waitFor();
    const { lines } = await ask(page, "GET", "audit-trail?sort=act&limit=200");
    assert.ok(lines[0].act <= lines.at(-1).act);
    assert.equal(await page.locator("th[aria-sort=ascending]").count(), 1);
});

test("a search is asked of the service, and what nothing fits says so", { skip }, async () => {
    await go("/cases?month=2024-05");
    await rows().first().waitFor();
    await page.getByRole("searchbox", { name: "案号、案由、地点、警号、文件名" }).fill("sl2024-0513");
    await page.getByText("1 件，全部 80 件").waitFor();
    await page.getByRole("searchbox", { name: "案号、案由、地点、警号、文件名" }).fill("没有这样的案件");
    await page.getByText("没有符合条件的案件").waitFor();
    await page.getByRole("button", { name: "清除筛选" }).first().click();
    await page.getByText("共 80 件").waitFor();
});

test("lists are taken along as tables, with a name in Chinese", { skip }, async () => {
    await go("/cases?month=2024-05&status=missing");
    await rows().first().waitFor();
    const cases = await saved(page, () => page.getByRole("button", { name: "导出" }).click());
    assert.equal(cases.name, "案件-2024-05.xlsx");
    assert.ok(cases.size > 3_000, `${cases.size} bytes`);
    await go("/recordings");
    await rows().first().waitFor();
    const recordings = await saved(page, () => page.getByRole("button", { name: "导出" }).click());
    assert.equal(recordings.name, "录像.xlsx");
    await go("/?month=2024-05");
    const findings = await saved(page, () => page.getByRole("button", { name: "导出问题清单" }).click());
    assert.equal(findings.name, "问题清单-2024-05.xlsx");
});

test("on paper a long list has all its rows, and nothing of the page around it", { skip }, async () => {
    await go("/recordings");
    await rows().first().waitFor();
    const shown = async () => Number((await page.getByRole("status").first().innerText()).match(/\d+/)[0]);
    for (let before = await shown(); before <= 120; before = await shown()) {
        await page.locator("p.more").scrollIntoViewIfNeeded();
        await page
            .getByRole("status")
            .first()
            .filter({ hasNotText: String(before) })
            .waitFor();
    }
    await page.evaluate(() => scrollTo(0, 0));
    await page.locator("p.more .ant-btn-loading").waitFor({ state: "detached" });
    const told = await shown();
    assert.ok(told > 120 && (await rows().count()) < told, "on the screen only those in view are made");
    await page.emulateMedia({ media: "print" });
    await page.waitForFunction(
        (told) => document.querySelectorAll("main table tbody tr[data-index]").length === told,
        told,
    );
    for (const hidden of [
        page.locator(".top"),
        page.locator(".filters").first(),
        page.getByRole("button", { name: "导出" }),
    ])
        assert.equal(await hidden.isVisible(), false);
    await page.emulateMedia({ media: null });
});

test("a still is seen where one rests on a recording, and goes when one leaves", { skip }, async () => {
    const { recordings } = await ask(page, "GET", "recordings?quarantined=false&q=.mp4&device=BWC102&limit=1");
    await go("/recordings?quarantined=false&q=.mp4&device=BWC102");
    const link = page.getByRole("link", { name: recordings[0].object_key });
    await link.hover();
    await page.locator(".still-card img").waitFor();
    await page.getByText("派生缩略，非原件").waitFor();
    await page.mouse.move(5, 5);
    await page.locator(".still-card").waitFor({ state: "detached" });
});

test("a still is seen where one rests on a camera's bar", { skip }, async () => {
    const { obligations } = await ask(page, "GET", "audit?month=2024-05");
    const filmed = obligations.find((one) => one.status === "complete" && one.evidence.length > 0);
    await go(`/cases/${filmed.case_no}?stage=${filmed.stage_no}`);
    const track = page.locator(".track.record").first();
    await track.waitFor();
    const box = await track.boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.locator(".still-card img").waitFor();
    await page
        .locator(".still-card")
        .getByText(/现场时间 2024-05-/)
        .waitFor();
    await page.mouse.move(5, 5);
    await page.locator(".still-card").waitFor({ state: "detached" });
});

test("a link holds for some minutes, says until when, and plays without a session", { skip }, async () => {
    const { recordings } = await ask(page, "GET", "recordings?quarantined=false&q=.mp4&device=BWC102&limit=1");
    await go(`/recordings/${recordings[0].object_key}`);
    await page.getByRole("button", { name: "复制限时链接" }).click();
    await page.getByText(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d 前有效/).waitFor();
    const url = await page.getByRole("textbox", { name: "限时链接" }).inputValue();
    assert.ok(url.startsWith(`${service.address}/api/v1/links/`), url);
    const stranger = await browser.newContext();
    const answer = await stranger.request.get(url, { headers: { range: "bytes=0-99" } });
    assert.equal(answer.status(), 206);
    assert.equal((await stranger.request.get(`${service.address}/api/v1/recordings`)).status(), 401);
    await stranger.close();
    assert.deepEqual(await grave(page), []);
});

test("none of it met an error", { skip }, () => assert.deepEqual(trouble, []));

test("a bundle is taken from a case, and holds when somebody brings it", { skip }, async () => {
    const { cases } = await ask(page, "GET", "cases?month=2024-05");
    await go(`/cases/${encodeURIComponent(cases[0].case_no)}`);
    const coming = page.waitForEvent("download");
    await page.getByRole("button", { name: "下载证据包" }).click();
    // What the service refuses stands beside the button.
    const refused = page.locator(".save [role=alert]");
    const download = await Promise.race([coming, refused.waitFor().then(() => null)]);
    assert.ok(download, download ? undefined : await refused.innerText());
    assert.match(download.suggestedFilename(), /^case-.*\.zip$/);
    await go("/proof");
    await page.getByRole("heading", { name: "录像定期核验" }).waitFor();
    await page.getByText(/按期核验 \d+\.\d%/).waitFor();
    await page.getByText("尚未核验过").waitFor();
    await page.getByRole("button", { name: "查看 2024-05" }).click();
    await page.getByRole("heading", { name: "2024-05 的录像" }).waitFor();
    await page.getByRole("button", { name: "锁定", exact: true }).click();
    await page.getByText("案件未办结").last().waitFor();
    const input = page.locator("main input[type=file]");
    await input.setInputFiles({
        name: download.suggestedFilename(),
        mimeType: "application/zip",
        buffer: await readFile(await download.path()),
    });
    await page.getByText(/证据包完整，.+条记录均在日志中/).waitFor();
    assert.deepEqual(await grave(page), []);
    await input.setInputFiles({
        name: "坏.zip",
        mimeType: "application/zip",
        buffer: Buffer.from("PK\x03\x04 no archive"),
    });
    await page.getByText("该文件不是可读取的 ZIP 证据包。").waitFor();
});
