// The pages as people see them: the real program on the demo's month, in a real browser.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PASSWORD, grave, launch, open as openIn, settled, trouble } from "./harness.mjs";
import { lacking, serve } from "./service.mjs";

const missing = lacking();
const skip = missing.length > 0 ? `the browser tests are left out: ${missing.join("; ")}` : false;
if (skip) console.error(`web: ${skip}`);

const ROUND = "/rounds/2024-06/jingan-2024";
const PAGES = {
    overview: "/",
    cases: "/cases?finding=any",
    "a case": async () => caseOf(await stage(excusedGap)),
    recordings: "/recordings",
    "a recording": async () => `/recordings/${(await stage(filmed)).evidence[0].object_key}`,
    rounds: "/rounds",
    "a round": ROUND,
    drones: "/drones",
    notices: "/notices",
    intake: "/intake",
    proof: "/proof",
    system: "/system",
    units: "/system/units",
    imports: "/system/imports",
    users: "/system/users",
    "the trail": "/system/trail",
    "the form to freeze a round": "/rounds?freeze=1",
    "no page": "/nothing/here",
};

let service;
let browser;
let context;
/** The first stage of the demo's month that `wanted` says yes to: which faults it has where is for the demo to say. */
let audited;
async function stage(wanted) {
    audited ??= (await context.request.get(`${service.address}/api/v1/audit?month=2024-05`)).json();
    const found = (await audited).obligations.find(wanted);
    assert.ok(found, "the demo's month has such a stage");
    return found;
}
const filmed = (one) => one.status === "complete" && one.evidence.length > 0;
const excusedGap = (one) => one.evidence.length > 0 && one.gaps.some((gap) => gap.excused);
const inTransportStream = (one) => one.evidence.some(({ object_key }) => object_key.endsWith(".ts"));
const caseOf = (one) => `/cases/${one.case_no}?stage=${one.stage_no}`;

const open = (path, language) => openIn(context, service.address, path, language);

before(async () => {
    if (skip) return;
    service = await serve();
    browser = await launch();
    context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
});
after(async () => {
    await browser?.close();
    await service?.stop();
});

test("the first administrator is named with the token of the log, and signs in", { skip }, async () => {
    const page = await open("/");
    await page.getByRole("heading", { name: "系统尚未启用" }).waitFor();
    await page.goto(`${service.address}/setup?token=${await service.token()}&lang=zh`);
    assert.deepEqual(await grave(page), []);
    await page.getByLabel("用户名").fill("admin");
    await page.getByLabel("姓名").fill("管理员甲");
    await page.getByLabel("口令", { exact: true }).fill(PASSWORD);
    await page.getByLabel("再次输入口令").fill("another");
    await page.getByRole("button", { name: "启用系统" }).click();
    await page.getByText("两次输入的口令不一致").waitFor();
    await page.getByLabel("再次输入口令").fill(PASSWORD);
    await page.getByRole("button", { name: "启用系统" }).click();
    await page.waitForURL((url) => url.pathname === "/");
    await page.locator("h1").waitFor();
    if (await page.getByRole("heading", { name: "登录" }).isVisible()) {
        await page.getByLabel("用户名").fill("admin");
        await page.getByLabel("口令", { exact: true }).fill(PASSWORD);
        await page.getByRole("button", { name: "登录" }).click();
    }
    await page.getByText("管理员甲").waitFor();
    await page.close();
});

