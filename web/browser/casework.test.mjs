// A whole round, driven in the browser by the people whose work it is: frozen, drawn, assigned, judged by keyboard, the
// disagreement and the appeal decided, the notice issued and printed, the return kept and sent.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, form, grave, launch, saved, setUp, settled, signIn, trouble, PASSWORD } from "./harness.mjs";
import { lacking, serveTables } from "./service.mjs";

const missing = lacking();
const skip = missing.length > 0 ? `the browser tests are left out: ${missing.join("; ")}` : false;

const ROUND = "2024-06/jingan-2024";
const SEED = "20240603-4-2-6";
const SQUADS = ["SQ1", "SQ2", "SQ3", "SQ4", "SQ5", "SQ6"];
/** Each a page in a browser of their own. */
const people = {};
/** Somebody of a squad; of which one there is something to see is for the draw to say. */
const of = async (unit) => (people[unit] ??= await signIn(browser, service.address, unit, "/rounds"));
let service;
let browser;

before(async () => {
    if (skip) return;
    service = await serveTables({ "officers.csv": "badge,name,unit,frontline\n31903,督察员03,AJSL,no\n" });
    browser = await launch();
    const admin = await setUp(await browser.newContext(), service);
    for (const [login, role, badge, unit] of [
        ["li", "case_review", "31901", null],
        ["wang", "case_review", "31902", null],
        ["zhao", "supervisor", "31903", null],
        ...SQUADS.map((unit) => [unit, "squad", `31${unit.slice(2)}01`, unit]),
    ])
        await ask(admin, "POST", "users", { login, name: `人员${login}`, role, badge, unit, password: PASSWORD });
    await admin.context().close();
    for (const login of ["li", "wang", "zhao"])
        people[login] = await signIn(browser, service.address, login, `/rounds`);
});
after(async () => {
    await browser?.close();
    await service?.stop();
});

const go = async (page, path) => {
    await page.goto(`${service.address}${path}`);
    await settled(page);
};
const items = async (page) => (await ask(page, "GET", `rounds/${ROUND}/review`)).items;
const itemPath = (id) => `/cases/${id.replace(/\/\d+$/, "")}?stage=${id.split("/").at(-1)}&round=${ROUND}`;

test("a round is frozen, and says its digest and what the draw will need", { skip }, async () => {
    const { li } = people;
    await go(li, "/rounds");
    await form(li, "冻结新批次…", { 月份: "2024-06" });
    await li.waitForURL(/\/rounds\/2024-06\/jingan-2024/);
    await li.getByText("已冻结，尚未抽取").waitFor();
    assert.match(await li.locator(".digest code").first().innerText(), /^[0-9a-f]{64}$/);
    await li.getByText(/抽取时将从 \d+ 条中抽出至少 \d+ 条/).waitFor();
    assert.deepEqual(await grave(li), []);
});

test("the form says what is lacking, and sends nothing", { skip }, async () => {
    const { li } = people;
    await li.getByRole("button", { name: "抽取…", exact: true }).click();
    const dialog = li.getByRole("dialog");
    await dialog.getByRole("button", { name: "抽取", exact: true }).click();
    await dialog.getByText("请填写“随机种子”").waitFor();
    assert.deepEqual(await grave(li), []);
    await li.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
});

test("it is drawn before everybody's eyes, and the tickets agree", { skip }, async () => {
    const { li } = people;
    await form(li, "抽取…", { 随机种子: SEED });
    await li.getByRole("heading", { name: /抽取过程/ }).waitFor();
    await li.getByRole("button", { name: /划线/ }).click();
    await li.getByText(/现场计算的号签与封存结果一致/).waitFor();
    await li.keyboard.press("Escape");
    await li.getByRole("heading", { name: /^抽中环节/ }).waitFor();
});

test("what was drawn is given to reviewers", { skip }, async () => {
    const { li } = people;
    await form(li, /^分配复核人员 \(\d+\)…$/, { 复核人员警号: "31901, 31902" });
    await li.getByRole("table", { name: "复核", exact: true }).locator("tbody tr").first().waitFor();
    assert.ok((await items(li)).every((item) => item.seats.length >= 2));
});

