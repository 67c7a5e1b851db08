"""Makes the footage of the comparison with ffmpeg, once; a folder already made is used again.

A few seconds are encoded and then repeated without encoding (`-stream_loop`, or a concatenation), so
that gigabytes of real H.264 and AAC take a minute or two to make. The picture is a moving test card
under noise that changes with every frame, which brings it to the 8 Mbit/s of a body-worn camera at
1080p: 20 minutes are 1.2 GB. The index (`moov`) stands at the end, as devices write it.
"""

import datetime
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

# Raised when the footage is made in another way, so that an old folder is not taken for a new one.
VERSION = "1"

PICTURE = "size={size}:rate=25"
SOUND = "anoisesrc=color=pink:amplitude=0.2:sample_rate=48000"


@dataclass(frozen=True)
class Scale:
    """How much footage there is."""

    name: str
    files: int
    minutes: int
    small_files: int
    inspect_minutes: int
    sparse_gb: int  # the longest object whose memory is looked at


SCALES = {
    "full": Scale("full", files=8, minutes=20, small_files=1000, inspect_minutes=10, sparse_gb=100),
    "small": Scale("small", files=4, minutes=5, small_files=200, inspect_minutes=2, sparse_gb=100),
}


@dataclass(frozen=True)
class Span:
    """A planted event, in seconds."""

    kind: str
    start: float
    end: float


@dataclass(frozen=True)
class Footage:
    """Where everything lies."""

    long: Path  # `files` files of `minutes` minutes: ingest
    short: Path  # as many of a tenth of the length
    many: Path  # `small_files` files of three seconds
    few: Path  # a tenth of them
    inspect: Path  # two files with planted events
    planted: list

    def long_files(self):
        return sorted(self.long.iterdir())


def ffmpeg(*arguments):
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, arguments)]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"peers: the footage could not be made: {' '.join(command)}\n{done.stderr}")


def name(number):
    """A key as the default pattern reads it: DEVICE_BADGE_START_SEQ."""
    start = datetime.datetime(2024, 5, 3, 9) + datetime.timedelta(minutes=20 * number)
    return f"BC{number % 8 + 1}_3100{number % 8 + 1:02}_{start:%Y%m%d%H%M%S}_{number:04}.mp4"


def encode(path, seconds, picture, sound, keyframe_s, extra):
    ffmpeg(
        "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, "-t", seconds,
        "-c:v", "libx264", "-pix_fmt", "yuv420p", *extra,
        "-g", 25 * keyframe_s, "-keyint_min", 25 * keyframe_s, "-sc_threshold", 0,
        "-c:a", "aac", "-b:a", "96k", "-ac", 2, "-ar", 48000, path,
    )  # fmt: skip


def moving(size):
    return f"testsrc2={PICTURE.format(size=size)},noise=alls=14:allf=t"


EIGHT_MBIT = ["-b:v", "7900k", "-minrate", "7900k", "-maxrate", "7900k", "-bufsize", "7900k"]


def repeat(clip, path, times, number):
    """The clip so many times over; the time of creation makes every file another one."""
    created = datetime.datetime(2024, 5, 3, 1) + datetime.timedelta(minutes=20 * number)
    ffmpeg(
        "-stream_loop", times - 1, "-i", clip, "-map", 0, "-c", "copy",
        "-metadata", f"creation_time={created:%Y-%m-%dT%H:%M:%SZ}", path,
    )  # fmt: skip


