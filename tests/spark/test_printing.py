"""What is printed for Spark and Sail gives DuckDB's rows, for every tree there is.

Random worlds (tests/histories.py), and one by one what the two are known to see otherwise. More
worlds with `--cases N`; the seed: tests/seeds.py.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

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
from lettershop.model.values import WHITESPACE, ValueType, clean, fold
from lettershop.planning.calendar import shift, spans
from lettershop.planning.predicates import Sight, Value, holds, number
from lettershop.planning.shapes import moved
from lettershop.planning.sources import col, table
from lettershop.planning.zones import QueryClock

WORLDS = {"sail": 5, "spark": 1}
CATALOG = histories.WORDS[0].catalog()
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


def answers(session: Session, values: Sequence[exp.Expr], rows: exp.Expr) -> list[list[Any]]:
    """Each of the values for all rows, in one query."""
    named = [exp.alias_(value, f"v{n}", quoted=True) for n, value in enumerate(values)]
    tree = exp.select(col("id", "x"), *named).from_(rows)
    found = session.spark.sql(spark_sql(tree)).toArrow().sort_by("id")
    return [found[f"v{n}"].to_pylist() for n in range(len(values))]


def test_every_character_folds(session: Session, tmp_path: Path) -> None:
    """No script beyond U+20000 has cases: of those some; on Spark those that have them alone."""
    numbers = (n for n in range(1, sys.maxunicode + 1) if n < 0x20000 or n % 101 == 0)
    characters = [chr(n) for n in numbers if not 0xD800 <= n < 0xE000]
    if not session.remote:
        characters = [c for c in characters if c.upper() != c or c.lower() != c]
    texts = [clean(f" {c}a{c}\u2003") for c in characters]
    rows = view(session, tmp_path, t=texts)
    [found] = answers(session, [exp.func("folded", col("t", "x"))], rows)
    assert [(t, f) for t, f in zip(texts, found, strict=True) if f != fold(t)] == []


def test_folding_and_trimming(session: Session, tmp_path: Path) -> None:
    texts = [f"{WHITESPACE}ÉCOLE ΑΣ{WHITESPACE}", "  Ix ", "\u1e9e", "K", "İx", "", None]
    lists = [None if text is None else [text, "b"] for text in texts]
    rows = view(session, tmp_path, t=texts, l=lists)
    asked = {"folded": "t", "trimmed": "t", "folded_items": "l"}
    values = [exp.func(name, col(column, "x")) for name, column in asked.items()]
    folded, trimmed, items = answers(session, values, rows)
    known = [text for text in texts if text is not None]
    assert folded == [*map(fold, known), None]
    assert trimmed == [*(text.strip(WHITESPACE) for text in known), None]
    assert items == [*([fold(text), "b"] for text in known), None]


def test_lists_hold_what_is_wanted(session: Session, tmp_path: Path) -> None:
    lists = [["\u00c9cole\u2003", "b"], ["B", "a"], ["ab"], None]
    wanted = (["\u00e9cole"], ["a", "b"], ["a", "b", "a"], ["ab", "a"], [])
    items = exp.func("folded_items", col("l", "x"))
    values = [
        exp.Coalesce(this=exp.func(how, items.copy(), array), expressions=[exp.false()])
        for how in ("list_has_any", "list_has_all")
        for array in (exp.Array(expressions=list(map(exp.Literal.string, one))) for one in wanted)
    ]
    folded = [{fold(item) for item in one or ()} for one in lists]
    right = [[bool(mine & set(one)) for mine in folded] for one in wanted]
    right += [[bool(mine) and mine >= set(one) for mine in folded] for one in wanted]
    assert answers(session, values, view(session, tmp_path, l=lists)) == right


def test_literals_are_what_they_say(session: Session, tmp_path: Path) -> None:
    texts = ["".join(map(chr, range(start, start + 256))) for start in range(0, 0x3000, 256)]
    texts += ["${x}", "\\", "\\'", "\\n", "\\u0041", "''", "%_\\%", "/* x", "-- x"]
    texts.append("\ufeff\uffff😀")
    same = exp.Case(this=col("id", "x"))
    for n, text in enumerate(texts):
        same = same.when(exp.convert(n), col("t", "x").eq(exp.Literal.string(text)))
    [found] = answers(session, [same], view(session, tmp_path, t=texts))
    assert [text for text, ok in zip(texts, found, strict=True) if not ok] == []


NAMES = ("plain", "a.b", "a`b", 'a"b', "Job Title", "${x}", "É", "select", "x,y(z)", "1", "/*")


def test_names_are_what_they_say(session: Session, tmp_path: Path) -> None:
    rows = view(session, tmp_path, **{name: [n] for n, name in enumerate(NAMES)})
    found = answers(session, [col(name, "x") for name in NAMES], rows)
    assert found == [[n] for n in range(len(NAMES))]


def test_comments_stay_comments(session: Session) -> None:
    tree = exp.select("1 AS a")
    tree.add_comments([" for: */ /* ${x} -- \n ? "])
    assert session.spark.sql(spark_sql(tree)).toArrow().to_pylist() == [{"a": 1}]


# --- conditions on one value ----------------------------------------------------------------------


def truths(
    session: Session, folder: Path, texts: Sequence[str], kind: ValueType, values: Sequence[object]
) -> list[list[bool]]:
    """Each condition of each value of `trait`: on the session, and the same by DuckDB."""
    sight = Sight(lambda _: Value(col("trait", "x"), kind), CLOCK)
    held = [
        exp.Coalesce(this=exp.paren(holds(parse(text).tree, sight)), expressions=[exp.false()])
        for text in texts
    ]
    array = pa.array(values, _ARROW.get(kind))
    found = answers(session, [h.copy() for h in held], view(session, folder, trait=array))
    with Store.open(None) as store:
        define_functions(store)
        store.con.register("x", pa.table({"id": range(len(values)), "trait": array}))
        tree = exp.select(*held).from_(table("x", "x"))
        right = store.con.execute(tree.sql("duckdb")).fetchall()
    assert found == [list(column) for column in zip(*right, strict=True)]
    return found


_ARROW = {"number": pa.decimal128(18, 6), "time": pa.int64(), "date": pa.date32()}
PATTERNS = (r"\bjersey$", "^é", "^k$", "s", r"a\.b", "(?-s).x", r"\pL{5}", "^x$", r"\d|$")


def test_patterns_are_re2s(session: Session, tmp_path: Path) -> None:
    texts = ["New Jersey", "new jersey\nx", "ÉCOLE", "école", "K", "ſ", "a.b", "", None, " x "]
    asked = [f"trait matches /{pattern}/" for pattern in PATTERNS]
    options = re2.Options()
    options.case_sensitive = False
    assert truths(session, tmp_path, asked, "text", texts) == [
        [t is not None and re2.search(p, t.strip(WHITESPACE), options) is not None for t in texts]
        for p in PATTERNS
    ]


def test_numbers(session: Session, tmp_path: Path) -> None:
    asked = ["= 0", "> 12.5", "between -1 and 0.000001", "in (0.1, 999999999999)", "!= 12.5"]
    values = ["0", "12.5", "12.500001", "-1", "0.000001", "0.1", "999999999999", "999999999999.5"]
    numbers = [*map(Decimal, values), None]
    found = truths(session, tmp_path, [f"trait {a}" for a in asked], "number", numbers)
    assert [sum(one) for one in found] == [1, 3, 3, 2, 8]


def test_numbers_beyond_all_digits(session: Session, tmp_path: Path) -> None:
    above = {1e300: 0, -1e300: 3, 10**40: 0, 1e-30: 2, 0.1234567890123: 1, -1e-9: 3}
    values = pa.array([Decimal("0"), Decimal("0.1"), Decimal("999999999999")], pa.decimal128(18, 6))
    larger = [exp.GT(this=col("trait", "x"), expression=number(limit)) for limit in above]
    found = answers(session, larger, view(session, tmp_path, trait=values))
    assert [sum(one) for one in found] == list(above.values())


def test_dates_at_both_ends(session: Session, tmp_path: Path) -> None:
    days = [date(1, 1, 1), date(9999, 12, 31), date(2025, 6, 15), date(2024, 6, 17), None]
    asked = ["trait is today", "trait has its anniversary within next 3 days"]
    found = truths(session, tmp_path, asked, "date", days)
    assert found == [[False, False, True, False, False], [False, False, False, True, False]]


def test_anniversaries_of_instants(session: Session, tmp_path: Path) -> None:
    """In the years 1 and 9999, and on either side of Berlin's midnight."""
    near = parse_instant("2020-06-15T22:00Z")
    instants = [-62_135_596_800_000, 253_402_300_799_999, near - 1, near, near + DAY - 1, None]
    asked = ["trait has its anniversary within next 1 day"]
    found = truths(session, tmp_path, asked, "time", instants)
    assert found == [[False, False, False, True, True, False]]


