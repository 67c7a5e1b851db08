#!/usr/bin/env python3
"""Replays a sampling round from its exported file, with nothing but Python's standard library.

    python3 verify_draw.py FILE

Exit status: 0 the round holds; 3 it does not, and each thing that does not is printed; 2 the file is
no exported round. docs/sampling.md describes the algorithm that this file follows.

"Holds" means: everything in the file follows from its frame and its seed. Whether these are the
frame and the seed that were announced, you see by comparing the two printed lines with what was
published before the draw.
"""

import hashlib
import json
import re
import sys

EXPORT_FORMAT = "reelproof-sample/1"
FRAME_FORMAT = "reelproof-frame/1"
LARGEST = 2**64 - 1
WHITE_SPACE = "\u0020\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


class Malformed(Exception):
    """The file is no exported round."""


# ── Reading ──────────────────────────────────────────────────────────────────────────────────


def no_twins(pairs):
    result = dict(pairs)
    if len(result) != len(pairs):
        raise Malformed("a field stands twice in one object")
    return result


def no_constant(name):
    raise Malformed(f"{name} is no JSON number")


def whole(digits):
    if digits == "-0":
        raise Malformed("-0 is no whole number")
    return int(digits)


def record(**fields):
    """A reader of an object with exactly these fields."""

    def read(value, where):
        if not isinstance(value, dict):
            raise Malformed(f"{where}: expected an object")
        for name in value:
            if name not in fields:
                raise Malformed(f"{where}: unknown field {name}")
        for name in fields:
            if name not in value:
                raise Malformed(f"{where}: missing field {name}")
        return {name: reader(value[name], f"{where}.{name}") for name, reader in fields.items()}

    return read


def list_of(reader):
    def read(value, where):
        if not isinstance(value, list):
            raise Malformed(f"{where}: expected a list")
        return [reader(element, f"{where}[{i}]") for i, element in enumerate(value)]

    return read


def text(value, where):
    if not isinstance(value, str):
        raise Malformed(f"{where}: expected a string")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise Malformed(f"{where}: half a character") from None
    return value


def has_control(value):
    return any(ord(c) < 0x20 or 0x7F <= ord(c) <= 0x9F for c in value)


def name(value, where):
    if text(value, where) == "" or has_control(value):
        raise Malformed(f"{where}: empty, or holds a control character")
    return value


def seed(value, where):
    if has_control(text(value, where)):
        raise Malformed(f"{where}: holds a control character")
    if value.strip(WHITE_SPACE) != value or value == "":
        raise Malformed(f"{where}: empty, or with white space at an end")
    return value


def count(value, where):
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
        raise Malformed(f"{where}: expected a whole number")
    return value


def percent(value, where):
    if not 1 <= count(value, where) <= 100:
        raise Malformed(f"{where}: expected 1 to 100")
    return value


def truth(value, where):
    if not isinstance(value, bool):
        raise Malformed(f"{where}: expected true or false")
    return value


def month(value, where):
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})", text(value, where))
    if not found or not 1970 <= int(found[1]) <= 9998 or not 1 <= int(found[2]) <= 12:
        raise Malformed(f"{where}: expected a month such as 2024-06")
    return value


def one_of(*values):
    def read(value, where):
        if not isinstance(value, str) or value not in values:
            raise Malformed(f"{where}: expected one of {', '.join(values)}")
        return value

    return read


FIGURES = (
    "items_required",
    "units_required",
    "months_left",
    "due_required",
    "due_to_draw",
    "units_to_draw",
    "items_to_draw",
)

read_export = record(
    format=one_of(EXPORT_FORMAT),
    frame_sha256=text,
    frame=record(
        round=name,
        month=month,
        base_month=month,
        policy=name,
        cases=count,
        items_percent=percent,
        units_percent=percent,
        all_within=one_of("half_year"),
        squads=list_of(record(unit=name, name=name, due=truth)),
        items=list_of(record(id=name, unit=name)),
    ),
    plan=record(**{figure: count for figure in FIGURES}),
    draw=record(
        round=name,
        seed=seed,
        frame_sha256=text,
        units=list_of(name),
        picks=list_of(record(unit=name, ticket=text, reason=one_of("due_quota", "share_quota"))),
        items=list_of(
            record(order=count, id=name, unit=name, ticket=text, reason=one_of("unit_quota", "case_quota"))
        ),
    ),
)


