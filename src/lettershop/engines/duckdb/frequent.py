"""The most frequent values of a field that hold some text: what type-ahead offers."""

from typing import Final

import msgspec

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.store import Store
from lettershop.model.catalog import Catalog, FieldInfo

WHOLE: Final = Sql("true")


class Frequent(msgspec.Struct, frozen=True):
    """A value, and how many rows (people, accounts, events, records) hold it."""

    value: str
    count: int


def frequent(
    store: Store, catalog: Catalog, scope: str, field: str, holding: str, most: int
) -> list[Frequent]:
    """The `most` frequent values of a text or list that hold `holding`, in any case; values that
    compare as equal are one, in their most frequent spelling.

    `scope` as in `Catalog.everything`; unknown scopes, fields and other types have none.
    """
    found = _column(catalog, scope, field)
    if found is None:
        return []
    info, table, living = found
    value = Sql("unnest({c})" if info.type == "list" else "{c}")
    query = sql(
        "SELECT arg_max(value, n), sum(n)::BIGINT AS n FROM"
        " (SELECT trim(value) AS value, count(*)::BIGINT AS n FROM"
        " (SELECT {value} AS value FROM {table} WHERE {living}) AS every GROUP BY 1) AS spelled"
        " WHERE value <> '' AND contains(lower(value), lower($holding))"
        " GROUP BY lower(value) ORDER BY n DESC, lower(value) LIMIT $most",
        value=sql(value, c=info.column),
        table=table,
        living=living,
    )
    rows = store.con.execute(query, {"holding": holding, "most": most}).fetchall()
    return [Frequent(str(value), n) for value, n in rows]


def _column(catalog: Catalog, scope: str, field: str) -> tuple[FieldInfo, str, Sql] | None:
    """The field, its table, and which of its rows count."""
    kind, _, name = scope.partition(":")
    living = Sql("NOT coalesce(deleted, false)")
    match kind:
        case "contact":
            fields, table, living = catalog.contact, "contacts", Sql("merged IS NULL")
        case "account":
            fields, table = catalog.account, "accounts"
        case "membership":
            fields, table, living = catalog.membership, "people", Sql("active")
        case "event" if name in catalog.events:
            event = catalog.events[name]
            fields, table, living = event.properties, event.table, WHOLE
        case "record" if name in catalog.records:
            fields, table = catalog.records[name].fields, catalog.records[name].table
        case _:
            return None
    info = fields.get(field)
    stored = info is not None and info.type in ("text", "list") and info.column
    return (info, table, living) if info is not None and stored else None
