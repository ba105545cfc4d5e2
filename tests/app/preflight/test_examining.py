"""A campaign examined: all rules, over everybody's letter, before anything is planned and after."""

from typing import Any

import pytest
from app.freezing.mailroom import AT, SENT, two
from app.preflight.post import PostRoom

from lettershop.app.freezing.freeze import freeze
from lettershop.app.preflight.examining import Preflight
from lettershop.campaigns.definition import StopRules
from lettershop.campaigns.preflight.rules import rules
from lettershop.campaigns.said import Check
from lettershop.compliance.models import Suppression
from lettershop.compliance.suppression import NewSuppression, suppress
from lettershop.compliance.unsubscribe import unsubscribe
from lettershop.delivery.ledger import controls, planning
from lettershop.delivery.models import Send
from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import DAY
from lettershop.model.facts import EventFact


def failing(found: dict[str, Check]) -> set[str]:
    return {name for name, one in found.items() if one.held == "fails"}


def test_every_rule_is_told_in_its_order(room: PostRoom) -> None:
    report = room.report()
    assert [one.rule for one in report.checks] == [*rules()]
    assert report.as_of == SENT and report.messages == 4
    for one in report.checks:
        known = rules()[one.rule]
        assert one.said and (one.title, one.source) == (known.title, known.source)
        assert one.fix if one.held == "fails" else not one.key


def test_a_letter_that_nobody_has_proved_does_not_leave(room: PostRoom) -> None:
    report = room.report()
    assert [one.rule for one in report.blocking] == ["DATA-5"]
    assert "never proved" in report.blocking[0].said
    assert "content proof offers all" in report.blocking[0].fix
    prove(room, "offers")
    assert room.report().blocking == ()


def test_every_message_is_looked_at_and_people_are_counted(room: PostRoom) -> None:
    found = room.checks()
    messages = [one for name, one in found.items() if name.startswith("MSG-") and one.people]
    assert {(one.held, one.people) for one in messages} == {("holds", 4)} and len(messages) == 11
    assert found["AUD-4"].said == "1 left out, 5 letters to be sent"
    assert found["DATA-3"].said.startswith("8 people")


def test_a_template_with_mistakes(room: PostRoom) -> None:
    wrong = {
        "{{ campaign.name }}: news": "Re: your order",
        "<mj-text>{{ sender": "<mj-text>%FIRST_NAME%, lorem ipsum</mj-text><mj-text>{{ sender",
        "{{ sender.postal_address }}": "",
    }
    change(room, "plain", wrong)
    found = room.checks(content="plain")
    assert failing(found) == {"MSG-8", "MSG-11", "MSG-12", "DATA-5"}
    assert found["MSG-8"].people == 5 and len(found["MSG-8"].examples) == 5
    assert found["MSG-11"].said.startswith("5 of 5 letters: “%FIRST_NAME%” (5)")


def test_letters_that_cannot_be_made(room: PostRoom) -> None:
    change(room, "plain", {"Howdy": "{{ contact.first_name | upcase }} {{ contact.nowhere }}"})
    found = room.checks(content="plain")["DATA-5"]
    assert found.held == "fails" and "cannot be made" in found.said
    assert found.people == 2 and found.examples == ("user:B", "user:C")


def test_both_letters_of_a_comparison(room: PostRoom) -> None:
    prove(room, "offers")
    found = room.report(variants=two())
    assert [one.rule for one in found.blocking] == ["DATA-5"]
    assert "“plain”" in found.blocking[0].said and "“offers”" not in found.blocking[0].said


def test_the_rows_that_are_going_to_leave(room: PostRoom) -> None:
    dry = room.checks()
    send = room.planned()
    told: list[tuple[int, int]] = []
    with room.shop.engine.read() as workspace:
        report = room.preflight().of_send(
            workspace, room.campaign(), send, progress=lambda *said: told.append(said)
        )
    assert {one.rule: one for one in report.checks} == dry
    assert report.messages == 4 and told == [(0, 8), (8, 8)]


def test_an_audience_that_is_not_true_any_more(room: PostRoom) -> None:
    send = room.planned()
    unsubscribe(room.book, room.policy, "ben@example.com", source="link", proof={}, at=SENT)
    found = of_send(room, send.id)
    assert failing(found) == {"AUD-1", "DATA-5"}
    assert found["AUD-1"].said == "1 of 5 letters would not be sent: suppressed.unsubscribe (1)"
    assert found["AUD-1"].examples == ("user:B",)


def test_somebody_was_made_mailable_behind_our_back(room: PostRoom) -> None:
    suppress(room.book, NewSuppression(address="eve@example.com"), by="ann", at=AT)
    Suppression.objects.update(lifted_at=AT)
    found = room.checks()["AUD-6"]
    assert (found.held, found.level, found.examples) == ("fails", "block", ("user:E",))
    Suppression.objects.update(lifted_by="ann", lifted_why="she asked us to")
    assert room.checks()["AUD-6"].held == "holds"


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"purpose": "nothing"}, "AUD-2"),
        ({"topic": "nothing"}, "AUD-1"),
        ({"stop": StopRules(complaint=2.0)}, "OPS-3"),
        ({"stop": StopRules(bounce=20.0)}, "OPS-5"),
    ],
)
def test_what_a_campaign_says(room: PostRoom, said: dict[str, Any], rule: str) -> None:
    assert rule in failing(room.checks(**said))
    assert rule not in failing(room.checks())


