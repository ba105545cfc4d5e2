"""Who was active last, and when: by what subjects did themselves.

Mails that were sent to somebody, and what machines opened, are no activity (settings
`ignored_events`, `graded_events`), as in `did anything`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
from pyroaring import BitMap

from lettershop.engines.duckdb.compose import Sql, sql, union_all
from lettershop.engines.duckdb.entries import Side
from lettershop.engines.duckdb.search import Found, Place, living
from lettershop.engines.duckdb.store import Store
from lettershop.model.catalog import EventInfo
from lettershop.model.clock import DAY

NEVER: Final = -(2**62)
"""The time of those who never did anything: they come last."""
_WINDOWS: Final = (DAY, 7 * DAY, 31 * DAY, 366 * DAY)
"""How far back it is looked for a page, one after the other, before everything is read."""
_AMONG: Final = "looked_among"


def last_active(store: Store, side: Side, ids: Sequence[int]) -> dict[int, int]:
    """When each of them (dense ids) did something last, ms; who never did is left out."""
    branches = [*_activity(store, side, NEVER)]
    if not ids or not branches:
        return {}
    rows = store.con.execute(
        sql(
            "SELECT id, max(ts) FROM ({all}) WHERE id IN (SELECT unnest($ids)) GROUP BY id",
            all=union_all(branches),
        ),
        {"ids": list(ids), "since": NEVER},
    ).fetchall()
    return dict(rows)


def lately_active(
    store: Store,
    side: Side,
    *,
    limit: int,
    after: Place | None,
    among: BitMap | None = None,
    anonymous: bool = False,
) -> list[Found]:
    """Living contacts or accounts, those active last first; `Found.rank` is that time (ms), NEVER
    for who never was. `among`: only of these dense ids."""
    times = [info.last_ts for info in store.catalog().events.values() if info.last_ts is not None]
    newest = max(times, default=None) if after is None else after[0]
    with only_among(store, among) as chosen:
        where = sql("{living}{chosen}", living=living(side, anonymous=anonymous), chosen=chosen)
        if newest is not None and newest != NEVER:
            for window in _WINDOWS:
                found = _since(store, side, where, newest - window, limit, after)
                if len(found) == limit:
                    return found
        return _everybody(store, side, where, limit, after)


@contextmanager
def only_among(store: Store, ids: BitMap | None) -> Iterator[Sql]:
    """A condition on `c.id`, to be put after others; nothing for None."""
    if ids is None:
        yield Sql("")
        return
    store.con.register(_AMONG, {"id": np.array(ids, dtype=np.int64)})
    try:
        yield sql(" AND c.id IN (SELECT id FROM {these})", these=_AMONG)
    finally:
        store.con.unregister(_AMONG)


def _since(
    store: Store, side: Side, where: Sql, since: int, limit: int, after: Place | None
) -> list[Found]:
    branches = [*_activity(store, side, since)]
    if not branches:
        return []
    return _found(
        store,
        sql(
            "SELECT s.ts AS moment, c.id"
            " FROM (SELECT id, max(ts) AS ts FROM ({all}) GROUP BY id) AS s"
            " JOIN {table} AS c ON c.id = s.id WHERE {where}",
            all=union_all(branches),
            table=f"{side}s",
            where=where,
        ),
        {"since": since},
        limit,
        after,
    )


def _everybody(
    store: Store, side: Side, where: Sql, limit: int, after: Place | None
) -> list[Found]:
    empty = Sql("SELECT NULL::BIGINT AS id, $since::BIGINT AS ts WHERE false")
    branches = [*_activity(store, side, NEVER)] or [empty]
    return _found(
        store,
        sql(
            "SELECT coalesce(s.ts, $never) AS moment, c.id FROM {table} AS c"
            " LEFT JOIN (SELECT id, max(ts) AS ts FROM ({all}) GROUP BY id) AS s ON s.id = c.id"
            " WHERE {where}",
            all=union_all(branches),
            table=f"{side}s",
            where=where,
        ),
        {"since": NEVER, "never": NEVER},
        limit,
        after,
    )


def _found(
    store: Store, all_: Sql, asked: dict[str, Any], limit: int, after: Place | None
) -> list[Found]:
    onwards = Sql("true")
    if after is not None:
        asked |= {"at": after[0], "id": after[1]}
        onwards = Sql("(moment < $at OR moment = $at AND id < $id)")
    rows = store.con.execute(
        sql(
            "SELECT moment, id FROM ({all}) WHERE {onwards}"
            " ORDER BY moment DESC, id DESC LIMIT $limit",
            all=all_,
            onwards=onwards,
        ),
        asked | {"limit": limit},
    ).fetchall()
    return [Found(at, number) for at, number in rows]


def _activity(store: Store, side: Side, since: int) -> Iterator[Sql]:
    """(id, ts) of every event of their own from `$since` on, one branch for each table."""
    for info in store.catalog().events.values():
        ignored = info.name in store.settings.ignored_events
        if not ignored and info.last_ts is not None and info.last_ts >= since:
            yield sql(
                "SELECT {side} AS id, ts FROM {table}"
                " WHERE {side} IS NOT NULL AND ts >= $since{graded}",
                side=side,
                table=info.table,
                graded=_not_by_machine(store, info),
            )


def _not_by_machine(store: Store, info: EventInfo) -> Sql:
    grade = info.properties.get("grade")
    if info.name not in store.settings.graded_events or grade is None or grade.type != "text":
        return Sql("")
    return sql(" AND {grade} IS DISTINCT FROM 'machine'", grade=grade.column)
