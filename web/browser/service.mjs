// The real program on the demo's month, for tests that drive a browser.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const target = process.env.CARGO_TARGET_DIR ?? join(root, "target");

const firstOf = (paths) => paths.find((path) => path && existsSync(path));

export const chromium = firstOf([
    process.env.REELPROOF_CHROMIUM,
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
]);
export const program = firstOf([
    process.env.REELPROOF_BIN,
    join(target, "debug/reelproof"),
    join(target, "release/reelproof"),
]);
export const month = firstOf([
    process.env.REELPROOF_DEMO_MONTH,
    join(target, "tmp/demo-month"),
    join(root, "demo-month"),
]);

/** What is lacking to drive a browser, in words; empty if nothing. */
export function lacking() {
    return [
        chromium ? "" : "no Chromium (apt-get install chromium, or name one in REELPROOF_CHROMIUM)",
        program ? "" : "no program (cargo build -p reelproof)",
        month && existsSync(join(month, "reelproof.db"))
            ? ""
            : "no demo month (reelproof demo --no-serve, or name one in REELPROOF_DEMO_MONTH)",
        existsSync(join(root, "web/dist/index.html")) ? "" : "the pages are not built (scripts/build-web.sh)",
    ].filter(Boolean);
}

const newFolder = () => mkdtempSync(join(tmpdir(), "reelproof-browser-"));

/** Serves a copy of the month's catalog, or of that in another folder, so that what a test does stays in the test. */
export async function serve(from = month) {
    const folder = newFolder();
    // With the key that signed its log, if one did: a log whose key is lost gets no signature.
    for (const end of ["", "-wal", "-shm", ".log-key", ".log-key.last"]) {
        const file = join(from, `reelproof.db${end}`);
        if (existsSync(file)) cpSync(file, join(folder, `reelproof.db${end}`));
    }
    return serveFrom(folder);
}

/**
 * Serves a new catalog that knows what should exist in the month, and no footage: nothing was frozen in it yet. `more`
 * holds further files to be taken in, named after their kind.
 */
export async function serveTables(more = {}) {
    const folder = newFolder();
    const take = (kind, file) =>
        execFileSync(program, ["--catalog", `sqlite://${join(folder, "reelproof.db")}`, "-q", "import", kind, file], {
            cwd: folder,
        });
    for (const file of ["units.csv", "officers.csv", "devices.csv", "cases.xlsx", "stages.csv"])
        take(file.split(".")[0], join(month, "tables", file));
    for (const [name, text] of Object.entries(more)) {
        const file = join(folder, name);
        writeFileSync(file, text);
        take(name.split(".")[0], file);
    }
    return serveFrom(folder);
}

async function serveFrom(folder) {
    const child = spawn(
        program,
        ["serve", "--catalog", `sqlite://${join(folder, "reelproof.db")}`, "--listen", "127.0.0.1:0"],
        {
            cwd: folder,
            stdio: ["ignore", "pipe", "pipe"],
        },
    );
    let said = "";
    const address = await new Promise((resolve, reject) => {
        const hear = (bytes) => {
            said += bytes;
            const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said);
            if (found) resolve(found[0]);
        };
        child.stdout.on("data", hear);
        child.stderr.on("data", hear);
        child.on("exit", (status) => reject(new Error(`the service ended with status ${status}: ${said}`)));
    });
    const ended = new Promise((resolve) => child.on("exit", resolve));
    return {
        address,
        /** The token for the first account, where the service asks for one. */
        token: async () => {
            // It is told of after the address is.
            for (;;) {
                const found = /setup\?token=([\w-]+)/.exec(said);
                if (found) return found[1];
                await Promise.race([once(child.stderr, "data"), once(child.stdout, "data")]);
            }
        },
        stop: async () => {
            child.kill("SIGTERM");
            await ended;
            rmSync(folder, { recursive: true, force: true });
        },
    };
}