def load(path):
    with open(path, "rb") as file:
        data = file.read()
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=no_twins, parse_constant=no_constant, parse_int=whole
        )
    except RecursionError:
        raise Malformed("nested too deeply") from None
    except ValueError as error:  # no UTF-8, or no JSON
        raise Malformed(str(error)) from None
    return read_export(value, "file")


# ── The algorithm ────────────────────────────────────────────────────────────────────────────


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def canonical(frame):
    lines = [("format", FRAME_FORMAT)]
    for key in ("round", "month", "base_month", "policy", "cases", "items_percent", "units_percent"):
        lines.append((key, str(frame[key])))
    lines.append(("all_within", frame["all_within"]))
    lines.append(("squads", str(len(frame["squads"]))))
    for squad in frame["squads"]:
        lines.append((squad["unit"], "due" if squad["due"] else "reached", squad["name"]))
    lines.append(("items", str(len(frame["items"]))))
    for item in frame["items"]:
        lines.append((item["id"], item["unit"]))
    return "".join("\t".join(line) + "\n" for line in lines).encode("utf-8")


def item_ticket(seed, id):
    return sha256(f"{seed}\x1f{id}".encode("utf-8"))


def unit_ticket(seed, unit):
    return sha256(f"{seed}\x1funit\x1f{unit}".encode("utf-8"))


def rounded_up(numerator, denominator):
    return -(-numerator // denominator)


def reachable_squads(frame):
    with_items = {item["unit"] for item in frame["items"]}
    return [squad for squad in frame["squads"] if squad["unit"] in with_items]


def plan_of(frame):
    size, reachable = len(frame["items"]), reachable_squads(frame)
    items_required = rounded_up(frame["items_percent"] * frame["cases"], 100)
    units_required = rounded_up(frame["units_percent"] * len(frame["squads"]), 100)
    months_left = 6 - (int(frame["month"][5:]) - 1) % 6
    due_required = rounded_up(sum(squad["due"] for squad in frame["squads"]), months_left)
    due_to_draw = min(due_required, sum(squad["due"] for squad in reachable))
    units_to_draw = min(max(units_required, due_to_draw), len(reachable))
    items_to_draw = max(min(items_required, size), units_to_draw)
    figures = (
        items_required, units_required, months_left, due_required, due_to_draw, units_to_draw, items_to_draw
    )
    return dict(zip(FIGURES, figures))


def replay(frame, seed):
    """(picks, items, units) as the export lists them."""
    plan = plan_of(frame)

    squads = sorted(
        (unit_ticket(seed, squad["unit"]), squad["unit"].encode("utf-8"), squad)
        for squad in reachable_squads(frame)
    )
    squads = [squad for _, _, squad in squads]
    due = [squad for squad in squads if squad["due"]][: plan["due_to_draw"]]
    others = [squad for squad in squads if squad not in due][: plan["units_to_draw"] - len(due)]
    picks = [(squad["unit"], {"reason": "due_quota"}) for squad in due]
    picks += [(squad["unit"], {"reason": "share_quota"}) for squad in others]

    tickets = sorted(
        (item_ticket(seed, item["id"]), item["id"].encode("utf-8"), item["id"], item["unit"])
        for item in frame["items"]
    )
    items, taken = [], set()
    for unit, _ in picks:
        _, _, id, _ = next(ticket for ticket in tickets if ticket[3] == unit)
        items.append((id, {"unit": unit, "reason": "unit_quota"}))
        taken.add(id)
    for _, _, id, unit in tickets:
        if len(items) >= plan["items_to_draw"]:
            break
        if id not in taken:
            items.append((id, {"unit": unit, "reason": "case_quota"}))

    codes = {squad["unit"] for squad in frame["squads"]}
    reached = {fields["unit"] for _, fields in items} & codes
    return picks, items, sorted(reached, key=lambda unit: unit.encode("utf-8"))


# ── Comparing ────────────────────────────────────────────────────────────────────────────────


def previous(month):
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1:04}-12" if number == 1 else f"{year:04}-{number - 1:02}"


