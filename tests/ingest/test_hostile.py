"""Broken and hostile files: a clear error or a refused row, and nothing half done."""

import gzip
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ingest.books import Book

from lettershop.ingest import scan
from lettershop.model.errors import InputError

PEOPLE = '[contact]\nuser_id = "id"\n[contact.traits]\nname = "name"\n'
GOOD = "id,name\n1,Ann\n2,Bob\n"


def parquet(folder: Path) -> bytes:
    pq.write_table(pa.table({"id": ["1", "2"], "name": ["Ann", "Bob"]}), folder / "p.parquet")
    return (folder / "p.parquet").read_bytes()


BAD: list[tuple[str, str, bytes, str]] = [
    ("empty", "a.csv", b"", "file.empty"),
    ("blank", "a.csv", b"\xef\xbb\xbf \r\n\n", "file.empty"),
    ("empty lines of JSON", "a.jsonl", b"\n\n", "file.empty"),
    ("header only", "a.csv", b"id,name\n", "file.no_rows"),
    ("header and blank lines", "a.csv", b"id,name\n\n\n", "file.no_rows"),
    ("binary", "a.csv", bytes(range(256)) * 40, "file.binary"),
    ("Excel", "a.csv", b"PK\x03\x04" + bytes(100), "file.binary"),
    ("Excel called Parquet", "a.parquet", b"PK\x03\x04" + bytes(100), "file.broken"),
    ("one NUL", "a.csv", GOOD.encode() + b"3,E\x00ve\n", "file.nul"),
    ("UTF-16 unannounced", "a.csv", GOOD.encode("utf-16"), "file.encoding"),
    ("mixed encodings", "a.csv", GOOD.encode() + "3,Jürgen\n4,".encode() + b"J\xfcrgen\n",
     "file.encoding"),
    ("cut within a character", "a.csv", GOOD.encode() + "3,Jü".encode()[:-1], "file.encoding"),
    ("truncated gzip", "a.csv.gz", gzip.compress(GOOD.encode() * 999)[:-20], "file.gzip"),
    ("damaged gzip", "a.csv.gz", gzip.compress(GOOD.encode())[:12] + b"x" * 30, "file.gzip"),
    ("quote never closed", "a.csv", b'id,name\n1,"Ann\n2,Bob\n', "file.open_quote"),
    ("same column twice", "a.csv", b"id,name,id\n1,Ann,2\n", "file.duplicate_column"),
    ("JSON array", "a.json", b'[{"id": 1}]\n', "file.json_array"),
    ("Parquet that is text", "a.parquet", GOOD.encode(), "file.broken"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "code"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_unusable_files(book: Book, tmp_path: Path, name: str, content: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        book.load_file(path, PEOPLE)
    assert caught.value.code == code and str(path) in caught.value.where
    assert book.is_empty() and not book.refused_path.exists()


def test_errors_name_the_line_and_the_way_out(book: Book, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(GOOD.encode() + b"3,J\xfcrgen \x93x\x94\n")
    with pytest.raises(InputError) as caught:
        book.load_file(path, PEOPLE)
    assert caught.value.where.endswith("a.csv:4") and "windows-1252" in caught.value.hint
    book.load_file(path, '[file]\nencoding = "windows-1252"\n' + PEOPLE)
    assert book.contacts("name")["user:3"] == ("Jürgen “x”",)


@pytest.mark.parametrize("place", [0.2, 0.5, 0.8, 0.999])
def test_broken_parquet(book: Book, tmp_path: Path, place: float) -> None:
    names = pa.array([f"{n * 7919 % 10007}" for n in range(20_000)])
    table = pa.table({"id": names, "name": names})
    pq.write_table(table, tmp_path / "p.parquet", compression="zstd", use_dictionary=False)
    whole = (tmp_path / "p.parquet").read_bytes()
    cut = int(len(whole) * place)
    for n, content in enumerate((whole[:cut], whole[:cut] + b"\xff" * 99 + whole[cut + 99 :])):
        path = tmp_path / f"{n}.parquet"
        path.write_bytes(content)
        with pytest.raises(InputError) as caught:
            book.load_file(path, PEOPLE)
        assert caught.value.code == "file.broken"
        assert book.is_empty()


def test_a_line_of_any_length_is_noticed_after_four_megabytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """64 MB here; 2 GB takes as long, since no more than five blocks are ever read."""
    read = 0

    def blocks(path: Path) -> Iterator[bytes]:
        nonlocal read
        yield b"id,name\n"
        for _ in range(64):
            read += 1
            yield b"x" * scan.BLOCK

    monkeypatch.setattr(scan, "blocks", blocks)
    with pytest.raises(InputError, match="longer than 4 MB") as caught:
        scan.scan_text(tmp_path / "a.csv")
    assert caught.value.where.endswith(":2") and read == 5


def test_a_sparse_file_of_two_gigabytes_is_refused_at_once(book: Book, tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as out:
        out.write(b"id,name\n")
        out.writelines(b"x" * scan.BLOCK for _ in range(64))
    started = time.monotonic()
    with pytest.raises(InputError, match="longer than 4 MB"):
        book.load_file(path, PEOPLE)
    assert time.monotonic() - started < 10 and book.is_empty()


def test_a_line_just_short_enough(book: Book) -> None:
    long = "x" * (scan.MAX_LINE - 10)
    book.load("a.csv", f"id,name\n1,{long}\n2,y\n", PEOPLE)
    assert book.rows("SELECT length(name) FROM contacts ORDER BY id") == [(len(long),), (1,)]


def test_odd_but_readable(book: Book) -> None:
    """Control characters, quotes and line ends that DuckDB's own reader would trip over."""
    text = (
        'id,name\r\n1,"a,b"\r\n2,5" pipe\n3,x\x01y\x1fz\n4,"line\r\nend"\r5,plain\n'
        "6,\u2028\n7,tab\there\n8,'; DROP TABLE contacts; --\n9,*\n"
    )
    book.load("a.csv", text.encode(), PEOPLE)
    assert [name for (name,) in book.contacts("name").values()] == [
        "a,b", '5" pipe', "x y z", "line\nend", "plain", None, "tab\there",
        "'; DROP TABLE contacts; --", "*",
    ]  # fmt: skip


JSON_LINES: list[tuple[str, str | None]] = [
    ('{"id": "1", "name": "Ann"}', None),
    ('{"id": "2", "name": ' + "[" * 5000 + "]" * 5000 + "}", "row.depth"),
    ('{"id": "3", "name": ' + "[" * 40 + "]" * 40 + "}", "row.depth"),
    ('{"id": "4", "name": "' + "[{" * 100 + '"}', None),
    ('{"id": "5", "name": "\\ud800"}', "row.json"),
    ('{"id": "6", "name": ', "row.json"),
    ("[1, 2]", "row.json"),
    ('"text"', "row.json"),
    ('{"id": 7, "name": 1e999}', None),
    ('{"id": 8, "name": ' + "9" * 400 + "}", None),
    ('{"id": null, "name": "nobody"}', "contact.missing"),
    ('{"name": "nobody"}', "contact.missing"),
    ('{"id": {"a": 1}}', "contact.missing"),
    ('{"id": "9", "name": NaN}', None),
    ('{"id": "10", "id": "11", "name": "twice"}', None),
    ('{"id": "12", "na' + "x" * 3000 + '": 1}', None),
    ("{" * 3000, "row.depth"),
    ('  {"id": "13", "name": "Zoë"}  ', None),
]


def test_poisonous_json_is_refused_alone(book: Book) -> None:
    text = "\n".join(line for line, _ in JSON_LINES) + "\n"
    report = book.load("a.jsonl", text, PEOPLE, allow_refused=True)
    wanted = [(str(n), code) for n, (_, code) in enumerate(JSON_LINES, 1) if code]
    assert book.refused() == wanted
    assert report.facts["contact"] == len(JSON_LINES) - len(wanted)


def test_numbers_beyond_reason_are_missing(book: Book) -> None:
    mapping = '[contact]\nuser_id = "id"\n[contact.traits]\nn = { column = "n", type = "number" }\n'
    lines = ['{"id": 1, "n": 1e999}', '{"id": 2, "n": ' + "9" * 400 + "}", '{"id": 3, "n": 1e-999}']
    report = book.load("a.jsonl", "\n".join(lines), mapping)
    assert report.wrong == {("contact", "n"): 2}


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        ("2023-02-29", "time.invalid"),
        ("2023-13-01T00:00Z", "time.invalid"),
        ("0000-01-01", "time.invalid"),
        ("99999-01-01", "time.invalid"),
        ("yesterday", "time.invalid"),
        ("", "time.missing"),
        ("  ", "time.missing"),
    ],
)
def test_impossible_dates(book: Book, moment: str, code: str) -> None:
    mapping = '[contact]\nuser_id = "id"\n[event]\nname = "Seen"\ntime = "at"\n'
    rows = "id,at\n" + "1,2024-01-01\n" * 20 + f"2,{moment}\n"
    report = book.load("a.csv", rows, mapping)
    assert report.refused == {code: 1} and book.refused() == [("22", code)]


def test_too_many_columns(book: Book) -> None:
    names = ",".join(f"c{n}" for n in range(3000))
    with pytest.raises(InputError, match="3,000 columns"):
        book.load("a.csv", f"id,{names[3:]}\n" + "1," * 2999 + "1\n", PEOPLE)
    keys = "\n".join(f'{{"id": {n}, "k{n}": 1}}' for n in range(2500))
    with pytest.raises(InputError, match="can be read"):
        book.load("a.jsonl", keys, PEOPLE)
    assert book.is_empty()


def test_unknown_encoding(book: Book) -> None:
    with pytest.raises(InputError, match="not an encoding"):
        book.load("a.csv", GOOD, '[file]\nencoding = "klingon"\n' + PEOPLE)


def test_a_path_that_looks_like_a_pattern(book: Book, tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("id,name\n9,Other\n")
    book.load("[a-z]*.csv", GOOD, PEOPLE)
    assert set(book.contacts()) == {"user:1", "user:2"}
