"""How campaigns move, told as stories: a movable clock, real records, a crew that says what each
story needs."""

from pathlib import Path

import pytest
from campaign_story import Story, minded, open_story
from django.db import DatabaseError, transaction
from postgres import postgres_server

from lettershop.access.audit import verify
from lettershop.access.models import AuditEntry
from lettershop.app.campaigning.stepping import LATE, Campaigns
from lettershop.app.workspace import Workspace
from lettershop.campaigns.models import CampaignMove
from lettershop.delivery.ledger import planning
from lettershop.model.clock import HOUR, MINUTE, SECOND
from lettershop.model.errors import (
    AccessError,
    DefinitionError,
    InputError,
    LettershopError,
    NotFound,
    UsageError,
)

CANARY = "canary = { percent = 30, minutes = 30 }\n"


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


def test_on_postgresql(tmp_path: Path) -> None:
    with postgres_server() as server:
        folder = Workspace.init(tmp_path / "shop")
        with (folder / "lettershop.toml").open("a", encoding="utf-8") as settings:
            settings.write(f'records = "{server.database("shop")}"\n')
        with open_story(folder, None) as story:
            found = story.sending(CANARY + "hold_minutes = 0\n")
            assert found.stage == "canary"
            first = story.post()
            story.desk().go("spring")
            assert first + story.post() == 18 and story.step().state == "done"
            with pytest.raises(DatabaseError), transaction.atomic():
                CampaignMove.objects.all().delete()
            with pytest.raises(NotFound):
                story.desk().show("a\0b")


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


def test_it_does_not_leave_while_it_is_checked_anew(story: Story) -> None:
    story.approved('at = "2026-03-02 12:00"\n')
    story.crew.slow = 0.3
    story.desk().ask_check("spring")
    story.clock.advance(3 * HOUR)
    found = story.until(lambda one: not one.checking)
    assert (found.state, found.start_at, found.approver) == ("checked", None, "")


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
