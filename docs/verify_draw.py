#!/usr/bin/env python3
"""Replays a sampling round from its exported file, with nothing but Python's standard library.

    python3 verify_draw.py FILE

Exit status: 0 the round holds; 3 it does not, and each thing that does not is printed; 2 the file is
no exported round. docs/sampling.md describes the algorithm that this file follows.

"Holds" means: everything in the file follows from its frame and its seed. Whether these are the
frame and the seed that were announced, you see by comparing the printed lines with what was
published before the draw.
"""

import hashlib
import json
import re
import sys

EXPORT_FORMAT = "reelproof-sample/2"
FRAME_FORMAT = "reelproof-frame/2"
FIRST_EXPORT_FORMAT = "reelproof-sample/1"
FIRST_FRAME_FORMAT = "reelproof-frame/1"
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


KINDS = (
    "recordings", "cases", "case_files", "legal_reviews", "legal_review_recordings", "inspections", "complaints"
)
CORE = "core"


def or_none(reader):
    return lambda value, where: None if value is None else reader(value, where)


def rule_count(value, where):
    if not 1 <= count(value, where) < 2**32:
        raise Malformed(f"{where}: expected 1 or more")
    return value


def small(value, where):
    if not count(value, where) < 2**32:
        raise Malformed(f"{where}: expected a smaller number")
    return value


def rounds(value, where):
    if count(value, where) == 0:
        raise Malformed(f"{where}: expected 1 or more")
    return value


read_export = record(
    format=one_of(EXPORT_FORMAT),
    frame_sha256=text,
    frame=record(
        format=one_of(FRAME_FORMAT),
        round=name,
        month=month,
        base_from=month,
        base_to=month,
        policy=name,
        kind=one_of(*KINDS),
        seed_source=name,
        cases=count,
        rules=list_of(
            record(
                id=name,
                take=one_of("items", "squads", "officers"),
                percent=or_none(percent),
                count=or_none(rule_count),
                of=one_of("population", "cases"),
                each=or_none(one_of("squad")),
                within=one_of("round", "quarter", "half_year", "year"),
                repeats_at_least=or_none(rule_count),
                there=count,
                done=count,
                rounds_left=rounds,
            )
        ),
        squads=list_of(record(unit=name, name=name, there=list_of(count), done=list_of(count))),
        officers=list_of(record(badge=name, unit=name, done=list_of(count))),
        items=list_of(record(id=name, unit=name, repeats=small, officers=list_of(name))),
    ),
    plan=record(
        core=count, quotas=list_of(record(rule=name, need=count, possible=count, to_draw=count))
    ),
    draw=record(
        round=name,
        seed=seed,
        frame_sha256=text,
        units=list_of(name),
        items=list_of(record(order=count, id=name, unit=name, ticket=text, reason=name)),
    ),
)


def check_rules(export):
    frame = export["frame"]
    for rule in frame["rules"]:
        if (rule["percent"] is None) == (rule["count"] is None):
            raise Malformed(f"rule {rule['id']}: expected either percent or count")
    rows = [squad[key] for squad in frame["squads"] for key in ("there", "done")]
    rows += [officer["done"] for officer in frame["officers"]]
    if any(len(row) != len(frame["rules"]) for row in rows):
        raise Malformed("a squad or officer has not one figure for each rule")


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
    if isinstance(value, dict) and value.get("format") == FIRST_EXPORT_FORMAT:
        return read_first_export(value, "file")
    export = read_export(value, "file")
    check_rules(export)
    return export


# ── The algorithm ────────────────────────────────────────────────────────────────────────────


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def canonical(frame):
    lines = [("format", FRAME_FORMAT)]
    lines += [(key, frame[key]) for key in ("round", "month")]
    lines.append(("base", frame["base_from"], frame["base_to"]))
    lines += [(key, str(frame[key])) for key in ("policy", "kind", "seed_source", "cases")]
    lines.append(("rules", str(len(frame["rules"]))))
    for rule in frame["rules"]:
        amount = str(rule["count"]) if rule["percent"] is None else f"{rule['percent']}%"
        lines.append((
            rule["id"], rule["take"], amount, rule["of"], rule["each"] or "-", rule["within"],
            str(rule["repeats_at_least"] or 0), str(rule["there"]), str(rule["done"]), str(rule["rounds_left"]),
        ))
    lines.append(("squads", str(len(frame["squads"]))))
    for squad in frame["squads"]:
        lines.append((squad["unit"], squad["name"], numbers(squad["there"]), numbers(squad["done"])))
    lines.append(("officers", str(len(frame["officers"]))))
    for officer in frame["officers"]:
        lines.append((officer["badge"], officer["unit"], numbers(officer["done"])))
    lines.append(("items", str(len(frame["items"]))))
    for item in frame["items"]:
        lines.append((item["id"], item["unit"], str(item["repeats"]), *item["officers"]))
    return "".join("\t".join(line) + "\n" for line in lines).encode("utf-8")


