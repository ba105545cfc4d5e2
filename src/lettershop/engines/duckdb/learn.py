"""Learned columns: a field gets its type and its column when its first values arrive."""

from collections.abc import Iterable, Sequence

import duckdb
import msgspec

from lettershop.engines.duckdb import slugs
from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.schema import add_column
from lettershop.engines.duckdb.stage import StageColumn
from lettershop.model.values import ValueType

_VISIBLE = "last_visible:"


class Field(msgspec.Struct):
    """A stored field: its type, its column in the scope's table, and this load's counts.

    `many`: it has more different values than are worth listing.
    """

    name: str
    type: ValueType
    column: str
    many: bool = False
    currency: str | None = None
    currencies: list[str] = msgspec.field(default_factory=list)
    known: int = 0
    wrong: int = 0
    new: bool = False
    changed: bool = False

    def is_money(self, column: StageColumn, seen: Iterable[str] = ()) -> None:
        """Note where the currency of the amounts is said, and which were seen there."""
        currency = column.currency if column.currency is not None else ""
        more = [column.constant_currency] if column.constant_currency else [*seen]
        currencies = sorted({*self.currencies, *more})
        self.changed |= (self.currency, self.currencies) != (currency, currencies)
        self.currency, self.currencies = currency, currencies


class Counted(msgspec.Struct, frozen=True):
    """What one stage holds of a column: known and ill-typed values, about how many different."""

    column: StageColumn
    known: int
    wrong: int
    distinct: int


class Learned:
    """All fields during one load: read once at its start, settled once at its end.

    `visible` says per scope from when on its newest fact counts, `next_seq` numbers events.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self._fields: dict[str, dict[str, Field]] = {}
        meta = dict(con.execute("SELECT key, value FROM meta").fetchall())
        self.next_seq = int(meta.get("next_seq", 0))
        self.visible = {
            key.removeprefix(_VISIBLE): int(value)
            for key, value in meta.items()
            if key.startswith(_VISIBLE)
        }
        for scope, *row in con.execute(
            "SELECT scope, name, type, column_name, many, currency, currencies FROM fields"
        ).fetchall():
            self._fields.setdefault(scope, {})[row[0]] = Field(*row)

    def fields(
        self, scope: str, table: str, ours: Sequence[str], known: Iterable[tuple[str, ValueType]]
    ) -> dict[str, Field]:
        """The fields of the scope; those of `known` (name, type) that are new get a column.

        `ours` are the columns of the table that are no fields.
        """
        fields = self._fields.setdefault(scope, {})
        columns = []
        for name, kind in known:
            if name in fields:
                continue
            column = slugs.column(name, [*ours, *(f.column for f in fields.values())])
            fields[name] = Field(name, kind, column, new=True)
            columns.append(add_column(table, column, kind))
        if columns:
            self.con.execute(";".join(columns))
        return fields

    def saw(self, scope: str, visible: int | None) -> None:
        """Some fact of the scope counts from `visible` on."""
        if visible is not None:
            self.visible[scope] = max(visible, self.visible.get(scope, visible))

    def wrong(self) -> dict[tuple[str, str], int]:
        """Ill-typed values of this load per (scope, field)."""
        return {(scope, f.name): f.wrong for scope, f in self._all() if f.wrong}

    def settle(self) -> None:
        """Write new fields and counts into the tables."""
        new = [(scope, f) for scope, f in self._all() if f.new]
        if new:
            self.con.execute(
                "INSERT INTO fields SELECT unnest($scopes), unnest($names), unnest($types),"
                " unnest($columns), unnest($known), unnest($wrong), unnest($many),"
                " unnest($currency), unnest($currencies, max_depth := 1)",
                _columns(new)
                | {"types": [f.type for _, f in new]}
                | {"columns": [f.column for _, f in new]},
            )
        old = [
            (scope, f)
            for scope, f in self._all()
            if not f.new and (f.known or f.wrong or f.changed)
        ]
        if old:
            self.con.execute(
                "UPDATE fields SET known = fields.known + t.known, wrong = fields.wrong + t.wrong,"
                " many = fields.many OR t.many, currency = t.currency, currencies = t.currencies"
                " FROM (SELECT unnest($scopes) AS scope,"
                " unnest($names) AS name, unnest($known) AS known, unnest($wrong) AS wrong,"
                " unnest($many) AS many, unnest($currency) AS currency,"
                " unnest($currencies, max_depth := 1) AS currencies) AS t"
                " WHERE fields.scope = t.scope AND fields.name = t.name",
                _columns(old),
            )
        self._settle_meta()

    def _settle_meta(self) -> None:
        changed = {_VISIBLE + scope: str(at) for scope, at in self.visible.items()}
        changed["next_seq"] = str(self.next_seq)
        keys = {"keys": list(changed)}
        self.con.execute("DELETE FROM meta WHERE key IN (SELECT unnest($keys))", keys)
        self.con.execute(
            "INSERT INTO meta SELECT unnest($keys), unnest($values)",
            keys | {"values": list(changed.values())},
        )

    def _all(self) -> Iterable[tuple[str, Field]]:
        return ((scope, f) for scope, fields in self._fields.items() for f in fields.values())


def _columns(fields: Sequence[tuple[str, Field]]) -> dict[str, object]:
    return {
        "scopes": [scope for scope, _ in fields],
        "names": [f.name for _, f in fields],
        "known": [f.known for _, f in fields],
        "wrong": [f.wrong for _, f in fields],
        "many": [f.many for _, f in fields],
        "currency": [f.currency for _, f in fields],
        "currencies": [f.currencies for _, f in fields],
    }


def convert(value: Sql, given: ValueType, stored: ValueType) -> Sql | None:
    """`value` of type `given` as a `stored`; None when no such value can be one (ill-typed)."""
    if given == stored:
        return value
    if stored != "text":
        return None
    match given:
        case "number":
            return sql("rtrim(rtrim(({value})::VARCHAR, '0'), '.')", value=value)
        case "boolean" | "date":
            return sql("({value})::VARCHAR", value=value)
        case "time":
            moment = sql("make_timestamp(({value}) * 1000)", value=value)
            return sql(
                "CASE WHEN ({value}) % 1000 <> 0 THEN strftime({moment}, '%Y-%m-%dT%H:%M:%S.%gZ')"
                " WHEN ({value}) % 60000 <> 0 THEN strftime({moment}, '%Y-%m-%dT%H:%M:%SZ')"
                " ELSE strftime({moment}, '%Y-%m-%dT%H:%MZ') END",
                value=value,
                moment=moment,
            )
        case _:
            return None


def count_columns(columns: Sequence[StageColumn]) -> Sql:
    """The aggregates `read_counts` understands, three per column, each after a comma."""
    pieces = []
    for c in columns:
        pieces.append(sql("count({column})", column=c.column))
        wrong = sql("count(*) FILTER ({wrong})", wrong=c.wrong) if c.wrong else Sql("0")
        pieces.append(wrong)
        distinct = sql("approx_count_distinct({column})", column=c.column)
        pieces.append(distinct if c.type == "text" else Sql("0"))
    return Sql("".join(", " + piece for piece in pieces))


def read_counts(columns: Sequence[StageColumn], row: Sequence[int]) -> list[Counted]:
    return [Counted(c, *row[3 * i : 3 * i + 3]) for i, c in enumerate(columns)]
