"""What only the referee is asked: order of references, qualifying accounts, matched values."""

import pytest
from engines.telling import company, did, joins, learn, leaves, person

from lettershop.engines.referee import Referee
from lettershop.language.definition import Definition
from lettershop.language.text.parse import parse
from lettershop.language.tree import (
    Duration,
    InSegment,
    Not,
    Random,
    SegmentHistory,
    Subject,
)
from lettershop.model.clock import parse_instant
from lettershop.model.errors import DefinitionError, UsageError
from lettershop.model.facts import AnyFact

NOON = parse_instant("2025-06-15T12:00Z")


def referee(*facts: AnyFact) -> Referee:
    return Referee(facts, learn(facts, {}))


def definition(name: str, text: str, subject: Subject = "contact") -> Definition:
    return Definition(name=name, subject=subject, where=parse(text).tree)


def test_a_circle_is_refused_with_its_path() -> None:
    circle = [
        definition("A", 'in segment "B"'),
        definition("B", 'not in segment "C"'),
        definition("C", 'in segment "A"'),
    ]
    with pytest.raises(DefinitionError, match="A → B → C → A"):
        referee(person("ann")).members(circle, NOON)


def test_diamonds_are_fine_in_any_order() -> None:
    diamond = [
        definition("top", 'in segment "left" and in segment "right"'),
        definition("left", 'in segment "base"'),
        definition("right", 'in segment "base"'),
        definition("base", 'plan = "pro"'),
    ]
    found = referee(person("ann", plan="pro"), person("bob")).members(diamond, NOON)
    assert found["top"] == {"user:ann"}


@pytest.mark.parametrize(
    ("other", "code"),
    [
        (InSegment("nobody knows"), "segment.unknown"),
        (Not(InSegment("accounts")), "segment.subject"),
        (SegmentHistory("accounts", "entered", Duration(7, "day")), "segment.subject"),
        (SegmentHistory("nobody knows", "left", Duration(7, "day")), "segment.unknown"),
    ],
)
def test_references_that_cannot_be_answered(other: InSegment, code: str) -> None:
    asked = [
        Definition(name="accounts", subject="account", where=parse("everyone").tree),
        Definition(name="x", subject="contact", where=other),
    ]
    with pytest.raises(DefinitionError) as refused:
        referee(person("ann")).members(asked, NOON)
    assert refused.value.code == code


def test_a_random_share_needs_its_salt() -> None:
    share = Definition(name="x", subject="contact", where=Random(10, "unknown"))
    with pytest.raises(UsageError, match="unknown"):
        referee(person("ann")).members([share], NOON)


def test_the_qualifying_account_is_the_one_joined_first() -> None:
    told = referee(
        company("big", size=10),
        company("huge", size=20),
        company("small", size=1),
        joins("ann", "small", "2020-01-01"),
        joins("ann", "huge", "2022-01-01"),
        joins("ann", "big", "2021-01-01"),
        leaves("ann", "big", "2021-06-01"),
        joins("ann", "big", "2023-01-01"),
        joins("bob", "huge", "2021-01-01"),
        joins("bob", "big", "2021-01-01"),
        person("cy"),
    )
    assert told.qualifying(definition("x", "account.size >= 10"), NOON) == {
        "user:ann": "big",
        "user:bob": "big",
    }
    unknown = definition("y", "account.size is unknown")
    assert told.members([unknown], NOON) == {"y": {"user:cy"}}
    assert told.qualifying(unknown, NOON) == {}


def test_matched_values_are_those_that_reach_the_count() -> None:
    flights = [
        *(did("ann", "Booked", f"2025-06-0{day}", to=to) for day, to in enumerate("abAc", 1)),
        *(did("ann", "Booked", f"2025-06-1{day}", to=" B") for day in (0, 1)),
        did("bob", "Booked", "2025-06-01", to="a"),
    ]
    twice = definition("x", 'did "Booked" at least 2 times with the same to')
    assert referee(*flights).matched_values(twice, NOON) == {"user:ann": {"to": {"a", "b"}}}


def test_two_known_contacts_become_one() -> None:
    told = referee(
        person("ann", plan="pro"),
        person("email:ann@acme.example", plan="free"),
        person("ann", also="email:ann@acme.example", plan="team"),
    )
    plans = [definition(plan, f'plan = "{plan}"') for plan in ("pro", "free", "team")]
    assert told.members(plans, NOON) == {
        "pro": set(),
        "free": set(),
        "team": {"user:ann"},
    }
