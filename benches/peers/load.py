#!/usr/bin/env python3
"""The service at the size of a city: every list and detail endpoint under a constant rate, beside /healthz.

    benches/peers/load.py [--rate 200] [--seconds 60] [--catalog FILE] [--officers 5000]

Makes the catalog (`coverage-peer make`, `audit/city.py`; 200 recordings and 20 obligations an officer, so 1,000,000 and
100,000) unless one is given, freezes and draws a round of it, puts accounts with sessions into it (who sees all, a squad, an
administrator), starts the release binary on a free port and waits until the month is judged. Then `load` asks for all
addresses in turn at the rate, in an open loop: time runs from the moment at which a request should have been sent. Every
name is asked as often as /healthz, with other cases, keys and devices each time.

What is asked for is what pages ask for: of the documents about all of a month that are larger than a megabyte, the first is
fetched once by itself and shown below the table; a page that has it asks with its tag. Lists in another order than their own
are a run by themselves, as long and at the same rate.

Prints Markdown: by address p50 and p99, and how many times the p99 of /healthz in the same run that is.
"""

import argparse
import hashlib
import json
import os
import random
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))
import table  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
MONTH = "2024-05"
ROUND = "2024-06/jingan-2024"
SESSIONS = {"all": "a" * 64, "squad": "b" * 64, "keeper": "c" * 64}
ROLES = {"all": "case_review", "squad": "squad", "keeper": "administrator"}
PAGES = 40  # of a list in an order of its own
MEGABYTE = 1_000_000
SAMPLES = 400  # different cases, keys and devices


def run(*argv):
    return subprocess.run([str(arg) for arg in argv], check=True, stdout=subprocess.PIPE, text=True).stdout


def city(given, folder):
    """The catalog, made once."""
    if given.catalog:
        return given.catalog
    rows, catalog = folder / f"rows-{given.officers}", folder / f"city-{given.officers}.db"
    if not catalog.exists():
        rows.mkdir(parents=True, exist_ok=True)
        run(TARGET / "release/coverage-peer", "make", rows, given.officers)
        unfinished = catalog.with_suffix(".unfinished")
        # With what stands beside a catalog: the key of its log.
        for stale in [*folder.glob(f"{unfinished.name}*"), *folder.glob(f"{catalog.name}*")]:
            stale.unlink()
        run(sys.executable, ROOT / "benches/peers/audit/city.py", "--reelproof", TARGET / "release/reelproof", rows, unfinished)
        for made in folder.glob(f"{unfinished.name}*"):
            made.rename(folder / made.name.replace(unfinished.name, catalog.name))
    return catalog


def people(catalog):
    """Accounts with a session each, as the service itself would write them; gives the squad with the most devices."""
    connection = sqlite3.connect(catalog)
    squad = connection.execute("SELECT unit FROM device GROUP BY unit ORDER BY count(*) DESC, unit LIMIT 1").fetchone()[0]
    now_us = int(time.time() * 1e6)
    for id, (name, secret) in enumerate(SESSIONS.items(), 1):
        role, unit = ROLES[name], squad if name == "squad" else None
        connection.execute(
            "INSERT OR REPLACE INTO user_account (user_id, login, name, role, unit, created_at_us) VALUES (?, ?, ?, ?, ?, ?)",
            [id, f"load-{name}", name, role, unit, now_us],
        )
        connection.execute(
            "INSERT OR REPLACE INTO user_session (token_sha256, user_id, created_at_us, seen_at_us, ends_at_us) VALUES (?, ?, ?, ?, ?)",
            [hashlib.sha256(secret.encode()).hexdigest(), id, now_us, now_us, now_us + 8 * 3600 * 1_000_000],
        )
    connection.commit()
    return connection, squad