def numbers(row):
    return ",".join(map(str, row))


def item_ticket(seed, id):
    return sha256(f"{seed}\x1f{id}".encode("utf-8"))


def unit_ticket(seed, unit):
    return sha256(f"{seed}\x1funit\x1f{unit}".encode("utf-8"))


def officer_ticket(seed, badge):
    return sha256(f"{seed}\x1fofficer\x1f{badge}".encode("utf-8"))


def rounded_up(numerator, denominator):
    return -(-numerator // denominator)


def need(rule, there, done):
    goal = rule["count"] if rule["percent"] is None else rounded_up(rule["percent"] * there, 100)
    a_share_of_items = rule["take"] == "items" and rule["percent"] is not None
    return rounded_up(max(goal - done, 0), 1 if a_share_of_items else rule["rounds_left"])


def counts_for(item, rule):
    return rule["repeats_at_least"] is None or item["repeats"] >= rule["repeats_at_least"]


def open_squads(frame, number):
    with_items = {item["unit"] for item in frame["items"]}
    return [s["unit"] for s in frame["squads"] if s["done"][number] == 0 and s["unit"] in with_items]


def open_officers(frame, number):
    there = {badge for item in frame["items"] for badge in item["officers"]}
    return [o["badge"] for o in frame["officers"] if o["done"][number] == 0 and o["badge"] in there]


def plan_of(frame):
    sizes = {}
    for item in frame["items"]:
        sizes[item["unit"]] = sizes.get(item["unit"], 0) + 1
    core, quotas = 0, []
    for number, rule in enumerate(frame["rules"]):
        needed = need(rule, rule["there"], rule["done"])
        if rule["take"] == "squads":
            possible = len(open_squads(frame, number))
        elif rule["take"] == "officers":
            possible = len(open_officers(frame, number))
        elif rule["each"]:
            of_each = [(s["unit"], need(rule, s["there"][number], s["done"][number])) for s in frame["squads"]]
            needed = sum(of_this for _, of_this in of_each)
            possible = sum(min(of_this, sizes.get(unit, 0)) for unit, of_this in of_each)
        else:
            possible = sum(counts_for(item, rule) for item in frame["items"])
        to_draw = min(needed, possible)
        quotas.append({"rule": rule["id"], "need": needed, "possible": possible, "to_draw": to_draw})
        if rule["take"] == "items" and not rule["each"] and rule["repeats_at_least"] is None:
            core = max(core, to_draw)
    return {"core": core, "quotas": quotas}


def replay(frame, seed):
    """(items, units) as the export lists them."""
    plan = plan_of(frame)
    by_ticket = sorted(
        frame["items"], key=lambda item: (item_ticket(seed, item["id"]), item["id"].encode("utf-8"))
    )
    drawn = []  # (item, reason), in the order of drawing
    taken, units, badges = set(), {}, set()

    def take(item, reason):
        drawn.append((item, reason))
        taken.add(item["id"])
        units[item["unit"]] = units.get(item["unit"], 0) + 1
        badges.update(item["officers"])

    def take_lowest(matches, reason):
        for item in by_ticket:
            if item["id"] not in taken and matches(item):
                take(item, reason)
                return True
        return False

    for item in by_ticket[: plan["core"]]:
        take(item, CORE)
    for number, (rule, quota) in enumerate(zip(frame["rules"], plan["quotas"])):
        to_draw, reason = quota["to_draw"], rule["id"]
        if rule["take"] == "squads":
            squads = open_squads(frame, number)
            squads.sort(key=lambda unit: (unit_ticket(seed, unit), unit.encode("utf-8")))
            reached = sum(unit in units for unit in squads)
            for unit in squads:
                if reached >= to_draw:
                    break
                if unit not in units:
                    take_lowest(lambda item: item["unit"] == unit, reason)
                    reached += 1
        elif rule["take"] == "officers":
            officers = open_officers(frame, number)
            officers.sort(key=lambda badge: (officer_ticket(seed, badge), badge.encode("utf-8")))
            for badge in officers:
                if sum(other in badges for other in officers) >= to_draw:
                    break
                if badge not in badges:
                    take_lowest(lambda item: badge in item["officers"], reason)
        elif rule["each"]:
            for squad in frame["squads"]:
                needed = need(rule, squad["there"][number], squad["done"][number])
                while units.get(squad["unit"], 0) < needed:
                    if not take_lowest(lambda item: item["unit"] == squad["unit"], reason):
                        break
        else:
            matching = sum(counts_for(item, rule) for item, _ in drawn)
            while matching < to_draw and take_lowest(lambda item: counts_for(item, rule), reason):
                matching += 1

    codes = {squad["unit"] for squad in frame["squads"]}
    items = [(item["id"], {"unit": item["unit"], "reason": reason}) for item, reason in drawn]
    return items, sorted(codes & set(units), key=lambda unit: unit.encode("utf-8"))


# ── Comparing ────────────────────────────────────────────────────────────────────────────────


def previous(month):
    year, number = int(month[:4]), int(month[5:])
    return f"{year - 1:04}-12" if number == 1 else f"{year:04}-{number - 1:02}"


def ascending(names):
    names = [name.encode("utf-8") for name in names]
    return all(one < next_one for one, next_one in zip(names, names[1:]))


class Findings:
    """What does not hold, in words."""

    def __init__(self):
        self.found = []

    def same(self, code, subject, expected, actual):
        if expected != actual:
            self.found.append(f"{code}: {subject}: expected {expected}, found {actual}")

    def tickets(self, seed, tickets):
        """Whether any ticket follows from the seed; names those that do not."""
        if tickets and all(expected != actual for _, expected, actual in tickets):
            self.same("seed", seed, "the seed of the tickets", "a seed that gives none of them")
            return False
        for subject, expected, actual in tickets:
            self.same("ticket", subject, expected, actual)
        return True

    def lists(self, code, expected, listed):
        should, does = dict(expected), dict(listed)
        missing = [subject for subject, _ in expected if subject not in does]
        extra = [subject for subject, _ in listed if subject not in should]
        for subject in missing:
            self.same(f"{code}_missing", subject, "drawn", "not listed")
        for subject in extra:
            self.same(f"{code}_extra", subject, "not drawn", "listed")
        for subject, fields in listed:
            for field, actual in fields.items():
                self.same(f"{code}_changed", f"{subject} {field}", should.get(subject, fields)[field], actual)
        if not missing and not extra:
            expected_order = ", ".join(subject for subject, _ in expected)
            listed_order = ", ".join(subject for subject, _ in listed)
            self.same(f"{code}_order", f"{code}s", expected_order, listed_order)


def compare(export):
    findings = Findings()
    same = findings.same
    frame, plan, draw = export["frame"], export["plan"], export["draw"]
    suffix = "" if frame["kind"] == "recordings" else f":{frame['kind']}"
    same("round", "frame", f"{frame['month']}/{frame['policy']}{suffix}", frame["round"])
    same("round", "draw", frame["round"], draw["round"])
    last = frame["month"] if frame["base_to"] == frame["month"] else previous(frame["month"])
    same("base_month", "frame", last, frame["base_to"])
    if frame["base_from"] > frame["base_to"]:
        same("base_month", "frame", "no later than its end", frame["base_from"])

    in_order = True
    for what, key in (("squads", "unit"), ("officers", "badge"), ("items", "id")):
        if not ascending(entry[key] for entry in frame[what]):
            in_order = False
            same("frame_order", what, "each once, in order of bytes", "another order")
    digest = sha256(canonical(frame))
    same("frame_digest", "frame", digest, export["frame_sha256"])
    same("frame_digest", "draw", digest, draw["frame_sha256"])
    if not in_order:
        return findings.found

    for number, rule in enumerate(frame["rules"]):
        a_round = rule["within"] == "round"
        there, done = rule["there"], 0 if a_round else rule["done"]
        if rule["take"] == "items" and rule["of"] == "cases":
            there = frame["cases"]
        elif rule["take"] == "items" and a_round:
            there = sum(counts_for(item, rule) for item in frame["items"])
        elif rule["take"] != "items":
            rows = frame[rule["take"]]
            there = len(rows)
            if not a_round:
                done = sum(row["done"][number] > 0 for row in rows)
        same("frame", f"{rule['id']} there", there, rule["there"])
        same("frame", f"{rule['id']} done", done, rule["done"])
        if a_round:
            same("frame", f"{rule['id']} rounds_left", 1, rule["rounds_left"])

    expected_plan = plan_of(frame)
    same("plan", "core", expected_plan["core"], plan["core"])
    rules = [", ".join(quota["rule"] for quota in one["quotas"]) for one in (expected_plan, plan)]
    same("plan", "rules", *rules)
    for quota, listed in zip(expected_plan["quotas"], plan["quotas"]):
        for figure in ("need", "possible", "to_draw"):
            same("plan", f"{quota['rule']} {figure}", quota[figure], listed[figure])

    tickets = [(item["id"], item_ticket(draw["seed"], item["id"]), item["ticket"]) for item in draw["items"]]
    if not findings.tickets(draw["seed"], tickets):
        return findings.found
    items, units = replay(frame, draw["seed"])
    listed = [(item["id"], {"unit": item["unit"], "reason": item["reason"]}) for item in draw["items"]]
    findings.lists("item", items, listed)
    for place, item in enumerate(draw["items"], 1):
        same("item_order", item["id"], place, item["order"])
    same("units", "units", ", ".join(units), ", ".join(draw["units"]))
    return findings.found


# ── The first format: recordings only ────────────────────────────────────────────────────────

FIRST_FIGURES = (
    "items_required",
    "units_required",
    "months_left",
    "due_required",
    "due_to_draw",
    "units_to_draw",
    "items_to_draw",
)

read_first_export = record(
    format=one_of(FIRST_EXPORT_FORMAT),
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
    plan=record(**{figure: count for figure in FIRST_FIGURES}),
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


def first_canonical(frame):
    lines = [("format", FIRST_FRAME_FORMAT)]
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


def reachable_squads(frame):
    with_items = {item["unit"] for item in frame["items"]}
    return [squad for squad in frame["squads"] if squad["unit"] in with_items]


def first_plan_of(frame):
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
    return dict(zip(FIRST_FIGURES, figures))


def first_replay(frame, seed):
    """(picks, items, units) as the export lists them."""
    plan = first_plan_of(frame)

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


def first_compare(export):
    findings = Findings()
    same = findings.same
    frame, draw = export["frame"], export["draw"]
    same("round", "frame", f"{frame['month']}/{frame['policy']}", frame["round"])
    same("round", "draw", frame["round"], draw["round"])
    same("base_month", "frame", previous(frame["month"]), frame["base_month"])

    in_order = True
    for what, key in (("squads", "unit"), ("items", "id")):
        if not ascending(entry[key] for entry in frame[what]):
            in_order = False
            same("frame_order", what, "each once, in order of bytes", "another order")
    digest = sha256(first_canonical(frame))
    same("frame_digest", "frame", digest, export["frame_sha256"])
    same("frame_digest", "draw", digest, draw["frame_sha256"])
    if not in_order:
        return findings.found

    for figure, expected in first_plan_of(frame).items():
        same("plan", figure, expected, export["plan"][figure])

    the_seed = draw["seed"]
    tickets = [(pick["unit"], unit_ticket(the_seed, pick["unit"]), pick["ticket"]) for pick in draw["picks"]]
    tickets += [(item["id"], item_ticket(the_seed, item["id"]), item["ticket"]) for item in draw["items"]]
    if not findings.tickets(the_seed, tickets):
        return findings.found
    picks, items, units = first_replay(frame, the_seed)
    listed_picks = [(pick["unit"], {"reason": pick["reason"]}) for pick in draw["picks"]]
    listed_items = [(item["id"], {"unit": item["unit"], "reason": item["reason"]}) for item in draw["items"]]
    for code, expected, listed in (("pick", picks, listed_picks), ("item", items, listed_items)):
        findings.lists(code, expected, listed)
    for place, item in enumerate(draw["items"], 1):
        same("item_order", item["id"], place, item["order"])
    same("units", "units", ", ".join(units), ", ".join(draw["units"]))
    return findings.found


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
    found = first_compare(export) if export["format"] == FIRST_EXPORT_FORMAT else compare(export)
    if found:
        print("does not hold:")
        for line in found:
            print(line)
        return 3
    frame, draw = export["frame"], export["draw"]
    print(f"holds: round {frame['round']}: {len(draw['items'])} of {len(frame['items'])} drawn")
    print(f"frame SHA-256: {export['frame_sha256']}")
    print(f"seed: {draw['seed']}")
    if "seed_source" in frame:
        print(f"the seed was to be: {frame['seed_source']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
