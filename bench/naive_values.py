"""Tests of one value for the yardstick: texts without regard to case and surrounding blanks."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlglot import exp

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.language import tree
from lettershop.model.catalog import Catalog, FieldInfo
from lettershop.model.clock import DAY

_NEGATIVE = {"!=": "="}


class Columns(NamedTuple):
    """The columns a test can name, of the row with that alias."""

    fields: Mapping[str, FieldInfo]
    alias: str
    catalog: Catalog | None = None
    """Where `account.…` and `membership.…` are found."""

    def info(self, field: str) -> tuple[FieldInfo, str]:
        prefix, _, rest = field.partition(".")
        if self.catalog is not None and prefix == "account":
            return self.catalog.account[rest], "a"
        if self.catalog is not None and prefix == "membership":
            return self.catalog.membership[rest], "p"
        return self.fields[field], self.alias

    def column(self, field: str) -> Sql:
        info, alias = self.info(field)
        return sql("{a}.{c}", a=alias, c=info.column) if alias else sql("{c}", c=info.column)

    def folded(self, field: str) -> Sql:
        column = self.column(field)
        return sql("lower(trim({c}))", c=column) if self.is_text(field) else column

    def is_text(self, field: str) -> bool:
        return self.info(field)[0].type == "text"


def literal(value: str | int | float) -> Sql:
    """A value as SQL, written by sqlglot."""
    return Sql(exp.convert(value).sql("duckdb"))


def value_test(node: object, columns: Columns, as_of: int) -> Sql:
    """TRUE where the value passes; a missing one fails all but the negative tests."""
    match node:
        case tree.Compare(field=field, op="contains", value=str(value)):
            return sql("contains({c}, {v})", c=columns.folded(field), v=literal(value.lower()))
        case tree.Compare(field=field, op=op, value=value):
            wanted = literal(value.lower() if isinstance(value, str) else value)
            column = columns.folded(field)
            if op in _NEGATIVE:
                return sql("({c} IS NULL OR {c} <> {v})", c=column, v=wanted)
            return sql("{c} {op} {v}", c=column, op=Sql(op), v=wanted)
        case tree.Within(field=field, low=low, high=high, negated=False):
            column = columns.column(field)
            return sql("{c} BETWEEN {lo} AND {hi}", c=column, lo=literal(low), hi=literal(high))
        case tree.OneOf(field=field, values=values, negated=False):
            found = [literal(v.lower() if isinstance(v, str) else v) for v in values]
            return sql("{c} IN ({v})", c=columns.folded(field), v=found)
        case tree.IsKnown(field=field, negated=negated):
            test = "{c} IS NULL" if negated else "{c} IS NOT NULL"
            return sql(test, c=columns.column(field))
        case tree.DateTest(field=field, window=tree.Last(duration=w)):
            low, high = literal(as_of - w.n * DAY), literal(as_of)
            return sql("({c} > {lo} AND {c} <= {hi})", c=columns.column(field), lo=low, hi=high)
        case tree.DateTest(field=field, window=tree.Next(duration=w)):
            low, high = literal(as_of), literal(as_of + w.n * DAY)
            return sql("({c} > {lo} AND {c} <= {hi})", c=columns.column(field), lo=low, hi=high)
        case _:
            raise NotImplementedError(node)
