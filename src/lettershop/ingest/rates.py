"""Exchange rates from a CSV file: day, source, target, rate."""

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from lettershop.ingest.scan import digest, scan_text
from lettershop.ingest.spool import text_lines
from lettershop.model.errors import InputError
from lettershop.model.values import MICRO, coerce

COLUMNS = ("day", "source", "target", "rate")
Rate = tuple[str, str, date, Decimal]


def read_rates(path: Path) -> list[Rate]:
    """(source, target, day, rate) of every row. A file with one bad row is not used at all:
    amounts converted at a wrong rate would not be noticed.

    Raises InputError `rates.columns`, `rates.row` (naming the line), and those of `scan_text`.
    """
    digest(path)
    scan_text(path)
    with text_lines(path) as lines:
        reader = csv.DictReader(lines)
        absent = [c for c in COLUMNS if c not in (reader.fieldnames or ())]
        if absent:
            raise InputError(
                "rates.columns",
                f"the file has no column {', '.join(f'“{c}”' for c in absent)}",
                where=str(path),
                hint="day,source,target,rate",
            )
        return list(_rates(reader, path))


def _rates(reader: "csv.DictReader[str]", path: Path) -> Iterator[Rate]:
    for row in reader:
        day = coerce(row["day"], "date")
        rate = coerce(row["rate"], "number")
        codes = [(row[c] or "").strip().upper() for c in ("source", "target")]
        good_codes = all(len(c) == 3 and c.isascii() and c.isalpha() for c in codes)
        if not isinstance(day, date) or not isinstance(rate, int) or rate <= 0 or not good_codes:
            raise InputError(
                "rates.row",
                f"not an exchange rate: {', '.join(str(row[c]) for c in COLUMNS)}",
                where=f"{path}:{reader.line_num}",
                hint="2024-01-31,USD,EUR,0.9231",
            )
        yield codes[0], codes[1], day, Decimal(rate) / MICRO


class HoldsRates(Protocol):
    """Where rates go: the store."""

    def set_rates(self, rates: list[Rate]) -> None: ...


def import_rates(store: HoldsRates, path: Path) -> int:
    """Replace the stored rates by the file's; returns their number."""
    rates = read_rates(path)
    store.set_rates(rates)
    return len(rates)