test("the review goes by keyboard, and shows nothing of the machine's before the verdict", { skip }, async () => {
    const { li } = people;
    const count = (await items(li)).length;
    await li.getByRole("button", { name: /^开始复核/ }).click();
    for (let n = 0; n < count; n += 1) {
        const bar = li.locator("section.verdict");
        await bar.waitFor();
        const item = (await bar.locator("h2").innerText()).split("· ")[1];
        const blind = (await items(li)).find((one) => one.item === item).machine_hidden;
        const button = li.locator(`.stage[aria-pressed=true]`);
        if (blind) {
            await button.getByText("本人结论提交后显示").waitFor();
            assert.equal(await button.evaluate((element) => /status-/.test(element.className)), false);
        }
        await li.locator("h1").click();
        await li.keyboard.press("3");
        await bar.locator("button[aria-pressed=true]", { hasText: "缺失" }).waitFor();
        await bar.getByLabel(/^说明/).fill("现场无录像");
        await li.keyboard.press("Control+Enter");
        await bar.getByText(/^结论已登记/).waitFor();
        if (n + 1 === count) break;
        await li.locator("h1").click();
        await li.keyboard.press("j");
        await li.waitForFunction((before) => {
            const heading = document.querySelector("section.verdict h2");
            return heading !== null && !heading.textContent.endsWith(before);
        }, item);
    }
    const seat = (one) => String(one.seats.find(({ badge }) => badge === "31901").seat);
    const after = await items(li);
    assert.ok(after.every((one) => one.verdicts_hidden || one.verdicts[seat(one)]));
});

test("reviewers who disagree are decided between", { skip }, async () => {
    const { wang, zhao } = people;
    const all = await items(wang);
    const differs = all.find((one) => one.blind) ?? all[0];
    for (const { item } of all)
        await ask(wang, "POST", `rounds/${ROUND}/verdicts`, {
            item,
            outcome: item === differs.item ? "regular" : "missing",
            note: "现场无录像",
        });
    await go(zhao, itemPath(differs.item));
    await zhao.getByText("复核人员意见不一致，须由未参与复核的督察人员裁定。").waitFor();
    await form(zhao, "裁定…", { 结论: "missing", 理由: "经核实确无录像" });
    await zhao.locator(".history").getByText("裁定").waitFor();
    assert.equal((await items(zhao)).find((one) => one.item === differs.item).state, "decided");
});

test("a squad explains and appeals, sees only its own, and is decided upon", { skip }, async () => {
    const { zhao } = people;
    const { item, unit: squad } = (await items(zhao)).find(
        (one) => one.state === "settled" && SQUADS.includes(one.unit),
    );
    const team = await of(squad);
    const own = await items(team);
    assert.ok(own.some((one) => one.item === item) && own.every((one) => one.unit === squad));
    await go(team, itemPath(item));
    await form(team, "提交情况说明…", { 内容: "当日设备送修" });
    await team.locator(".history").getByText("当日设备送修").waitFor();
    await form(team, "申诉…", { 内容: "请予复核" });
    await team.locator(".history").getByText("请予复核").waitFor();
    await go(zhao, itemPath(item));
    await form(zhao, "裁定…", { 对申诉的处理: "reject", 结论: "missing", 理由: "维持" });
    await zhao.locator(".history").getByText("维持原结论").waitFor();
    await go(team, "/cases?month=2024-05");
    const list = team.getByRole("table", { name: "案件" });
    await list.locator("tbody tr").first().waitFor();
    const { name } = (await ask(zhao, "GET", "units")).units.find((one) => one.code === squad);
    for (const unit of await list.locator("tbody tr td:nth-child(3)").allInnerTexts())
        assert.ok(unit.includes(name) || unit.includes(squad), unit);
    assert.equal(await team.getByRole("link", { name: "操作留痕" }).count(), 0);
});

