"""From a draft to its proof, by clicking: what a campaign's page shows, and what is done on it."""

import csv
from io import StringIO

import pytest
from campaign_story import Story, minded
from pages.campaigns.conftest import browser

from lettershop.access.models import AuditEntry
from lettershop.app.campaigning.overview import overview
from lettershop.delivery.models import Message
from lettershop.model.clock import MINUTE

ONE = "/campaigns/spring"


def test_from_draft_to_the_proof_that_adds_up(story: Story) -> None:
    story.draft("canary = { percent = 30 }\nhold_minutes = 10\n")
    ann, bea = browser(story), browser(story, "owner")
    assert "Next: check it." in ann.get(ONE)
    ann.post(f"{ONE}/check")
    assert story.until(lambda one: not one.checking).state == "checked"
    shown = bea.get(ONE)
    assert "Nothing stands in the way." in shown and "get a letter 18 90.0%" in shown
    shown = bea.get(f"{ONE}/approve")
    assert "18 people get a letter" in shown and "For 10 minutes nothing leaves" in shown
    bea.post(f"{ONE}/approve")
    assert "Approved. For 10 minutes" in bea.follow()
    story.until(lambda one: one.stage == "holding")
    assert "Take it back" in ann.get(ONE) and 'hx-trigger="every 2s"' in ann.html
    story.clock.advance(11 * MINUTE)
    story.until(lambda one: one.stage == "canary")
    sent = story.post()
    story.until(lambda one: one.canary_at is not None)
    assert "Send to the others" in ann.get(ONE)
    assert f"{18 - sent} more people get the letter" in ann.get(f"{ONE}/go")
    ann.post(f"{ONE}/go")
    story.post()
    story.until(lambda one: one.state == "done")
    shown = ann.get(ONE)
    assert "It adds up." in shown and "18 of 18 letters have an outcome" in shown
    assert "held out, to measure against 2" in shown and "every 2s" not in ann.html
    assert "everybody else released" in shown and "editor@example.com" in shown


def test_a_check_can_be_cancelled(story: Story) -> None:
    story.draft()
    story.crew.slow = 30
    page = browser(story)
    page.post(f"{ONE}/check")
    while story.campaigns.working("spring") is None:
        pass
    assert "Cancel the check" in page.get(f"{ONE}/state")
    page.post(f"{ONE}/check/cancel")
    while story.campaigns.working("spring") is not None:
        pass
    found = story.show()
    assert (found.state, found.checking, found.preflight) == ("draft", False, None)
    assert [one.move for one in found.moves] == ["draft", "ask", "unask"]


def test_warnings_are_settled_on_the_page(story: Story) -> None:
    story.crew.checks = (minded("MSG-10", "warn", "k1"), minded("AUD-1"))
    story.checked()
    page = browser(story)
    shown = page.get(ONE)
    assert "2 rules stand in the way." in shown and "What to do: mend it" in shown
    assert page.html.count('name="key"') == 1  # what blocks cannot be accepted
    assert "campaign.reason" in page.post(f"{ONE}/accept", {"key": "k1"}, 400)
    page.post(f"{ONE}/accept", {"key": "k1", "reason": "a large <b>picture</b>"})
    shown = page.follow()
    assert "accepted: a large <b>picture</b> (editor@example.com)" in shown
    assert "<b>picture" not in page.html and "1 rule stands in the way." in shown
    assert "campaign.not_acceptable" in page.post(
        f"{ONE}/accept", {"key": "aud-1", "reason": "x"}, 400
    )


def test_the_author_does_not_approve_where_two_are_wanted(story: Story) -> None:
    story.setting(second_approval=True)
    story.draft(who="editor@example.com")
    ann, bea = browser(story), browser(story, "owner")
    ann.post(f"{ONE}/check")
    story.until(lambda one: not one.checking)
    assert "Waits for somebody else than its author" in ann.get(ONE)
    assert "Approve …" not in ann.html
    assert "ask somebody else" in ann.get(f"{ONE}/approve")
    assert "campaign.second_approval" in ann.post(f"{ONE}/approve", status=400)
    assert "Approve …" in bea.get(ONE)
    bea.post(f"{ONE}/approve")
    assert story.show().approver == "owner@example.com"


