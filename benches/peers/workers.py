#!/usr/bin/env python3
"""What two workers come to against one, and what the queue and the log cost for each object.

    workers.py REELPROOF NATS_SERVER [--small] [--rounds N] [--dir FOLDER]

Workers read a folder of this machine: with an object store beside them on two cores, it would be the store that is measured.
Each worker is held to one core (taskset) and reads one object at a time; the queue, which uses next to nothing, is free to
run on either where two workers are measured. Objects are a second of footage with noise after it, so what is measured is reading, hashing, handing out and
recording, in a catalog on SQLite. The page cache holds them; they are read once before each run.

The catalog says when each object was recorded, so nobody has to ask the workers while they work. Two against one: bytes a second
between the moments at which a tenth and nine tenths of the objects were recorded, so that neither start nor end counts. One
worker is measured on each core in turn, and two are compared with the mean of both.

The queue: the same objects by `ingest` within one process, and by a worker, each on the first core, from the first record to
the last. Its server is held to the second core, as if it were on another machine: left to itself, the system would have it
run on the worker's at times, while the other has nothing to do.
The log: what its statements take of the time of `ingest`, from the first record on, as the driver tells it
(`sqlx::query=debug`), in a run that has both cores: on one, what a statement takes would be mostly the wait for the reading beside it.

Of several rounds, run in turn, the fastest of each counts. Needs taskset (util-linux), ffmpeg and, in full
size, 6 GB in FOLDER."""
import argparse, json, os, re, shutil, socket, sqlite3, subprocess, sys, tempfile, time
from pathlib import Path

MIB = 1 << 20
SIZES = {
    # objects, bytes each: two against one; the cost of small objects; and of large ones
    "full": ((240, 16 * MIB), (1500, 10**6), (6, 10**9)),
    "small": ((40, 4 * MIB), (60, 10**6), (3, 50 * 10**6)),
}
PATIENCE_S = 600
# How many objects are recorded at once, at most (ingest/src/driving.rs).
AT_ONCE = 32


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def clip(folder):
    """A second of footage: what cannot be read would cost a new child process each time."""
    path = folder / "clip.mp4"
    picture = ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=10:duration=1", "-f", "lavfi", "-i", "sine=duration=1"]
    subprocess.run(["ffmpeg", "-v", "error", *picture, "-c:v", "libx264", "-preset", "ultrafast", path], check=True)
    return path.read_bytes()


def fill(folder, count, size, clip):
    """The clip with an atom at its end that means nothing: one block of noise, with the object's number before it."""
    folder.mkdir()
    block = os.urandom(MIB)
    for number in range(count):
        with open(folder / f"BC1_310001_20240503{number:06}_1.mp4", "wb") as file:
            left = size - len(clip) - 16
            file.write(clip + (left + 16).to_bytes(4, "big") + b"free" + number.to_bytes(8, "big"))
            while left > 0:
                left -= file.write(block[:left])


def warm(folder):
    for path in folder.iterdir():
        with open(path, "rb", buffering=0) as file:
            while file.read(MIB):
                pass


class Site:
    """A catalog, a queue and a folder that is handed out, all of them new."""

    def __init__(self, tools, evidence, queue_core=None):
        self.reelproof, nats = tools
        held = [] if queue_core is None else ["taskset", "-c", str(queue_core)]
        self.dir = Path(tempfile.mkdtemp(dir=evidence.parent))
        self.evidence = evidence
        port = free_port()
        self.queue = f"nats://127.0.0.1:{port}"
        self.server = subprocess.Popen(
            [*held, nats, "--jetstream", "--addr", "127.0.0.1", "--port", str(port), "--store_dir", self.dir / "queue"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.02)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.kill()
        self.server.wait()
        shutil.rmtree(self.dir)

    def run(self, *arguments):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("REELPROOF_")}
        done = subprocess.run([self.reelproof, *arguments], cwd=self.dir, env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"workers: {arguments} ended with {done.returncode}:\n{done.stderr[-2000:]}")
        return done.stdout

    def hand_out(self):
        self.run("ingest", str(self.evidence), "--queue", self.queue, "-q")

    def worker(self, core):
        return Worker(self, core)


class Worker:
    """A worker on one core."""

    def __init__(self, site, core):
        command = ["taskset", "-c", str(core), site.reelproof, "worker", "--queue", site.queue, "--jobs", "1", "-q"]
        self.log = site.dir / f"worker-{core}.log"
        with open(self.log, "wb") as log:
                self.process = subprocess.Popen(command, cwd=site.dir, stdout=subprocess.DEVNULL, stderr=log)

    def is_well(self):
        if self.process.poll() is not None:
            raise SystemExit(f"workers: a worker ended with {self.process.returncode}:\n{self.log.read_text()[-2000:]}")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def moments(catalog):
    """When each object was recorded, in seconds and in order."""
    connection = sqlite3.connect(f"file:{catalog}?mode=ro", uri=True)
    try:
        return [at_us / 1e6 for (at_us,) in connection.execute("SELECT observed_at_us FROM observation ORDER BY 1")]
    finally:
        connection.close()


