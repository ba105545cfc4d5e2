"""The first rows of a file as a mapping reads them: what a person looks at before it is imported.

Worked out in a database of its own, in memory; of the workspace only the known fields are asked.
"""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
import msgspec

from lettershop.engines.duckdb.compose import sql
from lettershop.ingest.cells import Cells
from lettershop.ingest.expand import all_values, expand
from lettershop.ingest.fields import Typing, with_currencies
from lettershop.ingest.files import field_groups
from lettershop.ingest.functions import functions
from lettershop.ingest.learn import key, learn_types
from lettershop.ingest.local_time import make_zones
from lettershop.ingest.lookups import Lookups
from lettershop.ingest.mapping import Mapping
from lettershop.ingest.opening import find_format, open_source
from lettershop.ingest.plan import make_plan
from lettershop.ingest.prepared import PREPARED, Plan, StagePlan
from lettershop.ingest.refusals import explain
from lettershop.ingest.source import Source
from lettershop.ingest.spool import text_lines
from lettershop.ingest.sql import create_table
from lettershop.ingest.stages import fill
from lettershop.model.catalog import Catalog
from lettershop.model.clock import ALWAYS, format_instant

LOOKED_AT: Final = 1_000
"""Lines from which the types of columns are learned."""
_FIXED: Final = {
    "contact": ("identity", "also"),
    "account": ("identity",),
    "membership": ("contact", "account", "role", "joined"),
    "event": ("name", "contact", "account"),
    "record": ("identity", "contact", "account"),
}


class Facts(msgspec.Struct, frozen=True):
    """What rows say of one sort of thing: `columns`, and per row a text for each; `wrong`: (row,
    column) of values that are not of their field's type."""

    label: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    wrong: frozenset[tuple[int, int]] = frozenset()


class Tried(msgspec.Struct, frozen=True):
    """`rows` were looked at; of them `refused`: (line, code, why); `left_out` interest nobody."""

    rows: int
    left_out: int
    refused: tuple[tuple[int, str, str], ...]
    facts: tuple[Facts, ...]


def try_rows(path: Path, mapping: Mapping, catalog: Catalog, zone: str, most: int = 8) -> Tried:
    """InputError as by `import_file`, for what shows in the first rows."""
    with (
        TemporaryDirectory(prefix="lettershop-") as folder,
        duckdb.connect() as con,
        functions(con),
    ):
        (Path(folder) / "lines").mkdir()
        head, mapping = _head(path, mapping, Path(folder))
        source = open_source(con, head, mapping.file, Path(folder) / "lines")
        plan = _plan(con, source, expand(mapping, source), catalog, zone, path.parent)
        con.execute(create_table(PREPARED, plan.rows.query(0, min(source.total, LOOKED_AT))))
        counts = con.execute(
            "SELECT count(*), count(*) FILTER (reason IS NULL AND NOT used) FROM import_rows"
        ).fetchall()[0]
        return Tried(counts[0], counts[1], _refused(con, most), _facts(con, plan, most))


def _head(path: Path, mapping: Mapping, folder: Path) -> tuple[Path, Mapping]:
    """The beginning of a text as UTF-8; a Parquet file stays where it is."""
    format_ = mapping.file.format or find_format(path)
    if format_ == "parquet":
        return path, mapping
    head = folder / path.name.removesuffix(".gz")
    with (
        text_lines(path, mapping.file.encoding) as lines,
        head.open("w", encoding="utf-8", newline="") as out,
    ):
        out.writelines(islice(lines, LOOKED_AT + mapping.file.skip + 1))
    file = msgspec.structs.replace(mapping.file, format=format_, encoding="")
    return head, msgspec.structs.replace(mapping, file=file)


def _plan(
    con: duckdb.DuckDBPyConnection,
    source: Source,
    mapping: Mapping,
    catalog: Catalog,
    zone: str,
    beside: Path,
) -> Plan:
    zone = mapping.file.timezone or zone
    make_zones(con, [zone, *(v.timezone for v in all_values(mapping) if v.timezone)])
    cells = Cells(source, zone, Lookups(con, [Path(mapping.folder), beside]))
    typing = Typing(catalog)
    unknown = {
        key(value): value
        for scope, values in field_groups(mapping)
        for field, value in with_currencies(values).items()
        if typing.stated(scope, field, value) is None
    }
    typing.learned = learn_types(con, source, cells, [*unknown.values()])
    return make_plan(mapping, source, cells, typing, "")


def _refused(con: duckdb.DuckDBPyConnection, most: int) -> tuple[tuple[int, str, str], ...]:
    rows = con.execute(
        'SELECT "row", reason FROM import_rows WHERE reason IS NOT NULL ORDER BY 1 LIMIT $most',
        {"most": most},
    ).fetchall()
    return tuple((line, *explain(reason)) for line, reason in rows)


def _facts(con: duckdb.DuckDBPyConnection, plan: Plan, most: int) -> tuple[Facts, ...]:
    found = []
    for number, stage in enumerate(plan.stages):
        if fill(con, stage, number, unique=True, now=0) is not None:
            found.append(_shown(con, stage, f"import_stage_{number}", most))
    return tuple(found)


def _shown(con: duckdb.DuckDBPyConnection, stage: StagePlan, table: str, most: int) -> Facts:
    cursor = con.execute(
        sql('SELECT * FROM {table} ORDER BY "row" LIMIT $most', table=table), {"most": most}
    )
    names = [column[0] for column in cursor.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    fixed = _FIXED[stage.sort]
    columns = (*fixed, "time", *(field.name for field in stage.fields))
    shown, wrong = [], set()
    for line, row in enumerate(rows):
        values = [_text(row[name]) for name in fixed] + [_when(row["ts"])]
        for number, field in enumerate(stage.fields):
            if row.get(f"w{number}"):
                wrong.add((line, len(values)))
            value = row[f"f{number}"]
            values.append(_when(value) if field.type == "time" else _text(value))
        shown.append(tuple(values))
    label = f"record:{stage.kind}" if stage.kind else stage.label
    return Facts(label, columns, tuple(shown), frozenset(wrong))


def _when(instant: int | None) -> str:
    return "" if instant is None or instant == ALWAYS else format_instant(instant)


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list() | tuple():
            return ", ".join(_text(one) for one in _flat(value))
        case _:
            return str(value).removesuffix(".000000")


def _flat(value: Sequence[object]) -> Sequence[object]:
    return [one for one in value if one is not None]
