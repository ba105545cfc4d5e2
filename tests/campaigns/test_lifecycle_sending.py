"""How campaigns move while they are sent, told as stories like those of test_lifecycle.py."""

import pytest
from campaign_story import Story, minded
from django.db import transaction

from lettershop.app.campaigning.stepping import Campaigns
from lettershop.campaigns.models import CampaignRecord
from lettershop.delivery.ledger import controls, planning
from lettershop.model.clock import DAY, HOUR, MINUTE, SECOND
from lettershop.model.errors import (
    InputError,
    LettershopError,
    UsageError,
)

CANARY = "canary = { percent = 30, minutes = 30 }\n"


def code(caught: "pytest.ExceptionInfo[LettershopError]") -> str:
    return caught.value.code


# --- the hold window ------------------------------------------------------------------------------


def test_undo_within_the_hold_window(story: Story) -> None:
    story.approved("hold_minutes = 10\n")
    found = story.until(lambda one: one.stage == "holding")
    first = found.send or 0
    assert found.hold_until == "2026-03-02T09:10Z" and story.post() == 0
    story.clock.advance(9 * MINUTE)
    assert story.step().stage == "holding"
    found = story.desk().undo("spring", "the wrong list")
    assert (found.state, found.stage, found.attempt, found.send) == ("draft", "", 2, None)
    assert planning.send(first).state == "aborted"
    story.clock.advance(HOUR)
    assert story.step().state == "draft" and story.post() == 0
    found = story.sending()
    assert planning.send(found.send or 0).key == "campaign:1:2"
    with pytest.raises(UsageError) as caught:
        story.desk().undo("spring")
    assert code(caught) == "campaign.state"


def test_after_the_hold_window_it_leaves(story: Story) -> None:
    story.approved("hold_minutes = 10\n")
    story.until(lambda one: one.stage == "holding")
    story.clock.advance(10 * MINUTE)
    assert story.step().stage == "all" and story.post() == 18


def test_paused_in_the_hold_window_nothing_leaves(story: Story) -> None:
    story.approved("hold_minutes = 10\n")
    story.until(lambda one: one.stage == "holding")
    story.desk().pause("spring")
    story.clock.advance(HOUR)
    assert story.step().state == "paused" and story.post() == 0
    story.desk().resume("spring")
    assert story.step().stage == "all" and story.post() == 18


def test_preflight_over_the_rows_pauses_with_its_rule(story: Story) -> None:
    story.crew.on_rows = (minded("DATA-5"), minded("MSG-10", "warn", "k1"))
    found = story.sending()
    assert (found.state, found.reason) == ("paused", "preflight: DATA-5, MSG-10")
    assert story.post() == 0 and story.step().state == "paused"
    story.crew.on_rows = (minded("MSG-10", "warn", "k1"),)
    story.desk().accept("spring", "k1", "meant so")
    story.desk().resume("spring")
    found = story.until(lambda one: one.stage == "all")
    assert story.crew.asked.count("examine_send") == 2 and story.post() == 18


def test_nobody_to_write_to(story: Story) -> None:
    story.crew.people = 2
    found = story.sending()
    assert (found.state, found.reason) == ("paused", "nobody would get a letter")
    assert story.desk().undo("spring").state == "draft"


# --- killed, and interrupted ----------------------------------------------------------------------


def test_killed_while_planning_it_begins_anew(story: Story) -> None:
    story.approved()
    story.until(lambda one: one.stage == "checking")
    with transaction.atomic():  # as if it had died between planning and saying so
        CampaignRecord.objects.update(stage="freezing")
    first = story.show().send or 0
    found = story.until(lambda one: one.stage == "all")
    assert (found.attempt, found.send) == (2, first + 1)
    assert planning.send(first).state == "aborted"
    assert story.post() == 18 and story.step().state == "done"
    assert story.states() == {"accepted": 18, "suppressed": 2}


