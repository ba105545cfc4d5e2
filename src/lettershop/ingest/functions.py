"""The few values that SQL cannot judge by itself go through Python, so that the answer is the
same as `model.values.coerce`, letter by letter. SQL asks only where its own fast rule is silent."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache

import duckdb
from duckdb.func import SPECIAL

from lettershop.ingest.emails import normal_email
from lettershop.model.clock import to_ms
from lettershop.model.values import MICRO, WHITESPACE, coerce

_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')
_OTHER = re.compile(r"[^\[\]{}]+")


def hard_number(text: str | None) -> str | None:
    """The number with six places, as DECIMAL wants to read it."""
    found = coerce(text, "number")
    if not isinstance(found, int):
        return None
    sign, size = ("-" if found < 0 else ""), abs(found)
    return f"{sign}{size // MICRO}.{size % MICRO:06d}"


def hard_instant(text: str | None) -> int | None:
    """Milliseconds of a time that states its zone."""
    found = coerce(text, "time")
    return found if isinstance(found, int) else None


def hard_local(text: str | None) -> int | None:
    """Milliseconds of a time without zone, as if it were UTC."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.strip(WHITESPACE))
    except ValueError:
        return None
    return None if moment.tzinfo else to_ms(moment.replace(tzinfo=UTC))


def depth(text: str | None) -> int:
    """How deep brackets nest outside of strings."""
    level = deepest = 0
    for bracket in _OTHER.sub("", _STRINGS.sub("", text or "")):
        level += 1 if bracket in "[{" else -1
        deepest = max(deepest, level)
    return deepest


_FUNCTIONS: dict[str, tuple[Callable[..., str | int | None], str]] = {
    "lettershop_number": (hard_number, "VARCHAR"),
    "lettershop_instant": (hard_instant, "BIGINT"),
    "lettershop_local": (hard_local, "BIGINT"),
    "lettershop_email": (lru_cache(100_000)(normal_email), "VARCHAR"),
    "lettershop_depth": (depth, "INTEGER"),
}


@contextmanager
def functions(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """The functions exist within the block, and not after it, whatever happens.

    Best outside of a transaction: in one that has failed they cannot be taken away again.
    """
    _remove(con)
    for name, (function, result) in _FUNCTIONS.items():
        con.create_function(name, function, ["VARCHAR"], result, null_handling=SPECIAL)
    try:
        yield
    finally:
        _remove(con)


def _remove(con: duckdb.DuckDBPyConnection) -> None:
    with suppress(duckdb.Error):
        con.execute("SELECT 1").fetchall()  # whatever result is still open stands in the way
    for name in _FUNCTIONS:
        with suppress(duckdb.Error):
            con.remove_function(name)
