"""A catalog of the size of a city, made from the rows of a coverage month.

Who should have recorded what is taken in with `reelproof import`, as a user would. The footage is written
into the catalog's tables in one transaction, because nobody has a million files to ingest for a bench. A
file has picture and sound; one in a hundred breaks off for half a minute, one in two hundred cannot be
read, one in a thousand has the digest of another. `city-audit` measures an audit of what comes out.
"""

import argparse
import csv
import hashlib
import sqlite3
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

SHANGHAI = timezone(timedelta(hours=8))
KINDS = ["site_inspection", "complaint_handling", "seizure", "evidence_registration", "simple_penalty"]
OBSERVED_AT_US = 1_717_200_000_000_000  # 1 June 2024


def stamp(us):
    return (datetime.fromtimestamp(us // 1_000_000, SHANGHAI) + timedelta(microseconds=us % 1_000_000)).isoformat()


def rows(path):
    with path.open() as file:
        next(file)
        for line in file:
            yield [int(field) for field in line.split(",")]


def write(path, heading, lines):
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(heading)
        out.writerows(lines)


def tables(folder, out):
    """The import files, in the order in which they are taken in."""
    officers = {}
    for id, badge in rows(folder / "officers.csv"):
        officers.setdefault(id, []).append(badge)
    badges = sorted({badge for badge, *_ in rows(folder / "recordings.csv")})
    squad = lambda badge: f"SQ{(badge - badges[0]) // 10:05}"  # noqa: E731
    squads = sorted({squad(badge) for badge in badges})
    write(out / "units.csv", ["code", "name", "kind", "parent"], [("D", "支队", "detachment", "")] + [(s, s, "squad", "D") for s in squads])
    write(out / "officers.csv", ["badge", "name", "unit", "frontline"], [(b, f"officer {b}", squad(b), 1) for b in badges])
    synced = stamp(1_714_492_800_000_000)
    write(
        out / "devices.csv",
        ["serial", "kind", "unit", "holder", "synced_at", "clock_error_ms"],
        [(f"BC{b}", "bodycam", squad(b), b, synced, 500) for b in badges],
    )
    asked = list(rows(folder / "obligations.csv"))
    write(
        out / "cases.csv",
        ["case_no", "unit", "procedure", "filed_at", "closed_at", "title"],
        [(f"C{id:07}", squad(officers[id][0]), "ordinary", stamp(start), "", "") for id, start, _ in asked],
    )
    write(
        out / "stages.csv",
        ["case_no", "stage_no", "kind", "starts_at", "ends_at", "officers", "place"],
        [
            (f"C{id:07}", 1, KINDS[id % len(KINDS)], stamp(start), stamp(end), ";".join(map(str, officers[id])), "")
            for id, start, end in asked
        ],
    )
    return ["units", "officers", "devices", "cases", "stages"]


def footage(folder, catalog):
    connection = sqlite3.connect(catalog)
    connection.executescript("PRAGMA synchronous = OFF; PRAGMA cache_size = -500000;")
    connection.execute("BEGIN")
    connection.execute("INSERT INTO store (store_id, url, added_at_us) VALUES (1, 'file:///evidence', ?)", [OBSERVED_AT_US])
    objects, observations, claims, streams, gaps, problems = [], [], [], [], [], []

    def flush():
        many = connection.executemany
        many("INSERT INTO object (object_id, store_id, object_key, signature, version, reading) VALUES (?, 1, ?, 's', 1, 1)", objects)
        many(
            "INSERT INTO observation (observation_id, object_id, version, reading, signature, observed_at_us, size_bytes,"
            " sha256, container, device, badge, seq, started_at_us, started_at_source, clock_error_us, origin_us,"
            " duration_us, quarantined) VALUES (?, ?, 1, 1, 's', ?, ?, ?, 'mp4', ?, ?, ?, ?, 'file_name', 1000000, 0, ?, ?)",
            observations,
        )
        many("INSERT INTO start_claim (observation_id, source, started_at_us, error_us) VALUES (?, ?, ?, 1000000)", claims)
        many(
            "INSERT INTO stream (observation_id, stream_index, kind, codec, packets, keyframes, size_bytes, start_us,"
            " end_us, interval_us) VALUES (?, ?, ?, ?, 1, 1, 1, 0, ?, 40000)",
            streams,
        )
        many("INSERT INTO stream_gap (observation_id, stream_index, start_us, end_us) VALUES (?, ?, ?, ?)", gaps)
        many("INSERT INTO problem (observation_id, position, code, detail) VALUES (?, 0, 'no_index', 'no moov')", problems)
        for some in [objects, observations, claims, streams, gaps, problems]:
            some.clear()

    for number, (badge, start, end) in enumerate(rows(folder / "recordings.csv"), 1):
        length, readable = end - start, number % 200 != 0
        begun = datetime.fromtimestamp(start // 1_000_000, SHANGHAI)
        key = f"{begun:%Y/%m/%d}/BC{badge}_{badge}_{begun:%Y%m%d%H%M%S}_{number % 10000:04}.mp4"
        sha256 = hashlib.sha256(str(number - (number % 1000 == 1)).encode()).hexdigest()
        objects.append((number, key))
        observations.append(
            (number, number, OBSERVED_AT_US, length, sha256, f"BC{badge}", str(badge), f"{number % 10000:04}", start,
             length if readable else None, int(not readable))
        )
        claims.append((number, "file_name", start))
        if not readable:
            problems.append((number,))
        else:
            claims.append((number, "container", start))
            streams.append((number, 0, "video", "h264", length))
            streams.append((number, 1, "audio", "aac", length))
            if number % 100 == 0:
                gaps.append((number, 0, length // 2, length // 2 + 30_000_000))
        if number % 20000 == 0:
            flush()
    flush()
    connection.commit()
    # As a catalog is left that was closed in good order.
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reelproof", required=True)
    parser.add_argument("rows", type=Path, help="folder that `coverage-peer make` wrote")
    parser.add_argument("catalog", type=Path, help="the catalog to be made")
    given = parser.parse_args()
    out = given.catalog.with_suffix(".import")
    out.mkdir(parents=True, exist_ok=True)
    for kind in tables(given.rows, out):
        subprocess.run([given.reelproof, "-q", "--catalog", f"sqlite://{given.catalog}", "import", kind, out / f"{kind}.csv"], check=True)
    footage(given.rows, given.catalog)


main()
