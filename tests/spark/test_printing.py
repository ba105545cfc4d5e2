"""What is printed for Spark and Sail gives DuckDB's rows, for every tree there is.

Random worlds (tests/histories.py), and one by one what the two are known to see otherwise. More
worlds with `--cases N`; the seed: tests/seeds.py.
"""

import sys
from collections import Counter
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

import histories
import pyarrow as pa
import pytest
import re2
from engines.worlds import DuckEngine, World, sail, spark
from pyarrow import parquet
from seeds import seed as usual_seed
from spark.side_by_side import duck_rows, hand_over, questions, spark_rows
from sqlglot import exp

from lettershop.engines.duckdb.evaluate import define_functions
from lettershop.engines.duckdb.store import Store
from lettershop.engines.spark.printing import spark_sql
from lettershop.engines.spark.session import Session
from lettershop.language import parse
from lettershop.language.definition import Definition
from lettershop.language.tree import Duration
from lettershop.model.clock import DAY, HOUR, parse_instant
from lettershop.model.errors import UsageError
from lettershop.model.values import WHITESPACE, clean, fold
from lettershop.planning.calendar import shift, spans
from lettershop.planning.predicates import Sight, Value, holds, number
from lettershop.planning.shapes import moved
from lettershop.planning.sources import col, table
from lettershop.planning.zones import QueryClock

WORLDS = {"sail": 5, "spark": 1}
CATALOG = histories.WORDS[0].catalog()
WHERE = "trait"
CLOCK = QueryClock(parse_instant("2025-06-15T12:00Z"), "Europe/Berlin", ("Europe/Berlin",), None)


@pytest.fixture(params=["sail", "spark"])
def session(request: pytest.FixtureRequest) -> Session:
    return {"sail": sail, "spark": spark}[request.param]()


