#!/usr/bin/env python3
"""One object read over links of several shapes: how long `reelproof probe` takes, and one connection by itself.

    links.py REELPROOF WEED [MEBIBYTES]

Starts an object store (SeaweedFS, the program WEED) on free ports of this machine, puts one object of noise into it,
and reads it through a proxy that delays each request, and holds each connection, or all of them together, to so many
bytes in a second. `curl` shows what one connection carries, without hashing. Needs curl 7.75 (--aws-sigv4)."""
import json, os, socket, subprocess, sys, tempfile, threading, time

KEYS = {"AWS_ACCESS_KEY_ID": "reelproof-bench", "AWS_SECRET_ACCESS_KEY": "of-no-use-elsewhere"}

# name, delay of a request in s, bytes/s of a connection, bytes/s of all together
SHAPES = [
    ("near: this machine, no proxy", None, None, None),
    ("full: 2 ms, 60 MB/s for all connections", 0.002, None, 60e6),
    ("far: 60 ms, 8 MB/s a connection", 0.060, 8e6, None),
    ("far and full: 60 ms, 8 MB/s a connection, 30 MB/s for all", 0.060, 8e6, 30e6),
]


class Pace:
    """Holds bytes up so that no more pass in a second than are to."""

    def __init__(self, rate):
        self.rate, self.free, self.lock = rate, 0.0, threading.Lock()

    def take(self, count):
        with self.lock:
            # What was held up for too long, as happens on a busy machine, is made good.
            self.free = max(self.free, time.monotonic() - 0.1) + count / self.rate
            wait = self.free - time.monotonic()
        if wait > 0:
            time.sleep(wait)


def proxy(target, delay, connection, link):
    shared = Pace(link) if link else None
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)

    def copy(source, sink, paces, pause):
        try:
            while data := source.recv(1 << 16):
                time.sleep(pause)
                for pace in paces:
                    pace.take(len(data))
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def serve():
        while True:
            client, _ = listener.accept()
            server = socket.create_connection(target)
            paces = [pace for pace in (shared, Pace(connection) if connection else None) if pace]
            threading.Thread(target=copy, args=(client, server, [], delay), daemon=True).start()
            threading.Thread(target=copy, args=(server, client, paces, 0), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()


def free_ports(count):
    found, port = [], 15000 + os.getpid() % 4000
    while len(found) < count:
        port += 1
        try:
            for candidate in (port, port + 10000):
                socket.create_server(("127.0.0.1", candidate)).close()
            found.append(port)
        except OSError:
            pass
    return found


def main():
    reelproof, weed = sys.argv[1:3]
    mebibytes = int(sys.argv[3]) if len(sys.argv) > 3 else 512
    with tempfile.TemporaryDirectory() as folder:
        s3, *others = free_ports(5)
        names = ["master", "volume", "filer", "admin"]
        command = [weed, "mini", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-admin.ui=false", "-webdav=false"]
        command += [f"-dir={folder}", "-bucket=evidence", f"-s3.port={s3}", "-s3.port.iceberg=0", "-s3.port.lance=0"]
        command += [f"-{name}.port={port}" for name, port in zip(names, others)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        store = subprocess.Popen(command, cwd=folder, env={**os.environ, **KEYS}, **quiet)
        try:
            measure(reelproof, ("127.0.0.1", s3), mebibytes, folder)
        finally:
            store.kill()
            store.wait()


def measure(reelproof, address, mebibytes, folder):
    source = os.path.join(folder, "object")
    with open(source, "wb") as file:
        for _ in range(mebibytes):
            file.write(os.urandom(1 << 20))
    signed = ["curl", "-sf", "--aws-sigv4", "aws:amz:us-east-1:s3", "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"]
    signed += ["--user", ":".join(KEYS.values())]
    upload = [*signed, "-T", source, f"http://{address[0]}:{address[1]}/evidence/object.bin"]
    until = time.monotonic() + 60
    while subprocess.run(upload).returncode != 0:
        if time.monotonic() > until:
            sys.exit("the object store does not come up")
        time.sleep(0.2)
    print(f"one object of {mebibytes} MiB")
    for name, delay, connection, link in SHAPES:
        host, port = address if delay is None else proxy(address, delay, connection, link)
        times = {}
        catalog = os.path.join(folder, "catalog.db")
        get = [*signed, "-o", "/dev/null", f"http://{host}:{port}/evidence/object.bin"]
        take_in = [reelproof, "ingest", "s3://evidence", "--json", "-q", "--catalog", f"sqlite://{catalog}"]
        here = {**os.environ, **KEYS, "AWS_REGION": "us-east-1", "AWS_ALLOW_HTTP": "true"}
        here["AWS_ENDPOINT"] = f"http://{host}:{port}"
        ranges = "?"
        for round_number in range(2):
            for what, command in (("one connection", get), ("reelproof", take_in)):
                if os.path.exists(catalog):
                    os.remove(catalog)
                began = time.monotonic()
                ran = subprocess.run(command, env=here, capture_output=True, text=True)
                took = time.monotonic() - began
                if ran.returncode != 0:
                    sys.exit(f"{command}: {ran.stderr}")
                times[what] = min(times.get(what, took), took)
                if what == "reelproof":
                    ranges = json.loads(ran.stdout).get("ranges", "?")
        rates = ", ".join(f"{what} {took:.2f} s ({mebibytes * 1.048576 / took:.0f} MB/s)" for what, took in times.items())
        print(f"{name}: {rates}; ranges at a time: {ranges}", flush=True)


main()
