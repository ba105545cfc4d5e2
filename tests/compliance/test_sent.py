"""What the ledger tells of people: counted for caps, exported, forgotten."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from consent_desk import CONSENT
from opened_shop import Shop, open_shop

from lettershop.app.compliance import Compliance
from lettershop.app.sent import LedgerHolder, LedgerSends
from lettershop.compliance.consent import NewConsent, record
from lettershop.compliance.question import Question
from lettershop.delivery.ledger.planning import begin, plan
from lettershop.delivery.ledger.rows import Kind, Planned
from lettershop.delivery.ledger.snapshot import freeze
from lettershop.delivery.models import Message, Snapshot
from lettershop.model.clock import HOUR, parse_instant

ANN, UNICODE, ASCII = "ann@example.com", "ann@bücher.example", "ann@xn--bcher-kva.example"


@pytest.fixture
def shop(tmp_path: Path, empty_records: Path) -> Iterator[Shop]:
    with open_shop(tmp_path / "shop", empty_records) as opened:
        (opened.path / "consent.toml").write_text(CONSENT, "utf-8")
        yield opened


def send(key: str, at: int, *, kind: Kind = "campaign", stream: str = "marketing") -> None:
    """A letter to Ann that was taken, one to her other address that was not tried yet."""
    made = begin(key, kind=kind, name=key, stream=stream, at=at)
    values = freeze({"contact.city": "Bonn"})
    people = ((ANN, "user:U1"), (UNICODE, "user:U2"))
    rows = [Planned(contact=c, address=a, account="acme", values=values) for a, c in people]
    plan(made.id, rows, at)
    mine = Message.objects.filter(send=made.id, address=ANN)
    mine.update(state="accepted", attempted_at=at, settled_at=at, text=f"250 <{ANN}> ok")


def test_caps_count_what_was_sent(shop: Shop) -> None:
    desk = Compliance(shop.path, shop.engine.workspace.settings, clock=shop.clock)
    now = shop.clock.now()
    said = NewConsent(address=ANN, purpose="newsletter", method="double")
    record(desk.book, desk.policy, said, by="x", at=now)
    asked = Question(address=ANN, purpose="newsletter", contact="user:U1", account="acme")
    send("one", now - HOUR)
    send("two", now - 2 * HOUR, stream="transactional")
    send("three", now - 2 * HOUR, kind="test")
    assert desk.gate.may_send(asked, now).allowed
    send("four", now - 2 * HOUR)
    (reason,) = desk.gate.may_send(asked, now).reasons
    assert reason.code == "cap.contact"
    found = LedgerSends().recent("account", ["acme", "other"], ["marketing"], now - 90 * 60_000)
    assert found == {"acme": [now - HOUR]}


def test_letters_are_exported_and_then_name_nobody(folder: Path) -> None:
    now = parse_instant("2026-03-02T09:00Z")
    send("one", now)
    holder = LedgerHolder()
    (letter,) = holder.export([ANN])
    assert (letter["name"], letter["state"], letter["values"]) == (
        "one",
        "accepted",
        {"contact.city": "Bonn"},
    )
    found = LedgerSends().recent("contact", ["user:U1", "user:U2"], ["marketing"], now)
    assert found == {"user:U1": [now]}
    assert holder.export([ASCII])[0]["sent_at"] is None
    assert [one[:6] for one in holder.erase([ANN])] == ["1 row("]
    assert holder.export([ANN]) == []
    row = Message.objects.get(state="accepted")
    assert (row.contact, row.address, row.text) == (f"erased:{row.pk}", "", "")
    assert Snapshot.objects.count() == 1
    Message.objects.filter(state="planned").update(state="leased")
    assert [one[:8] for one in holder.erase([ASCII])] == ["0 row(s)", "1 letter"]
    Message.objects.filter(state="leased").update(state="planned")
    assert [one[:8] for one in holder.erase([ASCII])] == ["1 row(s)"]
    row = Message.objects.get(reason="erased")
    assert (row.state, row.contact) == ("suppressed", f"erased:{row.pk}")
    assert row.settled_at > row.planned_at and not Snapshot.objects.exists()
