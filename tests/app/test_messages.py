"""Messages that somebody waits for: asked for once, read as they should be, refused at once when
they cannot be sent, kept as suppressed when they may not."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from message_shop import AT, OFFER, ORDER, RECEIPT, deliver, message_shop
from opened_shop import Shop, migrated

from lettershop.app.compliance import Compliance
from lettershop.app.letters import Letters
from lettershop.app.messaging.answers import (
    MessageAnswer,
    NewMessage,
    Whom,
    message_answer,
    messages_to,
)
from lettershop.app.messaging.messages import MOST_BYTES, Messages
from lettershop.app.sent import LedgerHolder
from lettershop.compliance.suppression import NewSuppression
from lettershop.delivery.building import Attachment
from lettershop.delivery.ledger import controls, counting, planning
from lettershop.delivery.ledger.snapshot import thaw
from lettershop.delivery.models import Message, MessageFile, Send
from lettershop.delivery.transports import MemoryTransport
from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import HOUR, MINUTE
from lettershop.model.errors import LettershopError, UsageError
from lettershop.model.facts import AccountFact, ContactFact, MembershipFact


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated(tmp_path_factory.mktemp("records"))


@pytest.fixture
def shop(tmp_path: Path, empty: Path) -> Iterator[Shop]:
    with message_shop(tmp_path / "shop", empty) as opened:
        yield opened


def send(shop: Shop, template: str = "receipt", **said: Any) -> tuple[MessageAnswer, bool]:
    said = {"to": Whom(user_id="U1"), "data": ORDER} | said
    with shop.engine.read() as workspace:
        letters = Letters(workspace, shop.principal("editor"), shop.running.catalogs)
        messages = Messages(letters, shop.running.templates, shop.running.catalogs)
        return messages.send(NewMessage(template=template, **said))


def refused(shop: Shop, template: str = "receipt", **said: Any) -> str:
    """The code; nothing was written."""
    before = Message.objects.count()
    with pytest.raises(LettershopError) as error:
        send(shop, template, **said)
    assert Message.objects.count() == before
    return error.value.code


def sent(shop: Shop, *answers: MessageAnswer) -> dict[str, str]:
    """What a sender makes of them: address -> content as text."""
    transport, settings = MemoryTransport(), shop.engine.workspace.settings
    waiting = {"planned", "leased", "attempting"}
    done = lambda: all(message_answer(one.id).state not in waiting for one in answers)  # noqa: E731
    deliver(shop.path, done, settings=settings, transport=transport)
    return {one.recipient: one.content.decode("ascii") for one in transport.messages}


def test_a_receipt_is_read_as_everything_else_is_and_leaves(shop: Shop) -> None:
    answer, first = send(shop, key="R-17")
    assert first and (answer.state, answer.kind, answer.template) == (
        "planned", "transactional", "receipt",
    )  # fmt: skip
    assert (answer.contact, answer.account, answer.to) == ("user:U1", "acme", "Ann@example.com")
    content = sent(shop, answer)["Ann@example.com"]
    assert "Subject: Receipt R-17 for Ann\r\n" in content
    assert "To: Ann Lee <Ann@example.com>\r\n" in content
    assert "Auto-Submitted: auto-generated\r\n" in content and "List-Unsubscribe" not in content
    for said in ("R=C3=B6hre: 12.5", "of Acme", "Note: thanks", "As a pro"):
        assert said in content
    now = message_answer(answer.id)
    assert (now.state, now.code, now.attempts) == ("accepted", 250, 1)
    assert now.message_id in content and now.settled_at is not None
    found = planning.send(answer.send)
    assert (found.key, found.state, found.kind) == (
        "transactional:receipt", "sending", "transactional",
    )  # fmt: skip


def test_the_same_key_is_the_same_message(shop: Shop) -> None:
    first, new = send(shop, key="k1")
    again, newer = send(shop, key="k1")
    assert (new, newer, again) == (True, False, first)
    assert refused(shop, key="k1", data=ORDER | {"order": "R-18"}) == "request.key_reused"
    assert refused(shop, "account/password", key="k1") == "request.key_reused"
    assert send(shop)[0].id != send(shop)[0].id


def test_two_who_ask_at_once_make_one_message(shop: Shop) -> None:
    found: list[int] = []
    barrier = threading.Barrier(4)

    def ask() -> None:
        barrier.wait()
        found.append(send(shop, key="once")[0].id)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(found) == 4 and len({*found}) == 1
    assert counting.counts(Send.objects.get().id).planned == Message.objects.count() == 1


def test_somebody_nobody_knows_yet(shop: Shop) -> None:
    people = shop.engine.workspace.store.con.execute("SELECT count(*) FROM contacts").fetchall()
    to = Whom(email="Neu@Bücher.example", name="Nea Neu")
    answer, _ = send(shop, "account/password", to=to, data={"code": 4711})
    other, _ = send(shop, to=Whom(email="guest@example.com"), account="acme", language="de")
    assert (answer.contact, other.account) == ("email:neu@bücher.example", "acme")
    made = sent(shop, answer, other)
    assert "To: Nea Neu <Neu@xn--bcher-kva.example>\r\n" in made["Neu@xn--bcher-kva.example"]
    assert "your code is 4711." in made["Neu@xn--bcher-kva.example"].replace("=\r\n", "")
    for said in ("Dear you of Acme", "As always", "for you"):
        assert said in made["guest@example.com"]
    asked = shop.engine.workspace.store.con.execute("SELECT count(*) FROM contacts").fetchall()
    assert asked == people


def test_an_address_of_their_own_and_another_one(shop: Shop) -> None:
    by_address, _ = send(shop, to=Whom(email="ann@EXAMPLE.com"))
    elsewhere, _ = send(shop, to=Whom(user_id="U2", email="bo@new.example"))
    assert (by_address.contact, by_address.to) == ("user:U1", "ann@EXAMPLE.com")
    assert (elsewhere.contact, elsewhere.to) == ("user:U2", "bo@new.example")
    assert [one.id for one in messages_to("ANN@example.com")] == [by_address.id]


def test_what_cannot_be_sent_is_refused_at_once(shop: Shop) -> None:
    assert refused(shop, "offer") == "message.marketing"
    assert refused(shop, "recept") == "template.unknown"
    assert refused(shop, data={}) == "letter.missing"
    assert refused(shop, "account/password", data={}) == "message.skipped"
    assert refused(shop, to=Whom(user_id="U2")) == "message.no_address"
    assert refused(shop, to=Whom(user_id="nobody")) == "contact.unknown"
    assert refused(shop, to=Whom(email="nobody")) == "address.invalid"
    assert refused(shop, to=Whom()) == "message.nobody"
    assert refused(shop, account="none") == "account.unknown"
    assert refused(shop, files=(Attachment("a", "pdf", b""),)) == "attachment.type"
    assert (
        refused(shop, files=(Attachment("a", "a/b", b"x" * (MOST_BYTES + 1)),)) == "message.files"
    )
    assert refused(shop, key="a key") == "message.key"
    deep: dict[str, Any] = {}
    for _ in range(900):
        deep = {"d": deep}
    assert refused(shop, data=ORDER | deep) == "message.data"
    (shop.path / "content" / "receipt.html").write_text(RECEIPT.replace("plan =", "plam ="))
    assert refused(shop) == refused(shop) != "letter.missing"


def test_only_transactional_letters_are_given_values(shop: Shop) -> None:
    (shop.path / "content" / "offer.html").write_text(OFFER.replace("Hi", "{{ message.order }}"))
    with shop.engine.read() as workspace:
        found = Letters(workspace, shop.principal("editor")).check("offer")
        assert "letter.unknown_field" in {f.code for f in found if f.level == "error"}
        errors = Letters(workspace, shop.principal("editor")).check("receipt")
        assert not [f for f in errors if f.level == "error"]


def test_previews_and_proofs_may_be_given_values(shop: Shop) -> None:
    (shop.path / "segments" / "known.toml").write_text("where = 'email is known'", "utf-8")
    with shop.engine.read() as workspace:
        letters = Letters(workspace, shop.principal("editor"))
        assert letters.preview("receipt", "U1", data=ORDER).subject == "Receipt R-17 for Ann"
        assert letters.preview("receipt", "U1").fate == "broken"
        _, proof = letters.prove("receipt", "known", data=ORDER)
        assert [(one.fate, one.count) for one in proof.proved.classes] == [("letter", 1)]
        assert letters.prove("receipt", "known")[1].proved.classes[0].fate == "broken"
        deep: dict[str, Any] = {}
        for _ in range(900):
            deep = {"d": deep}
        with pytest.raises(UsageError, match="levels deep"):
            letters.preview("receipt", "U1", data=deep)


def test_a_changed_template_is_read_again_and_old_messages_stay(shop: Shop) -> None:
    before, _ = send(shop, key="a")
    path = shop.path / "content" / "receipt.html"
    path.write_text(RECEIPT.replace("Receipt {{", "Quittung {{"))
    after, _ = send(shop, key="b", to=Whom(email="bo@example.com"))
    made = sent(shop, before, after)
    assert "Subject: Receipt R-17" in made["Ann@example.com"]
    assert "Subject: Quittung R-17" in made["bo@example.com"]
    assert before.send == after.send


def test_a_later_moment_is_waited_for(shop: Shop) -> None:
    now = shop.clock.now()
    answer, _ = send(shop, at=now + HOUR)
    assert answer.due_at == "2026-03-02T10:00Z" and answer.state == "planned"
    assert refused(shop, at=now + 400 * 24 * HOUR) == "message.at"


def test_a_dead_address_gets_nothing_and_the_answer_says_why(shop: Shop) -> None:
    compliance = Compliance(shop.path, shop.engine.workspace.settings, clock=shop.clock)
    by = shop.principal("editor")
    compliance.suppress(NewSuppression(address="ann@example.com", reason="bounce"), by)
    dead, _ = send(shop, key="k")
    assert (dead.state, dead.reason) == ("suppressed", "suppressed.bounce")
    assert send(shop, key="k")[0] == dead
    compliance.suppress(NewSuppression(address="left@example.com", reason="unsubscribe"), by)
    assert send(shop, to=Whom(email="left@example.com"))[0].state == "planned"
    assert counting.counts(dead.send).adds_up


def test_a_pause_holds_and_an_abort_is_followed_by_another_send(shop: Shop) -> None:
    first, _ = send(shop)
    controls.pause(first.send, "wrong price")
    second, _ = send(shop)
    assert second.send == first.send and planning.send(first.send).state == "paused"
    controls.abort(first.send, shop.clock.now() + MINUTE)
    third, _ = send(shop)
    found = planning.send(third.send)
    assert (found.key, found.state) == ("transactional:receipt#2", "sending")


def test_another_sender_begins_another_send(shop: Shop) -> None:
    first, _ = send(shop)
    workspace = shop.engine.workspace
    workspace.settings = msgspec.structs.replace(workspace.settings, sender="New <new@example.com>")
    with shop.engine.write():
        pass
    shop.engine._idle.clear()
    second, _ = send(shop)
    assert second.send != first.send
    assert planning.send(second.send).content["sender"] == "New <new@example.com>"


def test_files_are_kept_beside_and_erased_with_the_person(shop: Shop) -> None:
    file = Attachment("Rechnung 17.pdf", "application/pdf", bytes(range(256)) * 9)
    answer, _ = send(shop, files=(file, file))
    snapshot = Message.objects.get(id=answer.id).snapshot.body
    assert len(bytes(snapshot)) < 2_000 and thaw(bytes(snapshot))["enclosed\n"] == {"files": 2}
    made = sent(shop, answer)["Ann@example.com"]
    assert made.count("filename*=utf-8''Rechnung%2017.pdf") == 2
    LedgerHolder().erase(["ann@example.com"])
    assert not MessageFile.objects.exists()


def test_nobody_is_a_deleted_contact(shop: Shop) -> None:
    gone = ContactFact(
        ts=shop.clock.now(), received_at=shop.clock.now(), message_id="gone",
        contact="user:U1", deleted=True,
    )  # fmt: skip
    with shop.engine.write() as workspace:
        load(workspace.store, [gone])
    answer, _ = send(shop, to=Whom(email="ann@example.com"))
    assert answer.contact == "email:ann@example.com"
    for template in ("receipt", "account/password"):
        said = {"to": Whom(user_id="U1"), "data": ORDER | {"code": 1}}
        assert refused(shop, template, **said) == "audience.contact"


def test_without_blocks_the_account_is_chosen_as_with_them(shop: Shop) -> None:
    members = [
        MembershipFact(
            ts=at, received_at=at, message_id=name, contact="user:U1", account=name, joined=True
        )
        for at, name in ((AT - 5, "zeta"), (AT - 5, "beta"), (AT + 5, "alpha"))
    ]
    with shop.engine.write() as workspace:
        load(workspace.store, members)
    code = {"code": 1}
    plain, blocks = send(shop, "account/password", data=code)[0], send(shop)[0]
    assert plain.account == blocks.account == "beta"
    assert send(shop, "account/password", data=code, account="alpha")[0].account == "alpha"
    assert refused(shop, account="other") == refused(shop, "account/password", account="other")
    load_account(shop, "other")
    for template in ("receipt", "account/password"):
        said = {"data": ORDER | code, "account": "other"}
        assert refused(shop, template, **said) == "audience.account"


def load_account(shop: Shop, name: str) -> None:
    at = shop.clock.now()
    with shop.engine.write() as workspace:
        load(
            workspace.store,
            [AccountFact(ts=at, received_at=at, message_id=name, account=name)],
        )
