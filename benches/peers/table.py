"""The figures as Markdown."""


def row(cells):
    return "| " + " | ".join(cells) + " |"


def head(titles, numbers):
    """`numbers`: how many columns at the right hold numbers."""
    rule = ["---"] * (len(titles) - numbers) + ["--:"] * numbers
    return [row(titles), row(rule)]


def seconds(value):
    if value < 0.1:
        return f"{value * 1000:.1f} ms"
    return f"{value:.2f} s"


def mebibytes(value):
    return f"{value / (1 << 20):.0f} MiB"


def versus(commands, size_bytes=None):
    """Ours first; the ratio says how many times as long the others took."""
    ours = commands[0]
    lines = head(["command", "time", "GB/s", "processor time", "largest process", "ours is faster by", "target"], 6)
    for command in commands:
        best = command.best
        rate = f"{size_bytes / best.seconds / 1e9:.2f}" if size_bytes else "–"
        ratio = "" if command is ours else f"**{best.seconds / ours.best.seconds:.2f} ×**"
        target = f"≥ {command.target:g} ×" if command.target else ""
        name = command.name + (f" ({command.note})" if command.note else "")
        cells = [name, seconds(best.seconds), rate, seconds(best.cpu_seconds), mebibytes(best.peak_bytes), ratio, target]
        lines.append(row(cells))
    return lines


def scaling(rows):
    """Rows of (what, command of the one, command of the ten)."""
    lines = head(["what grows", "once", "ten times", "cost", "target", "largest process, once", "ten times"], 6)
    for what, one, ten in rows:
        growth = ten.best.seconds / one.best.seconds / 10
        cells = [
            what,
            seconds(one.best.seconds),
            seconds(ten.best.seconds),
            f"**{growth:.2f} × linear**",
            "≤ 1.1 ×",
            mebibytes(one.best.peak_bytes),
            mebibytes(ten.best.peak_bytes),
        ]
        lines.append(row(cells))
    return lines


def memory(rows):
    """Rows of (command, size in GB, seconds, bytes of all processes, how many those were)."""
    lines = head(["command", "object", "time", "processes", "memory in all", "target"], 5)
    for name, gigabytes, took_s, size_bytes, processes in rows:
        lines.append(row([name, f"{gigabytes} GB", seconds(took_s), str(processes), f"**{mebibytes(size_bytes)}**", "≤ 256 MiB"]))
    return lines
