"""The newest events of each recipient, or of each recipient's account.

Two steps: since when a subject's newest rows count (times only), then those few rows in full.
Which of two is newer is decided as in segments: by ts, received_at, message_id.
"""

from typing import Final, Literal

from sqlglot import exp

from lettershop.content.conditions import event_condition
from lettershop.content.template import Events, LastEvent
from lettershop.content.values.cells import selected
from lettershop.content.values.conditions import Conditions
from lettershop.content.values.tables import Tables
from lettershop.content.values.wanted import Properties, columns_of
from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.language.tree import Condition
from lettershop.model.catalog import EventInfo
from lettershop.planning.metrics import Rows
from lettershop.planning.sources import (
    Context,
    among,
    col,
    conditions,
    join_zone,
    not_null,
    table,
    visible,
    wants_zone,
)

_NEWEST: Final = Sql(
    "row_number() OVER (PARTITION BY w.subject"
    " ORDER BY e.ts DESC, e.received_at DESC, e.message_id DESC) AS n"
)


def event_table(
    tables: Tables,
    asking: Conditions,
    name: str,
    source: LastEvent | Events,
    info: EventInfo,
    read: Properties,
) -> str:
    """A table of place, n (1 is the newest), `v0` …: the columns read, in order, and `rest` where
    something without a column is read."""
    side: Literal["contact", "account"] = "account" if source.by_account else "contact"
    limit = source.limit if isinstance(source, Events) else 1
    where = event_condition(source.where) if source.where else None
    rows = _rows(info, side, where, asking.context(where))
    values = [
        sql("{value} AS {name}", value=selected(i.column, i.type, "e"), name=f"v{n}")
        for n, i in enumerate(columns_of(read.leaves))
    ]
    if read.rest is None or read.rest:
        values.append(Sql("e.rest"))
    since = tables.make(f"since_{name}", _since(rows, side, limit))
    newest = sql(
        "SELECT {columns} FROM ({rows}) w JOIN {since} s ON s.subject = w.subject AND w.ts >= s.ts"
        " JOIN {event} e ON e.seq = w.seq",
        columns=[Sql("w.subject"), _NEWEST, *values],
        rows=rows,
        event=info.table,
        since=since,
    )
    return tables.make(
        name,
        sql(
            "SELECT r.place, x.* EXCLUDE (subject) FROM ({newest}) x"
            " JOIN {recipients} r ON r.{side} = x.subject"
            " WHERE x.n <= {limit} ORDER BY r.place, x.n",
            newest=newest,
            recipients=tables.recipients,
            side=Sql(side),
            limit=Sql(str(int(limit))),
        ),
    )


def _since(rows: Sql, side: str, limit: int) -> Sql:
    """Per subject the time of its newest row, or of the last of its newest `limit`."""
    ts = Sql("max(w.ts)") if limit == 1 else Sql(f"list_min(max(w.ts, {int(limit)}))")
    return sql("SELECT w.subject, {ts} AS ts FROM ({rows}) w GROUP BY w.subject", ts=ts, rows=rows)


def _rows(
    info: EventInfo,
    side: Literal["contact", "account"],
    where: Condition | None,
    context: Context,
) -> Sql:
    """subject, ts and seq of the audience's events for which the condition holds."""
    asked = Rows((info.name,), None, where)
    joined = wants_zone(asked, context)
    clock = context.clock("z" if joined else None)
    query = exp.select(
        exp.alias_(col(side, "e"), "subject", quoted=True, copy=False),
        col("ts", "e"),
        col("seq", "e"),
    ).from_(table(info.table, "e"), copy=False)
    if joined:
        query = join_zone(query, side, "e", context)
    query = query.where(
        not_null(side, "e"),
        among(col(side, "e"), f"only_{side}"),
        *visible(info.last_visible, context.as_of, "e"),
        *conditions(asked, info, clock),
        copy=False,
    )
    return Sql(query.sql("duckdb"))
