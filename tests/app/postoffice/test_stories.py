"""What comes back to a running server, and what becomes of it: in compliance, ledger and facts."""

from pathlib import Path

import pytest
from app.postoffice.window import Window, window

from lettershop.access.audit import LOCAL
from lettershop.access.models import AuditEntry
from lettershop.app.rebuild import rebuild
from lettershop.delivery.ledger import planning
from lettershop.delivery.models import Bounce, Notice
from lettershop.delivery.returns.noticeboard import notices
from lettershop.delivery.returns.verp import verp
from lettershop.model.clock import DAY
from lettershop.model.errors import Unavailable
from tests.delivery.returns.mails import FAILED, mail, notification

BOUNCED = 'did "Email Bounced" where (bounce_class = "dead")'
FULL = FAILED.replace("5.1.1", "5.2.2").replace("User unknown", "mailbox full")
TOO_LARGE = FAILED.replace("5.1.1", "5.3.4").replace("User unknown", "message too large")


def test_a_bounce_by_lmtp_suppresses_and_a_segment_sees_it(post: Window) -> None:
    row = post.mailed()
    for _ in range(2):  # a mail server that did not hear our answer hands it in again
        post.hand_in(notification(FAILED), post.address(row))
    post.settled()
    (one,) = post.suppressions()
    assert (one.reason, one.scope, one.source) == ("bounce", "all", "returns")
    assert f"message {row}: the address does not exist" in one.note
    assert post.who(BOUNCED) == ["user:bob"]
    hard = '(type = "hard" and address = "bob@client.example" and fault = "theirs")'
    assert post.who(f'did "Email Bounced" exactly 1 times where {hard}') == ["user:bob"]
    assert Bounce.objects.count() == 1
    (notice,) = notices()
    assert (notice.owner, notice.account, notice.kind) == ("mara@acme.example", "client", "bounce")
    assert "User unknown" in notice.said and notice.message == row


def test_what_was_undone_is_not_done_again_by_a_second_copy(post: Window) -> None:
    row, compliance = post.mailed(), post.office.compliance()
    post.hand_in(notification(FAILED), post.address(row))
    post.settled()
    (one,) = post.suppressions()
    compliance.lift(one.id, LOCAL, "typing error", force=False)
    post.hand_in(notification(FAILED), post.address(row))
    post.settled()
    assert [one.lifted_at is None for one in post.suppressions()] == [False]


def test_a_refusal_while_sending_acts_like_a_bounce(post: Window) -> None:
    said = {"code": 550, "status": "5.1.1", "text": "no such user", "bounce_class": "dead"}
    post.mailed(state="refused", **said)
    post.settled()
    (one,) = post.suppressions()
    assert one.reason == "bounce" and "no such user" in one.note
    assert post.who(f'{BOUNCED[:-1]} and during = "sending")') == ["user:bob"]
    assert [n.owner for n in notices()] == ["mara@acme.example"]
    assert post.office.outcomes.told == {"refused": 1}


def test_a_full_mailbox_is_forgiven_by_a_letter_that_stays(post: Window) -> None:
    days = (0, 7, 15)
    for day in days:
        row = post.mailed(f"campaign:{day}", state="refused", bounce_class="full", code=552)
        post.settled()
        assert bool(post.suppressions()) is (day == 15), row
        post.clock.advance(DAY * 7 if day == 0 else DAY * 8)


def test_a_letter_that_stayed_begins_anew(post: Window) -> None:
    for day in (0, 7):
        post.mailed(f"campaign:{day}", state="refused", bounce_class="full", code=552)
        post.settled()
        post.clock.advance(DAY * 7)
    post.mailed("campaign:stayed")
    post.clock.advance(DAY * 4)
    post.mailed("campaign:last", state="refused", bounce_class="full", code=552)
    post.settled()
    assert post.suppressions() == [] and Bounce.objects.count() == 3


