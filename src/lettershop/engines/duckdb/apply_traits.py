"""Contacts, accounts and records of a stage: traits, deletions and links into their tables."""

from collections.abc import Sequence

import duckdb

from lettershop.engines.duckdb import identify, learn, people, slugs
from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.learn import Learned
from lettershop.engines.duckdb.listing import Listed, list_currencies, money, worth_listing
from lettershop.engines.duckdb.names import name_records
from lettershop.engines.duckdb.schema import VALUE_COLUMN, create_record_tables, history_of
from lettershop.engines.duckdb.stage import Stage
from lettershop.engines.duckdb.traits import ACCOUNTS, CONTACTS, LOCATED, Target, Write, write

_DELETED = Write("@deleted", "flag", Sql("l.deleted"), Sql("l.deleted IS NOT NULL"), "deleted")
_LINKS = (
    Write(
        "@contact",
        "ref",
        Sql('l."@contact"'),
        Sql('l."@contact" IS NOT NULL'),
        "contact",
        named=Sql('l."@named"'),
    ),
    Write("@account", "ref", Sql('l."@account"'), Sql('l."@account" IS NOT NULL'), "account"),
)


def apply_subjects(con: duckdb.DuckDBPyConnection, stage: Stage, learned: Learned) -> list[Listed]:
    """Write a contact or account stage whose names are resolved."""
    contacts = stage.sort == "contact"
    _locate(con, stage, "load_contact" if contacts else "load_account")
    listed = _write_all(con, CONTACTS if contacts else ACCOUNTS, stage, learned, [_DELETED])
    people.note_deletions(con, stage.sort, LOCATED, learned)
    return listed


def apply_records(
    con: duckdb.DuckDBPyConnection, stage: Stage, learned: Learned
) -> tuple[int, list[Listed]]:
    """Write a record stage whose contacts and accounts are resolved; how many records are new."""
    table = _record_table(con, stage.kind)
    target = Target("record:" + stage.kind, table, history_of(table))
    new = identify.records(con, stage, table)
    if new:
        name_records(con, target, [stage], learned)
        con.execute(
            "UPDATE record_kinds SET rows = rows + $new WHERE kind = $kind",
            {"new": new, "kind": stage.kind},
        )
    _locate(con, stage, "load_record")
    return new, _write_all(con, target, stage, learned, [_DELETED, *_LINKS])


def _record_table(con: duckdb.DuckDBPyConnection, kind: str) -> str:
    found = dict(con.execute("SELECT kind, table_name FROM record_kinds").fetchall())
    if kind in found:
        return str(found[kind])
    taken = {"record_kinds", *found.values(), *(history_of(t) for t in found.values())}
    table = slugs.table("record", kind, taken)
    while history_of(table) in taken:
        taken.add(table)
        table = slugs.table("record", kind, taken)
    con.execute(create_record_tables(table))
    con.execute(
        "INSERT INTO record_kinds VALUES ($kind, $table, 0)", {"kind": kind, "table": table}
    )
    return table


def _locate(con: duckdb.DuckDBPyConnection, stage: Stage, ids: str) -> None:
    """The stage with the dense `subject`, and the dense links of records, in `load_located`."""
    links = joins = ""
    if stage.sort == "contact":
        links = ', i.number AS "@named"'
    if stage.sort == "record":
        links = ', c.id AS "@contact", c.number AS "@named", a.id AS "@account"'
        joins = (
            " LEFT JOIN load_contact AS c ON c.identity = s.contact"
            " LEFT JOIN load_account AS a ON a.identity = s.account"
        )
    con.execute(
        sql(
            "CREATE OR REPLACE TEMP TABLE {located} AS SELECT i.id AS subject, s.*{links}"
            " FROM {stage} AS s JOIN {ids} AS i ON i.identity = s.identity{joins}"
            ' ORDER BY s."row"',
            located=LOCATED,
            links=Sql(links),
            stage=stage.table,
            ids=ids,
            joins=Sql(joins),
        )
    )


def _write_all(
    con: duckdb.DuckDBPyConnection,
    target: Target,
    stage: Stage,
    learned: Learned,
    ours: Sequence[Write],
) -> list[Listed]:
    """Learn the stage's columns and write them; returns those whose values may be listed."""
    counted, written = _counts(con, stage, ours)
    known = [(c.column.name, c.column.type) for c in counted if c.known]
    fields = learned.fields(target.scope, target.table, target.ours, known)
    writes = [w for w, n in zip(ours, written, strict=True) if n]
    listed = []
    source = sql("FROM {s} WHERE true", s=stage.table)
    for c in counted:
        field = fields.get(c.column.name)
        writes.append(_field_write(c, field))
        if field is None:
            continue
        fits = learn.convert(Sql("x"), c.column.type, field.type) is not None
        field.known += c.known if fits else 0
        field.wrong += c.wrong if fits else c.wrong + c.known
        if worth_listing(field, c):
            listed.append(Listed(target.scope, field.name, c.column.column, source))
    list_currencies(con, [*money(fields, stage.columns, source)])
    write(con, target, writes, undated=stage.undated, import_time=stage.import_time)
    return listed


def _field_write(counted: learn.Counted, field: learn.Field | None) -> Write:
    c = counted.column
    kind = field.type if field else c.type
    value = learn.convert(sql("l.{c}", c=c.column), c.type, kind)
    written = sql("l.{w}", w=c.written) if c.written else None
    column = field.column if field else None
    return Write(c.name, VALUE_COLUMN[kind], value or Sql("NULL"), written, column)


def _counts(
    con: duckdb.DuckDBPyConnection, stage: Stage, ours: Sequence[Write]
) -> tuple[list[learn.Counted], list[int]]:
    """Known, ill-typed and different values per column; number of writes of each key of ours."""
    row = con.execute(
        sql(
            "SELECT count(*){own}{counts} FROM {l} AS l",
            own=Sql("".join(sql(", count({v})", v=w.value) for w in ours)),
            counts=learn.count_columns(stage.columns),
            l=LOCATED,
        )
    ).fetchall()[0]
    split = 1 + len(ours)
    return learn.read_counts(stage.columns, row[split:]), list(row[1:split])