def test_pause_resume_and_the_end_that_says_how_many(story: Story) -> None:
    story.sending()
    page = browser(story)
    page.post(f"{ONE}/pause", {"reason": "wrong price"})
    assert story.show().reason == "wrong price"
    shown = page.follow()
    assert "Paused: nothing more leaves." in shown and f'action="{ONE}/resume"' in page.html
    page.post(f"{ONE}/resume")
    assert story.show().state == "sending"
    assert "18 people will never get this letter" in page.get(f"{ONE}/abort")
    assert story.show().state == "sending"
    page.post(f"{ONE}/abort")
    assert story.step().state == "aborted"
    assert "the campaign was ended 18" in page.get(ONE)
    assert "campaign.ended" in page.post(f"{ONE}/resume", status=400)
    assert "campaign.planned" in page.post(f"{ONE}/restore", status=400)


def test_in_its_hold_window_all_is_taken_back(story: Story) -> None:
    story.approved("hold_minutes = 10\n")
    story.until(lambda one: one.stage == "holding")
    page = browser(story)
    page.post(f"{ONE}/undo")
    assert "it is a draft again" in page.follow() and story.show().attempt == 2


def test_a_draft_is_thrown_away_and_restored(story: Story) -> None:
    story.draft()
    page = browser(story)
    page.post(f"{ONE}/discard")
    assert "is thrown away" in page.follow() and f'action="{ONE}/restore"' in page.html
    page.post(f"{ONE}/restore")
    assert story.show().state == "draft" and story.show().ended_at is None
    story.approved("hold_minutes = 10\n")
    story.until(lambda one: one.stage == "holding")
    assert "campaign.under_way" in page.post(f"{ONE}/discard", status=400)


def test_what_is_approved_for_later_can_leave_now(story: Story) -> None:
    story.approved('at = "2026-03-09 09:00"\n')
    page = browser(story)
    assert "It starts 9 Mar 2026, 09:00 UTC" in page.get(ONE)
    assert "18 people get this letter now" in page.get(f"{ONE}/start")
    page.post(f"{ONE}/start")
    story.until(lambda one: one.stage == "all")


def test_who_is_behind_a_number(story: Story) -> None:
    story.sending()
    story.post()
    Message.objects.filter(contact="user:U5").update(address="=2+2@example.com")
    page = browser(story, "viewer")
    shown = page.get(f"{ONE}/recipients?outcome=suppressed&why=holdout")
    assert "Recipients: suppressed, held out" in shown and shown.count("@example.com") == 3
    page.get(f"{ONE}/recipients?outcome=accepted&after=0")
    assert AuditEntry.objects.filter(what="campaign.recipients").count() == 2
    page.get(f"{ONE}/recipients.csv?outcome=accepted")
    rows = [*csv.DictReader(StringIO(page.html))]
    assert len(rows) == 18 and "'=2+2@example.com" in [row["address"] for row in rows]
    assert AuditEntry.objects.filter(what="campaign.export").count() == 1
    for query in ("outcome=lost", "outcome=%00x"):
        page.get(f"{ONE}/recipients?{query}", 404)
    for query in ("after=x", "after=-5", "after=" + "9" * 40, "why=%00&sort=%ff"):
        page.get(f"{ONE}/recipients?{query}")


def test_the_moving_part_asks_for_the_page_when_more_has_changed(story: Story) -> None:
    story.draft()
    page = browser(story, "viewer")
    answer = page.client.get(f"{ONE}/state?mark=other")
    assert answer["HX-Refresh"] == "true" and b"<html" not in answer.content
    assert "HX-Refresh" not in page.client.get(f"{ONE}/state")
    assert "<form" not in answer.content.decode()  # viewers look


def test_the_list_says_what_is_next(story: Story) -> None:
    page = browser(story, "viewer")
    assert "No campaign yet An editor can write one." in page.get("/campaigns")
    story.draft(name="later")
    story.draft('at = "2026-03-09 09:00"\n', name="soon")
    story.sending()
    story.post()
    shown = page.get("/campaigns?show=nonsense")
    with story.shop.engine.read() as workspace:
        assert [one.name for one in overview(workspace, 9)] == ["spring", "soon", "later"]
    assert "18 / 18" in shown and "9 Mar 2026, 09:00 UTC" in shown and "Watch it" in shown
    assert "soon" in page.get("/campaigns?show=open") and "/spring" not in page.html
    assert "New campaign" not in page.html


@pytest.mark.parametrize("name", ["gone", "a/b", "%00", "x" * 300])
def test_what_is_not_there_is_not_there(story: Story, name: str) -> None:
    page = browser(story, "owner")
    for what in ("", "/edit", "/state", "/approve", "/results", "/recipients", "/results.csv"):
        page.get(f"/campaigns/{name}{what}", 404)
    for what in ("check", "undo", "discard", "test", "links/3", "accept"):
        page.post(f"/campaigns/{name}/{what}", status=404)
