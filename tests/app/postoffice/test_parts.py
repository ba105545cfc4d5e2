"""The parts of the post office one by one: doors, policies, figures, erasure."""

import smtplib
import socket
from pathlib import Path

import pytest
from app.postoffice.window import BOB, Window, window

from lettershop.access.audit import LOCAL
from lettershop.app.forgetting import forget_names, without
from lettershop.app.postoffice.doors import LmtpDoor, imap_mailbox, lmtp_place
from lettershop.content.models_proof import ProofRecord
from lettershop.delivery.ledger.planning import begin
from lettershop.delivery.models import Bounce, Message, Notice
from lettershop.delivery.returns.noticeboard import notices
from lettershop.model.errors import InputError, UsageError
from tests.delivery.returns.mails import FAILED, notification


def test_where_lmtp_listens(tmp_path: Path) -> None:
    assert lmtp_place("127.0.0.1:8461", tmp_path) == ("127.0.0.1", 8461)
    assert lmtp_place("[::1]:24", tmp_path) == ("::1", 24)
    assert lmtp_place("data/lmtp.sock", tmp_path) == tmp_path / "data/lmtp.sock"
    for wrong in ("8461", "localhost", "localhost:", "localhost:x", "localhost:99999"):
        with pytest.raises(InputError, match="no place to listen"):
            lmtp_place(wrong, tmp_path)


def test_a_socket_file_and_ports_that_cannot_be_had(tmp_path: Path) -> None:
    kept = list[bytes]()

    def door(setting: str) -> LmtpDoor:
        return LmtpDoor(setting, tmp_path, lambda mail, to: kept.append(mail), lambda to: True)

    by_file = door("./lmtp.sock")
    by_file.start()
    try:
        with smtplib.LMTP(str(tmp_path / "lmtp.sock")) as client:
            client.sendmail("", ["r@x.example"], "Subject: x\r\n\r\ny\r\n")
    finally:
        by_file.stop()
    assert kept == [b"Subject: x\r\n\r\ny\r\n"]
    taken = socket.create_server(("127.0.0.1", 0))
    with taken, pytest.raises(UsageError, match="cannot listen"):
        door(f"127.0.0.1:{taken.getsockname()[1]}").start()
    with pytest.raises(UsageError, match="knows no passwords"):
        door("0.0.0.0:0").start()


def test_a_mailbox_by_its_address() -> None:
    found = imap_mailbox("imaps://returns%40acme.example:p%2Fw@mail.acme.example/Returns/New")
    assert (found.host, found.port, found.security) == ("mail.acme.example", 993, "tls")
    assert (found.user, found.password, found.folder) == (
        "returns@acme.example",
        "p/w",
        "Returns/New",
    )
    assert found.envelope == "returns@acme.example"
    here = imap_mailbox("imap://u:p@127.0.0.1:1143")
    assert (here.security, here.folder, here.envelope, here.port) == ("none", "INBOX", "", 1143)
    assert imap_mailbox("imap://u:p@mail.example").security == "starttls"
    for wrong in ("mail.example", "imaps://mail.example", "pop3://u:p@x", "imaps://u:p@x:y"):
        with pytest.raises(InputError, match="setting imap") as error:
            imap_mailbox(wrong)
        assert "u:p" not in str(error.value)


