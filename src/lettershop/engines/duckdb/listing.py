"""The values of text fields that have few different ones: what a drop-down offers."""

from collections.abc import Iterator, Mapping, Sequence

import duckdb
import msgspec

from lettershop.engines.duckdb.compose import Sql, bound, sql, union_all
from lettershop.engines.duckdb.learn import Counted, Field
from lettershop.engines.duckdb.stage import StageColumn

MOST_VALUES = 50
"""A text field with more different values than this has no list of values."""

_SURELY_MANY = 150
"""Above this estimate of different values they are not even counted: estimates are 20 % off."""


class Listed(msgspec.Struct, frozen=True):
    """A text column whose different values may be few enough to list."""

    scope: str
    field: str
    column: str
    source: Sql
    """`FROM … WHERE …` of the rows concerned."""


def worth_listing(field: Field, counted: Counted) -> bool:
    """Whether the column's values have to be counted; a field with surely too many is marked."""
    if field.type != "text" or counted.column.type != "text" or field.many or not counted.known:
        return False
    field.many = counted.distinct > _SURELY_MANY
    return not field.many


def list_values(con: duckdb.DuckDBPyConnection, listed: Sequence[Listed]) -> None:
    """Add the columns' values to `field_values`, to be merged by `settle`."""
    if not listed:
        return
    branches = (
        sql(
            "SELECT {scope} AS scope, {name} AS name, {column} AS value, count(*) AS count"
            " {source} AND {column} IS NOT NULL GROUP BY ALL",
            scope=bound("scopes", i),
            name=bound("names", i),
            column=x.column,
            source=x.source,
        )
        for i, x in enumerate(listed)
    )
    con.execute(
        sql("INSERT INTO field_values {branches}", branches=union_all(branches)),
        {"scopes": [x.scope for x in listed], "names": [x.field for x in listed]},
    )


class Money(msgspec.Struct, frozen=True):
    """A column of amounts whose currency is said in the stage column `said_in`."""

    field: Field
    column: StageColumn
    said_in: str
    source: Sql


def money(
    fields: Mapping[str, Field], columns: Sequence[StageColumn], source: Sql
) -> Iterator[Money]:
    """Note the constant currencies of columns; yields those whose currency another column says."""
    for c in columns:
        field = fields.get(c.name)
        if field is None or field.type != "number":
            continue
        if c.constant_currency:
            field.is_money(c)
        elif c.currency is not None:
            field.is_money(c)
            said = (s.column for s in columns if s.name == c.currency and s.type == "text")
            yield from (Money(field, c, column, source) for column in said)


def list_currencies(con: duckdb.DuckDBPyConnection, amounts: Sequence[Money]) -> None:
    """Note which currencies were seen beside these amounts."""
    if not amounts:
        return
    branches = (
        sql(
            "SELECT {i} AS i, list(DISTINCT {c}) {source} AND {c} IS NOT NULL",
            i=Sql(str(i)),
            c=amount.said_in,
            source=amount.source,
        )
        for i, amount in enumerate(amounts)
    )
    for i, seen in con.execute(union_all(branches)).fetchall():
        amounts[i].field.is_money(amounts[i].column, seen or ())


def settle(con: duckdb.DuckDBPyConnection) -> None:
    """Merge what was added to `field_values`; forget the lists that grew too long."""
    if not con.execute("SELECT count(*) FROM field_values").fetchall()[0][0]:
        return
    con.execute(
        "CREATE OR REPLACE TEMP TABLE load_values AS SELECT v.scope, v.name, v.value,"
        " sum(v.count)::BIGINT AS count FROM field_values AS v JOIN fields AS f USING (scope, name)"
        " WHERE NOT f.many GROUP BY ALL"
    )
    con.execute(
        "UPDATE fields SET many = true FROM (SELECT scope, name FROM load_values GROUP BY ALL"
        " HAVING count(*) > $most) AS t WHERE fields.scope = t.scope AND fields.name = t.name",
        {"most": MOST_VALUES},
    )
    con.execute("TRUNCATE field_values")
    con.execute(
        "INSERT INTO field_values SELECT v.* FROM load_values AS v JOIN fields AS f"
        " USING (scope, name) WHERE NOT f.many"
    )
