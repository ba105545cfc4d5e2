"""The figures of refreshes, as a table and as JSON."""

from typing import Any

from bench.report import Target, print_targets

FEW, TICK = "10,000 new events", "a tick of 1 s"


def refresh_targets(found: dict[str, Any]) -> list[Target]:
    """What was aimed at, for a million contacts and a hundred segments."""
    shortest, longest = found["histories"][0], found["histories"][-1]
    made = []
    if FEW in longest["steps"]:
        few = longest["steps"][FEW]["seconds"]
        made.append(Target(FEW, few, 0.3, "s"))
        made.append(Target(f"{FEW} / full evaluation", few / longest["full"], 1 / 15, ""))
    made.append(Target(TICK, longest["steps"][TICK]["seconds"], 0.15, "s"))
    if shortest is not longest:
        for name, step in longest["steps"].items():
            if name in (FEW, TICK):
                growth = step["seconds"] / shortest["steps"][name]["seconds"]
                made.append(Target(f"{name}: longest / shortest", growth, 1.3, "×"))
    return made


def print_refreshes(found: dict[str, Any]) -> None:
    histories = found["histories"]
    print("\n" + " · ".join(f"{count:,} {name}" for name, count in found["data"].items()))
    _row("events of history", [f"{h['events']:,}" for h in histories])
    _row("full evaluation", [_seconds(h["full"]) for h in histories])
    _row("start (in full, and stored)", [_seconds(h["start"]) for h in histories])
    for name in histories[0]["steps"]:
        steps = [h["steps"][name] for h in histories]
        _row(name, [_seconds(s["seconds"]) for s in steps])
        _row("  of it storing", [_seconds(s["persist"]) for s in steps])
        _row("  the slowest", [_seconds(s["worst"]) for s in steps])
        _row("  entered or left", [f"{s['moved']:,.0f}" for s in steps])
        if any(s["in full"] for s in steps):
            _row("  evaluated in full", [f"{s['in full']} of {s['repeats']}" for s in steps])
    for name in histories[0]["mebibytes"]:
        sizes = [f"{h['mebibytes'][name]:,.0f} MiB" for h in histories]
        _row(f"memory, {name}", sizes)
    print_targets(refresh_targets(found))


def _row(name: str, cells: list[str]) -> None:
    print(f"    {name:32}" + "".join(f"{cell:>16}" for cell in cells))


def _seconds(value: float) -> str:
    return f"{value:,.4f} s"
