"""The SQL conversion gives what `coerce` gives, for every type and every odd text."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import duckdb
import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from lettershop.ingest.cells import Cells
from lettershop.ingest.emails import normal_email
from lettershop.ingest.functions import functions
from lettershop.ingest.local_time import make_zones
from lettershop.ingest.mapping import Value
from lettershop.ingest.source import Column, Source
from lettershop.ingest.sql import from_table, name, named, rows_from, text_of
from lettershop.model.clock import to_ms
from lettershop.model.values import MICRO, Missing, ValueType, coerce

ZONE = "Europe/Berlin"


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection, functions(connection):
        make_zones(connection, [ZONE, "America/New_York"])
        yield connection


def convert(
    con: duckdb.DuckDBPyConnection,
    raws: list[str | None],
    kind: ValueType,
    *,
    json: bool = False,
    zone: str = "UTC",
    **how: object,
) -> list[object]:
    """What the conversion makes of each raw text: a known value or the kind of missing."""
    column = Column("a", "json" if json else "text", ("a",))
    cells = Cells(Source(format="csv", columns=(column,), total=0), zone, lambda v: "")
    cell = cells.cell(Value(column="a", **how), kind)  # type: ignore[arg-type]
    con.execute(f"CREATE OR REPLACE TEMP TABLE t (n INTEGER, c0 {'JSON' if json else 'VARCHAR'})")
    con.executemany("INSERT INTO t VALUES (?, ?)", list(enumerate(raws)))
    columns = [name("n"), named(cell.value, "v"), named(cell.present, "p")]
    query = rows_from(cells.over(from_table("t", [name("n"), name("c0")])), columns)
    rows = con.execute(text_of(query.order_by(name("n")))).fetchall()
    return [known(value, kind) if value is not None else present for _, value, present in rows]


def known(value: object, kind: ValueType) -> object:
    match kind:
        case "number":
            assert isinstance(value, Decimal)
            return int(value * MICRO)
        case "list":
            assert isinstance(value, list)
            return tuple(value)
        case "location":
            assert isinstance(value, dict)
            return value["lat"], value["lon"]
        case _:
            return value


def expected(raw: object, kind: ValueType) -> object:
    """A known value; True for an ill-typed one, False for a missing one."""
    found = coerce(raw, kind)
    return found == Missing.WRONG_TYPE if isinstance(found, Missing) else found


TEXTS = [
    "1e3", " 12 ", "+5", ".5", "5.", "-.5", "1_000", "NaN", "inf", "-inf", "0x10", "١٢", "1e",
    "e5", "--5", "1.2.3", "1,5", "12x", "1e999", "1e-999", "1e-7", "5e-7", "15e-7", "1E+2",
    "9" * 400, "1" + "0" * 12, "999999999999.9999994", "999999999999.9999996",
    "-999999999999.9999995",
    "1.0000005", "-1.0000005", "1.0000004999", "0000000000000000000000000000000000000000012",
    "0." + "0" * 60 + "1", "\u200312\u00a0", "\x1f7\x1c", "１２",
    "true", "TRUE", "Yes", "no", " False ", "y", "t", "on", "0", "1", "ja",
    "2024-02-29", "2023-02-29", "0000-01-01", "0001-01-01", "9999-12-31", "2024-2-9", "20240229",
    "2024-13-01", "24-01-01", "2024-01-01x", "2024-W05-1",
    "2024-01-01T10:00Z", "2024-01-01T10:00:00Z", "2024-01-01 10:00:00.123456+02:00",
    "2024-01-01T10:00:00.1239-00:30", "1960-01-01T00:00:00.1239Z", "2024-01-01T24:00Z",
    "2024-01-01T10:60Z", "2024-01-01T10:00:60Z", "2024-01-01T10:00+25:00", "2024-01-01T10Z",
    "2024-01-01T10:00:00,5Z", "20240101T100000Z", "2024-01-01T10:00:00.1234567Z",
    "2024-01-01T10:00z", "2024-01-01x10:00Z", "0001-01-01T00:00+05:00", "2024-01-01T10:00+0230",
    "2024-01-01T10:00+02:30:15", "2024-02-30T10:00Z", "9999-12-31T23:59:59.999Z",
    "52.5,13.4", " 52.5 , 13.4 ", "91,0", "-90,180", "0,181", "1,2,3", "1;2", ",", "5,", "a,b",
    "", " ", "\t\u3000", "NULL", "e\u0301", "a\x00b"[:1], "“x”", "it's", "a\\b", 'say "hi"',
]  # fmt: skip
KINDS: list[ValueType] = ["number", "text", "boolean", "date", "location"]


@pytest.mark.parametrize("kind", KINDS)
def test_odd_texts(con: duckdb.DuckDBPyConnection, kind: ValueType) -> None:
    found = convert(con, [None, *TEXTS], kind)
    assert dict(zip(TEXTS, found[1:], strict=True)) == {t: expected(t, kind) for t in TEXTS}
    assert found[0] is False


def local_or_stated(text: str, zone: str) -> object:
    """`coerce`, after a time without zone has been given the file's."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return expected(text, "time")
    return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone)))


