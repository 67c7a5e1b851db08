"""How much memory `reelproof ingest` and all its children have at most, on one object of any size.

The object is a real recording followed by a `free` box (ISO/IEC 14496-12, 8.1.2) that makes it as long as is
wanted: a hole in the file, which takes no room on the disk. The system keeps a high-water mark of each process'
resident memory (`proc(5)`, VmHWM); the marks of all processes are added up, though they need not have been reached
at the same moment, so the sum is an upper bound. Pages that processes share count once for each.
"""

import os
import shutil
import subprocess
import time
from pathlib import Path


def stretch(clip, target, size_bytes):
    """`clip`, stretched to `size_bytes` with a box that players pass over."""
    shutil.copyfile(clip, target)
    with open(target, "r+b") as file:
        end = file.seek(0, os.SEEK_END)
        file.write((1).to_bytes(4, "big") + b"free" + (size_bytes - end).to_bytes(8, "big"))
        file.truncate(size_bytes)


def descendants(pid):
    """The process and all that it started, and what those started."""
    found, left = [], [pid]
    while left:
        pid = left.pop()
        found.append(pid)
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                left += map(int, task.read_text().split())
            except OSError:
                pass
    return found


def mark_bytes(pid):
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def peak(argv):
    """Seconds, and the sum of the high-water marks of all processes that the command consisted of."""
    began = time.perf_counter()
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    marks = {}
    while process.poll() is None:
        for pid in descendants(process.pid):
            marks[pid] = max(marks.get(pid, 0), mark_bytes(pid))
        time.sleep(0.02)
    if process.returncode != 0:
        raise SystemExit(f"peers: {argv} ended with status {process.returncode}:\n{process.stderr.read().decode()}")
    return time.perf_counter() - began, sum(marks.values()), len(marks)