def test_a_letter_at_fault_pauses_its_send(post: Window) -> None:
    row = post.mailed(going=True)
    post.office.senders.stop()
    post.hand_in(notification(TOO_LARGE), post.address(row))
    post.settled()
    send = planning.send_of("campaign:1")
    assert (send.state, send.reason) == ("paused", "the letter is at fault")
    (entry,) = AuditEntry.objects.filter(what="send.pause")
    assert (entry.who, entry.target) == ("returns", f"send:{send.id}")
    assert post.suppressions() == []


def test_one_password_too_large_for_somebody_stops_no_others(post: Window) -> None:
    post.office.senders.stop()
    row = post.mailed("transactional:password", kind="transactional", going=True)
    post.hand_in(notification(TOO_LARGE), post.address(row))
    post.settled()
    assert planning.send_of("transactional:password").state == "sending"
    assert Bounce.objects.get().against == "stream"


def test_mails_wait_while_the_log_takes_nothing(
    post: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*said: object) -> None:
        raise Unavailable("intake.disk", "it is full")

    row, returns = post.mailed(), post.server.jobs.states["returns"]
    post.settled()
    with monkeypatch.context() as patched:
        patched.setattr(post.server.log, "append", full)
        post.hand_in(notification(FAILED), post.address(row))
        post.until(lambda: returns.failures)
        for _ in range(6):
            with pytest.raises(Unavailable):
                post.office.returns.step()
    assert post.office.returns.spool.count() == 1
    post.settled()
    assert post.who(BOUNCED) == ["user:bob"] and len(post.suppressions()) == 1


def test_replies_are_told_each_and_a_wish_to_leave_ends_the_stream(post: Window) -> None:
    row = post.mailed()
    letter = f"<{row}@news.acme.example>"
    for number in "12":
        said = mail("Re: Our offer", "Yes!", In_Reply_To=letter, Message_ID=f"<{number}@client>")
        post.hand_in(said, post.address(row))
    post.hand_in(mail("unsubscribe", ""), verp(post.secret, row, "x.example", "leave"))
    post.settled()
    assert [one.said for one in notices("MARA@acme.example")] == ["Yes!", "Yes!"]
    (one,) = post.suppressions()
    assert (one.reason, one.scope) == ("unsubscribe", "stream:marketing")
    assert post.who('did "Email Replied" exactly 2 times') == ["user:bob"]
    assert post.who('did "Unsubscribed"') == ["user:bob"]


def test_test_letters_are_about_nobody(post: Window) -> None:
    refused = {"state": "refused", "code": 550, "bounce_class": "dead"}
    post.mailed("test", kind="test", **refused)
    row = post.mailed("test:2", contact="user:eve", address="us@acme.example", kind="test")
    post.hand_in(notification(FAILED), post.address(row))
    post.settled()
    assert post.suppressions() == post.suppressions("us@acme.example") == []
    assert post.events() == set()
    assert Notice.objects.count() == Bounce.objects.count() == 0


def test_mail_for_nobody_here_is_refused_and_nonsense_does_nothing(post: Window) -> None:
    assert not post.office.returns.accepts("ann@elsewhere.example")
    assert not post.office.returns.accepts("r-aaaaaaaaaaaaaaaaaaaaaaaa@news.acme.example")
    row = post.mailed(address="", contact="erased:1")
    assert post.office.returns.accepts(post.address(row))
    post.hand_in(notification(FAILED), post.address(row))
    post.settled()
    assert Bounce.objects.count() == 0 and post.events() == set()


def test_a_rebuild_says_the_same_again(folder: Path) -> None:
    with window(folder) as post:
        row = post.mailed()
        post.hand_in(notification(FAILED), post.address(row))
        post.settled()
        conditions = (BOUNCED, 'did "Email Sent"')
        before = [post.who(one) for one in conditions]
    assert before == [["user:bob"], ["user:bob"]]
    rebuild(folder, without_missing=True)
    with window(folder) as post:
        assert [post.who(one) for one in conditions] == before


def test_what_was_not_told_is_told_at_the_end(folder: Path) -> None:
    """The senders' last outcomes are in the log before it is closed."""
    with window(folder, started=False) as post:
        post.mailed()
        before = post.server.log.last_seq
        post.office.stop()
        assert post.server.log.last_seq == before + 1
        assert post.office.outcomes.told == {"accepted": 1}
