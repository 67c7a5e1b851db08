// Forms on the demo's month: an excuse given before another's eyes, the player at a gap, a list in order.

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

test("an excuse is given, and seen at once by who looks at the same stage", { skip }, async () => {
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

test("a list is put in order at a click, and the address keeps it", { skip }, async () => {
    const { li } = people;
    await go(li, "/cases?month=2024-05");
    const list = li.getByRole("table", { name: "案件" });
    await list.locator("tbody tr").first().waitFor();
    await list.getByRole("button", { name: /^覆盖/ }).click();
    await list.locator("th[aria-sort=ascending]").waitFor();
    const shares = await list.locator("tbody tr .meter .figure").allInnerTexts();
    const numbers = shares.filter((text) => text.endsWith("%")).map(Number.parseFloat);
    assert.deepEqual(
        numbers,
        [...numbers].sort((a, b) => a - b),
    );
    assert.equal(new URL(li.url()).searchParams.get("sort"), "coverage");
});

test("none of it met an error", { skip }, () => assert.deepEqual(trouble, []));