def addresses(connection, squad):
    """By name: a session, and addresses to ask for in turn."""
    random.seed(7)
    many = lambda sql, *given: [row[0] for row in connection.execute(sql, given)]  # noqa: E731
    some = lambda all: random.sample(all, min(SAMPLES, len(all)))  # noqa: E731
    quote = lambda text: urllib.parse.quote(text, safe="")  # noqa: E731
    cases, keys = many("SELECT case_no FROM enforcement_case"), many("SELECT object_key FROM object WHERE object_id % 97 = 0")
    devices, badges = some(many("SELECT serial FROM device")), some(many("SELECT badge FROM officer"))
    own = some(many("SELECT case_no FROM enforcement_case WHERE unit = ?", squad))
    month = f"month={MONTH}"
    return {
        "healthz": ("all", ["/healthz"]),
        "session": ("all", ["/api/v1/session"]),
        "overview": ("all", [f"/api/v1/overview?{month}", "/api/v1/overview"]),
        "overview of a squad": ("squad", ["/api/v1/overview"]),
        "cases": ("all", [f"/api/v1/cases?{month}&limit=200&after={quote(case)}" for case in some(cases)]),
        "cases of a squad": ("squad", [f"/api/v1/cases?{month}"]),
        "case": ("all", [f"/api/v1/cases/{quote(case)}" for case in some(cases)]),
        "case of a squad": ("squad", [f"/api/v1/cases/{quote(case)}" for case in own]),
        "recordings": ("all", [f"/api/v1/recordings?after={quote(key)}" for key in some(keys)]),
        "recordings of a device": ("all", [f"/api/v1/recordings?device={quote(serial)}" for serial in devices]),
        "recordings of an officer": ("all", [f"/api/v1/recordings?badge={quote(badge)}" for badge in badges]),
        "recordings with a problem": ("all", [f"/api/v1/recordings?problem=no_index&after={quote(key)}" for key in some(keys)]),
        "recordings in quarantine": ("all", ["/api/v1/recordings?quarantined=true"]),
        "recordings of a squad": ("squad", [f"/api/v1/recordings?after={quote(key)}" for key in some(keys)]),
        # Pages that follow these are asked for as well (`deeper`).
        "recordings, the latest first": ("all", ["/api/v1/recordings?sort=-started_at"]),
        "recordings by unit": ("all", ["/api/v1/recordings?sort=unit"]),
        "recordings of a squad by length": ("squad", ["/api/v1/recordings?sort=-duration_us"]),
        "cases by unit": ("all", [f"/api/v1/cases?{month}&sort=unit"]),
        "recording": ("all", [f"/api/v1/recordings/{quote(key)}" for key in some(keys)]),
        "audit of a squad": ("squad", [f"/api/v1/audit?{month}"]),
        "audit": ("all", [f"/api/v1/audit?{month}"]),
        "report": ("all", ["/api/v1/report?month=2024-06"]),
        "reconcile": ("all", [f"/api/v1/reconcile?{month}"]),
        "rounds": ("all", ["/api/v1/rounds"]),
        "round": ("all", [f"/api/v1/rounds/{ROUND}"]),
        "round of a squad": ("squad", [f"/api/v1/rounds/{ROUND}"]),
        "review": ("all", [f"/api/v1/rounds/{ROUND}/review"]),
        "agreement": ("all", [f"/api/v1/rounds/{ROUND}/agreement"]),
        "export": ("all", [f"/api/v1/rounds/{ROUND}/export"]),
        "excuses": ("all", [f"/api/v1/excuses?{month}"]),
        "notices": ("all", ["/api/v1/notices"]),
        "scores": ("all", [f"/api/v1/scores?{month}"]),
        "visits": ("all", ["/api/v1/visits"]),
        "returns": ("all", ["/api/v1/returns"]),
        "schedule": ("all", ["/api/v1/schedule"]),
        "users": ("keeper", ["/api/v1/users"]),
        "audit trail": ("keeper", ["/api/v1/audit-trail"]),
        "identities": ("keeper", ["/api/v1/identities"]),
        "tokens": ("all", ["/api/v1/tokens"]),
    }


def cookie(session):
    return f"reelproof_session={SESSIONS[session]}"


def fetch(base, session, path):
    """Status, seconds, bytes and tag of one answer."""
    request = urllib.request.Request(base + path, headers={"Cookie": cookie(session)})
    began = time.monotonic()
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            size = len(answer.read())
            return answer.status, time.monotonic() - began, size, answer.headers.get("ETag")
    except urllib.error.HTTPError as error:
        return error.code, time.monotonic() - began, len(error.read()), None


def deeper(base, asked):
    """Of each list in an order of its own, the pages that follow the first: what one reads by scrolling on."""
    for session, paths in asked.values():
        if "sort=" not in paths[0]:
            continue
        while len(paths) < PAGES:
            request = urllib.request.Request(base + paths[-1], headers={"Cookie": cookie(session)})
            with urllib.request.urlopen(request, timeout=120) as answer:
                after = json.load(answer)["next"]
            if after is None:
                break
            paths.append(f"{paths[0]}&after={urllib.parse.quote(after, safe='')}")