# --- the data ------------------------------------------------------------------------------------


def test_facts_that_are_late(room: PostRoom) -> None:
    """Hourly orders on the first of March; nothing since."""
    assert room.checks()["DATA-1"].held == "holds"
    room.shop.clock.at = SENT + 9 * DAY
    campaign, house = room.campaign(), Preflight(room.shop.clock)
    with room.shop.engine.read() as workspace:
        report = house.of_freeze(workspace, campaign, freeze(workspace, campaign, at=SENT))
    found = {one.rule: one for one in report.checks}["DATA-1"]
    assert found.held == "fails" and "“Order Completed” was last received" in found.said


def test_an_audience_that_hangs_on_what_nobody_hears(room: PostRoom) -> None:
    path = room.path / "segments" / "calm.toml"
    path.write_text('[[segment]]\nname = "calm"\nwhere = \'did not "Complained"\'\n', "utf-8")
    with room.shop.engine.write() as workspace:
        at = {"ts": AT, "received_at": AT}
        fact = EventFact(**at, message_id="x", contact="user:A", name="Complained", properties={})
        load(workspace.store, [fact])
    quiet = room.checks(include=("calm",))
    assert quiet["DATA-2"].held == "holds", "too rare to say how often it should come"
    path.write_text('[[segment]]\nname = "calm"\nwhere = \'did not "Shouted"\'\n', "utf-8")
    found = room.checks(include=("calm",))["DATA-2"]
    assert found.held == "fails" and found.said == "“calm”: “Shouted” has never been received"


def test_the_size_of_earlier_audiences(room: PostRoom) -> None:
    for number, planned in enumerate((100, 120, 90)):
        earlier(room, number, planned, {"all": 0})
    earlier(room, 9, 8, {"all": 0, "americans": 0})
    found = room.checks()["DATA-3"]
    assert (found.held, found.level) == ("fails", "warn")
    assert found.said == "8 people, usually 100: over 30 % fewer"
    room.set(size_guard=95)
    assert room.checks()["DATA-3"].held == "holds"


def test_people_of_other_sends(room: PostRoom) -> None:
    other = room.planned(name="other", include=("americans",))
    found = room.checks()["DATA-4"]
    assert (found.held, found.level, found.people) == ("fails", "warn", 2)
    assert found.said == "2 of 4 letters (50.0 %): other (2)"
    assert found.examples == ("user:B", "user:C")
    controls.abort(other.id, SENT, "not wanted")
    assert room.checks()["DATA-4"].held == "holds"


def test_ones_own_rows_are_no_overlap(room: PostRoom) -> None:
    assert of_send(room, room.planned().id)["DATA-4"].held == "holds"


# --- the way of working --------------------------------------------------------------------------


class Enough(Exception):
    pass


def test_it_can_be_ended(room: PostRoom) -> None:
    def progress(done: int, total: int) -> None:
        if done:
            raise Enough

    campaign = room.campaign()
    with room.shop.engine.read() as workspace, pytest.raises(Enough):
        frozen = freeze(workspace, campaign, at=SENT)
        room.preflight().of_freeze(workspace, campaign, frozen, progress=progress)


def test_an_acceptance_lets_it_leave_until_something_else_is_found(room: PostRoom) -> None:
    prove(room, "offers")
    room.planned(name="other", include=("americans",))
    report = room.report()
    (warning,) = report.blocking
    assert warning.rule == "DATA-4"
    campaign = room.campaign()
    accepted = {warning.key: "it is meant (ann)"}
    with room.shop.engine.read() as workspace:
        frozen = freeze(workspace, campaign, at=SENT)
        house = room.preflight()
        assert house.of_freeze(workspace, campaign, frozen, accepted=accepted).blocking == ()
    room.planned(name="third", include=("americans",))
    with room.shop.engine.read() as workspace:
        frozen = freeze(workspace, campaign, at=SENT)
        again = house.of_freeze(workspace, campaign, frozen, accepted=accepted)
    assert [one.rule for one in again.blocking] == ["DATA-4"]


# --- helpers -------------------------------------------------------------------------------------


def prove(room: PostRoom, template: str) -> None:
    with room.shop.engine.read() as workspace:
        answer, _ = room.letters(workspace).prove(template, "all")
        for key in answer.open:
            answer = room.letters(workspace).accept(answer.id, key, "meant")
        assert answer.locked == ""


def change(room: PostRoom, template: str, changes: dict[str, str]) -> None:
    path = room.path / "content" / f"{template}.mjml"
    text = path.read_text("utf-8")
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    path.write_text(text, "utf-8")


def of_send(room: PostRoom, number: int) -> dict[str, Check]:
    with room.shop.engine.read() as workspace:
        report = room.preflight().of_send(workspace, room.campaign(), planning.send(number))
        return {one.rule: one for one in report.checks}


def earlier(room: PostRoom, number: int, planned: int, segments: dict[str, int]) -> None:
    content = {"segments": segments}
    key = f"campaign:{number}:9"
    send = planning.begin(
        key, kind="campaign", name="old", stream="marketing", at=AT, content=content
    )
    controls.start(send.id, AT)
    Send.objects.filter(id=send.id).update(planned=planned)
