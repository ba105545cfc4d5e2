"""The segments of a campaign, put together."""

from typing import Any

import pytest
from app.freezing.mailroom import SENT, Mailroom

from lettershop.delivery.ledger.snapshot import thaw
from lettershop.model.clock import DAY
from lettershop.model.errors import NotFound, UsageError


def test_an_audience_is_what_is_in_and_not_what_is_out(steady: Mailroom) -> None:
    assert {*steady.fates(include=("americans",))} == {"B", "C"}
    assert {*steady.fates(include=("americans", "germans"))} == {"A", "B", "C"}
    assert {*steady.fates(include=("all",), exclude=("americans",))} == {*"ADEFGH"}
    assert {*steady.fates(include=("all",), exclude=("americans", "germans"))} == {*"DEFGH"}
    assert {*steady.fates(include=("lands-rest",))} == {*"ADEFGH"}, "of a partition"


def test_who_is_excluded_for_one_account_gets_nothing_for_another(steady: Mailroom) -> None:
    """Dee is somebody of Acme and of Tiny."""
    assert {*steady.fates(include=("members",), exclude=("of-acme",))} == {"B", "C", "H"}
    assert {*steady.fates(include=("all",), exclude=("of-acme",))} == {*"BCEFGH"}


def test_an_exclusion_leaves_the_account_that_a_letter_speaks_of(steady: Mailroom) -> None:
    """Dee joined Tiny first, and is in this segment because of Acme."""
    for exclude in ((), ("americans",)):
        _, rows = steady.frozen(include=("by-acme",), exclude=exclude)
        assert [(row.contact, row.account) for row in rows] == [
            ("user:A", "acme"),
            ("user:D", "acme"),
        ]


def test_somebody_in_two_accounts_gets_one_letter(steady: Mailroom) -> None:
    found, rows = steady.frozen(include=("members",))
    dee = [row for row in rows if row.contact == "user:D"]
    assert [row.account for row in dee] == ["acme"], "the first as an audience is ordered"
    report = found.report
    assert (report.audience, report.second, sum(report.rows.values())) == (6, 1, 5)


def test_people_in_accounts_and_contacts_together_are_contacts(steady: Mailroom) -> None:
    assert {*steady.fates(include=("of-acme", "americans"))} == {*"ABCD"}
    assert {*steady.fates(include=("of-acme", "members"))} == {*"ABCDH"}


def test_letters_go_to_people(steady: Mailroom) -> None:
    for said in ({"include": ("companies",)}, {"exclude": ("companies",)}):
        with pytest.raises(UsageError) as caught:
            steady.frozen(**said)
        assert caught.value.code == "audience.accounts" and "subject people" in caught.value.hint
    with pytest.raises(NotFound) as unknown:
        steady.frozen(include=("all", "gone"))
    assert unknown.value.code == "segment.unknown"


def test_nobody_at_all_is_an_answer_too(steady: Mailroom) -> None:
    found, rows = steady.frozen(include=("americans",), exclude=("all",))
    assert rows == [] and found.report.audience == 0 and found.report.variants == {"": 0}


def test_the_first_segment_with_defaults_gives_them(steady: Mailroom) -> None:
    """Ann's city is not known: Berlin to everybody, Köln to Germans."""
    assert city(steady, include=("americans", "germans", "all")) == "Köln"
    assert city(steady, include=("americans", "all", "germans")) == "Berlin"
    assert city(steady, include=("all",)) == "Berlin"


def city(steady: Mailroom, **said: Any) -> Any:
    _, rows = steady.frozen(**said)
    (ann,) = (row for row in rows if row.contact == "user:A")
    return thaw(ann.values)["city"]


def test_a_segment_nobody_hears_of_is_said_to_be_uncertain(steady: Mailroom) -> None:
    late = SENT + 40 * DAY
    found, _ = steady.frozen(include=("all",), exclude=("quiet",), freeze_as_of=late, at=late)
    assert [*found.uncertain] == ["quiet"] and "Order Completed" in found.uncertain["quiet"][0]
    assert steady.frozen()[0].uncertain == {}
