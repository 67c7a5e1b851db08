#!/usr/bin/env python3
"""Checks what the transparency log of reelproof hands out, without reelproof.

Usage: verify_log.py [--key NAME+HASH+KEY] FILE

FILE is a proof file (`reelproof log prove`), an answer of `reelproof log consistency --json`, or an evidence bundle (a
folder, or a .zip or .tar of one). Only Python's standard library is used, and docs/log.md says what is checked and
why. Exit status: 0 it holds, 2 it cannot be read, 3 it does not hold.
"""

import base64
import hashlib
import io
import json
import pathlib
import sys
import tarfile
import zipfile


def sha256(data):
    return hashlib.sha256(data).digest()


# ── Ed25519 (RFC 8032, section 5.1): verification alone ──────────────────────────────────────

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - square) % P != 0:
        return None
    return P - x if x & 1 != sign else x


def add(a, b):
    """Adds two points in extended coordinates."""
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def decompress(data):
    number = int.from_bytes(data, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (recover_x(BASE_Y, 0), BASE_Y, 1, recover_x(BASE_Y, 0) * BASE_Y % P)


def ed25519_verifies(key, message, signature):
    if len(key) != 32 or len(signature) != 64:
        return False
    a, r = decompress(key), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    return same(multiply(s, BASE), add(r, multiply(h, a)))


# ── Signed notes and checkpoints (C2SP) ──────────────────────────────────────────────────────


class Key:
    """A verifier key, name+hash+base64(1, key)."""

    def __init__(self, text):
        name, shown, data = text.strip().split("+", 2)
        data = base64.b64decode(data, validate=True)
        self.name, self.key, self.text = name, data[1:], text.strip()
        self.hash = sha256(name.encode() + b"\n" + data)[:4]
        if data[:1] != b"\x01" or len(data) != 33 or self.hash.hex() != shown:
            raise ValueError("no Ed25519 key")


def signed_text(note, keys):
    """The text of a note that all these keys signed; None if one did not."""
    at = note.rfind("\n\n")
    if at < 0 or not note.endswith("\n"):
        return None
    text, lines = note[: at + 1], note[at + 2 :].splitlines()
    for key in keys:
        signed = False
        for line in lines:
            if not line.startswith("— "):
                return None
            name, _, data = line[2:].partition(" ")
            try:
                data = base64.b64decode(data, validate=True)
            except ValueError:
                return None
            if name != key.name or data[:4] != key.hash:
                continue
            if not ed25519_verifies(key.key, text.encode(), data[4:]):
                return None
            signed = True
        if not signed:
            return None
    return text


def key_chain(lines):
    """The keys, each stated by the one before it; empty if one is not."""
    chain = []
    try:
        for line in lines:
            key = Key(line["vkey"])
            if chain:
                text = signed_text(line.get("statement") or "", [chain[-1], key])
                states = ["reelproof key rotation", key.name, f"old {chain[-1].text}", f"new {key.text}"]
                if text is None or text.splitlines()[:4] != states or key.name != chain[-1].name:
                    return []
            chain.append(key)
    except (ValueError, KeyError, TypeError):
        return []
    return chain


def checkpoint(note):
    """Name, size, root and time of a checkpoint; None if it is none."""
    lines = note.split("\n\n")[0].split("\n")
    try:
        origin, size, root = lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True)
    except (IndexError, ValueError):
        return None
    if not origin or str(size) != lines[1] or size < 0 or len(root) != 32:
        return None
    at = next((line[3:] for line in lines[3:] if line.startswith("at ")), None)
    return origin, size, root, at


# ── The tree (RFC 6962, section 2.1) ─────────────────────────────────────────────────────────