def test_near(session: Session, tmp_path: Path) -> None:
    places = [{"lat": 52.5, "lon": 13.4}, {"lat": 48.8566, "lon": 2.3522}, None]
    asked = ["trait within 800 km of (52.52, 13.404999)"]
    assert truths(session, tmp_path, asked, "location", places) == [[True, False, False]]


def test_months_where_clocks_change(session: Session, tmp_path: Path) -> None:
    """An instant moved by months, into gaps and overlaps and beyond month's ends."""
    zones = ("Europe/Berlin", "Australia/Lord_Howe", "America/New_York", "Africa/Casablanca")
    first, last = parse_instant("2022-01-01"), parse_instant("2026-01-01")
    starts = [parse_instant("2024-01-31T12:00Z"), parse_instant("2023-12-31T23:59:59.999Z")]
    for zone in zones:
        edges = spans(zone, first, last).starts[1:]
        starts += [edge + n * HOUR // 2 for edge in edges for n in range(-5, 6)]
    before = [shift(at, -n, "month", "UTC") for at in starts for n in (0, 1, 12)]
    asked = [(zone, months) for zone in zones for months in (1, 12)]
    values = [moved(col("t", "x"), Duration(n, "month"), zone) for zone, n in asked]
    found = answers(session, values, view(session, tmp_path, t=before))
    assert found == [[shift(at, n, "month", zone) for at in before] for zone, n in asked]
