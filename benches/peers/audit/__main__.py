"""How much of 100,000 obligations do 1,000,000 recordings cover? Ours beside DuckDB and PostgreSQL.

Called by benches/peers/audit.sh, which has built our side and installed DuckDB. All work on the same rows
with as many threads, in turn, and must give the same answers to the microsecond. Each database is asked
in several ways, and its best counts.

`index resident`: everything that can be prepared is. `from raw rows`: the tables are in memory as
unsorted rows, and whatever is built counts.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

import table  # noqa: E402
from databases import DuckDb, PostgreSql  # noqa: E402

OFFICERS = 5000  # 200 recordings and 20 obligations each


def ours(given, folder, threads):
    argv = [given.coverage_peer, "run", str(folder), str(threads), str(given.rounds * 5)]
    return json.loads(subprocess.run(argv, stdout=subprocess.PIPE, check=True).stdout)


def made(given, folder, officers):
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "officers.csv").exists():
        subprocess.run([given.coverage_peer, "make", str(folder), str(officers)], check=True)
    return folder


def check(engine, way, found, folder):
    """Whether the engine says of each obligation what we say."""
    lines = (folder / "ours.csv").read_text().split()[1:]
    expected = {int(id): int(covered) for id, covered in (line.split(",") for line in lines)}
    for id, covered in expected.items():
        if found.get(id, 0) != covered:
            raise SystemExit(f"peers: obligation {id}: we say {covered} us, {engine.name} ({way}) says {found.get(id, 0)}")
    if stray := set(found) - set(expected):
        raise SystemExit(f"peers: {engine.name} ({way}) answers for obligations that there are not: {sorted(stray)[:5]}")
    return len(expected), sum(expected.values())


def engines(folder, threads):
    for kind in [DuckDb, PostgreSql]:
        try:
            yield kind(folder, threads)
        except (ImportError, FileNotFoundError) as error:
            print(f"- {kind.name} was not measured: {error}", flush=True)


def best_way(ways, best):
    way = min(ways, key=lambda way: best[way])
    return way, best[way]


def compare(given, folder, threads):
    """Rows of the table, and lines that say what was checked and which ways were tried."""
    rounds = max(given.rounds, 3)
    rows, notes = [], []
    best_ours = {"resident_s": float("inf"), "raw_s": float("inf")}
    there = list(engines(folder, threads))
    try:
        said = ours(given, folder, threads)
        plans = []
        for engine in there:
            kinds = [("index resident", "resident_s", engine.resident())]
            if isinstance(engine, DuckDb):
                kinds.append(("from raw rows", "raw_s", engine.raw()))
            for kind, figure, ways in kinds:
                for way, sql in ways.items():
                    obligations, total_us = check(engine, way, engine.answer(sql), folder)
                plans.append((engine, kind, figure, ways, {way: float("inf") for way in ways}))
        for _ in range(rounds):
            said = ours(given, folder, threads)
            for figure in best_ours:
                best_ours[figure] = min(best_ours[figure], said[figure])
            for engine, _, _, ways, best in plans:
                for way, sql in ways.items():
                    best[way] = min(best[way], engine.seconds(sql))
        for engine, kind, figure, ways, best in plans:
            way, seconds = best_way(ways, best)
            target = {("DuckDB", "resident_s"): 5, ("DuckDB", "raw_s"): 2, ("PostgreSQL", "resident_s"): 20}
            rows.append((kind, best_ours[figure], f"{engine.name} {engine.version}: {way}", seconds, target[engine.name, figure]))
            others = ", ".join(f"{other}: {table.seconds(best[other])}" for other in ways if other != way)
            notes.append(f"- {engine.name}, {kind}, other ways that were tried: {others}.")
            notes.append(
                f"- {engine.name}, {kind}: the same covered microseconds for each of {obligations:,} obligations in each way, "
                f"{total_us:,} in all."
            )
    finally:
        for engine in there:
            engine.close()
    return said, rows, notes


def growth(given, folder, ten, threads):
    """Ours at once and ten times the size, and on one thread and on all, in turn."""
    best = {}
    for _ in range(max(given.rounds, 3)):
        for name, where, count in [("one", folder, threads), ("ten", ten, threads), ("alone", folder, 1), ("ten alone", ten, 1)]:
            said = ours(given, where, count)
            for figure in ["resident_s", "raw_s"]:
                key = name, figure
                best[key] = min(best.get(key, float("inf")), said[figure])
    lines = table.head(["ours", "once", "ten times", "cost", "target", "one thread, ten times", f"{threads} threads gain", "target"], 7)
    for words, figure in [("index resident", "resident_s"), ("from raw rows", "raw_s")]:
        one, ten_s, alone = best["one", figure], best["ten", figure], best["ten alone", figure]
        lines.append(
            table.row(
                [words, table.seconds(one), table.seconds(ten_s), f"**{ten_s / one:.1f} ×**", "≤ 11.5 ×",
                 table.seconds(alone), f"**{alone / ten_s:.2f} ×**", "≥ 1.7 ×"]
            )
        )
    return lines


def main():
    parser = argparse.ArgumentParser(prog="benches/peers/audit.sh", description=__doc__)
    parser.add_argument("--coverage-peer", required=True)
    parser.add_argument("--dir", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--officers", type=int, default=OFFICERS)
    given = parser.parse_args()
    threads = os.cpu_count()
    folder = made(given, given.dir / f"coverage-{given.officers}", given.officers)
    ten = made(given, given.dir / f"coverage-{given.officers * 10}", given.officers * 10)
    said, rows, notes = compare(given, folder, threads)
    load = os.getloadavg()[0]
    print(
        f"**Coverage of {said['obligations']:,} obligations by {said['recordings']:,} recordings** "
        f"({threads} threads for everybody, best of {max(given.rounds, 3)} rounds; load of the machine {load:.1f})"
    )
    print("\n".join(table.head(["", "ours", "beside it", "time", "ours is faster by", "target"], 4)))
    for kind, ours_s, name, seconds, target in rows:
        print(table.row([kind, table.seconds(ours_s), name, table.seconds(seconds), f"**{seconds / ours_s:.1f} ×**", f"≥ {target} ×"]))
    print()
    print("\n".join(notes), flush=True)
    print()
    print("\n".join(growth(given, folder, ten, threads)), flush=True)


main()
