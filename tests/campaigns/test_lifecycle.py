"""How campaigns move, told as stories: a movable clock, real records, a crew that says what each
story needs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from campaign_story import Story, minded, open_story
from django.db import DatabaseError, transaction
from opened_shop import migrated

from lettershop.access.audit import verify
from lettershop.access.models import AuditEntry
from lettershop.app.campaigning.stepping import LATE, Campaigns
from lettershop.campaigns.models import CampaignMove, CampaignRecord
from lettershop.delivery.ledger import controls, planning
from lettershop.model.clock import DAY, HOUR, MINUTE, SECOND
from lettershop.model.errors import (
    AccessError,
    DefinitionError,
    InputError,
    LettershopError,
    NotFound,
    UsageError,
)


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated(tmp_path_factory.mktemp("records"))


@pytest.fixture
def story(tmp_path: Path, empty: Path) -> Iterator[Story]:
    with open_story(tmp_path / "shop", empty) as opened:
        yield opened


def code(caught: "pytest.ExceptionInfo[LettershopError]") -> str:
    return caught.value.code


# --- the plain way ------------------------------------------------------------------------------


def test_from_draft_to_done(story: Story) -> None:
    found = story.draft()
    assert (found.state, found.author, found.title) == ("draft", "ann", "Spring")
    found = story.checked()
    assert (found.state, found.problem, found.blocking) == ("checked", "", ())
    assert found.freeze is not None and found.freeze.letters == 18
    found = story.desk("bea").approve("spring")
    assert (found.state, found.approver) == ("approved", "bea")
    found = story.until(lambda one: one.stage == "all")
    assert story.crew.asked == ["examine", "freeze", "examine_send"]
    send = planning.send(found.send or 0)
    assert (send.state, send.kind, send.stream) == ("sending", "campaign", "marketing")
    assert send.key == "campaign:1:1" and send.content["template"] == "hello"
    assert story.post(10) == 10
    story.clock.advance(SECOND)
    figures = story.show().figures
    assert figures is not None and (figures.accepted, figures.open) == (10, 8)
    assert figures.per_second > 0 and figures.ends_at and figures.suppressed_by == {"holdout": 2}
    assert story.post() == 8
    found = story.step()
    assert (found.state, story.states()) == ("done", {"accepted": 18, "suppressed": 2})
    assert story.moves() == ["draft", "ask", "check", "approve", "start", "leave", "finish"]


def test_every_move_is_in_the_audit_trail_with_who_made_it(story: Story) -> None:
    story.sending()
    story.desk("cem").pause("spring", "wrong price")
    entries = [
        (one.what, one.who) for one in AuditEntry.objects.filter(target="spring").order_by("id")
    ]
    assert entries == [
        ("campaign.draft", "ann"),
        ("campaign.ask", "ann"),
        ("campaign.check", "lettershop"),
        ("campaign.approve", "bea"),
        ("campaign.start", "lettershop"),
        ("campaign.leave", "lettershop"),
        ("campaign.pause", "cem"),
    ]
    assert AuditEntry.objects.order_by("id").last().details == {  # type: ignore[union-attr]
        "attempt": 1,
        "reason": "wrong price",
    }
    assert verify().broken is None
    with pytest.raises(DatabaseError), transaction.atomic():
        CampaignMove.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        CampaignMove.objects.update(by="nobody")


def test_a_step_may_be_repeated(story: Story) -> None:
    story.sending()
    before = story.show()
    for _ in range(5):
        story.step()
    assert story.show().moves == before.moves and story.states()["planned"] == 18


# --- drafting and checking ----------------------------------------------------------------------


def test_a_wrong_draft_is_not_kept(story: Story) -> None:
    with pytest.raises(DefinitionError) as caught:
        story.draft('topic = "nothing"\nexclude = ["nobody"]\n')
    assert {one.code for one in caught.value.findings} == {"campaign.topic", "campaign.segment"}
    assert story.desk().all() == []
    with pytest.raises(NotFound) as absent:
        story.show()
    assert code(absent) == "campaign.unknown"


def test_the_same_draft_again_changes_nothing_another_one_does(story: Story) -> None:
    story.checked()
    assert story.draft("# a word about it\n").state == "checked"
    assert story.draft("holdout = 5\n", who="cem").state == "draft"
    found = story.show()
    assert (found.author, found.preflight, found.blocking) == ("cem", None, ())


def test_a_block_cannot_be_accepted_and_a_warning_can(story: Story) -> None:
    story.crew.checks = (minded("AUTH-1"), minded("MSG-10", "warn", "k1"))
    found = story.checked()
    assert (found.state, found.reason) == ("draft", "preflight: AUTH-1, MSG-10")
    assert found.blocking == ("AUTH-1", "MSG-10")
    with pytest.raises(UsageError) as caught:
        story.desk().approve("spring")
    assert code(caught) == "campaign.state"
    with pytest.raises(UsageError) as caught:
        story.desk().accept("spring", "auth-1", "we like it so")
    assert code(caught) == "campaign.not_acceptable"
    with pytest.raises(InputError):
        story.desk().accept("spring", "k1", " ")
    with pytest.raises(NotFound):
        story.desk().accept("spring", "k2", "why not")
    assert story.desk().accept("spring", "k1", "meant so").blocking == ("AUTH-1",)
    story.crew.checks = (minded("MSG-10", "warn", "k1"),)
    story.desk().ask_check("spring")
    found = story.until(lambda one: not one.checking)
    assert (found.state, found.blocking) == ("checked", ())  # what was accepted still is
    assert found.preflight is not None and found.preflight.accepted == {"k1": "meant so (ann)"}
    story.crew.checks = (minded("MSG-10", "warn", "k2"),)  # another finding: not what was meant
    story.desk().ask_check("spring")
    found = story.until(lambda one: not one.checking)
    assert found.state == "draft"
    assert story.desk().accept("spring", "k2", "this too").state == "checked"


def test_a_check_that_fails_says_so_and_can_be_asked_again(story: Story) -> None:
    story.crew.error = InputError("sender.unknown", "nobody sends it")
    found = story.checked()
    assert (found.state, found.checking) == ("draft", False) and "nobody sends it" in found.problem
    story.crew.error = RuntimeError("secret")
    story.desk().ask_check("spring")
    found = story.until(lambda one: not one.checking)
    assert found.problem == "RuntimeError (see the server's log)"
    story.crew.error = None
    found = story.checked()
    assert (found.state, found.problem) == ("checked", "")


def test_a_check_is_not_lost_with_the_server(story: Story) -> None:
    story.draft()
    story.desk().ask_check("spring")
    story.campaigns = Campaigns(story.shop.engine, story.clock, story.crew)  # it was started anew
    story.shop.running.campaigns.stop()
    story.shop.running.campaigns = story.campaigns
    assert story.until(lambda one: not one.checking).state == "checked"


def test_a_segment_that_went_away_is_minded_by_the_next_check(story: Story) -> None:
    story.checked()
    (story.shop.path / "segments" / "all.toml").unlink()
    story.desk().ask_check("spring")
    found = story.until(lambda one: not one.checking)
    assert found.state == "draft" and "there is no segment “all”" in found.problem


def test_a_changed_letter_makes_it_a_draft_again(story: Story) -> None:
    story.checked()
    story.change_letter()
    with pytest.raises(UsageError) as caught:
        story.desk("bea").approve("spring")
    assert code(caught) == "campaign.changed" and story.show().state == "draft"
    assert story.show().reason.startswith("its template has changed")


def test_a_letter_changed_after_approval_does_not_leave(story: Story) -> None:
    story.approved('at = "2026-03-02 12:00"\n')
    assert story.step().state == "approved"
    story.change_letter()
    story.clock.advance(MINUTE)
    assert story.step().state == "draft"
    story.clock.advance(5 * HOUR)
    assert story.step().state == "draft" and story.show().send is None


# --- approving and starting ---------------------------------------------------------------------


def test_the_author_does_not_approve_where_two_are_wanted(story: Story) -> None:
    story.setting(second_approval=True)
    story.checked()
    with pytest.raises(AccessError) as caught:
        story.desk("ann").approve("spring")
    assert code(caught) == "campaign.second_approval"
    assert story.desk("bea").approve("spring").state == "approved"


def test_an_old_check_is_not_approved(story: Story) -> None:
    story.checked()
    story.clock.advance(25 * HOUR)
    with pytest.raises(UsageError) as caught:
        story.desk().approve("spring")
    assert code(caught) == "campaign.check_old"


def test_it_waits_for_its_time_or_is_hurried(story: Story) -> None:
    found = story.approved('at = "2026-03-02 12:00"\n')
    assert found.start_at == "2026-03-02T12:00Z" and story.step().state == "approved"
    story.clock.advance(3 * HOUR - SECOND)
    assert story.step().state == "approved"
    story.clock.advance(SECOND)
    assert story.step().state == "sending"


def test_hurried(story: Story) -> None:
    story.approved('at = "2026-03-02 12:00"\n')
    with pytest.raises(UsageError):
        story.desk().pause("spring")
    story.desk("cem").start("spring")
    assert story.step().state == "sending" and "hurry" in story.moves()


def test_a_time_that_has_passed_is_not_approved(story: Story) -> None:
    story.checked('at = "2026-03-02 08:00"\n')
    with pytest.raises(UsageError) as caught:
        story.desk().approve("spring")
    assert code(caught) == "campaign.past"


def test_a_server_that_was_away_too_long_asks_again(story: Story) -> None:
    story.approved('at = "2026-03-02 12:00"\n')
    story.clock.advance(3 * HOUR + LATE + SECOND)
    found = story.step()
    assert found.state == "checked" and "nobody could send it" in found.reason


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

CANARY = "canary = { percent = 30, minutes = 30 }\n"


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
