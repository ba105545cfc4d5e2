"""Columns as the engine hands them over -> values as letters show them; None where missing."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, assert_never
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from lettershop.content.values.trees import tidy
from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.model.clock import ALWAYS
from lettershop.model.values import MICRO, ValueType
from lettershop.planning.calendar import zone_or_none

Array = npt.NDArray[Any]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def selected(column: str, kind: ValueType, table: str) -> Sql:
    """A column in the form in which `plain` takes it: numbers as whole micro-units."""
    template = "{t}.{c}"
    if kind == "number":
        template = "CAST(CAST({t}.{c} AS DECIMAL(38, 6)) * 1000000 AS BIGINT)"
    return sql(template, t=table, c=column)


def plain(values: Array, kind: ValueType, zones: Sequence[tzinfo]) -> list[Any]:
    """The values of a column; `zones`: of each row, for times."""
    match kind:
        case "number":
            return _numbers(values)
        case "text" | "boolean":
            found: list[Any] = values.tolist()
            return found
        case "time":
            return [
                None if at is None else moment(at, zone)
                for at, zone in zip(values.tolist(), zones, strict=True)
            ]
        case "date":
            return _dates(values)
        case "list":
            return [None if v is None or not len(v) else list(v) for v in values.tolist()]
        case "location":
            return [tidy(v) for v in values.tolist()]
        case _:
            assert_never(kind)


def _numbers(values: Array) -> list[Any]:
    micros = np.ma.getdata(values).astype(np.int64)
    whole, rest = np.divmod(micros, MICRO)
    found: list[Any] = whole.tolist()
    for place in np.flatnonzero(rest):
        found[place] = Decimal(int(micros[place])).scaleb(-6).normalize()
    for place in np.flatnonzero(np.ma.getmaskarray(values)):
        found[place] = None
    return found


def _dates(values: Array) -> list[Any]:
    days = np.ma.getdata(values).astype("datetime64[D]")
    found: list[Any] = days.tolist()
    for place in np.flatnonzero(np.ma.getmaskarray(values)):
        found[place] = None
    return found


def moment(instant: int, zone: tzinfo) -> datetime | None:
    """The instant on the clocks of the zone. None for what has no date, and beyond the calendar."""
    if instant == ALWAYS:
        return None
    try:
        return (_EPOCH + timedelta(milliseconds=instant)).astimezone(zone)
    except OverflowError:
        return None


@lru_cache(maxsize=4096)
def zone_named(name: str) -> tzinfo | None:
    known = zone_or_none(name)
    return None if known is None else UTC if known == "UTC" else ZoneInfo(known)


def zones_of(
    contacts: Iterable[object], accounts: Iterable[object], workspace: str
) -> list[tzinfo]:
    """Of each recipient: the contact's zone, else the account's, else the workspace's."""
    usual = zone_named(workspace) or UTC
    return [
        _zone(contact) or _zone(account) or usual
        for contact, account in zip(contacts, accounts, strict=True)
    ]


def _zone(name: object) -> tzinfo | None:
    return zone_named(name) if isinstance(name, str) else None