@pytest.mark.parametrize("wrong", [{"lmtp": "here"}, {"imap": "there"}])
def test_a_wrong_setting_is_said_at_the_start(folder: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(InputError), window(folder, **wrong):
        pass
    with window(folder, started=False):
        pass  # nothing was left open


def test_what_consent_toml_says_now(post: Window, folder: Path) -> None:
    file, compliance = folder / "consent.toml", post.office.compliance
    file.write_text('[topic.events]\ntitle = "Events"\n', "utf-8")
    first = compliance()
    assert [*first.policy.topics] == ["events"] and compliance() is first
    file.write_text("[topic.events\n", "utf-8")
    assert compliance() is first, "a mistake in the file stops nobody from leaving"
    file.write_text('[topic.offers]\ntitle = "Offers"\n', "utf-8")
    assert [*compliance().policy.topics] == ["offers"]
    file.unlink()
    assert [*compliance().policy.topics] == []


def test_figures(post: Window) -> None:
    post.mailed("one", state="refused", code=550, bounce_class="dead", status="5.1.1")
    post.mailed("two")
    post.mailed("three", state="unknown")
    post.office.senders.stop()
    row = post.mailed("four", state="planned", attempted_at=0, settled_at=0, going=True)
    assert row
    post.settled()
    found = {
        (vital.name, *vital.labels.values()): vital.value
        for vital in post.server.running.vitals.figures()
    }
    outcomes = [found["letters_total", name] for name in ("accepted", "refused", "unknown")]
    assert outcomes == [1, 1, 1]
    assert found["bounces_last_hour", "dead"] == 1
    assert found["letter_oldest_due_seconds",] == 60
    assert found["senders_alive",] == found["returns_waiting",] == 0
    assert post.server.running.vitals.problems() == {}


def test_somebody_is_erased_everywhere(post: Window) -> None:
    row = post.mailed()
    post.hand_in(notification(FAILED), post.address(row))
    post.settled()
    aside = post.office.returns.spool.folder / "failed" / "1.mail"
    aside.write_bytes(b"[]\nTo: <BOB@client.example>\n\nnonsense")
    proof = {"template": "t", "digest": "d", "audience": "a", "author": "x"}
    said = '{"classes":[{"examples":["user:bob","user:eve"]}],"largest_who":"user:bob"}'
    ProofRecord.objects.create(
        **proof, as_of=1, state="done", total=1, started_at=1, seen_at=1, found=said, counts="{}"
    )
    compliance = post.office.compliance()
    with post.server.engine.write() as workspace:
        held = compliance.export(workspace, "user:bob", LOCAL).others["returns"]
        assert [one["kind"] for one in held] == ["bounce", "notice: bounce"]
        done = compliance.erase(workspace, "user:bob", LOCAL)
    assert "1 bounce(s) counted that name nobody" in done.remains
    assert ProofRecord.objects.get().found == (
        '{"classes":[{"examples":["user:eve"]}],"largest_who":""}'
    )
    assert notices() == [] and not aside.exists()
    assert [*Bounce.objects.values_list("mailbox", flat=True)] == [""]
    message = Message.objects.get(pk=row)
    assert (message.mailbox, message.message_id, message.address) == ("", "", "")
    # what comes back for it later finds nobody
    post.hand_in(notification(FAILED), post.address(row))
    post.settled()
    assert Notice.objects.count() == 0 and Bounce.objects.count() == 1
    assert {one.reason for one in post.suppressions(BOB)} == {"bounce", "erased"}


def test_names_in_reports(post: Window) -> None:
    assert without('{"a":["x",{"b":"x"}],"x":"xx"}', {"x"}) == '{"a":[{"b":""}],"x":"xx"}'
    assert without("not json", {"x"}) == "not json"
    assert forget_names({"user:bob"}) == 0


def test_a_mailbox_that_does_not_answer_stops_nothing_else(folder: Path) -> None:
    with window(folder, imap="imap://me:hidden@127.0.0.1:1/INBOX") as post:
        states = post.server.jobs.states
        post.until(lambda: states["returns-mailbox"].failures)
        assert "cannot be read" in states["returns-mailbox"].last_error
        assert "hidden" not in states["returns-mailbox"].last_error
        row = post.mailed()
        post.hand_in(notification(FAILED), post.address(row))
        post.settled()
        assert len(post.suppressions()) == 1


def test_senders_sleep_until_there_is_something_to_send(folder: Path) -> None:
    with window(folder, senders=1) as post:
        slept_and_woken(post, folder)


def slept_and_woken(post: Window, folder: Path) -> None:
    senders = post.office.senders
    post.until(lambda: post.server.jobs.states["senders"].runs > 2)
    assert senders.alive == 0 and senders.problem() == ""
    (folder / "consent.toml").write_text("[broken", "utf-8")  # nobody knows who may be written to
    begin("campaign:1", kind="campaign", name="x", stream="marketing", at=post.clock.now())
    post.until(lambda: senders.alive)
    post.until(lambda: "senders" in post.server.running.vitals.problems(), 40)
    assert "no sender process is running" in post.server.running.vitals.problems()["senders"]
    senders.stop()
    assert not senders.step() and senders.alive == 0 and senders.problem() == ""