def test_undone_while_it_is_frozen(story: Story) -> None:
    story.approved()
    story.crew.slow = 5.0
    assert story.campaigns.step() and not story.campaigns.step()
    assert story.campaigns.working("spring") is not None
    found = story.desk().undo("spring")
    assert (found.state, found.attempt) == ("draft", 2)
    story.until(lambda one: True)  # it gives up by itself
    found = story.show()
    assert (found.state, found.stage, found.send, found.problem) == ("draft", "", None, "")


def test_stopped_while_it_is_frozen_it_goes_on_after_the_next_start(story: Story) -> None:
    story.approved()
    story.crew.slow = 5.0
    assert story.campaigns.step() and not story.campaigns.step()
    story.campaigns.stop()
    assert (story.show().state, story.show().stage) == ("sending", "freezing")
    story.crew.slow = 0.0
    story.campaigns = Campaigns(story.shop.engine, story.clock, story.crew)
    story.shop.running.campaigns = story.campaigns
    assert story.until(lambda one: one.stage == "all").attempt == 1


def test_what_fails_while_it_starts_waits_for_somebody(story: Story) -> None:
    story.approved()
    story.crew.error = InputError("content.broken", "it is torn")
    found = story.until(lambda one: one.state == "paused")
    assert found.reason == "freeze failed" and "it is torn" in found.problem
    story.crew.error = None
    story.desk().resume("spring")
    assert story.until(lambda one: one.stage == "all").state == "sending"


def test_one_campaigns_trouble_is_not_the_others(story: Story) -> None:
    story.sending()
    story.draft(name="autumn")
    with transaction.atomic():  # a send that is not there
        CampaignRecord.objects.filter(name="autumn").update(
            state="sending", stage="all", send=987_654
        )
    story.post()
    assert story.step().state == "done"


# --- the canary --------------------------------------------------------------------------------


def test_a_canary_goes_first_and_the_others_after_good_figures(story: Story) -> None:
    found = story.sending(CANARY)
    assert found.stage == "canary" and found.figures is not None
    waiting = found.figures.waiting
    assert 0 < waiting < 18
    first = story.post()
    assert first == 18 - waiting
    found = story.step()
    assert found.canary_at is not None and story.post() == 0
    story.clock.advance(29 * MINUTE)
    assert story.step().stage == "canary"
    story.clock.advance(MINUTE)
    assert story.step().stage == "all" and story.post() == waiting
    assert story.step().state == "done"
    assert story.show().moves[-2].reason == "30 minutes went well"


def test_the_minutes_begin_when_the_canary_is_out(story: Story) -> None:
    story.sending(CANARY)
    story.clock.advance(HOUR)
    assert story.step().canary_at is None and story.show().stage == "canary"
    story.post()
    assert story.step().canary_at is not None and story.step().stage == "canary"


def test_a_canary_that_waits_for_a_yes(story: Story) -> None:
    story.sending("canary = { percent = 30 }\n")
    story.post()
    story.clock.advance(10 * DAY)
    assert story.step().stage == "canary" and story.post() == 0
    assert story.desk("bea").go("spring").stage == "all"
    assert story.post() > 0 and story.step().state == "done"
    with pytest.raises(UsageError) as caught:
        story.desk().go("spring")
    assert code(caught) == "campaign.no_canary"


def test_a_bad_canary_keeps_the_others(story: Story) -> None:
    story.sending(CANARY)
    sent = story.post()
    story.step()
    story.clock.advance(30 * MINUTE)
    story.crew.stop = "bounces: 3 of 5 (60 %)"
    found = story.step()
    assert (found.state, found.reason) == ("paused", "bounces: 3 of 5 (60 %)")
    assert story.post() == 0
    found = story.desk().abort("spring", "a bad list")
    assert story.states() == {"accepted": sent, "suppressed": 20 - sent}


