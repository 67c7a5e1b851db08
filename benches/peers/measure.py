"""Runs commands in turn and says how long each took, how much processor time and how much memory.

The machine may have other things to do. So the commands of one row never run in blocks: every round
runs each of them once, one after the other, and what counts is the fastest round of each. Whatever
slows one command down in a round slows its neighbours too, and the fastest of several rounds is the one
that was disturbed least. Before every run the footage is read once, untimed: some systems take memory away
from files that nobody has read for a while, and nobody is to be measured against the disk.
"""

import os
import subprocess
import time
from dataclasses import dataclass, field

# Commands faster than this are repeated until they have had this long, so that a few milliseconds count.
MIN_SECONDS = 4.0
MAX_ROUNDS = 60


@dataclass
class Command:
    """What is run. `argv` may be a list, or a text for the shell."""

    name: str
    argv: object
    before: object = None  # called before every run, untimed
    target: float = None  # how many times faster ours is to be
    note: str = ""
    runs: list = field(default_factory=list)
    output: str = ""  # of the last run: what it wrote to stdout and stderr

    @property
    def best(self):
        return min(self.runs, key=lambda run: run.seconds)


@dataclass(frozen=True)
class Run:
    seconds: float
    cpu_seconds: float
    peak_bytes: int  # of the largest process


def run(command, keep_output=False):
    """One run. Output is kept only where something in it is looked for; it may be hundreds of MB."""
    if command.before:
        command.before()
    argv = ["bash", "-o", "pipefail", "-c", command.argv] if isinstance(command.argv, str) else command.argv
    sink = subprocess.PIPE if keep_output else subprocess.DEVNULL
    began = time.perf_counter()
    # Of what goes wrong, the message is wanted; nobody writes much there.
    process = subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT if keep_output else subprocess.PIPE
    )
    text = (process.stdout if keep_output else process.stderr).read()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    command.output = text.decode(errors="replace")
    if process.returncode != 0:
        raise SystemExit(f"peers: {command.name} ended with status {process.returncode}:\n{command.output[-2000:]}")
    command.runs.append(Run(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024))


def in_turn(commands, rounds, warm, keep_output=False):
    """Every command once a round, until there were `rounds` rounds and short ones had long enough. `warm`
    is called before every run."""
    done = 0
    while True:
        for command in commands:
            warm()
            run(command, keep_output)
        done += 1
        shortest = min(sum(run.seconds for run in command.runs) for command in commands)
        longest = max(sum(run.seconds for run in command.runs) for command in commands)
        if done >= rounds and (shortest >= MIN_SECONDS or longest >= 10 * MIN_SECONDS or done >= MAX_ROUNDS):
            return done