test("a notice is drafted, issued, printed, answered and closed", { skip }, async () => {
    const { zhao } = people;
    await go(zhao, `/rounds/${ROUND}`);
    await form(zhao, "起草督察文书…");
    const first = zhao.getByRole("link", { name: /草稿（未编号）/ }).first();
    await first.waitFor();
    const notices = (await ask(zhao, "GET", "notices")).notices;
    const { id, unit } = notices.find((one) => SQUADS.includes(one.unit));
    const team = await of(unit);
    await go(zhao, `/notices/${id}`);
    assert.deepEqual(await grave(zhao), []);
    await form(zhao, "签发…");
    await zhao.locator(".page-head").getByText("已签发").waitFor();
    const number = await zhao.locator(".paper-number").innerText();
    assert.match(number, /2\d{3}/);
    // On paper there is the notice and nothing of the page around it.
    await zhao.emulateMedia({ media: "print" });
    assert.equal(await zhao.locator(".top").isVisible(), false);
    assert.equal(await zhao.getByRole("button", { name: "打印" }).isVisible(), false);
    assert.equal(await zhao.locator(".paper").isVisible(), true);
    assert.equal(await zhao.locator(".on-paper").isVisible(), false);
    assert.ok((await zhao.pdf({ format: "A4" })).length > 10_000);
    // Lists say of which month they are, who printed them and when, and have no buttons.
    await zhao.emulateMedia({ media: null });
    await go(zhao, "/notices?month=2024-05");
    await zhao.emulateMedia({ media: "print" });
    await zhao.locator(".on-paper", { hasText: /2024年5月.*人员zhao 打印于 20\d\d-/ }).waitFor();
    assert.equal(await zhao.getByRole("button", { name: /^起草/ }).isVisible(), false);
    await zhao.emulateMedia({ media: null });
    await zhao.locator(".on-paper").waitFor({ state: "detached" });
    await go(zhao, `/notices/${id}`);
    const file = await saved(zhao, () => zhao.getByRole("button", { name: /Word 文档/ }).click());
    assert.match(file.name, /\.docx$/);
    assert.ok(file.size > 1_000);
    // The squad finds it among its own, and answers.
    await go(team, `/notices/${id}`);
    await form(team, "登记回复…", { 回复内容: "已整改" });
    await team.locator(".page-head").getByText("已回复").waitFor();
    await go(zhao, `/notices/${id}`);
    await form(zhao, "办结…", { 理由: "整改到位" });
    await zhao.locator(".page-head").getByText("已办结").waitFor();
});

test(
    "a case that was drawn as a whole is judged on its page, and what is irregular with it is said in words",
    { skip },
    async () => {
        const { li } = people;
        const { id: round } = await ask(li, "POST", "rounds", { month: "2024-06", kind: "case_files" });
        assert.match(round, /:case_files$/);
        const at = `rounds/${round}`;
        await ask(li, "POST", `${at}/draw`, { seed: "20240604-1-5-3" });
        await ask(li, "POST", `${at}/assignments`, { reviewers: ["31901", "31902"] });
        await go(li, `/${at}`);
        await li.getByRole("heading", { name: /^抽中案件/ }).waitFor();
        await li.getByRole("button", { name: /^开始复核/ }).click();
        const bar = li.locator("section.verdict");
        await bar.waitFor();
        assert.equal(await bar.getByRole("button", { name: "标记当前时刻" }).count(), 0);
        await li.locator("h1").click();
        await li.keyboard.press("2");
        await li.keyboard.press("Control+Enter");
        await bar.getByText("认定不规范时，请写明问题").waitFor();
        await bar.getByLabel(/^说明/).fill("案卷缺少送达回证");
        assert.deepEqual(await grave(li), []);
        await li.keyboard.press("Control+Enter");
        await bar.getByText(/^结论已登记/).waitFor();
    },
);

test("the return is kept, saved in every format, and sent", { skip }, async () => {
    const { li } = people;
    await go(li, `/rounds/${ROUND}`);
    await li
        .locator(".sentence")
        .getByText(/抽查全过程音视频记录/)
        .waitFor();
    for (const format of ["XLSX", "DOCX", "CSV", "JSON"]) {
        const button = li.getByRole("button", { name: format, exact: true }).first();
        const file = await saved(li, () => button.click());
        assert.ok(file.name.endsWith(format.toLowerCase()) && file.size > 100, file.name);
    }
    await form(li, "留存为草稿…");
    const kept = li.getByRole("table", { name: "已留存的月报" });
    await kept.getByText("草稿 第 1 版").waitFor();
    await form(li, "登记已报送");
    await kept.getByText("已报送 第 1 版").waitFor();
    await li.locator(".steps .done", { hasText: "报送月报" }).waitFor();
});

test("none of it met an error", { skip }, () => assert.deepEqual(trouble, []));
