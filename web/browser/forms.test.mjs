// Forms on the demo's month: an excuse given and withdrawn before another's eyes, the player at a gap, a table with bad
// rows that is mended and taken in, an account whose password is shown once, a list in order.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, form, grave, launch, setUp, settled, signIn, trouble, PASSWORD } from "./harness.mjs";
import { lacking, serve } from "./service.mjs";

const missing = lacking();
const skip = missing.length > 0 ? `the browser tests are left out: ${missing.join("; ")}` : false;

let service;
let browser;
const people = {};

before(async () => {
    if (skip) return;
    service = await serve();
    browser = await launch();
    people.admin = await setUp(await browser.newContext({ viewport: { width: 1366, height: 768 } }), service);
    for (const [login, role, badge] of [
        ["li", "case_review", "31901"],
        ["zhao", "supervisor", "31902"],
    ])
        await ask(people.admin, "POST", "users", {
            login,
            name: `人员${login}`,
            role,
            badge,
            unit: null,
            password: PASSWORD,
        });
    for (const login of ["li", "zhao"]) people[login] = await signIn(browser, service.address, login);
});
after(async () => {
    await browser?.close();
    await service?.stop();
});

const go = async (page, path) => {
    await page.goto(`${service.address}${path}`);
    await settled(page);
};

async function stage(wanted) {
    const { obligations } = await ask(people.li, "GET", "audit?month=2024-05");
    const found = obligations.find(wanted);
    assert.ok(found, "the demo's month has such a stage");
    return found;
}
const caseOf = (one) => `/cases/${one.case_no}?stage=${one.stage_no}`;

test("an excuse is given, seen by who looks at the same stage, and withdrawn", { skip }, async () => {
    const { li, zhao } = people;
    const there = await stage((one) => one.gaps.length > 0 && one.gaps.every((gap) => !gap.excused));
    await go(zhao, caseOf(there));
    await zhao.getByText("没有登记情况说明。").waitFor();
    await go(li, caseOf(there));
    await form(li, "登记情况说明…", { 原因: "battery", 说明: "更换电池" });
    await li
        .getByText(/电量不足/)
        .first()
        .waitFor();
    assert.deepEqual(await grave(li), []);
    // Nobody asks the other page to look again: the service tells it that something changed.
    await zhao.getByText("：更换电池").waitFor();
    await form(li, "撤回…", { 理由: "登记有误" });
    await li.getByText("↩ 已撤回").waitFor();
    await li.getByText(/登记有误/).waitFor();
    await zhao.getByText("↩ 已撤回").waitFor();
});

test("the player opens at a gap by one key, a moment before it", { skip }, async () => {
    const { li } = people;
    const there = await stage(
        (one) => one.evidence.length > 0 && one.findings.some((finding) => finding.code === "gap" && finding.at),
    );
    await go(li, caseOf(there));
    await li.locator("h1").click();
    await li.keyboard.press("n");
    await li.locator(".player").waitFor();
    const at = Date.parse(new URL(li.url()).searchParams.get("at"));
    const starts = there.findings.filter((finding) => finding.at).map((finding) => Date.parse(finding.at.start));
    assert.equal(at, Math.min(...starts) - 3_000);
    assert.deepEqual(await grave(li), []);
    await li.keyboard.press("Escape");
    await li.locator(".player").waitFor({ state: "detached" });
});