def recorded(site, workers, count):
    """When each object was recorded, once all are. It is looked for seldom: looking takes from what is measured."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        for worker in workers:
            worker.is_well()
        found = moments(site.dir / "reelproof.db")
        if len(found) == count:
            return found
        time.sleep(0.5)
    raise SystemExit("workers: the work does not come to an end")


def seconds_each(moments):
    """Seconds for an object, where neither start nor end counts."""
    return (moments[-1] - moments[0]) / (len(moments) - 1)


def rate(tools, evidence, count, size, cores):
    """Bytes a second of a worker on each of these cores, while all of them are at it."""
    with Site(tools, evidence) as site:
        site.hand_out()
        warm(evidence)
        workers = [site.worker(core) for core in cores]
        found = recorded(site, workers, count)
        for worker in workers:
            worker.stop()
        return size / seconds_each(found[count // 10 : -(count // 10)])


def through_the_queue(tools, evidence, count):
    """Seconds that a worker takes for an object."""
    with Site(tools, evidence, queue_core=1) as site:
        site.hand_out()
        warm(evidence)
        worker = site.worker(0)
        found = recorded(site, [worker], count)
        worker.stop()
        return seconds_each(found)


def within_a_process(tools, evidence):
    """Seconds that `ingest` takes for an object."""
    dir = Path(tempfile.mkdtemp(dir=evidence.parent))
    warm(evidence)
    command = ["taskset", "-c", "0", tools[0], "ingest", str(evidence), "--parallel", "1", "-q"]
    subprocess.run(command, cwd=dir, check=True, stdout=subprocess.DEVNULL)
    took = seconds_each(moments(dir / "reelproof.db"))
    shutil.rmtree(dir)
    return took


def of_the_log(tools, evidence, count):
    """Seconds that the log's statements take for an object."""
    dir = Path(tempfile.mkdtemp(dir=evidence.parent))
    command = [tools[0], "ingest", str(evidence), "--parallel", "1", "-q", "--log-format", "json"]
    environment = {**os.environ, "REELPROOF_LOG": "sqlx::query=debug"}
    done = subprocess.run(command, cwd=dir, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    shutil.rmtree(dir)
    total, statements, begun = 0, 0, False
    for line in done.stderr.decode().splitlines():
        said = json.loads(line)
        name = re.match(r"/\* (\w+) \*/", said.get("summary", ""))
        begun = begun or bool(name and name.group(1) == "add_observation")
        # What reads rows back, gives leaves their numbers and writes them; not what a new log begins with.
        if begun and name and (name.group(1).startswith("log_") or name.group(1) == "numbers"):
            total += float(said["elapsed_secs"])
            statements += 1
    # Small objects are recorded several at a time, and the log takes its statements for all of them.
    if statements * AT_ONCE < count:
        raise SystemExit(f"workers: the driver told of {statements} statements of the log for {count} objects")
    return total / count


def main():
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("reelproof")
    asked.add_argument("nats_server")
    asked.add_argument("--small", action="store_true", help="little of everything, to see that it runs")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--dir", default=tempfile.gettempdir())
    asked = asked.parse_args()
    tools = [os.path.abspath(asked.reelproof), os.path.abspath(asked.nats_server)]
    many, small, large = SIZES["small" if asked.small else "full"]
    if os.cpu_count() < 2:
        raise SystemExit("workers: two workers of one core each need two cores")
    with tempfile.TemporaryDirectory(dir=asked.dir) as work:
        work = Path(work)
        footage = clip(work)

        evidence = work / "many"
        fill(evidence, *many, footage)
        rates = {(0,): [], (1,): [], (0, 1): []}
        for _ in range(asked.rounds):
            for cores, found in rates.items():
                found.append(rate(tools, evidence, *many, cores))
        shutil.rmtree(evidence)
        one, other, both = (max(found) for found in rates.values())
        alone = (one + other) / 2
        print(f"{many[0]} objects of {many[1] / 1e6:.1f} MB")
        print(f"  one worker of one core   {one / 1e6:8.0f} and {other / 1e6:.0f} MB/s")
        print(f"  two workers              {both / 1e6:8.0f} MB/s    {both / alone:.2f} times one (1.8 is the target)")

        for count, size in (small, large):
            evidence = work / "cost"
            fill(evidence, count, size, footage)
            within, through, log = [], [], []
            for _ in range(asked.rounds):
                within.append(within_a_process(tools, evidence))
                through.append(through_the_queue(tools, evidence, count))
                log.append(of_the_log(tools, evidence, count))
            shutil.rmtree(evidence)
            within, through, log = min(within), min(through), min(log)
            print(f"{count} objects of {size / 1e6:.0f} MB, one at a time on one core")
            print(f"  ingest within a process  {within * 1e3:8.2f} ms an object")
            print(f"  a worker, by the queue   {through * 1e3:8.2f} ms an object    {100 * (through - within) / within:+.1f} %")
            print(f"  of it the log            {log * 1e3:8.3f} ms an object    {100 * log / within:.2f} %")
            together = 100 * (max(through - within, 0) + log) / within
            print(f"  queue and log together   {together:26.1f} % of ingest (3 at 1 MB is the target)")


if __name__ == "__main__":
    sys.exit(main())
