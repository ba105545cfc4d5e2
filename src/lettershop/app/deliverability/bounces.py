"""Bounces of the last days: by class and day, and what refusing servers said, word for word."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from lettershop.app.results.facts import BOUNCE, text_of
from lettershop.app.today.days import Days, per_day
from lettershop.delivery.said import FAULT, BounceClass, Fault
from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.store import Store
from lettershop.model.catalog import EventInfo

TOLD: Final[Mapping[str, Fault]] = {"hard": "theirs", "soft": "nobody"}
"""Kinds as other systems tell them, for bounces that have no class."""
LONGEST: Final = 160
"""Characters of what was said that are compared."""
TOP: Final = 15


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """Bounces of one class: `days` of the period, the oldest first. `hard`: it does not pass."""

    name: BounceClass | str
    fault: Fault
    hard: bool
    total: int
    days: tuple[int, ...]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What refusing servers said, with numbers and addresses left out, and an example in full."""

    text: str
    example: str
    name: str
    times: int
    last: int


class Bounced(msgspec.Struct, frozen=True, kw_only=True):
    """`days`: the first instant of each; `kinds`, `said`: the most first."""

    days: tuple[int, ...]
    kinds: tuple[Kind, ...]
    said: tuple[Said, ...]

    @property
    def total(self) -> int:
        return sum(one.total for one in self.kinds)


def bounced(store: Store, days: Days) -> Bounced:
    info = store.catalog().events.get(BOUNCE)
    if info is None:
        return Bounced(days=days.starts, kinds=(), said=())
    counted = per_day(store, info, days, _named(info))
    kinds = [
        Kind(
            name=name,
            fault=FAULT.get(name) or TOLD.get(name, "nobody"),  # type: ignore[call-overload]
            hard=name in ("dead", "perhaps_dead", "hard"),
            total=sum(numbers),
            days=numbers,
        )
        for name, numbers in counted.items()
        if name != "auto_reply"
    ]
    kinds.sort(key=lambda one: -one.total)
    return Bounced(days=days.starts, kinds=tuple(kinds), said=_said(store, info, days))


def _named(info: EventInfo) -> Sql:
    return sql(
        "coalesce({ours}, lower({theirs}), 'unclear')",
        ours=text_of(info, "bounce_class"),
        theirs=text_of(info, "type"),
    )


def _said(store: Store, info: EventInfo, days: Days) -> tuple[Said, ...]:
    whole = sql("coalesce({a}, {b})", a=text_of(info, "text"), b=text_of(info, "reason"))
    asked = sql(
        "SELECT left(regexp_replace({whole}, $varying, '…', 'g'), $longest) AS text,"
        " arg_max({whole}, ts), arg_max({named}, ts), count(*) AS times, max(ts)"
        " FROM {table} WHERE ts BETWEEN $since AND $until AND {whole} IS NOT NULL"
        " GROUP BY text ORDER BY times DESC, text LIMIT $top",
        whole=whole,
        named=_named(info),
        table=info.table,
    )
    values = {"varying": VARYING, "longest": LONGEST, "top": TOP}
    rows: Sequence[tuple[str, str, str, int, int]] = store.con.execute(
        asked, values | {"since": days.starts[0], "until": days.until}
    ).fetchall()
    return tuple(
        Said(text=text, example=example, name=name, times=times, last=last)
        for text, example, name, times, last in rows
    )


VARYING: Final = r"<[^>]*>|\S+@\S+|\b[0-9a-zA-Z]*[0-9][0-9a-zA-Z]{5,}\b|\b\d{1,3}(\.\d{1,3}){3}\b"
"""Addresses, queue ids and IP addresses: they differ from letter to letter."""
