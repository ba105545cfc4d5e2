"""Small SQL trees from templates: values become literals of the tree, names are always quoted.

tree("trim($x, $what)", x=name("Customer ID"), what=" ")
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import TypeAlias

from sqlglot import exp, parse_one

Expr: TypeAlias = exp.Expr
Literal: TypeAlias = str | int | float | bool


_PART = re.compile(r"\$([a-z]+)")
_MARK = "part__"


@cache
def _template(text: str) -> Expr:
    # sqlglot may take `$` for the beginning of a dollar-quoted text; plain names are safe.
    return parse_one(_PART.sub(rf"{_MARK}\1", text), dialect="duckdb")


def tree(template: str, **parts: Expr | Literal | None) -> Expr:
    """The template's tree with each `$part` replaced; texts and numbers become literals.

    Parts are shared, not copied (copies were most of the cost of a small import): trees are only
    ever printed.
    """
    values = {k: v if isinstance(v, exp.Expr) else literal(v) for k, v in parts.items()}

    def fill(node: Expr) -> Expr:
        if isinstance(node, exp.Column) and node.name.startswith(_MARK):
            return _inside(values[node.name.removeprefix(_MARK)])
        return node

    return _template(template).transform(fill)


_WHOLE = (
    exp.Column, exp.Literal, exp.Paren, exp.Array, exp.Subquery, exp.Anonymous, exp.Case, exp.Null,
    exp.Boolean,
)  # fmt: skip


def _inside(part: Expr) -> Expr:
    """In parentheses where it might fall apart."""
    return part if isinstance(part, _WHOLE) else exp.Paren(this=part)


def name(column: str, table: str | None = None) -> Expr:
    return exp.column(exp.to_identifier(column, quoted=True), table)


def literal(value: Literal | None) -> Expr:
    return exp.convert(value)


def texts(values: tuple[str, ...] | list[str]) -> Expr:
    """A list literal of texts."""
    return exp.Array(expressions=[exp.Literal.string(v) for v in values])


def call(function: str, *arguments: Expr | Literal) -> Expr:
    """A function call written as it is, for those sqlglot would rewrite."""
    nodes = [a if isinstance(a, exp.Expr) else literal(a) for a in arguments]
    return exp.Anonymous(this=function, expressions=nodes)


def named(expression: Expr, alias: str) -> Expr:
    return exp.Alias(this=expression, alias=exp.to_identifier(alias, quoted=True))


def every(conditions: list[Expr]) -> Expr:
    return exp.and_(*conditions, copy=False) if conditions else exp.true()


def cases(branches: list[tuple[Expr, Expr]], otherwise: Expr | None = None) -> Expr:
    """CASE over the branches; NULL (or `otherwise`) when there is none."""
    if not branches:
        return otherwise or exp.null()
    ifs = [exp.If(this=condition, true=value) for condition, value in branches]
    return exp.Case(ifs=ifs, default=otherwise)


def coalesce(*expressions: Expr) -> Expr:
    if len(expressions) == 1:
        return expressions[0]
    return exp.Coalesce(this=expressions[0], expressions=list(expressions[1:]))


def select(query: Expr, columns: Iterable[Expr]) -> Expr:
    """The query with these columns added."""
    return query.select(*columns, copy=False) if isinstance(query, exp.Select) else query


def rows_from(query: Expr, columns: Iterable[Expr]) -> exp.Select:
    """SELECT columns FROM (query) AS s."""
    inner = exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier("s")))
    return exp.Select().select(*columns, copy=False).from_(inner, copy=False)


def columns_of(expression: Expr) -> set[str]:
    """Names of the columns an expression uses."""
    return {column.name for column in expression.find_all(exp.Column)}


def text_of(expression: Expr) -> str:
    return expression.sql(dialect="duckdb")


def lookup_in(table: str, key: Expr) -> Expr:
    """The `v` of the row of a temporary table whose `k` is the key."""
    found = exp.select("v").from_(exp.to_table(table)).where(exp.EQ(this=name("k"), expression=key))
    return exp.Subquery(this=found)


def create_table(table: str, query: Expr) -> str:
    """The text of CREATE OR REPLACE TEMP TABLE … AS."""
    temporary = exp.Properties(expressions=[exp.TemporaryProperty()])
    return text_of(
        exp.Create(
            this=exp.to_table(table),
            kind="TABLE",
            replace=True,
            expression=query,
            properties=temporary,
        )
    )


def from_table(table: str, columns: Iterable[Expr], where: Expr | None = None) -> exp.Select:
    query = exp.Select().select(*columns, copy=False).from_(exp.to_table(table), copy=False)
    return query.where(where, copy=False) if where is not None else query


def count_where(condition: Expr) -> Expr:
    return tree("count(CASE WHEN $c THEN 1 END)", c=condition)
