"""A path → a `Source`: which format, which columns, and lines brought into DuckDB."""

import csv
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import duckdb
import msgspec

from lettershop.ingest.mapping import FileSection, Format
from lettershop.ingest.scan import MAX_LINE, Scan, blocks, check_encoding, is_gzip, scan_text
from lettershop.ingest.source import Column, Family, Source, json_problem
from lettershop.ingest.spool import UNIT, spool_lines, spool_records, text_lines
from lettershop.ingest.sql import name, text_of, tree
from lettershop.model.errors import InputError

MAX_COLUMNS = 2_000
_SUFFIXES: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}


def open_source(
    con: duckdb.DuckDBPyConnection, path: Path, file: FileSection, folder: Path
) -> Source:
    """The file, ready to be read in stretches. `folder` is a temporary one of this import.

    Needs `functions(con)`. Raises InputError for everything that makes a file unreadable:
    `file.empty`, `file.no_rows`, `file.binary`, `file.broken`, `file.encoding`, `file.nul`,
    `file.long_line`, `file.gzip`, `file.open_quote`, `file.duplicate_column`, `file.json_array`.
    """
    format_ = file.format or find_format(path)
    if format_ == "parquet":
        return _open_parquet(con, path, folder)
    check_encoding(file.encoding or "utf-8", path)
    scan = scan_text(path, file.encoding)
    if format_ == "jsonl":
        lines = _Lines(path, file.encoding, "", folder, scan)
        return _open_json(con, lines)
    return _open_delimited(con, path, file, format_, folder, scan)


def find_format(path: Path) -> Format:
    """By what the file begins with, else by its name; a text of unknown name counts as CSV."""
    begin = next(blocks(path), b"")[:4096]
    if not begin.strip():
        raise InputError("file.empty", "the file is empty", where=str(path))
    if begin.startswith(b"PAR1"):
        return "parquet"
    suffixes = [s.lower() for s in path.suffixes if s.lower() != ".gz"]
    found = _SUFFIXES.get(suffixes[-1]) if suffixes else None
    if found:
        return found
    return "jsonl" if begin.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") else "csv"


_OURS = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ParserException,
    duckdb.OutOfMemoryException,
    duckdb.InterruptException,
    duckdb.InternalException,
)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """What DuckDB says about a file it cannot read becomes InputError `file.broken`; errors that
    are not the file's stay what they are."""
    try:
        yield
    except _OURS:
        raise
    except duckdb.Error as problem:
        if "KeyboardInterrupt" in str(
            problem
        ):  # Ctrl-C within a function of ours that a query calls
            raise KeyboardInterrupt from None
        first = str(problem).splitlines()[0]
        raise InputError(
            "file.broken", f"the file cannot be read: {first}", where=str(path)
        ) from None


class _Lines(msgspec.Struct, frozen=True):
    """A text file as DuckDB may read it: itself, or a rewritten copy."""

    path: Path
    encoding: str
    delimiter: str
    """Of fields that may be quoted; empty when quotes mean nothing."""
    folder: Path
    scan: Scan

    @property
    def rewritten(self) -> bool:
        return bool(self.delimiter) and self.scan.has_quotes

    def load(self, con: duckdb.DuckDBPyConnection) -> int:
        """Fill the table `import_lines`; returns the number of lines."""
        target = self.folder / "lines"
        if self.rewritten:
            spool_records(self.path, self.encoding, self.delimiter, target)
        elif not self.scan.plain or is_gzip(self.path):
            spool_lines(self.path, self.encoding, target)
        else:
            target.symlink_to(self.path.absolute())
        query = tree(
            "CREATE OR REPLACE TEMP TABLE import_lines AS"
            " SELECT row_number() OVER () AS n, line FROM read_csv($file,"
            " columns = {'line': 'VARCHAR'}, header = false, auto_detect = false, delim = '\x01',"
            " quote = '', escape = '', strict_mode = false, max_line_size = $most)",
            file=str(target),
            most=MAX_LINE + 16,
        )
        with reading(self.path):
            con.execute(text_of(query))
        total = int(_one(con, "SELECT count(*) FROM import_lines"))
        if total != self.scan.lines:
            raise InputError(
                "file.changed",
                f"{self.scan.lines} lines were seen, {total} could be read",
                where=str(self.path),
                hint="is the file still being written?",
            )
        return total


def _one(con: duckdb.DuckDBPyConnection, query: str) -> Any:
    row = con.execute(query).fetchone()
    return row[0] if row else None


def _open_delimited(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    file: FileSection,
    format_: Format,
    folder: Path,
    scan: Scan,
) -> Source:
    delimiter = "" if format_ == "whitespace" else file.delimiter or _delimiter(path, file, format_)
    names, first = list(file.header), file.skip
    if not names:
        names, first = _header(path, file, delimiter)
    _check_names(names, path)
    lines = _Lines(path, file.encoding, delimiter, folder, scan)
    total = lines.load(con)
    if not _one(con, _ROWS_AFTER.format(first=int(first))):
        raise InputError("file.no_rows", "the file has a header and no rows", where=str(path))
    return Source(
        format=format_,
        columns=tuple(Column(n, "text", (i,)) for i, n in enumerate(names)),
        total=total,
        first=first,
        delimiter=UNIT if lines.rewritten else delimiter,
        unescape=lines.rewritten,
    )