def leaf_hash(data):
    return sha256(b"\x00" + data)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def included(leaf, index, size, proof, root):
    if not 0 <= index < size:
        return False
    place, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            value = node_hash(sibling, value)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            value = node_hash(value, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and value == root


def consistent(old_size, new_size, proof, old_root, new_root):
    if not 0 <= old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size == 0:
        return not proof and old_root == sha256(b"")
    proof, first = list(proof), old_root
    if old_size & (old_size - 1):
        if not proof:
            return False
        first = proof.pop(0)
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = first
    for value in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(value, old), node_hash(value, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, value)
        place, last = place >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root


# ── Proof files ──────────────────────────────────────────────────────────────────────────────


def row_agrees(record, row):
    try:
        record = json.loads(record)
        salt = bytes.fromhex(row["salt"])
        key = sha256(b"id\x00" + salt + b"\x00" + row["key"].encode())
        content = sha256(b"content\x00" + salt + b"\x00" + row["content"].encode())
        return record["id"] == key.hex() and record["content"] == content.hex()
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def check_proof(file, believed):
    """What does not hold, as (code, subject), and what there is to say."""
    faults = []
    if file.get("format") != "reelproof-log-proof/1":
        faults.append(("form", str(file.get("format"))))
    chain = key_chain(file.get("keys", []))
    if not chain or (believed and chain[0].text != believed.text):
        faults.append(("key", (file.get("keys") or [{"vkey": ""}])[0].get("vkey", "")))
    note = file.get("checkpoint", "")
    stated = checkpoint(note)
    signed = stated is not None and any(
        key.name == stated[0] and signed_text(note, [key]) is not None for key in chain
    )
    if not signed:
        faults.append(("signature", "checkpoint"))
    proven = 0
    for entry in file.get("entries", []):
        leaf = leaf_hash(entry["record"].encode())
        proof = [bytes.fromhex(value) for value in entry["proof"]]
        there = stated is not None and included(leaf, entry["index"], stated[1], proof, stated[2])
        row = entry.get("row")
        agrees = row is None or row_agrees(entry["record"], row)
        if not there:
            faults.append(("inclusion", str(entry["index"])))
        if not agrees:
            faults.append(("row", str(entry["index"])))
        proven += there and agrees and signed
    return faults, {
        "origin": stated and stated[0],
        "size": stated and stated[1],
        "at": stated and stated[3],
        "key": chain[0].text if chain else None,
        "entries": proven,
    }


# ── Evidence bundles (BagIt, RFC 8493) ───────────────────────────────────────────────────────


def files_of(path):
    """Every file of a bundle by its path in it."""
    if path.is_dir():
        return {
            one.relative_to(path).as_posix(): one.read_bytes() for one in sorted(path.rglob("*")) if one.is_file()
        }
    data = path.read_bytes()
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = {one: archive.read(one) for one in archive.namelist() if not one.endswith("/")}
    else:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            found = {one.name: archive.extractfile(one).read() for one in archive if one.isfile()}
    # An archive holds one folder.
    return {name.split("/", 1)[1]: data for name, data in found.items() if "/" in name}


def manifest(files, name):
    listed = {}
    for line in files.get(name, b"").decode().splitlines():
        digest, _, path = line.partition("  ")
        listed[path.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")] = digest
    return listed


def check_bundle(files, believed):
    faults = []
    if not files.get("bagit.txt", b"").startswith(b"BagIt-Version: "):
        faults.append(("form", "bagit.txt"))
    payload, tags = manifest(files, "manifest-sha256.txt"), manifest(files, "tagmanifest-sha256.txt")
    for listed in (payload, tags):
        for path, digest in sorted(listed.items()):
            if path not in files:
                faults.append(("file_missing", path))
            elif sha256(files[path]).hex() != digest:
                faults.append(("file_altered", path))
    for path in sorted(files):
        if path not in payload and path not in tags and path != "tagmanifest-sha256.txt":
            faults.append(("file_added", path))
    try:
        proof = json.loads(files["data/log/proofs.json"])
        described = json.loads(files["data/bundle.json"])
    except (KeyError, ValueError):
        return faults + [("form", "data/log/proofs.json")], {"entries": 0}
    found, said = check_proof(proof, believed)
    faults += found
    faults += [("disagrees", subject) for subject in disagreements(described, proof, files)]
    return faults, said


def disagreements(described, proof, files):
    """Objects of which the log does not say what the bundle says, and originals that are not what was logged."""
    logged = set()
    for entry in proof.get("entries", []):
        try:
            if json.loads(entry["record"])["kind"] == "observation":
                content = json.loads(entry["row"]["content"])
                logged.add((content["object_key"], content["version"], content["sha256"]))
        except (KeyError, ValueError, TypeError):
            continue
    for one in described.get("objects", []):
        if (one["object_key"], one["version"], one["sha256"]) not in logged:
            yield one["object_key"]
        elif one.get("file") and one["file"] in files and sha256(files[one["file"]]).hex() != one["sha256"]:
            yield one["object_key"]


def main(arguments):
    believed = None
    if arguments[:1] == ["--key"] and len(arguments) > 1:
        believed, arguments = Key(arguments[1]), arguments[2:]
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    path = pathlib.Path(arguments[0])
    try:
        if path.is_dir() or path.suffix in (".zip", ".tar"):
            faults, said = check_bundle(files_of(path), believed)
        else:
            file = json.loads(path.read_text(encoding="utf-8"))
            if "from_root" in file:
                proof = [bytes.fromhex(value) for value in file["proof"]]
                roots = bytes.fromhex(file["from_root"]), bytes.fromhex(file["to_root"])
                holds = consistent(file["from"], file["to"], proof, *roots)
                faults, said = ([] if holds else [("consistency", f"{file['from']}..{file['to']}")]), {}
            else:
                faults, said = check_proof(file, believed)
    except (OSError, ValueError, KeyError, TypeError, tarfile.TarError, zipfile.BadZipFile) as error:
        print(f"{path} cannot be read: {error}", file=sys.stderr)
        return 2
    print(json.dumps({"holds": not faults, "faults": [list(one) for one in faults], **said}, ensure_ascii=False))
    return 3 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
