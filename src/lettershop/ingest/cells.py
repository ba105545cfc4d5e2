"""Values of a mapping as expressions over a source's columns, each computed once."""

from collections.abc import Callable, Mapping as Map
from typing import NamedTuple

from rapidfuzz import process
from sqlglot import exp

from lettershop.engines.duckdb.stage import SQL_TYPE
from lettershop.ingest import convert
from lettershop.ingest.convert import Raw
from lettershop.ingest.emails import PLAIN
from lettershop.ingest.functions import hard_number
from lettershop.ingest.mapping import Condition, Value
from lettershop.ingest.source import Column, Source
from lettershop.ingest.sql import (
    Expr,
    call,
    cases,
    columns_of,
    every,
    literal,
    lookup_in,
    name,
    named,
    rows_from,
    text_of,
    texts,
    tree,
)
from lettershop.model.errors import InputError
from lettershop.model.values import Missing, ValueType, coerce, guess_type

Lookups = Callable[[Value], str]
"""Name of the temporary table (k, v) of a value's lookup."""


class Cell(NamedTuple):
    """One value: what it is, whether there was anything, whether the key was there at all
    (None: in every row)."""

    value: Expr
    present: Expr
    written: Expr | None


class Cells:
    """Collects the columns a query needs. `wanted` are those of the source, `computed` the
    expressions over them; equal expressions share one column."""

    def __init__(self, source: Source, zone: str, lookups: Lookups) -> None:
        self._source, self.zone, self._lookups = source, zone, lookups
        self._by_name = {column.name: column for column in source.columns}
        self.wanted: list[Column] = []
        self.computed: dict[str, tuple[str, Expr]] = {}
        self._levels: dict[str, int] = {}

    def fork(self) -> "Cells":
        """A copy: what is added to it is not added here."""
        other = Cells(self._source, self.zone, self._lookups)
        other.wanted, other.computed = list(self.wanted), dict(self.computed)
        other._levels = dict(self._levels)
        return other

    def add(self, expression: Expr) -> Expr:
        """The column that holds the expression's result."""
        if isinstance(expression, exp.Column):
            return expression
        text = text_of(expression)
        if text not in self.computed:
            alias = f"x{len(self.computed)}"
            uses = (self._levels.get(column, 0) for column in columns_of(expression))
            self._levels[alias] = 1 + max(uses, default=0)
            self.computed[text] = (alias, expression)
        return name(self.computed[text][0])

    def over(self, rows: Expr) -> Expr:
        """The rows with everything computed so far. What uses another result stands one SELECT
        further out: written twice it would be computed twice."""
        levels: dict[int, list[Expr]] = {}
        for alias, expression in self.computed.values():
            levels.setdefault(self._levels[alias], []).append(named(expression, alias))
        for _, columns in sorted(levels.items()):
            rows = rows_from(rows, [tree("s.*"), *columns])
        return rows

    def raw(self, value: Value) -> Raw:
        """The source column of a value, its lookup followed."""
        raw = self.column(value.column)
        if not value.lookup:
            return raw
        key = convert.trimmed(convert.prepared_text(value, raw))
        found = lookup_in(self._lookups(value), key)
        return Raw(self.add(found), "text")

    def column(self, wanted: str) -> Raw:
        found = self._by_name.get(wanted)
        if found is None and self._source.format == "jsonl":
            # Another file of the kind may have it; here every row lacks it.
            found = Column(wanted, "json", tuple(wanted.split(".")))
        if found is None:
            raise unknown_column(wanted, list(self._by_name))
        if found not in self.wanted:
            self.wanted.append(found)
        return Raw(name(f"c{self.wanted.index(found)}"), found.family)

    def cell(self, value: Value, kind: ValueType) -> Cell:
        if value.constant is not None:
            return Cell(constant(value.constant, kind), literal(True), None)
        if value.multiply:
            return self._together(value.multiply, lambda all_: convert.product(all_, self.add))
        if value.latitude and value.longitude:
            return self._together(
                (value.latitude, value.longitude), lambda two: convert.place(two[0], two[1])
            )
        raw = self.raw(value)
        plain = value if not value.lookup else Value(type=value.type, format=value.format)
        present = convert.is_present(raw)
        if value.missing:
            present = every([present, tree("$t IS NOT NULL", t=convert.prepared_text(plain, raw))])
        written = tree("$c IS NOT NULL", c=raw.expr) if raw.family == "json" else None
        return Cell(
            self.add(convert.typed(plain, raw, kind, self.zone, self.add)),
            self.add(present),
            None if written is None else self.add(written),
        )

    def original(self, value: Value) -> Expr:
        """What stood there, as text, for keeping what is ill-typed."""
        if not value.column:
            return tree("CAST(NULL AS VARCHAR)")
        column = self.column(value.column)
        if column.family == "json":
            return call("json_extract_string", column.expr, "$")
        return tree("CAST($x AS VARCHAR)", x=column.expr)

    def _together(self, values: tuple[Value, ...], join: Callable[[list[Expr]], Expr]) -> Cell:
        cells = [self.cell(v, "number") for v in values]
        present = every([c.present for c in cells])
        return Cell(join([c.value for c in cells]), present, None)

    def id_text(self, value: Value) -> Expr:
        """The text of an id, NULL when blank."""
        if value.constant is not None:
            return literal(str(value.constant))
        if not value.column:
            raise InputError("mapping.id", "an id comes from a column or a constant")
        raw = self.raw(value)
        if value.values or value.missing:
            raw = Raw(convert.prepared_text(value, raw), "text")
        return self.add(convert.identity_text(raw))

    def email(self, value: Value) -> tuple[Expr, Expr]:
        """(normal address or NULL, whether there was anything)."""
        text = self.id_text(value)
        low = tree("lower($t)", t=text)
        plain = tree("length($t) <= 64 AND regexp_full_match($l, $p)", t=text, l=low,
                     p=PLAIN)  # fmt: skip
        normal = cases([(plain, low)], call("lettershop_email", text))
        return self.add(normal), self.add(tree("$t IS NOT NULL", t=text))

    def holds(self, conditions: tuple[Condition, ...]) -> Expr:
        """Whether all conditions hold; never NULL."""
        return (
            self.add(every([self._holds(c) for c in conditions])) if conditions else literal(True)
        )

    def _holds(self, condition: Condition) -> Expr:
        raw = self.column(condition.column)
        text = self.add(tree("coalesce($t, '')", t=convert.trimmed(convert.as_text(raw))))
        wanted = condition.value
        words = texts(list(wanted)) if isinstance(wanted, tuple) else texts([_word(wanted)])
        match condition.op:
            case "equals" | "in":
                return tree("list_contains($w, $t)", w=words, t=text)
            case "not" | "not_in":
                return tree("NOT list_contains($w, $t)", w=words, t=text)
            case "starts_with":
                return tree("starts_with($t, $w)", t=text, w=_word(wanted))
            case "not_starts_with":
                return tree("NOT starts_with($t, $w)", t=text, w=_word(wanted))
            case "contains":
                return tree("contains($t, $w)", t=text, w=_word(wanted))
            case "above":
                return tree(
                    "coalesce($n > $w, FALSE)", n=convert.number(text, self.add), w=_figure(wanted)
                )
            case "below":
                return tree(
                    "coalesce($n < $w, FALSE)", n=convert.number(text, self.add), w=_figure(wanted)
                )
            case "known":
                present = convert.is_present(raw)
                return present if wanted else tree("NOT $p", p=present)


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _figure(value: object) -> Expr:
    return constant(str(value), "number")


