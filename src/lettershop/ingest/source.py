"""A file as rows of numbered columns, read by DuckDB in bounded memory.

`Source.rows(first, last)` is a query whose columns are

    row   the line (text files) or row number (Parquet), from 1, as the user counts
    raw   the original line, NULL for Parquet
    bad   why the row as such cannot be read, else NULL
    c0 …  the wanted columns, as they came
"""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from lettershop.ingest.mapping import Format
from lettershop.ingest.spool import BROKEN, LINE_END
from lettershop.ingest.sql import (
    Expr,
    call,
    cases,
    every,
    literal,
    name,
    named,
    rows_from,
    select,
    texts,
    tree,
)

Family = Literal[
    "text", "json", "integer", "float", "decimal", "boolean", "date", "timestamp", "instant",
    "list", "other",
]  # fmt: skip
LINES = "import_lines"
MAX_DEPTH = 32
"""JSON nested deeper than this is refused, row by row."""


class Column(msgspec.Struct, frozen=True):
    """A column by its name in the file; `path`: where it is (position, JSON keys, struct path)."""

    name: str
    family: Family
    path: tuple[str | int, ...]


class Source(msgspec.Struct, frozen=True, kw_only=True):
    format: Format
    columns: tuple[Column, ...]
    total: int
    """Lines or rows, header and blank lines included: the measure of progress."""
    first: int = 0
    """Lines to pass over: the header and what comes before it."""
    delimiter: str = ""
    file: str = ""
    unescape: bool = False

    def rows(self, wanted: Sequence[Column], first: int, last: int) -> Expr:
        """The rows numbered from `first` (counted from 0) up to and without `last`."""
        match self.format:
            case "parquet":
                return self._parquet(wanted, first, last)
            case "jsonl":
                return self._json(wanted, first, last)
            case "csv" | "tsv" | "whitespace":
                return self._delimited(wanted, first, last)

    def _lines(self, extra: Iterable[Expr], first: int, last: int) -> Expr:
        """Lines as rows; blank ones are no rows."""
        source = tree(
            'SELECT n AS "row", line AS "raw" FROM import_lines'
            " WHERE n > $first AND n <= $last AND trim(line) <> ''",
            first=max(first, self.first),
            last=last,
        )
        return select(source, extra)

    def _delimited(self, wanted: Sequence[Column], first: int, last: int) -> Expr:
        line = name("line")
        if self.format == "whitespace":
            fields = tree("regexp_split_to_array(trim($line, ' \t'), '[ \t]+')", line=line)
        else:
            fields = call("str_split", line, self.delimiter)
        bad = cases(
            [
                (tree("starts_with($line, $mark)", line=line, mark=BROKEN), literal("row.quotes")),
                (tree("len(f) <> $n", n=len(self.columns)), literal("row.columns")),
            ]
        )
        inner = self._lines([named(fields, "f"), line], first, last)
        columns = [
            named(self._field(call("list_extract", name("f"), int(column.path[0]) + 1)), f"c{n}")
            for n, column in enumerate(wanted)
        ]
        return rows_from(inner, [name("row"), name("raw"), named(bad, "bad"), *columns])

    def _field(self, field: Expr) -> Expr:
        return tree("replace($f, $e, $n)", f=field, e=LINE_END, n="\n") if self.unescape else field

    def _json(self, wanted: Sequence[Column], first: int, last: int) -> Expr:
        inner = self._lines([named(json_problem(name("line")), "bad"), name("line")], first, last)
        pointers = texts([pointer(column.path) for column in wanted])
        found = tree("CASE WHEN bad IS NULL THEN json_extract(line, $all) END", all=pointers)
        middle = rows_from(inner, [name("row"), name("raw"), name("bad"), named(found, "f")])
        columns = [
            named(call("list_extract", name("f"), n + 1), f"c{n}") for n, _ in enumerate(wanted)
        ]
        return rows_from(middle, [name("row"), name("raw"), name("bad"), *columns])

    def _parquet(self, wanted: Sequence[Column], first: int, last: int) -> Expr:
        columns = [named(_nested(column.path), f"c{n}") for n, column in enumerate(wanted)]
        source = tree(
            'SELECT file_row_number + 1 AS "row", NULL::VARCHAR AS "raw", NULL::VARCHAR AS "bad"'
            " FROM read_parquet($file, file_row_number = true)"
            " WHERE file_row_number >= $first AND file_row_number < $last",
            file=self.file,
            first=first,
            last=last,
        )
        return select(source, columns)


def json_problem(line: Expr) -> Expr:
    """Why a line is not a JSON object we can use; NULL when it is. Depth is looked at first:
    what is nested thousands deep is not given to any parser."""
    many = tree(
        "length($l) - length(replace(replace($l, '{', ''), '[', '')) > $n", l=line, n=MAX_DEPTH
    )
    deep = tree("$depth > $n", depth=call("lettershop_depth", line), n=MAX_DEPTH)
    valid = tree("NOT json_valid($l)", l=line)
    is_object = tree("left(ltrim($l, ' \t'), 1) <> '{'", l=line)
    return cases(
        [
            (every([many, deep]), literal("row.depth")),
            (valid, literal("row.json")),
            (is_object, literal("row.json")),
        ]
    )


def pointer(path: Sequence[str | int]) -> str:
    """RFC 6901: keys may hold any character."""
    return "".join(f"/{str(key).replace('~', '~0').replace('/', '~1')}" for key in path)


def _nested(path: Sequence[str | int]) -> Expr:
    found = name(str(path[0]))
    for key in path[1:]:
        found = call("struct_extract", found, str(key))
    return found