test("a table with bad rows is shown row by row and changes nothing; mended, it is taken in", { skip }, async () => {
    const { li } = people;
    const choose = (text) =>
        li
            .locator("input[type=file]")
            .setInputFiles({ name: "人员.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
    await go(li, "/system/imports?kind=officers");
    await choose("badge,name,unit,frontline\n40001,新人甲,没有的单位,yes\n,新人乙,SQ1,也许\n");
    const wrong = li.getByRole("table", { name: /处需要修改/ });
    await wrong.locator("tbody tr").first().waitFor();
    assert.ok((await wrong.locator("tbody tr").count()) >= 2);
    // What is wrong is told in Chinese alone, but for what the file holds.
    for (const text of await wrong.locator("tbody tr td:last-child").allInnerTexts())
        assert.doesNotMatch(text.replaceAll(/`[^`]*`/g, ""), /\b(found|expected|the|a|is|of)\b/, text);
    assert.equal(await li.getByRole("button", { name: "确认导入" }).count(), 0);
    assert.deepEqual(await grave(li), []);
    await choose("badge,name,unit,frontline\n40001,新人甲,SQ1,yes\n");
    await li.locator(".tag.change-new", { hasText: "新增 1" }).waitFor();
    assert.deepEqual(await grave(li), []);
    await li.getByRole("button", { name: "确认导入" }).click();
    await li.getByText("已导入 1 行").waitFor();
    await choose("badge,name,unit,frontline\n40001,新人甲,SQ1,yes\n");
    await li.getByText("文件内容均已在库，无需导入。").waitFor();
    assert.equal(await li.getByRole("button", { name: "确认导入" }).isDisabled(), true);
});

test("an account is made with a password that is shown once, and it can be disabled", { skip }, async () => {
    const { admin } = people;
    await go(admin, "/system/users");
    await admin.getByRole("button", { name: "新增用户…" }).click();
    const dialog = admin.getByRole("dialog");
    await dialog.getByLabel("用户名").fill("sun");
    // Sent too early, the first field that lacks something has the focus, and is where one sees it.
    const name = dialog.getByLabel("姓名");
    await dialog.getByRole("button", { name: "新增用户" }).click();
    await dialog.getByText("请填写“姓名”").waitFor();
    assert.ok(await name.evaluate((element) => element === document.activeElement));
    await name.fill("孙某");
    await dialog.getByLabel("角色").selectOption("squad");
    await dialog.getByLabel("单位").selectOption("SQ2");
    await dialog.getByRole("button", { name: "新增用户" }).click();
    await admin.getByRole("heading", { name: "sun 的口令" }).waitFor();
    const password = await dialog.locator(".secret code").innerText();
    await dialog.getByRole("button", { name: "已记下，关闭" }).click();
    await dialog.waitFor({ state: "detached" });
    const sun = await signIn(browser, service.address, "sun", "/", password);
    await sun.context().close();
    const row = admin.getByRole("row", { name: /sun/ });
    await row.getByRole("button", { name: "停用" }).click();
    await dialog.getByRole("button", { name: "停用" }).click();
    await row.getByText("✕ 停用").waitFor();
    // What need not be filled in can be left empty again.
    const unit = async () => (await ask(admin, "GET", "users")).users.find((one) => one.login === "sun").unit;
    assert.equal(await unit(), "SQ2");
    await row.getByRole("button", { name: "修改" }).click();
    await dialog.getByLabel("角色").selectOption("supervisor");
    await dialog.getByLabel("单位").selectOption({ label: "全部单位" });
    await dialog.locator("button[type=submit]").click();
    await dialog.waitFor({ state: "detached" });
    assert.equal(await unit(), null);
    // What was done is in the trail, which this page cannot change.
    await go(admin, "/system/trail");
    await admin.getByRole("cell", { name: "新增用户" }).first().waitFor();
    // It says what was touched in words and leads there; the address itself shows when one points at it.
    const touched = admin.getByRole("link", { name: "导入 · 人员" }).first();
    await touched.waitFor();
    assert.equal(await touched.getAttribute("href"), "/system/imports?kind=officers");
    await admin.getByTitle("/api/v1/imports/officers").first().waitFor();
    assert.doesNotMatch(await admin.locator("main tbody").innerText(), /\/api\//);
});

test("a list is put in order at a click, and the address keeps it", { skip }, async () => {
    const { li } = people;
    await go(li, "/cases?month=2024-05");
    const list = li.getByRole("table", { name: "案件" });
    await list.locator("tbody tr").first().waitFor();
    await list.getByRole("button", { name: /^覆盖/ }).click();
    await list.locator("th[aria-sort=ascending]").waitFor();
    await li.locator("[aria-busy=true]").waitFor({ state: "detached" });
    const shares = await list.locator("tbody tr .meter .figure").allInnerTexts();
    const numbers = shares.filter((text) => text.endsWith("%")).map(Number.parseFloat);
    assert.deepEqual(
        numbers,
        [...numbers].sort((a, b) => a - b),
    );
    assert.equal(new URL(li.url()).searchParams.get("sort"), "coverage");
});

test("none of it met an error", { skip }, () => assert.deepEqual(trouble, []));
