"""Why, since when, until when, and what would change it: stories with exact answers.

Noon on 15 June 2025, UTC, unless a story says otherwise.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest
from engines.telling import company, did, joins, learn, person, record
from engines.worlds import DuckEngine, World
from msgspec.structs import replace

from lettershop.engines.duckdb.explain import explain
from lettershop.engines.duckdb.store import Store
from lettershop.language import parse
from lettershop.language.definition import Definition, Mode
from lettershop.language.tree import Subject
from lettershop.model.clock import parse_instant
from lettershop.model.facts import AnyFact
from lettershop.model.settings import Settings
from lettershop.planning.explain import Explanation, PinSaid
from lettershop.planning.keep import Keep
from lettershop.segments.partition import exclusive, rest

NOW = "2025-06-15T12:00Z"
BERLIN = Settings(timezone="Europe/Berlin")


def define(
    name: str, text: str, subject: Subject = "contact", mode: Mode = "dynamic"
) -> Definition:
    return Definition(name=name, subject=subject, where=parse(text).tree, mode=mode, text=text)


@contextmanager
def stored(facts: Sequence[AnyFact], settings: Settings | None = None) -> Iterator[Store]:
    engine = DuckEngine(World(facts, learn(facts, {}), settings or Settings()))
    try:
        yield engine.store
    finally:
        engine.close()


def told(
    facts: Sequence[AnyFact],
    text: str,
    who: str = "ann",
    subject: Subject = "contact",
    others: Mapping[str, str] = {},
    settings: Settings | None = None,
    now: str = NOW,
) -> Explanation:
    definitions = [define(name, other) for name, other in others.items()]
    definitions.append(define("it", text, subject))
    with stored(facts, settings) as store:
        number = store.account_id(who) if subject == "account" else store.contact_id(who)
        return explain(store, definitions, "it", number, parse_instant(now))


def needs(found: Explanation) -> list[list[str]]:
    return [[step.need for step in way.steps] for way in found.nearest]


# --- since when, until when -----------------------------------------------------------------------

WEBINARS = [
    person("ann"),
    did("ann", "Webinar", "2025-05-01T10:00Z"),
    did("ann", "Webinar", "2025-06-10T09:30:00.250Z", received="2025-06-10T09:31Z"),
]


def test_in_since_the_event_was_heard_of_and_out_to_the_millisecond() -> None:
    found = told(WEBINARS, 'did "Webinar" within last 14 days')
    assert found.member and found.since and found.upcoming
    assert found.since.at == "2025-06-10T09:31Z" and not found.since.recorded
    assert found.upcoming.at == "2025-06-24T09:30:00.250Z" and not found.upcoming.enters
    assert [b.truth for b in found.upcoming.because] == [False]


def test_enters_by_time_alone() -> None:
    found = told(WEBINARS, 'did not "Webinar" within last 14 days and did "Webinar"')
    assert found.since and found.upcoming
    assert not found.member and found.since.at == "2025-06-10T09:31Z"
    assert found.upcoming.at == "2025-06-24T09:30:00.250Z" and found.upcoming.enters
    assert len(found.upcoming.because) == 1 and found.upcoming.because[0].truth


def test_comes_and_goes_so_the_next_change_is_not_the_last() -> None:
    """In on the 18th, out again on the 20th: halving the time up to the horizon would see none."""
    facts = [
        person("ann"),
        did("ann", "Quiet", "2025-06-11T12:00Z"),
        did("ann", "Loud", "2025-06-13T12:00Z"),
    ]
    text = 'did not "Quiet" within last 7 days and did "Loud" within last 7 days'
    found = told(facts, text)
    assert found.upcoming and found.upcoming.enters
    assert found.upcoming.at == "2025-06-18T12:00Z"
    later = told(facts, text, now="2025-06-19T00:00Z")
    assert later.since and later.since.at == "2025-06-18T12:00Z"
    assert later.upcoming and later.upcoming.at == "2025-06-20T12:00Z"


def test_more_than_is_a_millisecond_after_at_least() -> None:
    for op, leaves in ((">=", "2025-07-10T09:30:00.250Z"), (">", "2025-07-10T09:30:00.251Z")):
        found = told(WEBINARS, f'time since last "Webinar" {op} 30 days')
        assert found.upcoming and found.upcoming.at == leaves


@pytest.mark.parametrize(
    ("text", "zone", "at"),
    [
        ("trial_end within next 7 days", "UTC", "2025-06-18T00:00Z"),
        ("trial_end within next 7 days", "Europe/Berlin", "2025-06-17T22:00Z"),
        ("trial_end is today", "Europe/Berlin", "2025-06-24T22:00Z"),
        ("trial_end within last 3 calendar days", "Europe/Berlin", "2025-06-24T22:00Z"),
        ("trial_end within next 1 calendar month", "Europe/Berlin", None),
        ("trial_end has its anniversary within next 2 days", "Europe/Berlin", "2026-06-22T22:00Z"),
    ],
)
def test_dates_enter_at_local_midnights(text: str, zone: str, at: str | None) -> None:
    facts = [person("ann", "2025-06-01", trial_end="2025-06-25")]
    found = told(facts, text, settings=Settings(timezone=zone))
    assert not found.member and found.upcoming and found.upcoming.at == at
    assert at is not None or found.upcoming.note == "not within 400 days"


def test_months_end_where_the_calendar_says() -> None:
    facts = [person("ann"), did("ann", "Paid", "2025-01-31T12:00Z")]
    found = told(facts, 'did "Paid" within last 1 month', now="2025-02-15T00:00Z")
    assert found.upcoming and found.upcoming.at == "2025-03-01T00:00Z"


def test_held_and_known_for() -> None:
    facts = [person("ann", "2025-06-10T12:00Z", plan="trial")]
    found = told(facts, 'plan = "trial" for at least 10 days')
    assert found.upcoming and found.upcoming.at == "2025-06-20T12:00Z" and found.upcoming.enters
    found = told(facts, "known for at least 2 weeks")
    assert found.upcoming and found.upcoming.at == "2025-06-24T12:00Z"
    assert [[s.effort for s in way.steps] for way in found.nearest] == [["waiting"]]


def test_nothing_ever_changes() -> None:
    found = told([person("ann", "2025-06-01", title="VP")], 'title = "VP"')
    assert found.since and found.since.at == "2025-06-01T00:00Z"
    assert found.upcoming and found.upcoming.at is None
    assert found.upcoming.note == "not within 400 days"
    never = told([person("ann", "2025-06-01", title="CEO")], 'title = "VP"')
    assert never.since and (never.since.at, never.since.note) == (None, "never was")


def test_a_rank_depends_on_others() -> None:
    facts = [person("ann", score=1), person("bob", score=2)]
    found = told(facts, "among top 1 by score")
    assert not found.member and found.since and found.upcoming
    assert (found.since.note, found.upcoming.note) == ("depends on others", "depends on others")
    assert [[s.effort for s in way.steps] for way in found.nearest] == [["others"]]


# --- the nearest change ---------------------------------------------------------------------------

PRICES = [
    person("ann", title="Head of HR", score=42),
    did("ann", "Pricing Viewed", "2025-06-14T00:00Z"),
    did("ann", "Order", "2025-06-14T00:00Z", revenue=300),
]


@pytest.fixture(scope="module")
def prices() -> Iterator[Store]:
    with stored(PRICES) as store:
        yield store


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'did "Pricing Viewed" at least 3 times within last 14 days',
            [["2 more “Pricing Viewed” within the last 14 days"]],
        ),
        ('did "Demo" at least 2 times', [["“Demo” twice"]]),
        ('did "Pricing Viewed" on at least 3 different days', None),
        ('title contains "VP"', [["title would have to contain “VP”"]]),
        ('not title contains "HR"', [["title would have to not contain “HR”"]]),
        ("score >= 50", [["score would have to be at least 50"]]),
        ("phone is known", [["phone would have to be known"]]),
        ('sum of revenue over "Order" >= 1000', [["700 more in the sum of revenue over “Order”"]]),
        ('title contains "VP" or did "Demo"', [["“Demo”"], ["title would have to contain “VP”"]]),
        (
            'title contains "VP" and did "Demo"',
            [["title would have to contain “VP”", "“Demo”"]],
        ),
        (
            '(title contains "VP" and did "Demo") or score >= 50',
            [
                ["score would have to be at least 50"],
                ["title would have to contain “VP”", "“Demo”"],
            ],
        ),
        ('did not "Order"', []),
        ('did not "Order" within last 7 days', [["no “Order” within the last 7 days"]]),
        ('title = "VP" and not title = "VP"', []),
        ('in random 0.0001% of "x" or did "Demo"', [["“Demo”"]]),
    ],
)
def test_nearest(text: str, expected: list[list[str]] | None, prices: Store) -> None:
    ann = prices.contact_id("ann")
    found = explain(prices, [define("it", text)], "it", ann, parse_instant(NOW))
    assert not found.member
    if expected is None:
        assert needs(found) == [["“Pricing Viewed” on 2 more different days"]]
    else:
        assert needs(found) == expected


def test_efforts_are_told_and_the_easiest_comes_first() -> None:
    text = 'title = "VP" or did "Demo" at least 5 times or did "Demo"'
    found = told(PRICES, text)
    efforts = [[step.effort for step in way.steps] for way in found.nearest]
    assert efforts == [["event"], ["event"], ["change"]]
    assert needs(found)[:2] == [["“Demo”"], ["“Demo” 5 times"]]


def test_out_of_it_all_accounts_have_to_be() -> None:
    """A contact is in while one of their accounts makes the sentence true."""
    facts = [
        *(company(name, plan="pro") for name in ("acme", "zoo")),
        *(joins("ann", name) for name in ("acme", "zoo")),
        person("ann", email="ann@acme.example"),
    ]
    found = told(facts, 'account.plan = "pro"')
    assert found.member and len(found.nearest[0].steps) == 2
    found = told(facts, 'account.plan = "free"')
    assert len(found.nearest[0].steps) == 1


def test_people_of_the_account_are_counted() -> None:
    facts = [
        *(joins(name, "acme") for name in ("ann", "bob", "cy")),
        did("ann", "Report", "2025-06-14T00:00Z", account="acme"),
    ]
    text = 'has at least 3 people who (did "Report" within last 30 days)'
    found = told(facts, text, "acme", "account")
    assert found.lines[0].found == "1 of 3 people"
    assert needs(found) == [
        ["2 more people in the account who did “Report” within the last 30 days"]
    ]
    found = told(facts, text.replace("3", "1", 1), "acme", "account")
    assert found.member and found.upcoming and found.upcoming.at == "2025-07-14T00:00Z"


def test_records() -> None:
    facts = [company("acme"), record("deal", "1", "2025-06-01", account="acme", stage="won")]
    found = told(facts, 'has at least 2 deals where (stage = "won")', "acme", "account")
    assert needs(found) == [["1 more deal where stage is “won”"]]


# --- references, partitions -----------------------------------------------------------------------


def test_references_are_opened_where_they_decide() -> None:
    others = {"fans": 'did "Webinar" at least 3 times within last 60 days'}
    found = told(WEBINARS, 'in segment "fans" and user_id is known', others=others)
    assert [(line.depth, line.segment, line.found) for line in found.lines] == [
        (0, "", ""),
        (1, "", ""),
        (2, "fans", "2 times"),
        (1, "", "ann"),
    ]
    step = found.nearest[0].steps[0]
    assert (step.segment, step.need) == ("fans", "1 more “Webinar” within the last 60 days")


def test_a_partition_says_who_took_them() -> None:
    facts = [company("acme", employees=5)]
    texts = {"small": "employees < 10", "known": "id is known"}
    own = [define(name, text, "account") for name, text in texts.items()]
    family = [*exclusive(own), rest("none", "", own)]
    family = [replace(definition, partition="size") for definition in family]
    with stored(facts) as store:
        number = store.account_id("acme")
        at = parse_instant(NOW)
        found = {d.name: explain(store, family, d.name, number, at) for d in family}
    assert {name: one.member for name, one in found.items()} == {
        "small": True,
        "known": False,
        "none": False,
    }
    assert (found["known"].taken_by, found["none"].taken_by) == ("small", "small")
    assert found["small"].taken_by == ""


# --- what is kept: modes, transitions, pins -------------------------------------------------------


def kept(mode: Mode, entered: bool, *, pins: Sequence[PinSaid] = ()) -> Explanation:
    """Ann, for whom the rule holds no more, in a segment that is kept since the 1st of June."""
    definition = define("it", 'did "Webinar" within last 3 days', mode=mode)
    with stored(WEBINARS) as store:
        ann = store.contact_id("ann")
        keep, start = Keep(definition=definition, version=2), parse_instant("2025-06-01")
        store.con.execute(
            "INSERT INTO kept VALUES ('it', 'contact', 2, $sign, $mode, $start, 1)",
            {"sign": keep.sign(), "mode": mode, "start": start},
        )
        at = parse_instant("2025-06-10T09:31Z")
        rows = [(0, True, at, "event")]
        if not entered:
            rows.append((1, False, parse_instant("2025-06-13T09:30:00.250Z"), "time"))
        for number, into, effective, cause in rows:
            store.con.execute(
                "INSERT INTO transitions VALUES ($id, 'it', 2, $who, $into, $at, $at, $cause)",
                {"id": number, "who": ann, "into": into, "at": effective, "cause": cause},
            )
        return explain(store, [definition], "it", ann, parse_instant(NOW), pins=pins)


def test_since_when_is_read_from_the_transitions() -> None:
    found = kept("dynamic", entered=False)
    assert not found.member and found.since and found.decided_by == "rule"
    assert (found.since.at, found.since.cause) == ("2025-06-13T09:30:00.250Z", "time")
    assert found.since.recorded


def test_transitions_that_lag_behind_are_not_believed() -> None:
    found = kept("dynamic", entered=True)
    assert not found.member and found.since and not found.since.recorded
    assert found.since.at == "2025-06-13T09:30:00.250Z"


def test_add_only_keeps_and_static_is_frozen() -> None:
    found = kept("add_only", entered=True)
    assert found.member and found.decided_by == "mode" and not found.lines[0].truth
    assert found.since and found.since.cause == "event"
    assert found.upcoming and found.upcoming.at is None and not found.nearest
    frozen = kept("static", entered=False)
    assert not frozen.member and frozen.decided_by == "mode"


def test_pins_come_after_everything_and_out_beats_in() -> None:
    into = PinSaid(include=True, by="eva@example.com", reason="asked to", until="2025-07-01T00:00Z")
    found = kept("dynamic", entered=False, pins=[into])
    assert found.member and found.decided_by == "pin" and found.pin == into
    out = PinSaid(include=False, by="max@example.com", reason="competitor")
    found = kept("add_only", entered=True, pins=[into, out])
    assert not found.member and found.pin == out


def test_outside_of_the_universe_nothing_else_matters() -> None:
    facts = [person("anon:1"), did("anon:1", "Webinar", "2025-06-14T00:00Z")]
    with stored(facts) as store:
        definition = define("it", 'did "Webinar"')
        number = store.contact_id("anon:1")
        pins = [PinSaid(include=True)]
        found = explain(store, [definition], "it", number, parse_instant(NOW), pins=pins)
    assert (found.member, found.in_universe, found.decided_by) == (False, False, "universe")


def test_what_was_set_aside_is_gone_afterwards() -> None:
    with stored(WEBINARS) as store:
        asked = "SELECT count(*) FROM duckdb_databases()"
        before = store.con.execute(asked).fetchall()
        definition = define("it", 'did "Webinar"')
        explain(store, [definition], "it", store.contact_id("ann"), parse_instant(NOW))
        assert store.con.execute(asked).fetchall() == before