# --- every tree -----------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["sail", "spark"])
def test_same_rows(engine: str, cases: int, tmp_path: Path) -> None:
    session, seed = {"sail": sail, "spark": spark}[engine](), usual_seed()
    wanted = max(cases // 50, 1) * WORLDS[engine]
    compared: Counter[str] = Counter()
    for nth, definitions in enumerate(histories.questions(seed, wanted)):
        random = Random(f"{seed}/{nth}")
        as_of = histories.moment(random)
        facts = histories.history(random, definitions, as_of)
        folder = tmp_path / str(nth)
        folder.mkdir()
        compare(session, definitions, as_of, told(facts), folder, compared, f"{seed}/{nth}")
    assert compared["trees"] >= 10 * wanted
    assert compared["rows"] > compared["trees"]


def told(facts: list[histories.AnyFact]) -> DuckEngine:
    return DuckEngine(
        World(
            facts=facts,
            catalog=CATALOG,
            settings=histories.SETTINGS,
            salts=histories.SALTS,
            rates=histories.RATES,
        )
    )


def compare(
    session: Session,
    definitions: list[Definition],
    as_of: int,
    engine: DuckEngine,
    folder: Path,
    compared: Counter[str],
    where: str,
) -> None:
    with closing(engine):
        asked = questions(engine.store, definitions, as_of)
        hand_over(engine.store, session.spark, folder)
        for both in asked:
            right, found = duck_rows(engine.store, both.duck), spark_rows(session.spark, both.spark)
            compared["trees"] += 1
            compared["rows"] += right.total()
            if right != found:
                pytest.fail(
                    f"world {where}: DuckDB alone {right - found}, the other alone {found - right}"
                    f"\n{both.duck.sql('duckdb', pretty=True)}\n{spark_sql(both.spark)}"
                )


HISTORY = {
    "entered": 'entered segment "Other" within last 3 days',
    "left": 'left segment "Other" within last 3 days',
    "stayed": 'in segment "Other" for at least 1 day',
    "Other": 'title = "VP"',
}


def test_recorded_transitions(session: Session, tmp_path: Path) -> None:
    as_of = parse_instant("2025-03-31T02:30Z")
    definitions = [
        Definition(name=name, subject="contact", where=parse(text).tree)
        for name, text in HISTORY.items()
    ]
    engine = told([])
    moves = [
        (number, "Other", 1, number % 5, bool(number % 3), as_of - number * 7 * HOUR, "trait")
        for number in range(40)
    ]
    engine.store.con.executemany(
        "INSERT INTO transitions (id, segment, version, subject, entered, effective_at,"
        " detected_at, cause) VALUES ($1, $2, $3, $4, $5, $6, $6, $7)",
        moves,
    )
    compared: Counter[str] = Counter()
    compare(session, definitions, as_of, engine, tmp_path, compared, "of transitions")
    assert compared["rows"] > 10


def test_no_asof_join() -> None:
    tree = exp.select("*").from_("a").join("b", on="a.x > b.x", join_type="asof left")
    with pytest.raises(UsageError, match="ASOF"):
        spark_sql(tree)


# --- texts and names ------------------------------------------------------------------------------


def view(session: Session, folder: Path, **columns: object) -> exp.Expr:
    """A table of these columns (and `id`), named `x`."""
    rows = pa.table({"id": range(len(next(iter(columns.values())))), **columns})  # type: ignore[call-overload,arg-type]
    parquet.write_table(rows, folder / "x.parquet")
    session.spark.read.parquet(str(folder / "x.parquet")).createOrReplaceTempView("x")
    return table("x", "x")


def answers(session: Session, value: exp.Expr, rows: exp.Expr) -> list[object]:
    """The value for each row."""
    tree = exp.select(col("id", "x"), exp.alias_(value, "v", quoted=True)).from_(rows)
    found = session.spark.sql(spark_sql(tree)).toArrow().sort_by("id")
    return list(found["v"].to_pylist())


def test_every_character_folds(session: Session, tmp_path: Path) -> None:
    """All of Unicode on Sail; on Spark what has two cases."""
    all_of_them = [chr(n) for n in range(1, sys.maxunicode + 1) if not 0xD800 <= n < 0xE000]
    if not session.remote:
        all_of_them = [c for c in all_of_them if c.upper() != c or c.lower() != c]
    texts = [clean(f" {c}a{c}\u2003") for c in all_of_them]
    found = answers(session, exp.func("folded", col("t", "x")), view(session, tmp_path, t=texts))
    wrong = [(t, f) for t, f in zip(texts, found, strict=True) if f != fold(t)]
    assert wrong == []


@pytest.mark.parametrize("text", [f"{WHITESPACE}ÉCOLE ΑΣ{WHITESPACE}", "  Ix ", "\u1e9e", "K", ""])
def test_folding_and_trimming(session: Session, tmp_path: Path, text: str) -> None:
    rows = view(session, tmp_path, t=[text, None], l=[[text, "b"], None])
    assert answers(session, exp.func("folded", col("t", "x")), rows) == [fold(text), None]
    assert answers(session, exp.func("trimmed", col("t", "x")), rows) == [
        text.strip(WHITESPACE),
        None,
    ]
    items = exp.func("folded_items", col("l", "x"))
    assert answers(session, items, rows) == [[fold(text), "b"], None]


def test_literals_are_what_they_say(session: Session, tmp_path: Path) -> None:
    texts = ["".join(map(chr, range(start, start + 64))) for start in range(0, 0x3000, 64)]
    texts += [
        "${x}",
        "\\",
        "\\'",
        "\\n",
        "\\u0041",
        "''",
        "%_\\%",
        "/* x",
        "-- x",
        "\ufeff\uffff😀",
    ]
    rows = view(session, tmp_path, t=texts)
    for start in range(0, len(texts), 50):
        some = texts[start : start + 50]
        same = exp.Case(this=col("id", "x"))
        for number_, text in enumerate(some, start):
            same = same.when(exp.convert(number_), col("t", "x").eq(exp.Literal.string(text)))
        found = answers(session, same, rows)[start : start + 50]
        assert [t for t, ok in zip(some, found, strict=True) if not ok] == []


NAMES = ("plain", "a.b", "a`b", 'a"b', "Job Title", "${x}", "É", "select", "x,y(z)", "1", "/*")


def test_names_are_what_they_say(session: Session, tmp_path: Path) -> None:
    rows = view(session, tmp_path, **{name: [n] for n, name in enumerate(NAMES)})
    for n, name in enumerate(NAMES):
        assert answers(session, col(name, "x"), rows) == [n]


def test_comments_stay_comments(session: Session) -> None:
    tree = exp.select("1 AS a")
    tree.add_comments([" for: */ /* ${x} -- \n ? "])
    assert session.spark.sql(spark_sql(tree)).toArrow().to_pylist() == [{"a": 1}]


# --- conditions on one value ----------------------------------------------------------------------


def truths(session: Session, folder: Path, text: str, kind: str, values: list[object]) -> object:
    """The condition of each value of `trait`: on the session, and by DuckDB."""
    definition = parse(text).tree
    held = holds(definition, Sight(lambda _: Value(col(WHERE, "x"), kind), CLOCK))  # type: ignore[arg-type]
    types = {"number": pa.decimal128(18, 6), "time": pa.int64(), "date": pa.date32()}
    array = pa.array(values, types.get(kind))
    value = exp.Coalesce(this=exp.paren(held), expressions=[exp.false()])
    found = answers(session, value, view(session, folder, **{WHERE: array}))
    with Store.open(None) as store:
        define_functions(store)
        store.con.register("x", pa.table({"id": range(len(values)), WHERE: array}))
        tree = exp.select(value.copy()).from_(table("x", "x"))
        right = [row[0] for row in store.con.execute(tree.sql("duckdb")).fetchall()]
    assert found == right, text
    return right


def test_patterns_are_re2s(session: Session, tmp_path: Path) -> None:
    texts = ["New Jersey", "new jersey\nx", "ÉCOLE", "école", "K", "ſ", "a.b", "", None, " x "]
    for pattern in (r"\bjersey$", "^é", "^k$", "s", r"a\.b", "(?-s).x", r"\pL{5}", "^x$", r"\d|$"):
        found = truths(session, tmp_path, f"trait matches /{pattern}/", "text", texts)
        options = re2.Options()
        options.case_sensitive = False
        assert found == [
            t is not None and re2.search(pattern, t.strip(WHITESPACE), options) is not None
            for t in texts
        ]


@pytest.mark.parametrize(
    "text",
    ["trait = 0", "trait > 12.5", "trait between -1 and 0.000001", "trait in (0.1, 999999999999)"],
)
def test_numbers(session: Session, tmp_path: Path, text: str) -> None:
    values = ["0", "12.5", "12.500001", "-1", "0.000001", "0.1", "999999999999", "999999999999.5"]
    numbers = [Decimal(value) for value in values]
    assert any(truths(session, tmp_path, text, "number", [*numbers, None]))  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("limit", "above"),
    [(1e300, 0), (-1e300, 3), (10**40, 0), (1e-30, 2), (0.1234567890123, 1), (-1e-9, 3)],
)
def test_numbers_beyond_all_digits(
    session: Session, tmp_path: Path, limit: float, above: int
) -> None:
    values = pa.array([Decimal("0"), Decimal("0.1"), Decimal("999999999999")], pa.decimal128(18, 6))
    rows = view(session, tmp_path, trait=values)
    larger = exp.GT(this=col("trait", "x"), expression=number(limit))
    assert sum(map(bool, answers(session, larger, rows))) == above