def make_long(folder, scale, clip):
    for number in range(scale.files):
        repeat(clip, folder / "long" / name(number), scale.minutes * 6, number)
        repeat(clip, folder / "short" / name(number), max(1, scale.minutes * 6 // 10), number)


def make_many(folder, scale):
    clip = folder / "three.mp4"
    encode(clip, 3, moving("1920x1080"), SOUND, 2, ["-preset", "ultrafast", *EIGHT_MBIT])
    data = clip.read_bytes()
    for number in range(scale.small_files):
        # A `free` box at the end, which every reader skips, makes every file another one.
        box = (16).to_bytes(4, "big") + b"free" + number.to_bytes(8, "big")
        (folder / "many" / name(number)).write_bytes(data + box)
        if number < scale.small_files // 10:
            (folder / "few" / name(number)).write_bytes(data + box)
    clip.unlink()


def make_inspect(folder, scale):
    """Two minutes of moving picture and sound around one black, one frozen and one silent span, the
    whole repeated. `main.mp4` has a key frame every two seconds, `high.mp4` one every second in High
    profile."""
    still = f"testsrc2={PICTURE.format(size='1920x1080')},trim=end_frame=1,loop=-1:1:0,setpts=N/25/TB"
    black = f"color=black:{PICTURE.format(size='1920x1080')}"
    for file, keyframe_s, extra in [
        ("main.mp4", 2, ["-preset", "ultrafast", *EIGHT_MBIT]),
        ("high.mp4", 1, ["-preset", "veryfast", "-profile:v", "high", *EIGHT_MBIT]),
    ]:
        parts = {
            "moving": (20, moving("1920x1080"), SOUND),
            "black": (10, black, SOUND),
            "frozen": (12, still, SOUND),
            "silent": (16, moving("1920x1080"), "anullsrc=r=48000"),
        }
        for part, (seconds, picture, sound) in parts.items():
            encode(folder / f"{part}.ts", seconds, picture, sound, keyframe_s, extra)
        listed = "".join(f"file '{part}.ts'\n" for part in order(scale))
        (folder / "list.txt").write_text(listed)
        ffmpeg(
            "-f", "concat", "-safe", 0, "-i", folder / "list.txt", "-map", 0, "-c", "copy",
            "-bsf:a", "aac_adtstoasc", folder / "inspect" / file,
        )  # fmt: skip
        for part in parts:
            (folder / f"{part}.ts").unlink()
        (folder / "list.txt").unlink()


ROUND = ["moving", "black", "moving", "frozen", "moving", "silent", "moving", "moving"]
SECONDS = {"moving": 20, "black": 10, "frozen": 12, "silent": 16}


def order(scale):
    rounds = max(1, round(scale.inspect_minutes * 60 / sum(SECONDS[part] for part in ROUND)))
    return ROUND * rounds


def planted(scale):
    spans, at = [], 0
    for part in order(scale):
        if part != "moving":
            spans.append(Span(part, at, at + SECONDS[part]))
        at += SECONDS[part]
    return spans


def footage(folder, scale):
    """The footage below `folder`, made if it is not there."""
    folder = folder / scale.name
    marker, made_as = folder / "made", f"{VERSION} {scale}"
    if not marker.exists() or marker.read_text() != made_as:
        needed_gb = scale.files * scale.minutes * 0.066 + scale.small_files * 0.0033 + scale.inspect_minutes * 0.12
        free_gb = shutil.disk_usage(folder.parent).free / 1e9
        if free_gb < needed_gb + 2:
            raise SystemExit(
                f"peers: the footage takes {needed_gb:.0f} GB and {folder.parent} has {free_gb:.0f} GB free: make "
                "room, name another folder with PEERS_DIR, or take less footage with PEERS_SCALE=small"
            )
        print(f"peers: making {needed_gb:.0f} GB of footage in {folder}; a few minutes, once", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        for part in ["long", "short", "many", "few", "inspect"]:
            (folder / part).mkdir(parents=True)
        clip = folder / "clip.mp4"
        encode(clip, 10, moving("1920x1080"), SOUND, 2, ["-preset", "ultrafast", *EIGHT_MBIT])
        make_long(folder, scale, clip)
        clip.unlink()
        make_many(folder, scale)
        make_inspect(folder, scale)
        marker.write_text(made_as)
    return Footage(
        long=folder / "long",
        short=folder / "short",
        many=folder / "many",
        few=folder / "few",
        inspect=folder / "inspect",
        planted=planted(scale),
    )


def warm(paths):
    """Reads everything once, so that nobody is measured against the disk."""
    for path in paths:
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            with open(file, "rb", buffering=0) as opened:
                os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)
                while opened.read(1 << 22):
                    pass
