"""The events of few subjects, read once for all queries that want rows of the same table.

Looking for few subjects' rows in a long table is what costs; once they lie apart, in temporary
tables named after the key and the table (`only_contact_event_signed_in`), any question is quick.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from sqlglot import exp

from lettershop.engines.duckdb.store import Store
from lettershop.planning.query import Query
from lettershop.planning.sources import col, table
from lettershop.planning.zones import integer


def gather(store: Store, queries: Iterable[Query], tables: Collection[str]) -> None:
    """Read the tables of events (`tables`) that several of the queries want, and point those
    queries at what was read."""
    wanted: dict[tuple[str, str], list[exp.Select]] = defaultdict(list)
    for query in queries:
        for select in query.sql.find_all(exp.Select):
            source, restriction = _source(select), _restriction(select)
            if source is not None and restriction is not None and source.name in tables:
                wanted[source.name, _few_of(restriction)].append(select)
    for (name, few), selects in wanted.items():
        if len(selects) > 1:
            _read(store, name, few, selects)


def _source(select: exp.Select) -> exp.Table | None:
    """The table a query reads its events from: the one called `e`."""
    clause = select.args.get("from_")
    source = clause.this if clause is not None else None
    return source if isinstance(source, exp.Table) and source.alias == "e" else None


def _conditions(select: exp.Select) -> list[exp.Expr]:
    where = select.args.get("where")
    if where is None:
        return []
    return [*where.this.flatten()] if isinstance(where.this, exp.And) else [where.this]


def _restriction(select: exp.Select) -> exp.In | None:
    """The condition that leaves the rows of few subjects (`sources.only`)."""
    for condition in _conditions(select):
        if isinstance(condition, exp.In) and condition.args.get("query") is not None:
            return condition
    return None


def _few_of(restriction: exp.In) -> str:
    """`only_contact`, `only_account` or `only_pair`."""
    found = restriction.args["query"].find(exp.Table)
    return str(found.name)


def _read(store: Store, name: str, few: str, selects: Sequence[exp.Select]) -> None:
    columns = {
        column.name: None
        for select in selects
        for column in select.find_all(exp.Column)
        if column.table == "e"
    }
    restriction = _restriction(selects[0])
    starts = [_start(select) for select in selects]
    rows = exp.select(*(col(column, "e") for column in columns)).from_(table(name, "e"), copy=False)
    rows = rows.where(restriction, copy=True)
    if starts and all(start is not None for start in starts):
        rows = rows.where(col("ts", "e") >= integer(min(s for s in starts if s is not None)))
    apart = f"{few}_{name}"
    store.create(apart, rows)
    for select in selects:
        source = _source(select)
        if source is not None:
            source.set("this", exp.to_identifier(apart, quoted=True))


def _start(select: exp.Select) -> int | None:
    """The earliest `ts` a query asks for; None where it does not say."""
    found = [
        int(condition.expression.to_py())
        for condition in _conditions(select)
        if isinstance(condition, exp.GTE)
        and condition.this == col("ts", "e")
        and isinstance(condition.expression, exp.Literal | exp.Neg)
    ]
    return max(found, default=None)
