"""The records each recipient's letter may speak of: those of its account, and those that are linked
to the contact alone; of a contact without an account all that are linked to it."""

from typing import Final, Literal

from sqlglot import exp

from lettershop.content.conditions import record_condition
from lettershop.content.template import Records
from lettershop.content.values.cells import selected
from lettershop.content.values.conditions import Conditions
from lettershop.content.values.tables import Tables
from lettershop.content.values.wanted import Properties, columns_of
from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.language.tree import Condition
from lettershop.model.catalog import RecordInfo
from lettershop.model.values import ValueType
from lettershop.planning.predicates import Value, compared
from lettershop.planning.sources import (
    Context,
    among,
    col,
    join_zone,
    maybe,
    not_null,
    table,
    where_sight,
)
from lettershop.planning.zones import integer, needs_local

ORDERED: Final[frozenset[ValueType]] = frozenset({"number", "text", "boolean", "time", "date"})
"""Types by whose values records can be put in order."""


def record_table(
    tables: Tables,
    asking: Conditions,
    name: str,
    source: Records,
    info: RecordInfo,
    read: Properties,
) -> str:
    """A table of place, n (1 is the first), identity and `v0` …: the columns read, in order."""
    where = record_condition(source.where) if source.where else None
    context = asking.context(where)
    limit = Sql(str(int(source.limit)))
    order = sql("x.k {way} NULLS LAST, x.identity", way=Sql(_way(source)))
    linked = {
        side: _linked(info, side, where, context, source.order, read)
        for side in ("account", "contact")
    }
    # An account's records are cut before everybody in it gets them.
    of_account = sql(
        "SELECT r.place, x.* FROM (SELECT * FROM ({rows}) x QUALIFY row_number() OVER"
        " (PARTITION BY x.account ORDER BY {order}) <= {limit}) x"
        " JOIN {recipients} r ON r.account = x.account",
        rows=linked["account"],
        order=order,
        limit=limit,
        recipients=tables.recipients,
    )
    of_contact = sql(
        "SELECT r.place, x.* FROM ({rows}) x JOIN {recipients} r ON r.contact = x.contact"
        " AND (x.account IS NULL OR r.account < 0)",
        rows=linked["contact"],
        recipients=tables.recipients,
    )
    return tables.make(
        name,
        sql(
            "SELECT x.*, row_number() OVER (PARTITION BY x.place ORDER BY {order}) AS n"
            " FROM ({of_account} UNION ALL {of_contact}) x QUALIFY n <= {limit}"
            " ORDER BY place, n",
            order=order,
            of_account=of_account,
            of_contact=of_contact,
            limit=limit,
        ),
    )


def _way(source: Records) -> str:
    return "DESC" if source.order.startswith("-") else "ASC"


def _linked(
    info: RecordInfo,
    side: Literal["contact", "account"],
    where: Condition | None,
    context: Context,
    order: str,
    read: Properties,
) -> Sql:
    """The live records linked to the audience's contacts or accounts: contact, account, identity,
    `k` to put them in order, and the columns read."""
    sight = where_sight(info.fields, "r", context.clock())
    query = exp.select(*(col(c, "r") for c in ("contact", "account", "identity")))
    query = query.from_(table(context.current[f"record:{info.kind}"], "r"), copy=False)
    if len(context.zones) > 1 and needs_local(where):
        query = join_zone(query, side, "r", context)
        sight = where_sight(info.fields, "r", context.clock("z"))
    query = query.where(
        not_null(side, "r"),
        among(col(side, "r"), f"only_{side}"),
        col("known_since", "r") <= integer(context.as_of),
        exp.Not(this=exp.Coalesce(this=col("deleted", "r"), expressions=[exp.false()])),
        *maybe(where, sight),
        copy=False,
    )
    query = query.select(exp.alias_(_key(info, order), "k", quoted=True, copy=False), copy=False)
    for n, field in enumerate(columns_of(read.leaves)):
        query = query.select(exp.alias_(col(field.column, "r"), f"w{n}", quoted=True, copy=False))
    values = [
        sql("{value} AS {name}", value=selected(f"w{n}", i.type, "y"), name=f"v{n}")
        for n, i in enumerate(columns_of(read.leaves))
    ]
    first = [Sql(f"y.{c}") for c in ("contact", "account", "identity", "k")]
    return sql(
        "SELECT {columns} FROM ({rows}) y",
        columns=[*first, *values],
        rows=Sql(query.sql("duckdb")),
    )


def _key(info: RecordInfo, order: str) -> exp.Expr:
    field = info.fields.get(order.removeprefix("-"))
    if field is None or field.type not in ORDERED:
        return exp.null()
    return compared(Value(col(field.column, "r"), field.type))