_ROWS_AFTER = "SELECT count(*) FROM import_lines WHERE n > {first} AND trim(line) <> ''"


def _delimiter(path: Path, file: FileSection, format_: Format) -> str:
    """The most frequent of the usual ones in the first line."""
    if format_ == "tsv":
        return "\t"
    with text_lines(path, file.encoding) as lines:
        line = next(itertools.islice(lines, file.skip, None), "")
    outside = "".join(line.split('"')[::2])
    counts = Counter({d: outside.count(d) for d in ",;\t|"})
    best, n = counts.most_common(1)[0]
    return best if n else ","


def _header(path: Path, file: FileSection, delimiter: str) -> tuple[list[str], int]:
    """The names of the columns and how many lines come before the rows."""
    with text_lines(path, file.encoding) as text:
        lines = itertools.islice(text, file.skip, None)
        if delimiter:
            reader = csv.reader(lines, delimiter=delimiter)
            for record in reader:
                if record:
                    return [n.strip() or f"column {i}" for i, n in enumerate(record, 1)], (
                        file.skip + reader.line_num
                    )
        for number, line in enumerate(lines, 1):
            if line.strip():
                return line.split(), file.skip + number
    raise InputError("file.no_rows", "the file has no header", where=str(path))


def _check_names(names: Sequence[str], path: Path) -> None:
    twice = [n for n, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError(
            "file.duplicate_column",
            f"several columns are called {', '.join(f'“{n}”' for n in twice)}",
            where=str(path),
            hint="rename them, or name all columns in the mapping: [file] skip = 1, header = […]",
        )
    if len(names) > MAX_COLUMNS:
        _too_many(len(names), path)


def _too_many(count: int, path: Path) -> NoReturn:
    raise InputError(
        "file.too_many_columns",
        f"the file has {count:,} columns, {MAX_COLUMNS:,} can be read",
        where=str(path),
    )


def _open_json(con: duckdb.DuckDBPyConnection, lines: _Lines) -> Source:
    if next(blocks(lines.path), b"").lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        raise InputError(
            "file.json_array",
            "this is one JSON array; JSON Lines have one object per line",
            where=str(lines.path),
            hint="jq -c '.[]' file.json > file.jsonl",
        )
    total = lines.load(con)
    query = tree(
        "SELECT json_structure(line) AS s FROM import_lines"
        " WHERE trim(line) <> '' AND $problem IS NULL GROUP BY s ORDER BY min(n)",
        problem=json_problem(name("line")),
    )
    paths: dict[tuple[str, ...], None] = {}
    for (structure,) in con.execute(text_of(query)).fetchall():
        paths.update(dict.fromkeys(_leaves(msgspec.json.decode(structure), ())))
        if len(paths) > MAX_COLUMNS:
            _too_many(len(paths), lines.path)
    columns = tuple(Column(".".join(path), "json", path) for path in paths)
    return Source(format="jsonl", columns=columns, total=total)


def _leaves(structure: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(structure, dict) and structure:
        for key, inner in structure.items():
            yield from _leaves(inner, (*path, key))
    elif path:
        yield path


def _open_parquet(con: duckdb.DuckDBPyConnection, path: Path, folder: Path) -> Source:
    target = folder / "data.parquet"
    if is_gzip(path):
        with target.open("wb") as out:
            out.writelines(blocks(path))
    else:
        target.symlink_to(path.absolute())
    with reading(path):
        described = con.execute(
            text_of(tree("SELECT * FROM read_parquet($file) LIMIT 0", file=str(target)))
        ).description
        count = tree("SELECT count(*) FROM read_parquet($file)", file=str(target))
        total = int(_one(con, text_of(count)))
    if not total:
        raise InputError("file.no_rows", "the file has no rows", where=str(path))
    columns = [c for entry in described or [] for c in _parquet_columns((entry[0],), entry[1])]
    _check_names([c.name for c in columns], path)
    return Source(format="parquet", columns=tuple(columns), total=total, file=str(target))


def _parquet_columns(path: tuple[str, ...], kind: Any) -> Iterator[Column]:
    if kind.id == "struct":
        for key, inner in kind.children:
            yield from _parquet_columns((*path, key), inner)
    else:
        yield Column(".".join(path), _family(kind.id), path)


def _family(kind: str) -> Family:
    match kind:
        case "varchar" | "enum" | "uuid":
            return "text"
        case "float" | "double":
            return "float"
        case "decimal":
            return "decimal"
        case "boolean" | "date" | "list":
            return kind
        case "timestamp with time zone":
            return "instant"
        case _ if kind.startswith("timestamp"):
            return "timestamp"
        case _ if kind.endswith("int") or kind == "integer":
            return "integer"
        case _:
            return "other"
