"""Members beside all others, counted: every field and every event, one short query each.

`who` (a temporary table: one row per subject, whether it is inside, its contact and its account)
is made once; each query groups one column of it.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final, Literal

import numpy as np
from pyroaring import BitMap

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.store import Store
from lettershop.language.tree import Subject
from lettershop.model.catalog import EventInfo, FieldInfo, Fields

MOST_VALUES: Final = 30
"""Of a field with choices the most frequent values are compared."""
Side = Literal["contact", "account"]
Choices = tuple[str, int, int]
"""A value, of how many inside, of how many outside."""
Order = tuple[float, float, int, int, list[Any], list[Any]]
"""u, ties, how many inside and outside, quartiles of both: see segments/contrast.py."""

_FIRST: Final = Sql(
    "(SELECT contact, arg_min(account, id) AS account FROM people WHERE active GROUP BY contact)"
)
_WHO: Final[dict[Subject, Sql]] = {
    "contact": sql(
        "SELECT i.id, i.inside, i.id AS contact, p.account AS account"
        " FROM contrast_ids i LEFT JOIN {first} p ON p.contact = i.id",
        first=_FIRST,
    ),
    "account": Sql("SELECT id, inside, NULL::BIGINT AS contact, id AS account FROM contrast_ids"),
    "people": Sql(
        "SELECT i.id, i.inside, p.contact, p.account FROM contrast_ids i JOIN people p USING (id)"
    ),
}
_ORDER: Final = Sql(
    "WITH v AS ({values}),"
    " g AS (SELECT value, count(*) FILTER (inside) AS a, count(*) FILTER (NOT inside) AS b"
    " FROM v GROUP BY value),"
    " c AS (SELECT a, b, sum(b) OVER (ORDER BY value) - b AS below FROM g)"
    " SELECT (SELECT coalesce(sum(a * (below + b / 2)), 0)::DOUBLE FROM c),"
    " (SELECT coalesce(sum((a + b)::DOUBLE ** 3 - (a + b)), 0) FROM c),"
    " count(*) FILTER (inside), count(*) FILTER (NOT inside),"
    " quantile_disc(value, [0.25, 0.5, 0.75]) FILTER (inside),"
    " quantile_disc(value, [0.25, 0.5, 0.75]) FILTER (NOT inside) FROM v"
)


class Beside:
    """The members of one segment beside the rest of those it is drawn from."""

    def __init__(self, store: Store, subject: Subject, members: BitMap, universe: BitMap) -> None:
        self.store, self.subject = store, subject
        self.inside, self.outside = len(members & universe), len(universe - members)
        ids = np.array(universe, np.int64)
        inside = np.isin(ids, np.array(members & universe, np.int64))
        store.con.register("contrast_ids", {"id": ids, "inside": inside})
        made = sql("CREATE OR REPLACE TEMP TABLE contrast_who AS {who}", who=_WHO[subject])
        store.con.execute(made)
        store.con.unregister("contrast_ids")

    def close(self) -> None:
        self.store.con.execute("DROP TABLE IF EXISTS contrast_who")

    def fields(self) -> Iterator[tuple[Side, FieldInfo]]:
        """Of contacts where there are any, and of their accounts."""
        catalog = self.store.catalog()
        sides: Sequence[tuple[Side, Fields]] = [("account", catalog.account)]
        if self.subject != "account":
            sides = [("contact", catalog.contact), *sides]
        for side, fields in sides:
            yield from ((side, info) for info in fields.values())

    def events(self) -> Collection[EventInfo]:
        return self.store.catalog().events.values()

    def known(self, fields: Sequence[tuple[Side, FieldInfo]]) -> list[tuple[int, int]]:
        """Of how many inside and outside each field is known: all fields in one pass."""
        if not fields:
            return []
        columns = [
            piece
            for side, info in fields
            for piece in (
                sql("count({v}) FILTER (inside)", v=_column(side, info)),
                sql("count({v}) FILTER (NOT inside)", v=_column(side, info)),
            )
        ]
        found = self._rows(sql("SELECT {columns} FROM {joined}", columns=columns, joined=_JOINED))
        return list(zip(found[0][::2], found[0][1::2], strict=True))

    def choices(self, side: Side, info: FieldInfo) -> list[Choices]:
        """The most frequent values of a text, truth or list."""
        column = _column(side, info)
        many = Sql("count(*)")
        match info.type:
            case "list":  # one who has a value twice, in other capitals, counts once
                value, many = sql("unnest({v})", v=column), Sql("count(DISTINCT id)")
            case "boolean":
                value = sql("CAST({v} AS VARCHAR)", v=column)
            case _:
                value = column
        rows = self._rows(
            sql(
                "SELECT min(trim(value)), {many} FILTER (inside), {many} FILTER (NOT inside)"
                " FROM (SELECT w.id, inside, {value} AS value FROM {joined})"
                " WHERE trim(value) <> '' GROUP BY lower(trim(value))"
                " ORDER BY count(*) DESC, 1 LIMIT $most",
                many=many,
                value=value,
                joined=_JOINED,
            ),
            most=MOST_VALUES,
        )
        return [(str(value), inside, outside) for value, inside, outside in rows]

    def order(self, side: Side, info: FieldInfo) -> Order:
        """Of a number, a time (milliseconds) or a date (days since 1970)."""
        column = _column(side, info)
        value = sql("{v}::DOUBLE", v=column)
        if info.type == "date":
            value = sql("date_diff('day', DATE '1970-01-01', {v})", v=column)
        values = sql(
            "SELECT inside, {value} AS value FROM {joined} WHERE {column} IS NOT NULL",
            value=value,
            joined=_JOINED,
            column=column,
        )
        return self._order(values)

    def times(self, event: EventInfo, since: int, until: int) -> Order:
        """How often those did it who did it after `since`: of them alone."""
        keys = {"contact": ("contact",), "account": ("account",)}.get(
            self.subject, ("contact", "account")
        )
        values = sql(
            "SELECT w.inside, e.n AS value FROM contrast_who w JOIN (SELECT {keys}, count(*) AS n"
            " FROM {table} WHERE ts > $since AND ts <= $until GROUP BY ALL) e USING ({keys})",
            keys=[Sql(key) for key in keys],
            table=event.table,
        )
        return self._order(values, since=since, until=until)

    def _order(self, values: Sql, **bound: int) -> Order:
        u, ties, inside, outside, own, others = self._rows(sql(_ORDER, values=values), **bound)[0]
        return float(u), float(ties), inside, outside, own or [], others or []

    def _rows(self, query: Sql, **bound: int) -> list[Any]:
        return self.store.con.execute(query, bound).fetchall()


_JOINED: Final = Sql(
    "(contrast_who w LEFT JOIN contacts c ON c.id = w.contact"
    " LEFT JOIN accounts a ON a.id = w.account)"
)


def _column(side: Side, info: FieldInfo) -> Sql:
    return sql("{side}.{column}", side=Sql("c" if side == "contact" else "a"), column=info.column)
