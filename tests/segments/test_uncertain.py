"""Segments that hang on events nobody hears of: which, and since when they do.

“Signed In” comes every hour on working days from Thursday 1 May 2025 on, the last time on Friday
13 June at 18:00; “Survey Sent” came twice.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from api_client import Crm
from engines.telling import did, learn, person
from engines.worlds import DuckEngine, World
from opened_shop import Shop, open_shop

from lettershop.app.shop import LocalShop
from lettershop.app.uncertain import feeds_answer, reasons
from lettershop.cli.views import segments_table
from lettershop.engines.duckdb.feeds import feeds
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.language import parse
from lettershop.language.definition import Definition
from lettershop.language.tree import Condition, Subject
from lettershop.model.clock import DAY, HOUR, from_ms, parse_instant
from lettershop.model.facts import AnyFact
from lettershop.model.settings import Settings
from lettershop.planning.polarity import absences

LAST = parse_instant("2025-06-13T18:00Z")
START = parse_instant("2025-05-01")


def office_hours() -> Iterator[int]:
    for at in range(START, LAST + 1, HOUR):
        moment = from_ms(at)
        if moment.weekday() < 5 and 8 <= moment.hour <= 18:
            yield at


def facts() -> list[AnyFact]:
    told: list[AnyFact] = [person("ann")]
    told += [did("ann", "Signed In", from_ms(at).isoformat()) for at in office_hours()]
    return [*told, *(did("ann", "Survey Sent", f"2025-05-0{day}") for day in (2, 3))]


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    engine = DuckEngine(World(facts(), learn(facts(), {}), Settings()))
    yield engine.store
    engine.close()


def segment(name: str, text: str, subject: Subject = "contact") -> Definition:
    return Definition(name=name, subject=subject, where=parse(text).tree)


# --- what hangs on absence ------------------------------------------------------------------------

OTHERS: dict[str, Condition] = {
    "quiet": parse('did not "A" within last 9 days').tree,
    "active": parse('did "A" within last 9 days and in segment "quiet"').tree,
    "round": parse('in segment "round" or did not "A"').tree,
}


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ('did "A"', ""),
        ('did not "A"', "A"),
        ('not did "A"', "A"),
        ('not did not "A"', ""),
        ('not (title = "VP" and not did not "A")', "A"),
        ('did "A" at most 2 times', "A"),
        ('not did "A" at most 2 times', ""),
        ('did "A" exactly 2 times', "A"),
        ('did not any of ("A", "B")', "A B"),
        ("did not anything within last 9 days", "anything"),
        ('count of "A" within last 9 days < 3', "A"),
        ('count of "A" within last 9 days >= 3', ""),
        ('sum of revenue over "A" <= 100', "A"),
        ('average of revenue over "A" <= 100', ""),
        ('time since last "A" > 9 days', "A"),
        ('time since last "A" <= 9 days', ""),
        ('last "A" more than 9 days ago', "A"),
        ('last "A" within last 9 days', ""),
        ('first "A" more than 9 days ago', ""),
        ('did "A" then "B" within 2 days', ""),
        ('did not "A" then "B" within 2 days', "A B"),
        ('did "A" then "B" within 2 days without "C" between', "C"),
        ('account has no people who (did "A")', "A"),
        ('account has at least 2 people who (did "A")', ""),
        ('account has at least 2 people who (did not "A")', "A"),
        ('account has fewer than 2 people who (did not "A")', ""),
        ('account all people who (did not "A")', "A"),
        ('in segment "quiet"', "A"),
        ('not in segment "quiet"', ""),
        ('in segment "active"', "A"),
        ('not in segment "active"', "A"),
        ('in segment "round"', "A"),
    ],
)
def test_absence(text: str, events: str) -> None:
    found = absences(parse(text).tree, OTHERS.get)
    assert " ".join(dict.fromkeys(one.event or "anything" for one in found)) == events


# --- rhythm ---------------------------------------------------------------------------------------


def test_the_rhythm_holds_nights_and_weekends(store: Store) -> None:
    found = feeds(store, LAST + DAY)
    feed = found["Signed In"]
    assert (feed.last_received, feed.usual_gap) == (LAST, HOUR)
    assert feed.longest_gap == (2 * 24 + 14) * HOUR  # from Friday 18:00 to Monday 8:00
    assert found["Survey Sent"].usual_gap is None
    assert feeds(store, LAST, ["Nothing"])["Nothing"].rows == 0


@pytest.mark.parametrize(
    ("days", "state"), [(0, "regular"), (2, "regular"), (7, "regular"), (8, "silent")]
)
def test_silent_after_three_times_the_longest_pause(store: Store, days: int, state: str) -> None:
    answer = feeds_answer(store, Settings(), LAST + days * DAY)
    states = {feed.event: feed.state for feed in answer.items}
    assert states == {"Signed In": state, "Survey Sent": "no_rhythm"}


def test_as_it_was_known_then(store: Store) -> None:
    """On 20 May nothing was silent, and only what had come by then counts."""
    (feed, _) = feeds_answer(store, Settings(), parse_instant("2025-05-20")).items
    assert (feed.event, feed.last_received, feed.state) == (
        "Survey Sent",
        "2025-05-03T00:00Z",
        "no_rhythm",
    )
    assert feeds(store, parse_instant("2025-04-01"))["Signed In"].rows == 0


# --- segments -------------------------------------------------------------------------------------

SEGMENTS = [
    segment("gone", 'did not "Signed In" within last 14 days'),
    segment("here", 'did "Signed In" within last 14 days'),
    segment("letter", 'in segment "gone" and user_id is known'),
    segment("others", 'not in segment "gone"'),
    segment("never", 'did not "Demo Requested"'),
    segment("unasked", 'did not "Survey Sent"'),
    segment("asleep", "did not anything within last 14 days"),
]


def test_which_are_uncertain_and_why(store: Store) -> None:
    assert [*reasons(store, Settings(), SEGMENTS, LAST + DAY)] == ["never"]
    found = reasons(store, Settings(), SEGMENTS, LAST + 9 * DAY)
    assert [*found] == ["gone", "letter", "never", "asleep"]
    (why,) = found["letter"]
    assert (why.event, why.state, why.through) == ("Signed In", "silent", "gone")
    assert why.message == "“Signed In” was last received 9 days ago; it usually comes every 1 hour"
    assert found["never"][0].message == "“Demo Requested” has never been received"
    assert found["asleep"][0].message.startswith("anything was last received 9 days ago")


def test_patience_is_a_setting(store: Store) -> None:
    later = LAST + 9 * DAY
    assert "gone" not in reasons(store, Settings(silence_factor=4), SEGMENTS, later)
    assert "gone" not in reasons(store, Settings(silence_hours=24 * 30), SEGMENTS, later)


# --- doors ----------------------------------------------------------------------------------------

TOML = """
[[segment]]
name = "gone"
where = 'did not "Signed In" within last 14 days'

