"""What a query reads of a snapshot: no day that it cannot need, and never less than it needs."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from engines.telling import did, learn, person
from engines.worlds import DuckEngine, World, sail

from lettershop.engines.duckdb.lake.export import export
from lettershop.engines.spark.evaluate import evaluate
from lettershop.engines.spark.session import Session
from lettershop.engines.spark.views import parts_within
from lettershop.lake.manifest import Manifest
from lettershop.lake.storage import Lake
from lettershop.language.definition import Definition
from lettershop.language.text.parse import parse
from lettershop.model.clock import DAY, parse_instant
from lettershop.model.errors import InputError
from lettershop.model.settings import Settings
from lettershop.planning.windows import EVER, Bounds

MONTHS = [date(year, month, 1) for year in range(2019, 2026) for month in range(1, 13)]
FACTS = [
    person("ann"),
    person("bob"),
    *(did("ann", "Page Viewed", f"{day}T08:00Z") for day in MONTHS if day < date(2025, 4, 1)),
    did("bob", "Page Viewed", "2019-01-01T00:00Z"),
]
NOW = parse_instant("2025-03-01T12:00Z")


@pytest.fixture
def told(tmp_path: Path) -> Iterator[tuple[Lake, Manifest]]:
    engine = DuckEngine(World(FACTS, learn(FACTS, {})))
    lake = Lake(str(tmp_path))
    yield lake, export(engine.store, lake, NOW)
    engine.close()


def members(session: Session, lake: Lake, manifest: Manifest, text: str, as_of: int) -> set[object]:
    asked = Definition(name="s", subject="contact", where=parse(text).tree, text=text)
    return set(evaluate(session, lake, manifest, [asked], as_of, Settings()).subjects("s"))


@pytest.mark.parametrize(
    ("text", "years", "who"),
    [
        ('did "Page Viewed" at least 2 times within last 40 days', "2025", "ann"),
        ('did "Page Viewed" today', "2025", "ann"),
        ('did "Page Viewed" on 2019-01-01', "2019", "ann bob"),
        ('did "Page Viewed" before 2020-01-01', "2019", "ann bob"),
        ('did "Page Viewed" before 2020-01-02', "2019 2020", "ann bob"),
        ('did "Page Viewed" between 2020-12-31 and 2021-01-01', "2020 2021", "ann"),
        (
            'did "Page Viewed" at least 75 times',
            "2019 2020 2021 2022 2023 2024 2025",
            "ann",
        ),
    ],
)
def test_only_what_the_window_reaches_is_read(
    told: tuple[Lake, Manifest],
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    years: str,
    who: str,
) -> None:
    lake, manifest = told
    read: set[str] = set()

    def files(self: Session, name: str, schema: str, urls: list[str]) -> None:
        read.update(re.findall(r"/event_page_viewed/day-(\d{4})", " ".join(urls)))
        whole(self, name, schema, urls)

    whole = Session.files
    monkeypatch.setattr(Session, "files", files)
    assert members(sail(), lake, manifest, text, NOW) == {f"user:{name}" for name in who.split()}
    assert " ".join(sorted(read)) == years


def test_facts_after_the_moment_are_not_read(told: tuple[Lake, Manifest]) -> None:
    _, manifest = told
    table = manifest.tables["event_page_viewed"]
    assert list(parts_within(table, EVER, NOW)) == list(table.partitions)
    early = parse_instant("2021-07-01T00:00Z")
    assert [part.key[:8] for part in parts_within(table, EVER, early)] == [
        "day=2019",
        "day=2020",
        "day=2021",
    ]
    assert list(parts_within(table, Bounds(NOW + 400 * DAY, NOW + 401 * DAY), NOW)) == []


def test_a_sample_that_was_never_drawn(told: tuple[Lake, Manifest]) -> None:
    lake, manifest = told
    with pytest.raises(InputError) as caught:
        members(sail(), lake, manifest, 'in random 10% of "our own"', NOW)
    assert caught.value.code == "spark.salt"


def test_nothing_is_left_behind(told: tuple[Lake, Manifest]) -> None:
    lake, manifest = told
    session = sail()
    before = {table.name for table in session.spark.catalog.listTables()}
    asked = Definition(name="s", subject="contact", where=parse('did "Page Viewed"').tree)
    evaluate(session, lake, manifest, [asked], NOW, Settings())
    assert {table.name for table in session.spark.catalog.listTables()} == before
