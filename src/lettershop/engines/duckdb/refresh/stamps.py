"""When and why a subject's answer may have changed, told from what was stored about it.

Used where only the outcome is known (`cold.py`): the newest fact about the subject is taken for the
cause, then those about its accounts or people; without any, time has passed.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt

from lettershop.engines.duckdb.changes import Mark
from lettershop.engines.duckdb.compose import sql
from lettershop.engines.duckdb.refresh.tables import CAUSES, Cause
from lettershop.language.tree import Subject
from lettershop.model.catalog import Catalog
from lettershop.planning.frame import Frame, Ints

CODE: dict[Cause, int] = {cause: number for number, cause in enumerate(CAUSES)}
"""A cause is stored in arrays as its place in CAUSES."""


class Stamps(NamedTuple):
    """Per slot: the time of the newest fact (-1: none) and the cause it stands for."""

    time: Ints
    cause: Ints


def stamps(
    con: duckdb.DuckDBPyConnection,
    catalog: Catalog,
    frame: Frame,
    since: Mark,
    *,
    imported: bool,
    until: Mark | None = None,
) -> dict[Subject, Stamps]:
    """For contacts and accounts by dense id, for people by slot. `until`: what was stored after it
    is not looked at."""
    tables = [info.table for info in catalog.events.values()]
    reach = Reach(since, until)
    own = {side: _own(con, tables, side, frame, reach, imported) for side in _SIDES}
    contact, account = own["contact"], own["account"]
    pair_contact, pair_account = frame.pair_contact, frame.pair_account
    pair = _newer(
        Stamps(contact.time[pair_contact], contact.cause[pair_contact]),
        Stamps(account.time[pair_account], account.cause[pair_account]),
    )
    return {
        "contact": _or_of(contact, pair, pair_contact),
        "account": _or_of(account, pair, pair_account),
        "people": pair,
    }


_SIDES = ("contact", "account")
_ENDLESS = 1 << 62


class Reach(NamedTuple):
    """Between which row numbers something was stored."""

    since: Mark
    until: Mark | None

    def of(self, table: str) -> dict[str, int]:
        last = _ENDLESS if self.until is None else self.until.histories.get(table, 0)
        return {"first": self.since.histories.get(table, 0), "last": last}

    @property
    def events(self) -> dict[str, int]:
        return {"first": self.since.seq, "last": self.until.seq if self.until else _ENDLESS}

    @property
    def touched(self) -> dict[str, int]:
        last = self.until.touched if self.until else _ENDLESS
        return {"first": self.since.touched, "last": last}


def _own(
    con: duckdb.DuckDBPyConnection,
    tables: Iterable[str],
    side: str,
    frame: Frame,
    reach: Reach,
    imported: bool,
) -> Stamps:
    size = frame.size("contact" if side == "contact" else "account")
    found = Stamps(np.full(size, -1, np.int64), np.full(size, CODE["time"], np.int64))
    history = f"{side}_history"
    writes = _rows(con, history, "subject", "rowid", reach.of(history))
    _stamp(found, writes, CODE["import" if imported else "trait"])
    joins = _rows(con, "people_history", side, "rowid", reach.of("people_history"))
    _stamp(found, joins, CODE["import" if imported else "trait"])
    for table in tables:
        rows = _rows(con, table, side, "seq", reach.events)
        _stamp(found, rows, CODE["import" if imported else "event"])
    asked = con.execute(
        "SELECT DISTINCT subject FROM touched WHERE rowid >= $first AND rowid < $last"
        " AND sort = $side",
        {**reach.touched, "side": side},
    )
    again = np.array([row[0] for row in asked.fetchall()], np.int64)
    _stamp(found, {"k": again, "ts": np.full(len(again), frame.as_of)}, CODE["merge"])
    return found


def _rows(
    con: duckdb.DuckDBPyConnection, table: str, key: str, order: str, reach: Mapping[str, int]
) -> dict[str, npt.NDArray[np.generic]]:
    query = sql(
        "SELECT {k} AS k, max(ts) AS ts FROM {t} WHERE {o} >= $first AND {o} < $last"
        " AND {k} IS NOT NULL GROUP BY {k}",
        k=key,
        t=table,
        o=order,
    )
    found: dict[str, Any] = con.execute(query, dict(reach)).fetchnumpy()
    return found


def _stamp(found: Stamps, rows: Mapping[str, npt.NDArray[np.generic]], cause: int) -> None:
    ids, times = rows["k"].astype(np.int64), rows["ts"].astype(np.int64)
    inside = ids < len(found.time) - 1
    ids, times = ids[inside], times[inside]
    newer = times >= found.time[ids]
    found.time[ids[newer]], found.cause[ids[newer]] = times[newer], cause


def _newer(one: Stamps, other: Stamps) -> Stamps:
    first = one.time >= other.time
    return Stamps(np.where(first, one.time, other.time), np.where(first, one.cause, other.cause))


def _or_of(own: Stamps, pair: Stamps, index: npt.NDArray[np.int32]) -> Stamps:
    """The subject's own stamp; where it has none, the newest of its pairs."""
    order = np.argsort(pair.time, kind="stable")
    time, cause = np.full_like(own.time, -1), np.full_like(own.cause, CODE["time"])
    time[index[order]], cause[index[order]] = pair.time[order], pair.cause[order]
    missing = own.time < 0
    return Stamps(np.where(missing, time, own.time), np.where(missing, cause, own.cause))