def test_times(con: duckdb.DuckDBPyConnection) -> None:
    texts = [t for t in TEXTS if t != "0001-01-01"]  # before 1960 the offset of 1960 is used
    found = convert(con, list(texts), "time", zone=ZONE)
    assert dict(zip(texts, found, strict=True)) == {t: local_or_stated(t, ZONE) for t in texts}


numbers = st.from_regex(r"[+-]?[0-9]{0,15}[.]?[0-9]{0,12}([eE][+-]?[0-9]{1,4})?", fullmatch=True)


@settings(max_examples=12, deadline=None)
@given(st.lists(numbers | st.text(max_size=12), min_size=60, max_size=150))
def test_any_number(con: duckdb.DuckDBPyConnection, raws: list[str]) -> None:
    raws = [r for r in raws if r.isprintable()]
    assert convert(con, list(raws), "number") == [expected(r, "number") for r in raws]


local_times = st.integers(31_536_000, 4_070_908_800).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
)


@settings(max_examples=8, deadline=None)
@given(st.lists(local_times, min_size=60, max_size=120))
def test_any_local_time(con: duckdb.DuckDBPyConnection, moments: list[datetime]) -> None:
    for zone in (ZONE, "America/New_York"):
        raws: list[str | None] = [m.isoformat(" ") for m in moments]
        wanted = [to_ms(m.replace(tzinfo=ZoneInfo(zone))) for m in moments]
        assert convert(con, raws, "time", zone=zone) == wanted


@pytest.mark.parametrize(
    ("raw", "utc"),
    [
        ("2024-03-31 01:59", "2024-03-31T00:59Z"),
        ("2024-03-31 02:30", "2024-03-31T01:30Z"),  # does not exist: as 03:30
        ("2024-03-31 03:00", "2024-03-31T01:00Z"),
        ("2024-10-27 02:30", "2024-10-27T00:30Z"),  # twice: the first
        ("2024-10-27 03:00", "2024-10-27T02:00Z"),
    ],
)
def test_clock_changes(con: duckdb.DuckDBPyConnection, raw: str, utc: str) -> None:
    assert convert(con, [raw], "time", zone=ZONE) == [to_ms(datetime.fromisoformat(utc))]


FORMATS: list[tuple[str, ValueType, dict[str, object], object]] = [
    ("1.234,5", "number", {"decimal": ",", "thousands": "."}, 1_234_500_000),
    ("1 234.5", "number", {"thousands": " "}, 1_234_500_000),
    ("31.12.2023", "date", {"format": ("%d.%m.%Y",)}, date(2023, 12, 31)),
    ("30.02.2023", "date", {"format": ("%d.%m.%Y",)}, True),
    ("12/31/23", "date", {"format": ("%d.%m.%Y", "%m/%d/%y")}, date(2023, 12, 31)),
    ("1.7.2024 8:26", "time", {"format": ("%d.%m.%Y %H:%M",)}, to_ms(
        datetime(2024, 7, 1, 8, 26, tzinfo=ZoneInfo(ZONE)))),
    ("01.07.2024 08:26 -0500", "time", {"format": ("%d.%m.%Y %H:%M %z",)}, to_ms(
        datetime.fromisoformat("2024-07-01T08:26-05:00"))),
    ("1700000000", "time", {"format": ("epoch",)}, 1_700_000_000_000),
    ("1700000000.9999", "time", {"format": ("epoch",)}, 1_700_000_000_999),
    ("1700000000123", "time", {"format": ("epoch_ms",)}, 1_700_000_000_123),
    ("9" * 16, "time", {"format": ("epoch",)}, True),
    ("1.7.2024 8:26", "time", {"format": ("%d.%m.%Y %H:%M",), "timezone": "America/New_York"},
     to_ms(datetime(2024, 7, 1, 8, 26, tzinfo=ZoneInfo("America/New_York")))),
    ("J", "boolean", {"true": ("j",), "false": ("n",)}, True),
    ("n", "boolean", {"true": ("j",), "false": ("n",)}, False),
    ("a; b ;;c", "list", {"split": ";"}, ("a", "b", "c")),
    (" ; ", "list", {"split": ";"}, True),
    ("n/a", "number", {"missing": ("n/a", "-")}, False),
    (" technolgy ", "text", {"values": {"technolgy": "technology"}}, "technology"),
    ("  x ", "text", {"trim": True}, "x"),
    ("  x ", "text", {}, "  x "),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "kind", "how", "wanted"), FORMATS)