def test_quiet_hours_of_released_rows_are_kept(story: Story) -> None:
    story.crew.due_at = story.clock.now() + HOUR
    story.sending(CANARY)
    assert story.post() == 0
    story.desk().go("spring")
    assert story.post() == 0
    story.clock.advance(HOUR)
    assert story.post() == 18


def test_too_few_for_a_canary(story: Story) -> None:
    story.crew.people, story.crew.suppressed = 3, 2
    found = story.sending("canary = { percent = 1 }\n")
    assert found.stage == "all" and story.post() == 1
    assert "too few letters for a canary" in [one.reason for one in found.moves]


# --- while it leaves ---------------------------------------------------------------------------


def test_pause_and_go_on(story: Story) -> None:
    story.sending()
    story.post(5)
    story.desk().pause("spring", "wrong price")
    assert planning.send(story.show().send or 0).state == "paused" and story.post() == 0
    assert story.step().state == "paused"
    story.desk().resume("spring")
    assert story.post() == 13 and story.step().state == "done"


def test_stop_rules_pause_and_rest_when_overruled(story: Story) -> None:
    story.sending()
    story.post(5)
    story.crew.stop = "complaints: 2 of 5"
    story.clock.advance(5 * SECOND)
    found = story.step()
    assert (found.state, found.reason) == ("paused", "complaints: 2 of 5")
    assert planning.send(found.send or 0).state == "paused"
    story.desk().resume("spring")
    story.clock.advance(29 * MINUTE)
    assert story.step().state == "sending"
    story.clock.advance(MINUTE)
    assert story.step().state == "paused"


def test_stop_rules_are_asked_for_three_days_after_the_end(story: Story) -> None:
    story.sending()
    story.post()
    assert story.step().state == "done"
    story.clock.advance(2 * DAY)
    story.crew.stop = "complaints: 9 of 18"
    found = story.step()
    assert (found.state, found.alarm) == ("done", "complaints: 9 of 18")
    story.step()
    assert story.moves().count("alarm") == 1
    story.crew.asked.clear()
    story.clock.advance(DAY)
    story.step()
    assert story.crew.asked == []


def test_what_is_done_with_its_send_is_done_with_it(story: Story) -> None:
    found = story.sending()
    send = found.send or 0
    controls.pause(send, "our fault: the message")
    found = story.step()
    assert (found.state, found.reason) == ("paused", "our fault: the message")
    controls.resume(send, story.clock.now())
    assert story.step().state == "sending"
    controls.abort(send, story.clock.now(), "sent to the wrong segment")
    found = story.step()
    assert (found.state, found.reason) == ("aborted", "sent to the wrong segment")
    assert found.ended_at is not None and story.states() == {"suppressed": 20}
    with pytest.raises(UsageError) as caught:
        story.desk().resume("spring")
    assert code(caught) == "campaign.ended"
    with pytest.raises(UsageError) as caught:
        story.draft("holdout = 1\n")
    assert code(caught) == "campaign.ended"


@pytest.mark.parametrize("when", ["draft", "checked", "approved", "sending"])
def test_abort_at_any_time(story: Story, when: str) -> None:
    {
        "draft": story.draft,
        "checked": story.checked,
        "approved": lambda: story.approved('at = "2026-03-02 12:00"\n'),
        "sending": story.sending,
    }[when]()
    found = story.desk().abort("spring", "never mind")
    assert (found.state, found.reason) == ("aborted", "never mind")
    assert story.step().state == "aborted"
    if when == "sending":
        assert story.states() == {"suppressed": 20}


def test_the_audience_is_asked_without_keeping_anything(story: Story) -> None:
    story.draft()
    with story.shop.engine.read() as workspace:
        found = story.desk().audience(
            workspace, "spring", story.crew, lambda what, done, total: None
        )
    assert (found.audience, found.letters) == (20, 18)
    assert story.crew.asked == ["audience"] and story.show().freeze is None
