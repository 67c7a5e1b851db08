"""Runs reelproof and other tools in turn on the same bytes and prints the figures as Markdown.

Called by benches/peers.sh, which has built what is measured.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))

import machine  # noqa: E402
import memory  # noqa: E402
import table  # noqa: E402
from footage import SCALES, footage, warm  # noqa: E402
from measure import Command, in_turn, run  # noqa: E402

ROWS = ["ingest", "probe", "inspect", "scaling", "memory"]


def arguments():
    parser = argparse.ArgumentParser(prog="benches/peers.sh", description=__doc__)
    parser.add_argument("--scale", choices=SCALES, default="full", help="how much footage (PEERS_SCALE)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each command runs at least (PEERS_ROUNDS)")
    parser.add_argument("--rows", default=",".join(ROWS), help="which of the rows (PEERS_ROWS)")
    parser.add_argument("--dir", type=Path, required=True, help="where the footage is made and found again (PEERS_DIR)")
    parser.add_argument("--reelproof", required=True)
    parser.add_argument("--warm-probe", required=True)
    given = parser.parse_args()
    given.rows = given.rows.split(",")
    if unknown := set(given.rows) - set(ROWS):
        parser.error(f"there is no row {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    return given


class Peers:
    def __init__(self, given):
        self.given = given
        self.ours = given.reelproof
        self.there = machine.present()
        self.scale = SCALES[given.scale]
        self.catalog = Path(tempfile.mkdtemp(prefix="reelproof-peers-")) / "catalog.db"
        given.dir.mkdir(parents=True, exist_ok=True)
        self.footage = footage(given.dir.resolve(), self.scale)

    def ingest_command(self, folder, name="`reelproof ingest`"):
        def fresh():
            for file in self.catalog.parent.iterdir():
                file.unlink()

        argv = [self.ours, "--quiet", "--catalog", f"sqlite://{self.catalog}", "ingest", str(folder)]
        return Command(name, argv, before=fresh)

    def available(self, tool, command):
        """The command, if its tool is there."""
        return [command] if tool in self.there else []

    def ingest(self):
        folder = self.footage.long
        files = self.footage.long_files()
        size_bytes = sum(file.stat().st_size for file in files)
        two = f"find '{folder}' -type f -print0 | sort -z | xargs -0 -P2"
        both = "sha256sum \"$1\" && ffprobe -v error -show_packets \"$1\" >/dev/null"
        commands = [
            self.ingest_command(folder, "`reelproof ingest`: SHA-256, packet index, catalog"),
            *self.available("openssl", Command("`openssl dgst -sha256`, two at a time", f"{two} -n1 openssl dgst -sha256", target=1.0)),
            *self.available(
                "ffprobe",
                Command(
                    "`sha256sum` + `ffprobe -show_packets`, two at a time", f"{two} -I@ sh -c '{both}' - @", target=3
                ),
            ),
            Command("`sha256sum`, two at a time", f"{two} -n1 sha256sum"),
            *self.available("hashdeep", Command("`hashdeep -c sha256 -j2`", ["hashdeep", "-c", "sha256", "-j2", *map(str, files)])),
            *self.available(
                "rclone",
                Command(
                    "`rclone hashsum sha256 --checkers 2`",
                    ["rclone", "hashsum", "sha256", "--checkers", "2", str(folder)],
                    note=f"version {machine.version('rclone')}" if "rclone" in self.there else "",
                ),
            ),
            *self.available("mediainfo", Command("`mediainfo`: no digest, no packets", f"{two} -n1 mediainfo")),
        ]
        rounds = in_turn(commands, self.given.rounds, lambda: warm([folder]))
        yield f"**{len(files)} files of {self.scale.minutes} minutes, {size_bytes / 1e9:.1f} GB in all, taken in** (best of {rounds} rounds)"
        yield from table.versus(commands, size_bytes)

    def probe(self):
        file = self.footage.long_files()[0]
        commands = [
            Command("`reelproof probe --no-hash`: the whole process", [self.ours, "-q", "--json", "probe", "--no-hash", str(file)]),
            *self.available("ffprobe", Command("`ffprobe -show_packets`", f"ffprobe -v error -show_packets '{file}' >/dev/null", target=8)),
            *self.available("mediainfo", Command("`mediainfo`: no packets", ["mediainfo", str(file)])),
        ]
        rounds = in_turn(commands, self.given.rounds, lambda: warm([file]))
        yield (
            f"**Packet index of one file of {self.scale.minutes} minutes, 1080p, {file.stat().st_size / 1e9:.2f} GB** "
            f"(best of {rounds} rounds)"
        )
        yield from table.versus(commands)
        said = subprocess.run([self.given.warm_probe, str(file), "200"], stdout=subprocess.PIPE, check=True).stdout
        warm_s = json.loads(said)["min_s"]
        yield ""
        text = f"In a process that is already running, with its child waiting, a probe takes {table.seconds(warm_s)} (best of 200)"
        if "ffprobe" in self.there:
            text += f": **{commands[1].best.seconds / warm_s:.0f} ×** as fast as `ffprobe -show_packets` (target ≥ 50 ×)"
        yield text + "."

    def inspect(self):
        if subprocess.run([self.ours, "inspect", "--help"], capture_output=True).returncode != 0:
            yield "**Inspection of pictures and sound**: skipped, this build has no `reelproof inspect`"
            return
        for name, words in [
            ("main.mp4", "a key frame every 2 s"),
            ("high.mp4", "High profile, a key frame every second"),
        ]:
            file = self.footage.inspect / name
            filters = "-vf blackdetect=d=2,freezedetect=d=2 -af silencedetect=d=2"
            commands = [
                Command("`reelproof inspect`", [self.ours, "-q", "--json", "inspect", str(file)]),
                *self.available(
                    "ffmpeg",
                    Command(
                        "`ffmpeg` with `blackdetect,freezedetect` and `silencedetect`",
                        f"ffmpeg -nostdin -hide_banner -nostats -i '{file}' {filters} -f null -",
                        target=8,
                    ),
                ),
            ]
            rounds = in_turn(commands, self.given.rounds, lambda file=file: warm([file]), keep_output=True)
            yield f"**Inspection of {self.scale.inspect_minutes} minutes, 1080p, {words}** (best of {rounds} rounds)"
            yield from table.versus(commands)
            yield ""
            yield from self.events(commands)
            yield ""

    def events(self, commands):
        """Whether the planted events were found, by us and by the others, to within one GOP."""
        found = [ours_found(commands[0].output)] + [ffmpeg_found(command.output) for command in commands[1:]]
        for command, events in zip(commands, found):
            hits = 0
            for span in self.footage.planted:
                hits += any(
                    kind == span.kind and abs(start - span.start) <= 2 and abs(end - span.end) <= 2
                    for kind, start, end in events
                )
            yield f"- {command.name} found {hits} of {len(self.footage.planted)} planted events, edges right to 2 s."

    def scaling(self):
        pairs = [
            (f"length: {len(self.footage.long_files())} files, {self.scale.minutes * 6 // 10 / 6:g} and {self.scale.minutes} minutes each", self.footage.short, self.footage.long),
            (f"files: {self.scale.small_files // 10} and {self.scale.small_files} of three seconds", self.footage.few, self.footage.many),
        ]
        rows = []
        rounds = 0
        for what, one, ten in pairs:
            commands = [self.ingest_command(one), self.ingest_command(ten)]
            rounds = in_turn(commands, self.given.rounds, lambda one=one, ten=ten: warm([ten, one]))
            # The one is over in a moment: some more, so that its fastest is as good as that of the ten.
            for _ in range(3 * self.given.rounds):
                warm([one])
                run(commands[0])
            rows.append((what, *commands))
        yield f"**`reelproof ingest`, ten times as much** (best of {rounds} rounds and more)"
        yield from table.scaling(rows)

    def memory(self):
        clip = min(self.footage.few.iterdir())
        rows = []
        for gigabytes in [self.scale.sparse_gb // 100, self.scale.sparse_gb]:
            folder = Path(tempfile.mkdtemp(prefix="sparse-", dir=self.given.dir))
            try:
                memory.stretch(clip, folder / clip.name, gigabytes * 10**9)
                probe = [self.ours, "-q", "--json", "probe", "--no-hash", str(folder / clip.name)]
                ingest = self.ingest_command(folder)
                ingest.before()
                for name, argv in [("`reelproof ingest`", ingest.argv), ("`reelproof probe --no-hash`", probe)]:
                    rows.append((name, gigabytes, *memory.peak(argv)))
            finally:
                shutil.rmtree(folder)
        yield "**Memory of all processes together, on one sparse object**"
        yield from table.memory(rows)

    def lines(self):
        yield from (f"- {line}" for line in machine.describe(self.ours))
        if lacking := machine.missing():
            yield f"- Not measured, because not installed: {', '.join(lacking)}"
        for name in self.given.rows:
            yield ""
            yield from getattr(self, name)()

    def close(self):
        shutil.rmtree(self.catalog.parent, ignore_errors=True)


def ours_found(output):
    document = json.loads(output[output.index("{") :])
    return [
        (kind, event["start_us"] / 1e6, event["end_us"] / 1e6)
        for kind in ["black", "frozen", "silent"]
        for event in document[kind]
    ]


def ffmpeg_found(output):
    events = [("black", float(a), float(b)) for a, b in re.findall(r"black_start:(\S+) black_end:(\S+)", output)]
    for kind, name in [("frozen", "freeze"), ("silent", "silence")]:
        starts = re.findall(rf"{name}_start: ?(\S+)", output)
        ends = re.findall(rf"{name}_end: ?(\S+)", output)
        events += [(kind, float(a), float(b)) for a, b in zip(starts, ends)]
    return events


def main():
    given = arguments()
    peers = Peers(given)
    try:
        for line in peers.lines():
            print(line, flush=True)
    finally:
        peers.close()


main()
