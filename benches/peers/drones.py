"""The area that drones saw: our union by rows beside shapely 2, on the same points, in one run.

Flights of 1,000 points, 15 m apart, wander over a square of 1,200 km² from a fixed seed; every
line between two points sees 50 m to every side. shapely's ways: `buffer` of one MultiLineString of all
flights, and `unary_union` of the buffers of all lines between two points, which is run on fewer flights; our time
on the same fewer flights stands beside it.
"""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import shapely

SIDE_M = 1200**0.5 * 1000
POINTS = 1000
RADIUS_M = 50.0


def flights(count):
    rng = np.random.default_rng(1)
    heading = rng.uniform(0, 2 * np.pi, (count, 1))
    turns = rng.normal(0, 0.05, (count, POINTS)) + (rng.random((count, POINTS)) < 0.02) * rng.normal(0, 1.2, (count, POINTS))
    heading = heading + np.cumsum(turns, axis=1)
    steps = 15 * np.stack([np.cos(heading), np.sin(heading)], axis=2)
    way = rng.uniform(0, SIDE_M, (count, 1, 2)) + np.cumsum(steps, axis=1)
    # Turned back at the borders, and scattered as a receiver scatters.
    way = np.abs((way + SIDE_M) % (2 * SIDE_M) - SIDE_M)
    return way + rng.normal(0, 0.3, way.shape)


def ours(program, points, folder):
    path = Path(folder) / "flights.bin"
    with open(path, "wb") as file:
        np.array([POINTS], "<f8").tofile(file)
        points.astype("<f8").tofile(file)
    said = subprocess.run([program, str(path), str(RADIUS_M), "3"], stdout=subprocess.PIPE, check=True).stdout
    document = json.loads(said)
    return document["min_s"], document["area_m2"]


def timed(work):
    began = time.perf_counter()
    area = work().area
    return time.perf_counter() - began, area


def row(name, theirs, mine, target):
    (their_s, their_m2), (our_s, our_m2) = theirs, mine
    return (
        f"| {name} | {their_s:.2f} s | {our_s:.2f} s | **{their_s / our_s:.1f} ×** | ≥ {target} × | "
        f"{(our_m2 / their_m2 - 1) * 100:+.4f} % |"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ours", required=True)
    parser.add_argument("--flights", type=int, default=1000)
    parser.add_argument("--unary", type=int, default=20)
    given = parser.parse_args()
    points = flights(given.flights)
    some = points[: given.unary]
    with tempfile.TemporaryDirectory(prefix="reelproof-peers-") as folder:
        all_ours, some_ours = ours(given.ours, points, folder), ours(given.ours, some, folder)
    lines = shapely.multilinestrings(shapely.linestrings(points))
    buffered = timed(lambda: lines.buffer(RADIUS_M))
    pairs = shapely.linestrings(np.stack([some[:, :-1], some[:, 1:]], axis=2).reshape(-1, 2, 2))
    united = timed(lambda: shapely.union_all(shapely.buffer(pairs, RADIUS_M)))
    print(f"**Union of what {given.flights} flights of {POINTS} points saw of 1,200 km²** (shapely {shapely.__version__})")
    print()
    print("| shapely | its time | ours | ours is faster by | target | area differs by |")
    print("| --- | --: | --: | --: | --: | --: |")
    print(row("`buffer` of one MultiLineString", buffered, all_ours, 5))
    print(row(f"`unary_union` of buffers, {given.unary} flights of them", united, some_ours, 10))


main()
