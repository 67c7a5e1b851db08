// What tests in a browser share: pages that note down what went wrong in them, people who sign in, and the service asked
// as the pages ask it. Nothing here waits for a time: what a test needs to be there is what it waits for.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { chromium as launcher } from "playwright-core";
import { chromium } from "./service.mjs";

const { AxeBuilder } = createRequire(import.meta.url)("@axe-core/playwright");

export const PASSWORD = "demo-of-the-pages-2024";

/** What went wrong in the browser, whichever page it was. */
export const trouble = [];

export const launch = () => launcher.launch({ executablePath: chromium, args: ["--no-sandbox"] });

/** A page of a person, in a language. */
export async function open(context, address, path, language = "zh") {
    const page = await context.newPage();
    page.on("pageerror", (error) => trouble.push(`${path}: ${error}`));
    page.on("console", (message) => {
        // What the service refuses is shown by the page, which the browser notes down besides.
        if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
            trouble.push(`${path}: ${message.text()}`);
    });
    page.on("request", (request) => {
        const { origin, protocol } = new URL(request.url());
        if (origin !== address && !["data:", "blob:"].includes(protocol)) trouble.push(`${path} asks ${request.url()}`);
    });
    const url = new URL(path, address);
    url.searchParams.set("lang", language);
    await page.goto(url.href);
    return page;
}

/** Waits until nothing is being read any more. */
export const settled = (page) =>
    page.waitForFunction(
        () => document.querySelector("h1, .state.bad, .door") && !document.querySelector(".state[role=status]"),
    );

/** What axe finds that is serious or worse. */
export async function grave(page) {
    const { violations } = await new AxeBuilder({ page }).analyze();
    return violations
        .filter((one) => ["serious", "critical"].includes(one.impact))
        .map((one) => `${one.id}: ${one.nodes[0]?.target} ${one.nodes[0]?.failureSummary}`);
}

/** Asks the service as the page would. */
export async function ask(page, method, path, body) {
    const answer = await page.evaluate(
        async ([method, path, body]) => {
            const answer = await fetch(`/api/v1/${path}`, {
                method,
                headers: body ? { "content-type": "application/json" } : {},
                body: body ? JSON.stringify(body) : undefined,
            });
            return { status: answer.status, text: await answer.text() };
        },
        [method, path, body],
    );
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.text ? JSON.parse(answer.text) : null;
}

/** Names the first administrator, and signs them in. */
export async function setUp(context, service) {
    const page = await open(context, service.address, `/setup?token=${await service.token()}`);
    await page.getByLabel("用户名").fill("admin");
    await page.getByLabel("姓名").fill("管理员甲");
    await page.getByLabel("口令", { exact: true }).fill(PASSWORD);
    await page.getByLabel("再次输入口令").fill(PASSWORD);
    await page.getByRole("button", { name: "启用系统" }).click();
    await page.getByText("管理员甲").waitFor();
    return page;
}

/** Signs somebody in, in a browser of their own; gives a page of theirs. */
export async function signIn(browser, address, login, path = "/", password = PASSWORD) {
    const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, acceptDownloads: true });
    const page = await open(context, address, path);
    await page.getByRole("heading", { name: "登录" }).waitFor();
    await page.getByLabel("用户名").fill(login);
    await page.getByLabel("口令", { exact: true }).fill(password);
    await page.getByRole("button", { name: "登录" }).click();
    await page.getByRole("navigation", { name: "主导航" }).waitFor();
    return page;
}

/** Presses a button that opens a form, fills it in, sends it, and waits until the form is gone. */
export async function form(page, button, fields = {}, submit = null) {
    await page.getByRole("button", { name: button }).first().click();
    const dialog = page.locator("dialog.dialog");
    await dialog.waitFor();
    for (const [label, value] of Object.entries(fields)) {
        const field = dialog.getByLabel(label, { exact: false }).first();
        if ((await field.evaluate((element) => element.tagName)) === "SELECT") await field.selectOption(value);
        else await field.fill(value);
    }
    const send = submit
        ? dialog.getByRole("button", { name: submit, exact: true })
        : dialog.locator("button[type=submit]");
    await send.click();
    // What the service refuses stands in the form, which then stays.
    await Promise.race([
        dialog.waitFor({ state: "detached" }),
        dialog
            .getByRole("alert")
            .waitFor()
            .then(async () => assert.fail(await dialog.getByRole("alert").innerText())),
    ]);
}

/** Waits for a file to be saved after `act`; gives its name and size. */
export async function saved(page, act) {
    const [download] = await Promise.all([page.waitForEvent("download"), act()]);
    const path = await download.path();
    const { statSync } = await import("node:fs");
    return { name: download.suggestedFilename(), size: statSync(path).size };
}
