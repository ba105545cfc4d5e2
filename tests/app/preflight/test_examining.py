"""A campaign examined: all rules, over everybody's letter, before anything is planned and after."""

import pytest
from app.preflight.post import AT, SENT, PostRoom, failing

from lettershop.app.preflight.examining import Preflight
from lettershop.campaigns.definition import ContentVariant, StopRules
from lettershop.campaigns.preflight.rules import rules
from lettershop.compliance.models import Suppression
from lettershop.compliance.suppression import NewSuppression, suppress
from lettershop.compliance.unsubscribe import unsubscribe
from lettershop.delivery.ledger import controls
from lettershop.model.clock import DAY


def test_every_rule_is_told_in_its_order(room: PostRoom) -> None:
    report = room.report()
    assert [one.rule for one in report.checks] == [*rules()]
    assert report.as_of == SENT and report.messages == 5
    for one in report.checks:
        known = rules()[one.rule]
        assert one.said and (one.title, one.source) == (known.title, known.source)
        assert one.fix if one.held == "fails" else not one.key


def test_a_letter_that_nobody_has_proved_does_not_leave(room: PostRoom) -> None:
    report = room.report()
    assert [one.rule for one in report.blocking] == ["DATA-5"]
    assert "never proved" in report.blocking[0].said
    assert "content proof offers all" in report.blocking[0].fix
    room.prove("offers")
    assert room.report().blocking == ()


def test_every_message_is_looked_at_and_people_are_counted(room: PostRoom) -> None:
    found = room.checks()
    messages = [one for name, one in found.items() if name.startswith("MSG-") and one.people]
    assert {(one.held, one.people) for one in messages} == {("holds", 5)} and len(messages) == 11
    assert found["AUD-4"].said == "1 left out, 5 letters to be sent"
    assert found["DATA-3"].said.startswith("7 people")


def test_a_template_with_mistakes(room: PostRoom) -> None:
    wrong = {
        "Hello, something": "%FIRST_NAME%, lorem ipsum",
        "Main": "Side",
    }
    room.change("content/plain.html", wrong)
    found = room.checks(content="plain")
    assert failing(found) == {"MSG-11", "MSG-12", "DATA-5"}
    assert (found["MSG-12"].people, len(found["MSG-12"].examples)) == (4, 4), "Eve has no city"
    assert found["MSG-11"].said.startswith("4 of 4 letters: “%FIRST_NAME%” (4)")


def test_letters_that_cannot_be_made(room: PostRoom) -> None:
    nothing = {'"contact.first_name" = "friend"\n': ""}
    room.change("content/offers.html", nothing)
    found = room.checks()["DATA-5"]
    assert found.held == "fails" and found.said.startswith("1 of 5 letters cannot be made: broken")
    assert (found.people, found.examples) == (1, ("user:C",))


def test_both_letters_of_a_comparison(room: PostRoom) -> None:
    room.prove("offers")
    variants = (
        ContentVariant(name="A", content="offers"),
        ContentVariant(name="B", content="plain"),
    )
    (found,) = room.report(variants=variants).blocking
    assert found.rule == "DATA-5" and "“plain”" in found.said and "“offers”" not in found.said


def test_the_rows_that_are_going_to_leave(room: PostRoom) -> None:
    dry = room.report()
    send = room.planned()
    told: list[tuple[int, int]] = []
    report = room.of_send(send.id, progress=lambda *said: told.append(said))
    assert report == dry and told == [(0, 7), (7, 7)]


def test_an_audience_that_is_not_true_any_more(room: PostRoom) -> None:
    send, own = room.planned(), room.compliance
    unsubscribe(own.book, own.policy, "ben@example.org", source="link", proof={}, at=SENT)
    found = {one.rule: one for one in room.of_send(send.id).checks}
    assert failing(found) == {"AUD-1", "DATA-5"}
    assert found["AUD-1"].said == "1 of 5 letters would not be sent: suppressed.unsubscribe (1)"
    assert found["AUD-1"].examples == ("user:B",)


def test_somebody_was_made_mailable_behind_our_back(room: PostRoom) -> None:
    new = NewSuppression(address="eve@example.org")
    suppress(room.compliance.book, new, by="ann", at=AT)
    Suppression.objects.update(lifted_at=AT)
    found = room.checks()["AUD-6"]
    assert (found.held, found.level, found.examples) == ("fails", "block", ("user:E",))
    Suppression.objects.update(lifted_by="ann", lifted_why="she asked us to")
    assert room.checks()["AUD-6"].held == "holds"