@pytest.mark.parametrize("text", ["is today", "has its anniversary within next 3 days"])
def test_dates_at_both_ends(session: Session, tmp_path: Path, text: str) -> None:
    days = [date(1, 1, 1), date(9999, 12, 31), date(2025, 6, 15), date(2024, 2, 29), None]
    truths(session, tmp_path, f"trait {text}", "date", days)  # type: ignore[arg-type]


def test_anniversaries_of_instants(session: Session, tmp_path: Path) -> None:
    """In the years 1 and 9999, and on either side of Berlin's midnight."""
    near = parse_instant("2020-06-15T22:00Z")
    instants = [-62_135_596_800_000, 253_402_300_799_999, near - 1, near, near + DAY - 1, None]
    text = "trait has its anniversary within next 1 day"
    found = truths(session, tmp_path, text, "time", instants)  # type: ignore[arg-type]
    assert Counter(found) == {True: 2, False: 4}  # type: ignore[arg-type]


def test_near(session: Session, tmp_path: Path) -> None:
    places = [
        {"lat": 52.5, "lon": 13.4},
        {"lat": 48.8566, "lon": 2.3522},
        {"lat": 90.0, "lon": 0.0},
    ]
    text = "trait within 800 km of (52.52, 13.4049999999999)"
    assert truths(session, tmp_path, text, "location", [*places, None]) == [
        True,
        False,
        False,
        False,
    ]


def test_months_where_clocks_change(session: Session, tmp_path: Path) -> None:
    """An instant moved by months, into gaps and overlaps and beyond month's ends."""
    for zone in ("Europe/Berlin", "Australia/Lord_Howe", "America/New_York", "Africa/Casablanca"):
        edges = spans(zone, parse_instant("2020-01-01"), parse_instant("2026-01-01")).starts[1:]
        starts = [edge + n * HOUR // 2 for edge in edges for n in range(-5, 6)]
        starts += [parse_instant("2024-01-31T12:00Z"), parse_instant("2023-12-31T23:59:59.999Z")]
        for months in (1, 12):
            before = [shift(at, -months, "month", zone) for at in starts] + starts
            rows = view(session, tmp_path, t=before)
            gap = Duration(months, "month")
            found = answers(session, moved(col("t", "x"), gap, zone), rows)
            assert found == [shift(at, months, "month", zone) for at in before], zone