def constant(raw: str | int | float | bool, kind: ValueType) -> Expr:
    """A known value as a literal of its SQL type; NULL when it is not of the type."""
    found = coerce(raw, kind)
    if isinstance(found, Missing):
        return tree(f"CAST(NULL AS {SQL_TYPE[kind]})")
    match kind:
        case "number":
            return tree("CAST($n AS DECIMAL(18, 6))", n=hard_number(str(raw)))
        case "list" | "location":
            return tree(f"CAST(NULL AS {SQL_TYPE[kind]})")
        case "date":
            return tree("CAST($d AS DATE)", d=str(found))
        case "time":
            return tree("CAST($t AS BIGINT)", t=str(found))
        case "text" | "boolean":
            return literal(found) if isinstance(found, str | bool) else literal(None)


def unknown_column(wanted: str, columns: list[str]) -> InputError:
    near = [match[0] for match in process.extract(wanted, columns, limit=3, score_cutoff=60)]
    return InputError(
        "mapping.unknown_column",
        f"the file has no column “{wanted}”",
        hint=", ".join(f"“{n}”" for n in near) if near else f"it has: {', '.join(columns[:20])}",
    )


def stated_type(value: Value) -> ValueType | None:
    """The type a mapping says or implies, None when it leaves that to the data."""
    if value.type:
        return value.type
    if value.constant is not None:
        return guess_type(value.constant)
    if value.latitude:
        return "location"
    if value.split:
        return "list"
    if value.true or value.false:
        return "boolean"
    if value.timezone or any(f in convert.EPOCHS or "%H" in f or "%I" in f for f in value.format):
        return "time"
    if value.format:
        return "date"
    is_money = value.currency or value.currency_column
    if value.multiply or is_money or value.thousands or value.decimal != ".":
        return "number"
    return None


Types = Map[tuple[str, str], ValueType]
"""(scope, field) → type."""
