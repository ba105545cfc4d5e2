"""The prepared rows: one temporary table per stretch of a file, holding once computed everything
that any section needs, and `reason`: why a row is refused, NULL when it is not."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from lettershop.engines.duckdb.stage import Sort, StageColumn
from lettershop.ingest.cells import Cells
from lettershop.ingest.source import Source
from lettershop.ingest.sql import (
    Expr,
    call,
    cases,
    coalesce,
    columns_of,
    literal,
    name,
    named,
    rows_from,
    tree,
)

PREPARED = "import_rows"


class StagePlan(msgspec.Struct, frozen=True, kw_only=True):
    """One stage: its columns over the prepared rows, for those where `condition` holds.

    `repeats`: equal facts are taken once (an order line file says the same of a contact in every
    line); `prefix`: what message ids made from row numbers begin with.
    """

    sort: Sort
    label: str
    fixed: tuple[Expr, ...]
    condition: Expr
    fields: tuple[StageColumn, ...] = ()
    kind: str = ""
    repeats: bool = False
    undated: bool = False
    prefix: str = ""


def needed_by(stages: Iterable[StagePlan]) -> set[str]:
    """Names of the prepared columns that the stages use."""
    found: set[str] = set()
    for stage in stages:
        for expression in (*stage.fixed, stage.condition):
            found |= columns_of(expression)
        found |= {c for f in stage.fields for c in (f.column, f.written) if c}
    return found


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    rows: "Preparing"
    stages: tuple[StagePlan, ...]


class Preparing(NamedTuple):
    """`query(first, last)` prepares the rows numbered so, counted from 0."""

    source: Source
    cells: Cells
    reasons: list[tuple[Expr, Expr]]
    keep: Expr
    used: list[Expr]
    flags: list[Expr]
    needed: set[str]
    """Of the computed columns, those that the stages are cut from."""

    def query(self, first: int, last: int) -> Expr:
        rows = self.source.rows(self.cells.wanted, first, last)
        computed = self.cells.over(rows)
        reason = cases([(tree("bad IS NOT NULL"), name("bad")), (tree("NOT $k", k=self.keep),
                        literal(None)), *self.reasons])  # fmt: skip
        judged = rows_from(
            computed,
            [
                tree("s.*"),
                named(tree("CAST($r AS VARCHAR)", r=reason), "reason"),
                named(coalesce(self.keep, literal(False)), "keep"),
            ],
        )
        original = name("raw")
        if self.source.format == "parquet":
            cs = [name(f"c{n}") for n in range(len(self.cells.wanted))]
            original = tree("CAST(to_json($r) AS VARCHAR)", r=call("row", *cs)) if cs else original
        columns = [
            name("row"),
            name("reason"),
            named(cases([(tree("reason IS NOT NULL"), original)]), "raw"),
            named(tree("keep AND reason IS NULL AND $u", u=_any(self.used)), "used"),
            named(tree("keep AND reason IS NULL"), "good"),
            *(name(alias) for alias, _ in self.cells.computed.values() if alias in self.needed),
            *self.flags,
        ]
        return rows_from(judged, columns)


def _any(conditions: list[Expr]) -> Expr:
    result = conditions[0] if conditions else literal(True)
    for c in conditions[1:]:
        result = tree("$a OR $b", a=result, b=c)
    return result