def test_formats(
    con: duckdb.DuckDBPyConnection,
    raw: str,
    kind: ValueType,
    how: dict[str, object],
    wanted: object,
) -> None:
    assert convert(con, [raw], kind, zone=ZONE, **how) == [wanted]


JSON: list[object] = [
    1, 1.5, -0.0000005, 1e3, 10**400, True, False, None, "", " ", "12", "yes", "x", [],
    ["a", "", None, 1], [["a"]], {}, {"lat": 52.5, "lon": 13.4}, {"latitude": "1", "longitude": 2},
    {"lat": 95, "lon": 0},
    "52.5,13.4", "2024-01-01", "2024-01-01T10:00Z", 20240101, "e\u0301", ["e\u0301", True],
]  # fmt: skip


@pytest.mark.parametrize("kind", ["number", "boolean", "date", "list", "location", "time"])
def test_json_values(con: duckdb.DuckDBPyConnection, kind: ValueType) -> None:
    texts: list[str | None] = [
        str(raw) if isinstance(raw, int) and raw > 10**20 else msgspec.json.encode(raw).decode()
        for raw in JSON
    ]
    found = convert(con, texts, kind, json=True)
    for raw, value in zip(JSON, found, strict=True):
        if kind == "time" and raw == "2024-01-01":
            continue  # a bare date is its local midnight in a file
        assert value == expected(raw, kind), raw


def test_json_text(con: duckdb.DuckDBPyConnection) -> None:
    raws: list[str | None] = ['"e\u0301"', "12.50", "true", "null", '""', "[1]", '"a\\u0022b"']
    assert convert(con, raws, "text", json=True) == [
        "é",
        "12.5",
        "true",
        False,
        False,
        True,
        'a"b',
    ]


ADDRESSES = [
    "Ann@Example.com", " ann.b+x@mail.example.co.uk", "ANN@EXAMPLE.COM", "ü@exämple.de",
    "a@xn--exmple-cua.de", "x@localhost", "x@foo.local", "a@b.invalid", "a@b.com.", "a..b@c.com",
    ".a@c.com", "a.@c.com", "John <a@b.com>", "a@[1.2.3.4]", "a b@c.com", "", "@", "a@", "@b.com",
    "a@b_c.com", "a@-b.com", "a@b-.com", "a@ab--cd.com", '"quoted"@b.com', "a@b.test",
    "x" * 64 + "@b.com", "x" * 65 + "@b.com", "a@" + "b" * 63 + ".com", "a@" + "b" * 64 + ".com",
    "a@1.com", "a@b.c", "a@b.com\u200b", "o'neil@b.com", "a@@b.com",
]  # fmt: skip

loose = st.from_regex(r"[A-Za-z0-9._+-]{1,12}@[A-Za-z0-9.-]{1,14}\.(com|de|uk|org)", fullmatch=True)


def addresses(con: duckdb.DuckDBPyConnection, raws: list[str]) -> list[object]:
    cells = Cells(Source(format="csv", columns=(Column("a", "text", ("a",)),), total=0), "UTC", str)
    found, _ = cells.email(Value(column="a"))
    con.execute("CREATE OR REPLACE TEMP TABLE t (n INTEGER, c0 VARCHAR)")
    con.executemany("INSERT INTO t VALUES (?, ?)", list(enumerate(raws)))
    query = rows_from(cells.over(from_table("t", [name("n"), name("c0")])), [name("n"), found])
    return [row[1] for row in con.execute(text_of(query.order_by(name("n")))).fetchall()]


def test_addresses(con: duckdb.DuckDBPyConnection) -> None:
    """The fast rule for plain addresses changes nothing."""
    assert addresses(con, ADDRESSES) == [normal_email(a) for a in ADDRESSES]
    assert addresses(con, ["Ann@Example.com", "no"]) == ["ann@example.com", None]


@settings(max_examples=8, deadline=None)
@given(st.lists(loose, min_size=60, max_size=120))
def test_any_address(con: duckdb.DuckDBPyConnection, raws: list[str]) -> None:
    assert addresses(con, raws) == [normal_email(a) for a in raws]


def test_presence_of_json(con: duckdb.DuckDBPyConnection) -> None:
    assert convert(con, ["null", '" "', None], "text", json=True) == [False, False, False]