def test_what_a_campaign_says(room: PostRoom) -> None:
    assert "AUD-2" in failing(room.checks(purpose="nothing"))
    stop = StopRules(complaint=2.0, bounce=20.0)
    assert {"AUD-1", "OPS-3", "OPS-5"} <= failing(room.checks(topic="nothing", stop=stop))


# --- the data ------------------------------------------------------------------------------------


def test_facts_that_are_late(room: PostRoom) -> None:
    """Hourly orders on the first of March; nothing since."""
    assert room.checks()["DATA-1"].said == "“Order Completed” came in lately"
    room.shop.clock.at = SENT + 9 * DAY
    found = room.checks(Preflight(room.shop.clock))["DATA-1"]
    assert found.held == "fails" and "“Order Completed” was last received 9 days ago" in found.said
    assert room.checks(Preflight(room.shop.clock), content="plain")["DATA-1"].held == "not_asked"


def test_an_audience_that_hangs_on_what_nobody_hears(room: PostRoom) -> None:
    assert room.checks(include=("calm",))["DATA-2"].held == "holds"
    room.shop.clock.at = SENT + 9 * DAY
    found = room.checks(include=("calm",))["DATA-2"]
    assert found.held == "fails" and found.said.startswith("“calm”: “Order Completed” was last")
    assert room.checks()["DATA-2"].held == "holds", "of who had an order nobody asks"


def test_the_size_of_earlier_audiences(room: PostRoom) -> None:
    for number, planned in enumerate((100, 120, 90)):
        room.earlier(number, planned, "all")
    room.earlier(9, 8, "all", "americans")
    found = room.checks()["DATA-3"]
    assert (found.held, found.level) == ("fails", "warn")
    assert found.said == "7 people, usually 100: over 30 % fewer"
    room.set(size_guard=95)
    assert room.checks()["DATA-3"].held == "holds"


def test_the_size_of_the_segment_a_week_ago(room: PostRoom) -> None:
    """Nobody was known then: there is nothing to compare with. A week later there is."""
    assert room.checks()["DATA-3"].held == "not_asked"
    room.shop.clock.at = SENT + 9 * DAY
    found = room.checks(Preflight(room.shop.clock))["DATA-3"]
    assert (found.held, found.said) == (
        "holds",
        "7 people, a week ago 7 by the same segments",
    )


def test_people_of_other_sends(room: PostRoom) -> None:
    other = room.planned(name="other", include=("americans",))
    found = room.checks()["DATA-4"]
    assert (found.held, found.level, found.people) == ("fails", "warn", 2)
    assert found.said == "2 of 5 letters (40.0 %): other (2)"
    assert found.examples == ("user:B", "user:C")
    controls.abort(other.id, SENT, "not wanted")
    assert room.checks()["DATA-4"].held == "holds"


def test_nobody_is_in_the_audience(room: PostRoom) -> None:
    room.change("segments/all.toml", {'country = "US"': 'country = "NZ"'})
    room.change("segments/all.toml", {"everyone": 'country = "ZZ"'})
    report = room.report(include=("americans",))
    found = {one.rule: one for one in report.checks}
    assert found["DATA-3"].said == "nobody is in the audience" and report.messages == 0
    assert found["MSG-1"].held == "not_asked"


# --- the way of working --------------------------------------------------------------------------


class Enough(Exception):
    pass


def test_it_can_be_ended(room: PostRoom) -> None:
    def progress(done: int, total: int) -> None:
        if done:
            raise Enough

    with pytest.raises(Enough):
        room.report(told={"progress": progress})


def test_an_acceptance_lets_it_leave_until_something_else_is_found(room: PostRoom) -> None:
    room.prove("offers")
    room.planned(name="other", include=("americans",))
    (warning,) = room.report().blocking
    assert warning.rule == "DATA-4"
    accepted = {"accepted": {warning.key: "it is meant (ann)"}}
    assert room.report(told=accepted).blocking == ()
    room.planned(name="third", include=("americans",))
    assert [one.rule for one in room.report(told=accepted).blocking] == ["DATA-4"]