def first(base, asked):
    """Each address once, the way the first person of the morning asks."""
    firsts = {}
    for name, (session, paths) in asked.items():
        firsts[name] = status, took_s, size, _ = fetch(base, session, paths[0])
        print(f"load: {name}: {status}, {took_s:.3f} s, {size} bytes", file=sys.stderr)
    return firsts


def questions(given, asked, firsts):
    """What `load` takes: all names in turn, each time with the next of its addresses."""
    for turn in range(given.rate * given.seconds // len(asked) + 1):
        for name, (session, paths) in asked.items():
            fields = [name, paths[turn % len(paths)], f"Cookie: {cookie(session)}"]
            _, _, size, tag = firsts[name]
            if size > MEGABYTE and tag:
                fields.append(f"If-None-Match: {tag}")
            yield "\t".join(fields) + "\n"


def measure(given, host, asked, firsts):
    argv = [str(TARGET / "release/load"), host, str(given.rate), str(given.seconds)]
    lines = "".join(questions(given, asked, firsts))
    out = subprocess.run(argv, input=lines, stdout=subprocess.PIPE, text=True, check=True).stdout
    return json.loads(out)


def apart(asked):
    """What is asked for together: what pages open with, and lists that somebody put into another order."""
    in_order = lambda name: "sort=" in asked[name][1][0]  # noqa: E731
    usual, ordered = [name for name in asked if not in_order(name)], [name for name in asked if in_order(name)]
    parts = [usual, ["healthz", *ordered]] if ordered else [usual]
    return [{name: asked[name] for name in part} for part in parts]


def report(asked, firsts, measured):
    base_us = measured["healthz"]["p99_us"]
    titles = ["asked for", "answers", "size", "p50", "p99", "p99 of /healthz, times", "first answer"]
    print("\n".join(table.head(titles, 5)))
    for name in asked:
        of = measured[name]
        answers = ", ".join(f"{status} × {count}" for status, count in of["statuses"].items())
        ratio = of["p99_us"] / base_us
        cells = [name, answers, f"{of['body_bytes'] / 1000:.1f} kB", f"{of['p50_us'] / 1000:.2f} ms", f"{of['p99_us'] / 1000:.2f} ms", f"**{ratio:.1f} ×**"]
        print(table.row([*cells, table.seconds(firsts[name][1])]))
    large = [f"{name} {firsts[name][2] / 1e6:.0f} MB" for name in asked if firsts[name][2] > MEGABYTE]
    if large:
        print(f"\nAsked for with the tag of the first answer, because that is large: {', '.join(large)}.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=200, help="requests a second, all addresses together")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--officers", type=int, default=5000)
    parser.add_argument("--catalog", type=Path, help="a catalog that city.py made; it gets accounts and a round")
    parser.add_argument("--dir", type=Path, default=TARGET / "peers", help="where the catalog is made and found again")
    parser.add_argument("--only", help="names, separated by commas; /healthz comes along")
    given = parser.parse_args()
    catalog = city(given, given.dir)
    reelproof = [TARGET / "release/reelproof", "-q", "--catalog", f"sqlite://{catalog}"]
    # Also brings the schema up to date, which takes a while the first time.
    run(*reelproof, "sample", "freeze", "--month", ROUND[:7], "--seed-source", "dice")
    run(*reelproof, "sample", "draw", "--round", ROUND, "--seed", "20240602-3-5-1")
    connection, squad = people(catalog)
    asked = addresses(connection, squad)
    if given.only:
        asked = {name: of for name, of in asked.items() if name in ["healthz", *given.only.split(",")]}
    connection.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    service = subprocess.Popen([str(arg) for arg in [*reelproof, "serve", "--listen", host]])
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://{host}/readyz", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        firsts = first(f"http://{host}", asked)
        deeper(f"http://{host}", asked)
        measured = [(part, measure(given, host, part, firsts)) for part in apart(asked)]
    finally:
        service.terminate()
        service.wait()
    for number, (part, of) in enumerate(measured):
        if number > 0:
            print("\nIn a run of their own:\n")
        report(part, firsts, of)


if __name__ == "__main__":
    main()
