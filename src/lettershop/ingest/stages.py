"""Prepared rows → stage tables, cut and filled for the store."""

import duckdb
import msgspec

from lettershop.engines.duckdb.stage import SQL_TYPE, Stage, StageColumn
from lettershop.ingest.prepared import PREPARED, StagePlan
from lettershop.ingest.sql import (
    Expr,
    call,
    cases,
    count_where,
    create_table,
    from_table,
    literal,
    name,
    named,
    text_of,
    tree,
)


class Filled(msgspec.Struct, frozen=True):
    stage: Stage
    scope: str
    """What its facts are counted under: the sort, for records `record:<kind>`."""
    rows: int


def fill(
    con: duckdb.DuckDBPyConnection, plan: StagePlan, number: int, *, unique: bool, now: int
) -> Filled | None:
    """The filled stage; None when no row wants it."""
    table = f"import_stage_{number}"
    query = from_table(PREPARED, _columns(plan), tree("good AND $on", on=plan.condition))
    con.execute(create_table(table, query.group_by("ALL") if plan.repeats else query))
    wrong = [f"w{n}" for n, field in enumerate(plan.fields) if field.wrong]
    counts = [tree("count(*)"), *(count_where(name(w)) for w in wrong)]
    row = con.execute(text_of(from_table(table, counts))).fetchone() or (0,)
    if not row[0]:
        return None
    seen = {w for w, count in zip(wrong, row[1:], strict=True) if count}
    stage = Stage(
        sort=plan.sort,
        table=table,
        columns=tuple(_staged(field, n, seen) for n, field in enumerate(plan.fields)),
        kind=plan.kind,
        unique_ids=unique and bool(plan.prefix),
        undated=plan.undated,
        import_time=now,
    )
    return Filled(stage, f"record:{plan.kind}" if plan.kind else plan.sort, row[0])


def _columns(plan: StagePlan) -> list[Expr]:
    number: Expr = tree('min("row")') if plan.repeats else name("row")
    columns = [named(number, "row"), *plan.fixed]
    if plan.prefix:
        columns.append(named(tree("$p || $n", p=plan.prefix, n=number), "message_id"))
    for n, field in enumerate(plan.fields):
        value = tree(f"CAST($v AS {SQL_TYPE[field.type]})", v=name(field.column))
        columns.append(named(value, f"f{n}"))
        if field.wrong:
            columns.append(named(name(field.wrong), f"w{n}"))
        if field.written:
            columns.append(named(name(field.written), f"k{n}"))
    if plan.sort == "event" and any(field.wrong for field in plan.fields):
        columns.append(named(_rest(plan), "rest"))
    return columns


def _rest(plan: StagePlan) -> Expr:
    """The originals of ill-typed values, as JSON; NULL when a row has none."""
    wrong = [field for field in plan.fields if field.wrong]
    pairs: list[Expr] = []
    for field in wrong:
        pairs += [literal(field.name), name(original_of(field))]
    some: Expr = name(wrong[0].wrong or "")
    for field in wrong[1:]:
        some = tree("$a OR $b", a=some, b=name(field.wrong or ""))
    merged = call("json_merge_patch", tree("CAST('{}' AS JSON)"), call("json_object", *pairs))
    return cases([(some, merged)])


def original_of(field: StageColumn) -> str:
    """The prepared column with the text of an ill-typed value."""
    return "original_" + field.column


def _staged(field: StageColumn, n: int, seen: set[str]) -> StageColumn:
    return msgspec.structs.replace(
        field,
        column=f"f{n}",
        wrong=f"w{n}" if f"w{n}" in seen else None,
        written=f"k{n}" if field.written else None,
    )
