"""A first look at a file's columns: what they are called, what is in them, what they may be for."""

import itertools
import re
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import msgspec

from lettershop.ingest.cells import Cells
from lettershop.ingest.convert import is_present, prepared_text, trimmed
from lettershop.ingest.emails import normal_email
from lettershop.ingest.functions import functions, hard_instant, hard_local
from lettershop.ingest.learn import key, learn_types
from lettershop.ingest.mapping import FileSection, Format, Value
from lettershop.ingest.opening import find_format, open_source
from lettershop.ingest.scan import scan_text
from lettershop.ingest.source import Source
from lettershop.ingest.spool import text_lines
from lettershop.ingest.sql import named, rows_from, text_of, tree
from lettershop.model.errors import InputError
from lettershop.model.values import ValueType

SAMPLE_LINES = 20_000
DATE_FORMATS = (
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y",
    "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y",
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y",
    "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d", "%Y%m%d",
)  # fmt: skip


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """One column: its name, type, how full it is, and some of its different values.

    `formats`: the date formats that read all of the samples (several: it is not clear which)."""

    name: str
    type: ValueType
    rows: int
    known: int
    samples: tuple[str, ...]
    formats: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """`Customer ID`, `customerId`, `CUSTOMER_ID` → `customer id`."""
        spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", self.name)
        return " ".join(re.findall(r"[a-z0-9]+", spaced.lower()))

    @property
    def is_time(self) -> bool:
        return self.type in ("time", "date") or bool(self.formats)

    @property
    def is_address(self) -> bool:
        good = sum(normal_email(s) is not None for s in self.samples[:50])
        return bool(self.samples) and good >= 0.8 * len(self.samples[:50])

    @property
    def full(self) -> bool:
        return self.known == self.rows


def look_at(path: Path) -> tuple[Format, list[Look]]:
    """The format and the columns, from the first 20,000 lines."""
    format_ = find_format(path)
    with (
        TemporaryDirectory(prefix="lettershop-") as folder,
        duckdb.connect() as con,
        functions(con),
    ):
        source = _open(con, path, format_, Path(folder))
        return source.format, _looks(con, source)


def _open(con: duckdb.DuckDBPyConnection, path: Path, format_: Format, folder: Path) -> Source:
    file = FileSection(format=_whitespace_or(format_, path))
    (folder / "whole").mkdir()
    if format_ == "parquet":
        return open_source(con, path, file, folder / "whole")
    scan_text(path)
    sample = folder / "sample"
    with text_lines(path) as lines, sample.open("w", encoding="utf-8", newline="") as out:
        out.writelines(itertools.islice(lines, SAMPLE_LINES))
    try:
        return open_source(con, sample, file, folder)
    except InputError as problem:
        if problem.code != "file.open_quote":
            raise
        return open_source(con, path, file, folder / "whole")  # the sample was cut within a quote


def _whitespace_or(format_: Format, path: Path) -> Format:
    """A text without any of the usual delimiters is one with columns apart by blanks."""
    if format_ != "csv":
        return format_
    with text_lines(path) as lines:
        first = next(lines, "")
    blanks = len(first.split()) > 1 and not any(d in first for d in ",;\t|")
    return "whitespace" if blanks else "csv"


def _looks(con: duckdb.DuckDBPyConnection, source: Source) -> list[Look]:
    cells = Cells(source, "UTC", lambda _: "")
    values = [Value(column=column.name) for column in source.columns]
    types = learn_types(con, source, cells, values)
    last = min(source.total, source.first + SAMPLE_LINES)
    columns = [named(tree("count(*)"), "n")]
    for n, value in enumerate(values):
        raw = cells.raw(value)
        text = cells.add(trimmed(prepared_text(value, raw)))
        known = tree("CASE WHEN $p THEN $t END", p=is_present(raw), t=text)
        columns += [
            named(tree("count($k)", k=known), f"k{n}"),
            named(tree("list_slice(list(DISTINCT $k), 1, 200)", k=known), f"s{n}"),
        ]
    row = con.execute(
        text_of(rows_from(cells.over(source.rows(cells.wanted, 0, last)), columns))
    ).fetchone() or (0,)
    return [
        _look(con, value.column, types[key(value)], row[0], row[1 + 2 * n], row[2 + 2 * n])
        for n, value in enumerate(values)
    ]


def _look(
    con: duckdb.DuckDBPyConnection,
    column: str,
    kind: ValueType,
    rows: int,
    known: int,
    samples: Iterable[str | None] | None,
) -> Look:
    texts = tuple(sorted(s for s in samples or () if s is not None))
    if kind == "text" and texts and all(_is_iso_time(t) for t in texts):
        kind = "time"  # Parquet may keep times as texts
    formats = _formats(con, texts) if kind in ("text", "number") and _dateish(texts) else ()
    return Look(name=column, type=kind, rows=rows, known=known, samples=texts, formats=formats)


def _is_iso_time(text: str) -> bool:
    return "-" in text and not (hard_local(text) is None and hard_instant(text) is None)


_DATEISH = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}([ T]\d.*)?|(19|20)\d{6}")


def _dateish(texts: tuple[str, ...]) -> bool:
    return bool(texts) and all(_DATEISH.fullmatch(t) for t in texts)


def _formats(con: duckdb.DuckDBPyConnection, texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        format_
        for format_ in DATE_FORMATS
        if con.execute(
            "SELECT bool_and(try_strptime(t, $f) IS NOT NULL) FROM (SELECT unnest($t) AS t)",
            {"f": format_, "t": list(texts)},
        ).fetchone()
        == (True,)
    )
