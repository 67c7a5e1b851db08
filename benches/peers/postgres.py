#!/usr/bin/env python3
"""A catalog in PostgreSQL that grows tenfold: lists, the audit of a month and an ingest of what is new, before and after.

    benches/peers/postgres.py [--catalog FILE] [--officers 5000] [--times 10] [--objects 500] [--keep]

Starts a PostgreSQL server of its own in a folder of its own (fsync on, as in service), copies the city's SQLite catalog
(`load.py` makes it; 1,000,000 recordings at 5,000 officers) into it with `reelproof catalog copy`, and measures:

- lists: a page of 100 recordings from a random key, of a random device, and with a problem, over HTTP, one after another;
- the audit of the month, `reelproof audit`, the fastest of three;
- an ingest of so many small objects that are new, and of the same again where nothing is.

Then every recording is there nine more times, a month earlier each time and by other keys (by SQL within the server, so what
is logged is not part of it), and all is measured again. The month that is audited is the same. Before each measuring the tables
are vacuumed and analysed and all is written to disk: a server at rest is measured, and not the end of what filled it.
Prints Markdown. Needs some 25 GB of disk at the full size.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from urllib.parse import quote

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import load  # noqa: E402
from media import free_port  # noqa: E402

MONTH_US = 31 * 24 * 3600 * 1_000_000
PAGES = 300


def programs():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        raise SystemExit("PostgreSQL is not there: `make setup-test` installs it")
    return found[-1]


class Server:
    """A server of our own; it refuses to run as root."""

    def __init__(self, folder):
        self.folder, self.bin, self.port = folder, programs(), free_port()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.as_user = []
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
            self.as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        data = folder / "data"
        self.run("initdb", "-D", data, "-A", "trust", "-U", "reelproof", "--no-sync", "-E", "UTF8")
        with open(data / "postgresql.conf", "a") as out:
            out.write(
                f"listen_addresses = '127.0.0.1'\nport = {self.port}\nunix_socket_directories = ''\n"
                "shared_buffers = 4GB\nmaintenance_work_mem = 1GB\nmax_wal_size = 4GB\nwal_level = minimal\nmax_wal_senders = 0\n"
            )
        log = open(folder / "log", "wb")
        self.process = subprocess.Popen([*self.as_user, str(self.bin / "postgres"), "-D", data], stdout=log, stderr=log)
        for _ in range(100):
            if subprocess.run([self.bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode == 0:
                break
            time.sleep(0.1)
        self.sql("CREATE DATABASE city", "postgres")

    def run(self, program, *args):
        subprocess.run([*self.as_user, str(self.bin / program), *map(str, args)], check=True, stdout=subprocess.DEVNULL)

    def sql(self, text, database="city"):
        argv = [self.bin / "psql", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port)]
        argv += ["-U", "reelproof", "-d", database, "-c", text]
        return subprocess.run([str(arg) for arg in argv], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def url(self):
        return f"postgres://reelproof@127.0.0.1:{self.port}/city"

    def stop(self, keep):
        self.process.terminate()
        self.process.wait(60)
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def columns(server, table):
    return server.sql(
        f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}' ORDER BY ordinal_position"
    ).splitlines()


# What belongs to a recording, with the columns that number it and those that are of its time.
TABLES = {
    "object": ({"object_id"}, set()),
    "observation": ({"observation_id", "object_id"}, {"started_at_us"}),
    "start_claim": ({"observation_id"}, {"started_at_us"}),
    "stream": ({"observation_id"}, set()),
    "stream_gap": ({"observation_id"}, set()),
    "problem": ({"observation_id"}, set()),
    "recording_facet": ({"object_id"}, {"started_at_us"}),
}


def grow(server, times):
    """Every recording once more for each of `times - 1` earlier months."""
    many = int(server.sql("SELECT max(object_id) FROM object"))
    for turn in range(1, times):
        parts = ["SET session_replication_role = replica;"]
        for table, (numbers, moments) in TABLES.items():
            names = columns(server, table)

            def value(name):
                if name in numbers:
                    return f"{name} + {turn * many}"
                if name in moments:
                    return f"{name} - {turn * MONTH_US}"
                if name == "object_key":
                    return f"'m{turn:02}/' || object_key"
                if name == "sha256":
                    return f"encode(sha256(convert_to(sha256 || '{turn}', 'UTF8')), 'hex')"
                return name

            key = "observation_id" if "observation_id" in numbers else "object_id"
            parts.append(
                f"INSERT INTO {table} ({', '.join(names)}) OVERRIDING SYSTEM VALUE"
                f" SELECT {', '.join(map(value, names))} FROM {table} WHERE {key} <= {many};"
            )
        server.sql(" ".join(parts))
        print(f"{turn + 1} times", file=sys.stderr)
    # What triggers would have kept.
    server.sql(
        "INSERT INTO shared_digest (sha256) SELECT sha256 FROM observation GROUP BY sha256"
        " HAVING min(object_id) <> max(object_id) ON CONFLICT DO NOTHING"
    )
    for table, column in [("object", "object_id"), ("observation", "observation_id")]:
        server.sql(
            f"SELECT CASE WHEN pg_get_serial_sequence('{table}', '{column}') IS NULL THEN 0 ELSE"
            f" setval(pg_get_serial_sequence('{table}', '{column}'), (SELECT max({column}) FROM {table})) END"
        )
    rest(server)


def rest(server):
    """What a server does by itself after much was written, done at once."""
    for statement in ["VACUUM ANALYZE", "CHECKPOINT"]:
        server.sql(statement)


def lists(server, folder):
    """Median and 99th percentile of pages, in milliseconds."""
    port = free_port()
    argv = [load.TARGET / "release/reelproof", "serve", "--catalog", server.url(), "--listen", f"127.0.0.1:{port}"]
    service = subprocess.Popen([str(arg) for arg in argv], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        ask = urllib.request.Request(f"http://127.0.0.1:{port}/readyz")
        for _ in range(600):
            try:
                urllib.request.urlopen(ask, timeout=5).read()
                break
            except OSError:
                time.sleep(0.1)
        cookie = {"Cookie": f"reelproof_session={load.SESSIONS['all']}"}
        # The service judges the latest month at its start; what is measured is a page beside nothing else.
        overview = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/overview", headers=cookie)
        for _ in range(10):
            try:
                urllib.request.urlopen(overview, timeout=120).read()
                break
            except urllib.error.HTTPError as error:
                # It takes longer than a request may; the work goes on.
                if error.code != 503:
                    raise
        chance = random.Random(7)
        keys = server.sql("SELECT object_key FROM object WHERE object_id IN (SELECT (random() * 900000)::bigint + 1 FROM generate_series(1, 400))")
        keys = keys.splitlines()
        devices = server.sql("SELECT serial FROM device ORDER BY serial").splitlines()
        asked = {
            "a page of recordings": lambda: f"recordings?limit=100&after={quote(chance.choice(keys), safe='')}",
            "of a device": lambda: f"recordings?limit=100&device={chance.choice(devices)}",
            "with a problem": lambda: f"recordings?limit=100&problem=no_index&after={quote(chance.choice(keys), safe='')}",
        }
        found = {}
        for name, address in asked.items():
            took = []
            for _ in range(PAGES):
                request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/{address()}", headers=cookie)
                began = time.perf_counter()
                urllib.request.urlopen(request, timeout=60).read()
                took.append((time.perf_counter() - began) * 1000)
            took.sort()
            found[name] = (statistics.median(took), took[int(len(took) * 0.99)])
        return found
    finally:
        service.terminate()
        service.wait(60)


def timed(*argv, cwd, good=(0,)):
    began = time.perf_counter()
    done = subprocess.run([str(arg) for arg in argv], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    took = time.perf_counter() - began
    if done.returncode not in good:
        raise SystemExit(f"{argv}: {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-500:]}")
    return took, done.stdout


def measure(server, folder, objects, turn):
    binary = load.TARGET / "release/reelproof"
    found = {f"{name}, {part}": value for name, pair in lists(server, folder).items() for part, value in zip(["p50", "p99"], pair)}
    found = {name: (value, "ms") for name, value in found.items()}
    audits = [timed(binary, "--catalog", server.url(), "-q", "audit", "--month", load.MONTH, "--json", cwd=folder, good=(0, 3))[0] for _ in range(3)]
    found["audit of the month"] = (min(audits), "s")
    store = folder / f"store-{turn}"
    store.mkdir(exist_ok=True)
    for number in range(objects):
        name = f"BC310000_310000_202405{number % 28 + 1:02}{number // 28 % 24:02}{number // 672 % 60:02}{turn:02}_{number:04}.bin"
        (store / name).write_bytes(random.Random(number * 100 + turn).randbytes(20_000))
    for name in ["ingest of what is new, an object", "ingest of what is there, an object"]:
        took, _ = timed(binary, "--catalog", server.url(), "-q", "ingest", store, "--json", cwd=folder, good=(0, 3))
        found[name] = (took / objects * 1000, "ms")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--catalog", help="the city's SQLite catalog, with accounts (load.py)")
    parser.add_argument("--officers", type=int, default=5000)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--objects", type=int, default=500)
    parser.add_argument("--keep", action="store_true", help="leave the server's folder, to be looked into")
    given = parser.parse_args()
    folder = load.TARGET / "peers"
    catalog = load.city(given, folder)
    load.people(catalog)
    work = folder / "postgres-work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    server = Server(folder / "postgres-data")
    try:
        # The city's recordings were written beside the log, which the copy says with a status of 3.
        argv = [load.TARGET / "release/reelproof", "-q", "catalog", "copy", f"sqlite://{catalog}", server.url()]
        took, _ = timed(*argv, cwd=work, good=(0, 3))
        print(f"copied in {took:.0f} s", file=sys.stderr)
        rest(server)
        recordings = int(server.sql("SELECT count(*) FROM object"))
        size = server.sql("SELECT pg_size_pretty(pg_database_size('city'))")
        before = measure(server, work, given.objects, 0)
        print(json.dumps(before), file=sys.stderr)
        grow(server, given.times)
        many = int(server.sql("SELECT count(*) FROM object"))
        grown = server.sql("SELECT pg_size_pretty(pg_database_size('city'))")
        after = measure(server, work, given.objects, 1)
    finally:
        server.stop(given.keep)
        shutil.rmtree(work, ignore_errors=True)
    print(f"| | {recordings:,} recordings ({size}) | {many:,} ({grown}) | times |\n| --- | --: | --: | --: |")
    for name, (value, unit) in before.items():
        now = after[name][0]
        print(f"| {name} | {value:.2f} {unit} | {now:.2f} {unit} | **{now / value:.2f} ×** |")


if __name__ == "__main__":
    main()
