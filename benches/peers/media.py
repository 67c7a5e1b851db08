#!/usr/bin/env python3
"""Serving footage beside nginx: the same file, the same client, in turns, in one run.

    benches/peers/media.py [--dir target/peers-media] [--mib 1200] [--rounds 4]

A file is made, taken into a catalog of its own, and served on loopback by `reelproof serve` (a release build; REELPROOF_BIN
names another) and by nginx with sendfile. A client reads the whole file over one connection, and ranges of several sizes at
places that are the same for both; each row is measured in turns, and the fastest round of each counts. That both send
the same bytes is checked first. A session and the access trail are part of what reelproof does for each request; nginx does
neither.
"""

import argparse
import hashlib
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAME = "BC001_310001_20240501090000_0001.mp4"
MIB = 1 << 20

# Bytes of a range, and how many of them a round asks for: fewer than a client may ask for at once.
RANGES = [(64 << 10, 800), (1 * MIB, 600), (8 * MIB, 100)]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def make(path, size_bytes):
    """A file of noise that repeats: its content does not matter to whoever sends it."""
    if path.exists() and path.stat().st_size == size_bytes:
        return
    block = random.Random(1).randbytes(16 * MIB)
    with open(path, "wb") as out:
        while out.tell() < size_bytes:
            out.write(block[: size_bytes - out.tell()])


class Client:
    """One connection that is kept, as a player keeps it."""

    def __init__(self, port, path, headers):
        self.address, self.path, self.headers = ("127.0.0.1", port), path, headers
        self.socket = socket.create_connection(self.address)
        self.buffer = bytearray(MIB)

    def get(self, first=None, length=None, digest=None):
        """Reads a range, or all; gives how many bytes came."""
        lines = [f"GET {self.path} HTTP/1.1", f"Host: localhost:{self.address[1]}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if first is not None:
            lines.append(f"Range: bytes={first}-{first + length - 1}")
        self.socket.sendall("\r\n".join(lines + ["", ""]).encode())
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self.socket.recv(65536)
            if not piece:
                raise SystemExit(f"{self.address}: the connection ended: {head!r}")
            head += piece
        head, body = head.split(b"\r\n\r\n", 1)
        status = int(head.split(b" ", 2)[1])
        if status not in (200, 206):
            raise SystemExit(f"{self.address}: {head.decode()} {body[:500].decode(errors='replace')}")
        size = int(re.search(rb"(?i)\r\ncontent-length: *(\d+)", head).group(1))
        left = size - len(body)
        if digest:
            digest.update(body)
        view = memoryview(self.buffer)
        while left:
            count = self.socket.recv_into(view, min(left, len(view)))
            if not count:
                raise SystemExit(f"{self.address}: {left} bytes are lacking")
            if digest:
                digest.update(view[:count])
            left -= count
        return size


def signed_in(port, password):
    http_client = http.client.HTTPConnection("127.0.0.1", port)
    body = json.dumps({"login": "bench", "password": password})
    headers = {"Content-Type": "application/json", "Host": f"localhost:{port}"}
    http_client.request("POST", "/api/v1/session", body, headers)
    answer = http_client.getresponse()
    text = answer.read()
    if answer.status != 200:
        raise SystemExit(f"signing in: {text.decode()}")
    return answer.getheader("Set-Cookie").split(";")[0]


def wait_for(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"nothing listens on {port}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", default=str(ROOT / "target/peers-media"))
    parser.add_argument("--mib", type=int, default=1200)
    parser.add_argument("--rounds", type=int, default=4)
    options = parser.parse_args()
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not nginx:
        raise SystemExit("nginx is not installed (`apt-get install nginx-light`): there is nothing to compare with")
    reelproof = os.environ.get("REELPROOF_BIN", str(ROOT / "target/release/reelproof"))
    if not os.path.exists(reelproof):
        raise SystemExit(f"{reelproof} is not there: cargo build --release -p reelproof -p media")

    folder = pathlib.Path(options.dir).resolve()
    evidence = folder / "evidence"
    evidence.mkdir(parents=True, exist_ok=True)
    file = evidence / NAME
    make(file, options.mib * MIB)
    file.read_bytes() if options.mib < 64 else subprocess.run(["cat", file], stdout=subprocess.DEVNULL, check=True)

    for old in folder.glob("reelproof.db*"):
        old.unlink()
    catalog = ["--catalog", f"sqlite://{folder}/reelproof.db"]

    def run(*args):
        done = subprocess.run([reelproof, *args, *catalog, "--json", "-q"], stdout=subprocess.PIPE, text=True)
        if done.returncode not in (0, 3):
            raise SystemExit(f"reelproof {' '.join(args)}: status {done.returncode}")
        return json.loads(done.stdout)

    run("ingest", str(evidence))
    password = run("user", "add", "bench", "--name", "bench", "--role", "administrator")["password"]

    ports = {"nginx": free_port(), "reelproof": free_port()}
    conf = folder / "nginx.conf"
    conf.write_text(
        f"""daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; worker_processes auto;
events {{ worker_connections 64; }}
http {{ access_log off; sendfile on; keepalive_requests 1000000;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  server {{ listen 127.0.0.1:{ports["nginx"]}; root {evidence}; }} }}
"""
    )
    servers = [
        subprocess.Popen([nginx, "-c", str(conf), "-p", str(folder)]),
        subprocess.Popen([reelproof, "serve", *catalog, "--listen", f"127.0.0.1:{ports['reelproof']}", "-q"]),
    ]
    try:
        for port in ports.values():
            wait_for(port)
        cookie = signed_in(ports["reelproof"], password)
        clients = {
            "nginx": Client(ports["nginx"], f"/{NAME}", {}),
            "reelproof": Client(ports["reelproof"], "/api/v1/recordings/r1/media", {"Cookie": cookie}),
        }
        compare(clients, options)
    finally:
        for server in servers:
            server.terminate()
        for server in servers:
            server.wait()


def compare(clients, options):
    size_bytes = options.mib * MIB
    digests = {}
    for name, client in clients.items():
        digest = hashlib.sha256()
        client.get(digest=digest)
        client.get(size_bytes // 3, 12345, digest)
        digests[name] = digest.hexdigest()
    if len(set(digests.values())) != 1:
        raise SystemExit(f"they do not send the same bytes: {digests}")

    rows = [("whole file", [(None, None)])]
    for length, count in RANGES:
        places = random.Random(length)
        label = f"{count} ranges of {length >> 10} KiB" if length < MIB else f"{count} ranges of {length // MIB} MiB"
        rows.append((label, [(places.randrange(size_bytes - length), length) for _ in range(count)]))
    print(f"{'':26} {'nginx':>10} {'reelproof':>10} {'ratio':>7}   (GB/s, fastest of {options.rounds} in turns)")
    worst = None
    for label, wanted in rows:
        best = {name: 0.0 for name in clients}
        for turn in range(options.rounds):
            order = list(clients) if turn % 2 == 0 else list(clients)[::-1]
            for name in order:
                began = time.perf_counter()
                total = sum(clients[name].get(first, length) for first, length in wanted)
                best[name] = max(best[name], total / (time.perf_counter() - began) / 1e9)
            # A client may ask 500 times a second in the long run.
            time.sleep(min(2.0, len(wanted) / 500))
        ratio = best["reelproof"] / best["nginx"]
        worst = ratio if worst is None else min(worst, ratio)
        print(f"{label:26} {best['nginx']:>10.2f} {best['reelproof']:>10.2f} {ratio:>6.2f}x")
    print(f"worst ratio {worst:.2f}x")
    return worst


if __name__ == "__main__":
    sys.exit(main())
