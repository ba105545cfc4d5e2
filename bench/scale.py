"""`python -m bench.scale`: what a billion contacts and a trillion events would need.

Nothing is measured here: the costs per row in `costs.toml`, which were, are multiplied. The tables
of docs/explanation/scale.md are what this prints (`--write` puts them there; a test compares).
"""

import argparse
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
COSTS = HERE / "costs.toml"
PAPER = HERE.parent / "docs" / "explanation" / "scale.md"
BLOCK = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.S)
DAY = 86_400
TIB, GIB, MIB = 1 << 40, 1 << 30, 1 << 20


class Size(NamedTuple):
    """One company."""

    contacts: float
    accounts: float
    events: float
    days: int
    names: int
    metrics: int
    segments: int


MIDDLE = Size(1e7, 5e5, 1e9, 730, 40, 94, 100)
LARGE = Size(1e8, 5e6, 1e11, 730, 40, 94, 100)
HUGE = Size(1e9, 5e7, 1e12, 730, 40, 94, 100)
SIZES = (MIDDLE, LARGE, HUGE)

Row = Sequence[str]


def costs() -> dict[str, Any]:
    return tomllib.loads(COSTS.read_text())


# --- figures ------------------------------------------------------------------------------------


def storage(size: Size, cost: dict[str, Any]) -> dict[str, float]:
    """Bytes of the lake by kind, and how it is cut."""
    lake = cost["lake"]
    events = size.events * lake["event_bytes"]
    partitions = size.names * size.days
    return {
        "events": events,
        "histories": size.contacts * lake["history_rows"] * lake["history_bytes"],
        "contacts": size.contacts * lake["contact_bytes"],
        "partitions": partitions,
        "rows": size.events / partitions,
        "files": max(partitions, events / lake["file_bytes"]),
        "manifest": max(partitions, events / lake["file_bytes"]) * lake["manifest_bytes"],
    }


def evaluation(size: Size, cost: dict[str, Any], engine: str) -> float:
    """Core seconds of a full evaluation of all segments."""
    per = cost["evaluation"][engine]
    return 1e-9 * (size.events * per["event_ns"] + size.contacts * per["contact_ns"])


def driver(size: Size, cost: dict[str, Any]) -> dict[str, float]:
    """Bytes that come to the driver, and that it holds."""
    per = cost["driver"]
    return {
        "rows": size.contacts * per["rows_per_contact"],
        "sent": size.contacts * per["rows_per_contact"] * per["row_bytes"],
        "held": size.contacts * size.metrics * per["held_bytes"],
    }


def bitmaps(size: Size, cost: dict[str, Any]) -> list[tuple[float, float]]:
    """(share of the contacts, bytes of one segment's bitmap), members drawn at random."""
    return [(one["share"], size.contacts * one["bytes_per_id"]) for one in cost["bitmap"]]


def sending(size: Size, cost: dict[str, Any]) -> dict[str, float]:
    """A letter to everybody each week, within the hours people read."""
    per = cost["sending"]
    letters = size.contacts * per["letters_a_week"] / 7
    rate = letters / (per["hours"] * 3600)
    return {
        "letters": letters,
        "rate": rate,
        "cores": rate / per["letters_per_core"],
        "ledger": letters * per["ledger_bytes"],
        "leases": per["leases_per_second"],
    }


# --- tables -------------------------------------------------------------------------------------