def ascending(names):
    names = [name.encode("utf-8") for name in names]
    return all(one < next_one for one, next_one in zip(names, names[1:]))


def compare(export):
    found = []

    def same(code, subject, expected, actual):
        if expected != actual:
            found.append(f"{code}: {subject}: expected {expected}, found {actual}")

    frame, draw = export["frame"], export["draw"]
    same("round", "frame", f"{frame['month']}/{frame['policy']}", frame["round"])
    same("round", "draw", frame["round"], draw["round"])
    same("base_month", "frame", previous(frame["month"]), frame["base_month"])

    in_order = True
    for what, key in (("squads", "unit"), ("items", "id")):
        if not ascending(entry[key] for entry in frame[what]):
            in_order = False
            same("frame_order", what, "each once, in order of bytes", "another order")
    digest = sha256(canonical(frame))
    same("frame_digest", "frame", digest, export["frame_sha256"])
    same("frame_digest", "draw", digest, draw["frame_sha256"])
    if not in_order:
        return found

    for figure, expected in plan_of(frame).items():
        same("plan", figure, expected, export["plan"][figure])

    the_seed = draw["seed"]
    tickets = [(pick["unit"], unit_ticket(the_seed, pick["unit"]), pick["ticket"]) for pick in draw["picks"]]
    tickets += [(item["id"], item_ticket(the_seed, item["id"]), item["ticket"]) for item in draw["items"]]
    if tickets and all(expected != actual for _, expected, actual in tickets):
        same("seed", the_seed, "the seed of the tickets", "a seed that gives none of them")
        return found
    for subject, expected, actual in tickets:
        same("ticket", subject, expected, actual)

    picks, items, units = replay(frame, the_seed)
    listed_picks = [(pick["unit"], {"reason": pick["reason"]}) for pick in draw["picks"]]
    listed_items = [(item["id"], {"unit": item["unit"], "reason": item["reason"]}) for item in draw["items"]]
    for code, expected, listed in (("pick", picks, listed_picks), ("item", items, listed_items)):
        should, does = dict(expected), dict(listed)
        missing = [subject for subject, _ in expected if subject not in does]
        extra = [subject for subject, _ in listed if subject not in should]
        for subject in missing:
            same(f"{code}_missing", subject, "drawn", "not listed")
        for subject in extra:
            same(f"{code}_extra", subject, "not drawn", "listed")
        for subject, fields in listed:
            for field, actual in fields.items():
                same(f"{code}_changed", f"{subject} {field}", should.get(subject, fields)[field], actual)
        if not missing and not extra:
            expected_order = ", ".join(subject for subject, _ in expected)
            listed_order = ", ".join(subject for subject, _ in listed)
            same(f"{code}_order", f"{code}s", expected_order, listed_order)
    for place, item in enumerate(draw["items"], 1):
        same("item_order", item["id"], place, item["order"])
    same("units", "units", ", ".join(units), ", ".join(draw["units"]))
    return found


def main(arguments):
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    if len(arguments) != 2 or arguments[1].startswith("-"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        export = load(arguments[1])
    except OSError as error:
        print(f"{arguments[1]}: {error.strerror}", file=sys.stderr)
        return 2
    except Malformed as error:
        print(f"malformed: {error}", file=sys.stderr)
        return 2
    found = compare(export)
    if found:
        print("does not hold:")
        for line in found:
            print(line)
        return 3
    frame, draw = export["frame"], export["draw"]
    print(f"holds: round {frame['round']}: {len(draw['items'])} of {len(frame['items'])} obligations drawn")
    print(f"frame SHA-256: {export['frame_sha256']}")
    print(f"seed: {draw['seed']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
