"""What other rooms ask of the ledger."""

import pytest
from delivery.ledger.test_ledger import AT, LATER, begun, going, leased, outcome, states

from lettershop.delivery.ledger import controls, counting, leasing, planning
from lettershop.delivery.ledger.asked import Sends, Sent
from lettershop.delivery.ledger.person import People
from lettershop.delivery.ledger.rows import Planned
from lettershop.delivery.ledger.snapshot import freeze
from lettershop.delivery.ledger.telling import tell

pytestmark = pytest.mark.usefixtures("recorded")


def test_letters_that_were_taken_or_may_have_been_count_for_caps() -> None:
    send = going(6)
    rows = leased(send)
    leasing.mark_attempting("one", rows[:2])
    leasing.settle("one", [outcome(rows[2], "accepted"), outcome(rows[3], "unknown")])
    leasing.settle("one", [outcome(rows[4], "refused")])
    everybody = [f"user:{n}" for n in range(6)]
    asked = Sends(LATER + 5, without=[rows[0].id])
    found = asked.recent("contact", everybody, ["marketing"], AT)
    assert found == {"user:1": [LATER + 5], "user:2": [LATER], "user:3": [LATER]}
    assert Sends(LATER).recent("contact", everybody, ["transactional"], AT) == {}
    assert Sends(LATER).recent("contact", ["user:2"], ["marketing"], LATER + 1) == {}


def test_letters_to_an_account_are_counted_together() -> None:
    send = begun()
    rows = [
        Planned(contact=f"user:{n}", address="a@b.example", account=a)
        for n, a in enumerate(["acme", "acme", "", "other"])
    ]
    planning.plan(send, rows, AT)
    controls.start(send, AT)
    leasing.settle("one", [outcome(row, "accepted") for row in leased(send)])
    found = Sends(LATER).recent("account", ["acme", "nobody", ""], ["marketing"], AT)
    assert found == {"acme": [LATER, LATER]}


def test_returns_find_the_letter_they_are_about() -> None:
    send, sent = going(3), Sent()
    rows = leased(send)
    leasing.settle("one", [outcome(rows[0], "accepted", message_id="<a@b>")])
    found = sent.by_row(rows[0].id)
    assert found is not None
    assert (found.send, found.contact, found.at) == (send, "user:0", LATER)
    assert sent.by_message_id(["<x@y>", "", "a\0", "<a@b>"]) == found
    assert sent.by_address("u0@example.COM", AT, LATER) == found
    assert sent.by_address("u0@example.com", LATER + 1, LATER + 2) is None
    assert sent.by_address("u1@example.com", 0, LATER) is None, "never tried"
    assert sent.by_row(rows[1].id) is sent.by_row(2**70) is sent.by_address("none", 0, LATER)


def test_a_person_is_shown_everything_and_then_forgotten() -> None:
    first, second = begun(), begun("campaign:2")
    values = freeze({"contact": {"name": "Ann"}, "scores": [1, True, None]})
    for send in (first, second):
        planning.plan(send, [Planned(contact="user:1", address="Ann@B.example", values=values)], AT)
    controls.start(first, AT)
    leasing.settle("one", [outcome(row, "accepted", text="ok") for row in leased(first)])
    people, ann = People(), ["ann@b.example"]
    exported = people.export(ann)
    assert [one["state"] for one in exported] == ["accepted", "planned"]
    assert exported[0]["values"] == {"contact": {"name": "Ann"}, "scores": [1, True, None]}
    assert [len(people.erase(ann)) for _ in range(2)] == [1, 0]
    assert people.export(ann) == []
    assert states(first) == {"accepted": 1} and states(second) == {"suppressed": 1}
    left = [*counting.rows(first), *counting.rows(second)]
    assert not any(word in str(row) for row in left for word in ("Ann", "ann@", "user:1"))
    assert counting.counts(second).adds_up
    tell(lambda events: pytest.fail(str(events)))


def test_what_is_just_being_sent_is_said_to_remain() -> None:
    send = going(1)
    leased(send)
    (sentence,) = People().erase(["u0@example.com"])
    assert "just being sent" in sentence
    assert states(send) == {"leased": 1}
