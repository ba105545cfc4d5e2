"""Which type a column has, when neither the mapping nor the store says so.

Parquet: the type the file declares. Text formats: a column is a boolean, number, date or time when
at least 95 % of its non-blank values are, and no more than ten different texts are not. Candidates
come from the first 2,000 rows, the decision from the whole file. Digits that look like an
identifier (`007`, `+49301234567`, thirteen digits and more) make a column text. In JSON a number is
a number and a string is a text, a date or a time.
"""

from collections.abc import Sequence

import duckdb
import msgspec

from lettershop.ingest import convert
from lettershop.ingest.cells import Cells
from lettershop.ingest.convert import Raw
from lettershop.ingest.functions import hard_instant, hard_local
from lettershop.ingest.mapping import Value
from lettershop.ingest.source import Family, Source
from lettershop.ingest.sql import Expr, count_where, every, named, rows_from, text_of, tree
from lettershop.model.values import Missing, ValueType, coerce, guess_type

ENOUGH = 0.95
MISFITS = 10
SAMPLE = 2_000
_NATIVE: dict[Family, ValueType] = {
    "integer": "number",
    "float": "number",
    "decimal": "number",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "time",
    "instant": "time",
    "list": "list",
}
_TEXT_KINDS: tuple[ValueType, ...] = ("boolean", "number", "date", "time")
_JSON_KINDS: tuple[ValueType, ...] = ("boolean", "number", "list", "location", "date", "time")


def learn_types(
    con: duckdb.DuckDBPyConnection, source: Source, cells: Cells, values: Sequence[Value]
) -> dict[bytes, ValueType]:
    """The type of each value (by its `key`), learned from the data."""
    raws = {key(value): (value, cells.raw(value)) for value in values}
    found: dict[bytes, ValueType] = {
        k: _NATIVE[raw.family] for k, (_, raw) in raws.items() if raw.family in _NATIVE
    }
    if source.format == "parquet":
        return {k: found.get(k, "text") for k in raws}
    open_ = {k: (v, raw) for k, (v, raw) in raws.items() if k not in found}
    likely = _likely(con, source, cells, open_)
    for value, _, kind in _fitting(con, source, cells, likely):
        found.setdefault(key(value), kind)
    return {k: found.get(k, "text") for k in raws}


def key(value: Value) -> bytes:
    """What stands for a value in a dictionary."""
    return msgspec.json.encode(value)


_Test = tuple[Value, Raw, ValueType]


def _likely(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    cells: Cells,
    open_: dict[bytes, tuple[Value, Raw]],
) -> list[_Test]:
    """The types that may turn out right, from the first rows; all where those are blank."""
    if not open_:
        return []
    cells = cells.fork()
    texts = []
    for value, raw in open_.values():
        text = convert.prepared_text(value, raw) if raw.family == "text" else raw.expr
        kept = tree("CASE WHEN $p THEN CAST($t AS VARCHAR) END", p=convert.is_present(raw), t=text)
        texts.append(tree("list(DISTINCT $k)", k=cells.add(kept)))
    columns = [named(text, f"n{n}") for n, text in enumerate(texts)]
    rows = source.rows(cells.wanted, 0, min(source.first + SAMPLE, source.total))
    row = con.execute(text_of(rows_from(cells.over(rows), columns))).fetchall()[0]
    return [
        (value, raw, kind)
        for (value, raw), values in zip(open_.values(), row, strict=True)
        for kind in _candidates([v for v in values or () if v is not None], raw.family)
    ]


def _candidates(values: list[str], family: Family) -> list[ValueType]:
    """`values` are the different ones, so shares say nothing yet, but misfits do."""
    kinds = _JSON_KINDS if family == "json" else _TEXT_KINDS
    fits = {kind: sum(_is(v, kind, family) for v in values) for kind in kinds}
    return [k for k in kinds if not values or (fits[k] and len(values) - fits[k] <= MISFITS)]


def _is(text: str, kind: ValueType, family: Family) -> bool:
    if family == "json":
        raw = _decoded(text)
        return guess_type(raw) == kind or (kind == "time" and guess_type(raw) == "date")
    if kind == "time":
        return hard_local(text) is not None or hard_instant(text) is not None
    return not isinstance(coerce(text, kind), Missing)


def _decoded(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None


def _fitting(
    con: duckdb.DuckDBPyConnection, source: Source, cells: Cells, tests: Sequence[_Test]
) -> list[_Test]:
    """Those that are right in the whole file."""
    if not tests:
        return []
    cells = cells.fork()
    pieces = [p for value, raw, kind in tests for p in _counts(cells, value, raw, kind)]
    rows = source.rows(cells.wanted, 0, source.total)
    counts = [named(piece, f"n{n}") for n, piece in enumerate(pieces)]
    row = con.execute(text_of(rows_from(cells.over(rows), counts))).fetchall()[0]
    kept = []
    for n, test in enumerate(tests):
        known, fits, misfits, ids = row[n * 4 : n * 4 + 4]
        if known and fits >= ENOUGH * known and misfits <= MISFITS and not ids:
            kept.append(test)
    return kept


def _counts(cells: Cells, value: Value, raw: Raw, kind: ValueType) -> tuple[Expr, ...]:
    """(non-blank values, those that fit, different ones that do not, those like identifiers)."""
    text = cells.add(convert.trimmed(cells.add(convert.prepared_text(value, raw))))
    known = every([convert.is_present(raw), tree("coalesce($t <> '', TRUE)", t=text)])
    present = cells.add(known)
    typed = cells.add(convert.typed(value, raw, kind, "UTC", cells.add))
    fits = tree("$v IS NOT NULL", v=typed)
    if raw.family == "json":
        fits = every([fits, _json_shape(raw.expr, kind)])
    fits = cells.add(fits)
    looks_like_id = tree("regexp_full_match($t, '[+-]?0[0-9]+|[+][0-9]{7,}')", t=text)
    is_text_number = kind == "number" and raw.family == "text"
    return (
        count_where(present),
        count_where(every([present, fits])),
        tree("count(DISTINCT CASE WHEN $p AND NOT $f THEN $t END)", p=present, f=fits, t=text),
        count_where(every([present, looks_like_id])) if is_text_number else tree("0"),
    )


def _json_shape(json: Expr, kind: ValueType) -> Expr:
    """JSON says itself what is a number, a boolean and a list."""
    first = tree("left(CAST($j AS VARCHAR), 1)", j=json)
    match kind:
        case "number":
            return tree("$f NOT IN ('\"', 't', 'f')", f=first)
        case "boolean":
            return tree("$f IN ('t', 'f')", f=first)
        case "location":
            return tree("$f = '{'", f=first)
        case "text" | "date" | "time" | "list":
            return tree("TRUE")