[[segment]]
name = "here"
where = 'did "Signed In" within last 14 days'
"""


@pytest.fixture
def shop(tmp_path: Path, empty_records: Path) -> Iterator[Shop]:
    with open_shop(tmp_path / "shop", empty_records) as opened:
        (opened.path / "segments" / "all.toml").write_text(TOML, "utf-8")
        with opened.engine.write() as workspace:
            load(workspace.store, facts(), types={})
        opened.clock.at = LAST + 9 * DAY
        yield opened


def test_the_api_says_it_everywhere(shop: Shop) -> None:
    crm = Crm(shop)
    listed = {one["name"]: one["uncertain"] for one in crm.get("/segments")["segments"]}
    assert (len(listed["gone"]), listed["here"]) == (1, [])
    message = listed["gone"][0]["message"]
    assert crm.get("/segments/gone")["segment"]["uncertain"] == listed["gone"]
    assert crm.get("/segments/gone/explain", who="ann")["uncertain"] == [message]
    text = {"text": 'did not "Signed In" within last 3 days and not in segment "here"'}
    counted = crm.post("/conditions/count", text)
    assert {why["through"] for why in counted["uncertain"]} == {"", "here"}
    feeds = crm.get("/feeds")["items"]
    assert [(one["event"], one["state"]) for one in feeds] == [
        ("Signed In", "silent"),
        ("Survey Sent", "no_rhythm"),
    ]
    assert feeds[0]["usual_gap"] == 3600


def test_the_list_marks_it(shop: Shop) -> None:
    with shop.engine.read() as workspace:
        found = LocalShop(workspace).listing(shop.clock.at).segments
    sentences = [str(cell) for cell in segments_table(found, {}).columns[1].cells]
    assert ["uncertain" in sentence for sentence in sentences] == [True, False]
