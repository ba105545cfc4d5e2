"""The figures of one run, as a table and as JSON."""

from typing import Any, NamedTuple

MEBIBYTE = 1 << 20


class Target(NamedTuple):
    """A ratio or figure that was aimed at: `value` may be at most (or at least) `limit`."""

    name: str
    value: float
    limit: float
    unit: str
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def targets(found: dict[str, Any]) -> list[Target]:
    """Of the sections that were measured."""
    made = []
    full = found.get("full", {}).get("seconds")
    if full is not None and "each" in found:
        made.append(
            Target("full / one query per segment", full / found["each"]["seconds"], 1 / 6, "")
        )
    if full is not None and "limits" in found:
        made.append(Target("full / floor", full / floor(found), 7, "×"))
    if "memory" in found:
        made.append(Target("peak memory", found["memory"]["mebibytes"] / 1024, 3, "GiB"))
    if "load" in found:
        made.append(Target("import", found["load"]["events_per_second"], 300_000, "events/s", True))
    if "lookup" in found:
        made.append(Target("look-up of one contact", found["lookup"]["seconds"] * 1000, 2, "ms"))
    if "overlap" in found:
        made.append(Target("overlap of all pairs", found["overlap"]["seconds"] * 1000, 50, "ms"))
    return made


def floor(found: dict[str, Any]) -> float:
    """Scan of three columns, binning, attributes; and the booleans as we compute them."""
    limits = found["limits"]
    whole: float = limits["scan"] + limits["binning"] + limits["attributes"]
    return whole + float(found["full"]["parts"]["booleans"])


def print_report(found: dict[str, Any]) -> None:
    for section, figures in found.items():
        print(f"\n{TITLES.get(section, section)}")
        for line in _lines(section, figures):
            print(f"    {line}")
    print_targets(targets(found))


def print_targets(made: list[Target]) -> None:
    print("\nAimed at")
    for t in made:
        word = "met" if t.met else "not met"
        sign = "≥" if t.at_least else "≤"
        print(f"    {t.name:36} {t.value:12,.3f} {t.unit:9} {sign} {t.limit:,.3f}  {word}")


TITLES = {
    "data": "Data",
    "load": "Load (Parquet through the importer)",
    "limits": "Scan limit and floor",
    "full": "Full evaluation: all segments at once",
    "each": "One query per segment",
    "memory": "Memory (a process that only evaluates)",
    "lookup": "Look-up of one contact, with memberships",
    "overlap": "Overlap of all pairs of segments",
}


def _lines(section: str, figures: dict[str, Any]) -> list[str]:
    lines = []
    for name, value in figures.items():
        if name == "slowest":
            lines += [f"slow: {seconds * 1000:8,.0f} ms  {what[:90]}" for seconds, what in value]
        elif isinstance(value, dict):
            lines += [f"{name}: {part:24} {_number(part, v)}" for part, v in value.items()]
        else:
            lines.append(f"{name:32} {_number(name, value)}")
    return lines


_SECONDS = ("seconds", "scan", "binning", "attributes")


def _number(name: str, value: float | str) -> str:
    if isinstance(value, str):
        return value
    if name in _SECONDS or (isinstance(value, float) and value < 100):
        return f"{value:12,.4f}" + (" s" if name in _SECONDS else "")
    return f"{value:12,.0f}"
