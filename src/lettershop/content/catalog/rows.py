"""A catalog's file as rows: CSV, TSV, JSON Lines or Parquet, text also gzipped.

Files of items are small beside files of events, and their cells are judged one by one: so they are
read here, in plain Python, a row at a time.
"""

import csv
import gzip
import hashlib
import io
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, cast

import duckdb
import msgspec

from lettershop.content.catalog.cells import Refused
from lettershop.model.errors import InputError, NotFound

LONGEST_LINE: Final = 4 * 1024 * 1024
MOST_BYTES: Final = 1024 * 1024 * 1024
"""Characters of an unpacked file: what is larger is a mistake, or an archive made to burst."""
BLOCK: Final = 1024 * 1024
_JSON: Final = msgspec.json.Decoder(float_hook=Decimal)
_TEXT: Final = {".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


class Row(msgspec.Struct, frozen=True):
    """`line` counts from 1, in Parquet files rows. `refused`: why there are no `cells`."""

    line: int
    cells: Mapping[str, Any]
    original: str = ""
    refused: Refused | None = None

    def written(self) -> str:
        """The row as it is shown to whom has to mend it."""
        return self.original or msgspec.json.encode(self.cells, enc_hook=str).decode()


class Rows(msgspec.Struct, frozen=True):
    """`columns`: None for JSON Lines, where each row has its own."""

    columns: tuple[str, ...] | None
    rows: Iterator[Row]


def digest(path: Path) -> str:
    """SHA-256. NotFound `file.absent`, InputError `file.unreadable`."""
    found = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                found.update(block)
    except FileNotFoundError:
        raise NotFound("file.absent", "there is no such file", where=str(path)) from None
    except OSError as problem:
        message = f"the file cannot be read: {problem.strerror}"
        raise InputError("file.unreadable", message, where=str(path)) from None
    return found.hexdigest()


def open_rows(path: Path, encoding: str = "utf-8", delimiter: str = "") -> Rows:
    """The rows of a file, to be read once. Raises NotFound `file.absent`, and InputError `file.…`
    for what cannot be read at all, here or while the rows are taken."""
    if not path.is_file():
        raise NotFound("file.absent", "there is no such file", where=str(path))
    suffixes = [s.lower() for s in path.suffixes if s.lower() != ".gz"]
    suffix = suffixes[-1] if suffixes else ""
    if suffix in (".parquet", ".pq"):
        return _parquet(path)
    format_ = _TEXT.get(suffix)
    if format_ is None:
        hint = "it ends in .csv, .tsv, .jsonl or .parquet (text also with .gz)"
        raise InputError("file.format", "this is no file of items", where=str(path), hint=hint)
    lines = _lines(path, encoding)
    if format_ == "jsonl":
        return Rows(None, _json_rows(lines))
    return _delimited(path, lines, "\t" if format_ == "tsv" else delimiter)


def _lines(path: Path, encoding: str) -> Iterator[str]:
    """Lines with their ends; bounded, whatever the file holds."""
    plain = encoding.lower().replace("_", "-")
    chosen = "utf-8-sig" if plain in ("utf-8", "utf8") else plain
    number, total = 0, 0
    try:
        with path.open("rb") as raw:
            packed = raw.peek(2)[:2] == b"\x1f\x8b"
            source = cast(io.BufferedReader, gzip.GzipFile(fileobj=raw)) if packed else raw
            with io.TextIOWrapper(source, encoding=chosen, newline="") as text:
                while line := text.readline(LONGEST_LINE + 1):
                    number, total = number + 1, total + len(line)
                    if len(line) > LONGEST_LINE or total > MOST_BYTES or "\0" in line:
                        raise _unfit(path, number, nul="\0" in line)
                    yield line
    except UnicodeDecodeError as problem:
        message = f"the text is not {encoding} (byte 0x{problem.object[problem.start]:02x})"
        hint = 'encoding = "windows-1252", or save the file as UTF-8'
        raise InputError(
            "file.encoding", message, where=f"{path}:{number + 1}", hint=hint
        ) from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as problem:
        message = f"the gzip archive is damaged or cut off: {problem}"
        raise InputError("file.gzip", message, where=str(path)) from None


def _unfit(path: Path, line: int, *, nul: bool) -> InputError:
    where = f"{path}:{line}"
    if nul:
        return InputError("file.nul", "the line holds a NUL byte", where=where)
    return InputError("file.too_large", "the file or this line is too long", where=where)


def _delimited(path: Path, lines: Iterator[str], delimiter: str) -> Rows:
    first = next((line for line in lines if line.strip()), "")
    if not first:
        raise InputError("file.empty", "the file is empty", where=str(path))
    outside = "".join(first.split('"')[::2])
    best, count = Counter({d: outside.count(d) for d in ",;\t|"}).most_common(1)[0]
    comma = delimiter or (best if count else ",")
    header = [name.strip() for name in next(csv.reader([first], delimiter=comma))]
    columns = tuple(name or f"column {n}" for n, name in enumerate(header, 1))
    twice = [name for name, n in Counter(columns).items() if n > 1]
    if twice:
        message = f"several columns are called {', '.join(f'“{n}”' for n in twice)}"
        raise InputError("file.duplicate_column", message, where=f"{path}:1")
    return Rows(columns, _csv_rows(path, lines, columns, comma))


def _csv_rows(
    path: Path, lines: Iterator[str], columns: tuple[str, ...], comma: str
) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=comma, strict=True)
    while True:
        start = reader.line_num + 2
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            if "unexpected end" in str(problem) or "field larger" in str(problem):
                message = "a quote is opened here and never closed"
                raise InputError("file.open_quote", message, where=f"{path}:{start}") from None
            said = "the quotes in this row cannot be understood"
            yield Row(start, {}, "(quotes)", Refused("row.quotes", said))
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns):
            said = f"the row has {len(cells)} columns, the header {len(columns)}"
            yield Row(start, {}, _joined(cells), Refused("row.columns", said))
            continue
        yield Row(start, dict(zip(columns, cells, strict=True)), _joined(cells))


def _joined(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()


def _json_rows(lines: Iterator[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        problem = "this is not a JSON object"
        try:
            cells = _JSON.decode(line)
        except (msgspec.DecodeError, RecursionError) as error:
            cells, problem = None, f"this is not JSON: {error}"
        if isinstance(cells, dict):
            yield Row(number, cells, line.strip())
        else:
            yield Row(number, {}, line.strip(), Refused("row.json", problem))


def _parquet(path: Path) -> Rows:
    try:
        con = duckdb.connect(config={"memory_limit": "1GB", "threads": 1})
        found = con.execute("SELECT * FROM read_parquet($file)", {"file": str(path)})
        columns = tuple(name for name, *_ in found.description or ())
    except duckdb.Error as problem:
        first = str(problem).splitlines()[0]
        raise InputError("file.broken", f"cannot be read: {first}", where=str(path)) from None
    return Rows(columns, _parquet_rows(con, columns))


def _parquet_rows(con: duckdb.DuckDBPyConnection, columns: tuple[str, ...]) -> Iterator[Row]:
    number = 0
    with con:
        while rows := con.fetchmany(10_000):
            for cells in rows:
                number += 1
                yield Row(number, dict(zip(columns, cells, strict=True)))