def table(head: Row, rows: Iterator[Row]) -> str:
    lines = [head, ["---"] + ["--:"] * (len(head) - 1), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


HEAD = ("", "10 M contacts, 1 bn events", "100 M, 100 bn", "1 bn, 1 trillion")


def storage_table(cost: dict[str, Any]) -> str:
    found = [storage(size, cost) for size in SIZES]
    names = {
        "events": ("events in Parquet", amount),
        "histories": ("histories", amount),
        "contacts": ("contacts as they are", amount),
        "partitions": ("partitions (event name × day)", count),
        "rows": ("events in a partition, on average", count),
        "files": ("files", count),
        "manifest": ("manifest", amount),
    }
    return table(
        HEAD, ([words, *(show(one[key]) for one in found)] for key, (words, show) in names.items())
    )


def evaluation_table(cost: dict[str, Any]) -> str:
    def rows() -> Iterator[Row]:
        for engine, words in cost["engines"].items():
            seconds = [evaluation(size, cost, engine) for size in SIZES]
            yield [f"{words}: core hours", *(count(s / 3600) for s in seconds)]
            for cores in (64, 1024):
                yield [f"… on {cores} cores", *(time(s / cores) for s in seconds)]

    return table(HEAD, rows())


def driver_table(cost: dict[str, Any]) -> str:
    found = [driver(size, cost) for size in SIZES]
    return table(
        HEAD,
        iter(
            [
                ["rows that come to the driver", *(count(one["rows"]) for one in found)],
                ["… as Arrow", *(amount(one["sent"]) for one in found)],
                ["arrays it holds", *(amount(one["held"]) for one in found)],
            ]
        ),
    )


def bitmap_table(cost: dict[str, Any]) -> str:
    found = [bitmaps(size, cost) for size in SIZES]
    return table(
        ("members, as a share of all", *HEAD[1:]),
        (
            [f"{found[0][place][0]:.1%}", *(amount(one[place][1]) for one in found)]
            for place in range(len(found[0]))
        ),
    )


def intake_table(cost: dict[str, Any]) -> str:
    per = cost["intake"]
    rates = [size.events / (size.days * DAY) for size in SIZES]
    return table(
        HEAD,
        iter(
            [
                ["events/s, on average", *(count(rate) for rate in rates)],
                [f"events/s, at {per['peak']} × that", *(count(r * per["peak"]) for r in rates)],
                [
                    "loader cores at the peak",
                    *(cores(r * per["peak"] / per["loader_events"]) for r in rates),
                ],
                [
                    "web cores at the peak (batches of 100)",
                    *(cores(r * per["peak"] / per["web_events"]) for r in rates),
                ],
            ]
        ),
    )


def sending_table(cost: dict[str, Any]) -> str:
    found = [sending(size, cost) for size in SIZES]
    return table(
        HEAD,
        iter(
            [
                ["letters a day", *(count(one["letters"]) for one in found)],
                ["letters/s while people read", *(count(one["rate"]) for one in found)],
                ["sender cores", *(cores(one["cores"]) for one in found)],
                ["rows leased per second, of what one PostgreSQL gives", *map(share, found)],
                ["ledger, a day", *(amount(one["ledger"]) for one in found)],
            ]
        ),
    )


def cost_table(cost: dict[str, Any]) -> str:
    """A month: lake kept, evaluated so many times a day by the fastest engine that was measured."""
    price = cost["price"]
    engine = min(cost["engines"], key=lambda e: float(cost["evaluation"][e]["event_ns"]))

    def rows() -> Iterator[Row]:
        kept = [
            sum(storage(s, cost)[k] for k in ("events", "histories", "contacts")) for s in SIZES
        ]
        once = [evaluation(size, cost, engine) / 3600 * price["core_hour"] for size in SIZES]
        send = [sending(size, cost)["cores"] for size in SIZES]
        yield ["lake", *(money(bytes_ / 1e12 * price["terabyte_month"]) for bytes_ in kept)]
        yield ["one full evaluation", *map(money, once)]
        yield ["… once a day", *(money(one * 30) for one in once)]
        yield ["… once an hour", *(money(one * 720) for one in once)]
        yield ["sender cores", *(money(max(1, n) * 730 * price["core_hour"]) for n in send)]

    return table(HEAD, rows())


TABLES = {
    "storage": storage_table,
    "intake": intake_table,
    "evaluation": evaluation_table,
    "driver": driver_table,
    "bitmaps": bitmap_table,
    "sending": sending_table,
    "cost": cost_table,
}


# --- words --------------------------------------------------------------------------------------


def count(value: float) -> str:
    """Three figures are more than is known."""
    for size, word in ((1e12, " trillion"), (1e9, " bn"), (1e6, " M")):
        if value >= size:
            return f"{value / size:.3g}{word}"
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def amount(value: float) -> str:
    for size, word in ((TIB, "TiB"), (GIB, "GiB"), (MIB, "MiB")):
        if value >= size:
            return f"{float(f'{value / size:.3g}'):,g} {word}"
    return f"{value / 1024:.3g} KiB"


def time(seconds: float) -> str:
    for size, word in ((86_400.0, "days"), (3600.0, "h"), (60.0, "min")):
        if seconds >= size * 1.5:
            return f"{seconds / size:.2g} {word}"
    return f"{seconds:.2g} s"


def cores(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def share(found: dict[str, float]) -> str:
    return f"{found['rate'] / found['leases']:.0%}"


def money(value: float) -> str:
    return f"${float(f'{value:.2g}'):,.0f}" if value >= 1 else f"${value:.2f}"


# --- the paper ----------------------------------------------------------------------------------


def written(text: str) -> str:
    """The paper with its tables made again."""
    made = {name: make(costs()) for name, make in TABLES.items()}
    return BLOCK.sub(lambda found: found[1] + made[found[2]] + found[3], text)


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    arguments.add_argument("--write", action="store_true", help="write them into the paper")
    if arguments.parse_args().write:
        PAPER.write_text(written(PAPER.read_text()))
        return
    for name, make in TABLES.items():
        print(f"{name}\n{make(costs())}")


if __name__ == "__main__":
    main()