for (const language of ["zh", "en"]) {
    for (const [name, path] of Object.entries(PAGES)) {
        test(`${name} is whole in ${language}, for those who see it and those who do not`, { skip }, async () => {
            const page = await open(typeof path === "string" ? path : await path(), language);
            await settled(page);
            assert.deepEqual(await grave(page), []);
            assert.equal(await page.locator("html").getAttribute("lang"), language === "zh" ? "zh-CN" : "en");
            // What stands as code, such as the names of a policy's figures, is meant to be read as it is.
            const text = await page.evaluate(() => {
                const copy = document.body.cloneNode(true);
                for (const code of copy.querySelectorAll("code")) code.remove();
                return copy.textContent;
            });
            const names = text.match(
                /\b(overview|cases|case|timeline|player|recordings?|rounds?|review|intake|notices|drones|system|state|session|form|users|imports|excuse|visits|proof|fixity|retention)\.[a-z_]+\b/g,
            );
            assert.deepEqual(names, null, "names of words in place of words");
            for (const [width, height] of [
                [1366, 768],
                [1920, 1080],
            ]) {
                await page.setViewportSize({ width, height });
                const over = await page.evaluate(
                    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
                );
                assert.ok(over <= 0, `${width} wide: ${over} pixels stick out`);
            }
            await page.close();
        });
    }
}

test("a figure of the overview leads to the cases behind it, and the address keeps them", { skip }, async () => {
    const page = await open("/");
    await page.locator("a.tile.status-missing").click();
    await page.waitForURL(/status=missing/);
    const list = page.getByRole("table", { name: "案件" });
    // The overview stays on the screen, with rows of its own, until the page of cases is there.
    const rows = list.locator("tbody tr");
    await rows.first().waitFor();
    const shown = await rows.count();
    assert.ok(shown > 0 && shown < 70, `${shown} rows`);
    await page.reload();
    await rows.first().waitFor();
    assert.equal(await rows.count(), shown);
    // By keyboard alone: to the second row, and open it.
    await rows.first().focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.locator(".lanes").waitFor();
    await page.close();
});

test("a click on the street's time opens the player at that second", { skip }, async () => {
    const there = await stage(filmed);
    const page = await open(caseOf(there));
    const track = page.locator(".track.record").first();
    await track.waitFor();
    const box = await track.boundingBox();
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await page.locator(".player").waitFor();
    assert.equal(new URL(page.url()).searchParams.get("at")?.slice(0, 10), there.starts_at.slice(0, 10));
    const told = await page.locator(".street-time").innerText();
    await page.locator(".lanes").focus();
    await page.keyboard.press("ArrowRight");
    await page.waitForFunction((before) => document.querySelector(".street-time").textContent !== before, told);
    await page.keyboard.press("Escape");
    await page.close();
});

test("gaps differ by more than their colour", { skip }, async () => {
    const page = await open(caseOf(await stage(excusedGap)));
    const gap = page.locator(".lanes .gap.excused").first();
    await gap.waitFor();
    assert.match(await gap.getAttribute("title"), /已说明/);
    assert.match(await gap.evaluate((element) => getComputedStyle(element).backgroundImage), /gradient/);
    await page.close();
});

test("a format that browsers cannot play is shown as a preview that says so", { skip }, async () => {
    const { evidence } = await stage(inTransportStream);
    const page = await open(`/recordings/${evidence.find(({ object_key }) => object_key.endsWith(".ts")).object_key}`);
    await page.getByText("预览，非证据原件").waitFor();
    await page.close();
});

test("a room sees the draw computed anew, and that it agrees", { skip }, async () => {
    const page = await open(ROUND);
    await page.getByRole("button", { name: "现场展示抽取过程" }).click();
    await page.getByRole("button", { name: /划线/ }).click();
    await page.getByText(/现场计算的号签与封存结果一致/).waitFor();
    assert.equal(await page.locator(".show-line").count(), 1);
    assert.deepEqual(await grave(page), []);
    await page.keyboard.press("Escape");
    await page.close();
});

test("the language changes at a switch, and stays changed", { skip }, async () => {
    const page = await open("/cases");
    await page.getByRole("button", { name: "English" }).click();
    await page.getByRole("heading", { name: "Cases" }).waitFor();
    await page.goto(`${service.address}/rounds`);
    await page.getByRole("heading", { name: "Sampling rounds" }).waitFor();
    await page.close();
});

test("no page asked another host, and none met an error", { skip }, () => assert.deepEqual(trouble, []));
