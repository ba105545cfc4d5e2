"""What ledger, returns and records say: written into real tables, asked by preflight."""

from pathlib import Path

import pytest
from app.preflight.post import SENT, PostRoom, failing
from django.db import DatabaseError
from postgres import postgres_server
from unguarded import unguard

from lettershop.access.audit import LOCAL, audit
from lettershop.access.models import AuditEntry
from lettershop.app import records
from lettershop.app.preflight.figures import recent, volumes
from lettershop.app.preflight.keeping import keeping
from lettershop.app.preflight.rows import of_send
from lettershop.compliance.consent import NewConsent, record
from lettershop.compliance.models import ConsentEntry, Suppression
from lettershop.compliance.suppression import NewSuppression, suppress
from lettershop.compliance.unsubscribe import unsubscribe
from lettershop.delivery.ledger import controls, planning
from lettershop.delivery.ledger.rows import Planned
from lettershop.delivery.models import Bounce, Message
from lettershop.delivery.said import State
from lettershop.model.clock import DAY, HOUR, MINUTE
from lettershop.model.settings import Settings


def sent(
    room: PostRoom,
    key: str,
    number: int,
    *,
    at: int = SENT - DAY,
    state: State = "accepted",
    provider: str = "google",
    **more: object,
) -> int:
    """A send with so many letters that went out at that time; its number."""
    send = room.begun(key, key, {})
    rows = [
        Planned(contact=f"user:{key}{n}", address=f"{key}{n}@example.net", provider=provider)
        for n in range(number)
    ]
    planning.plan(send.id, rows, at)
    controls.start(send.id, at)
    messages = Message.objects.filter(send=send.id)
    messages.update(state=state, attempted_at=at, settled_at=at, **more)
    return send.id


# --- volumes -------------------------------------------------------------------------------------


def test_usual_days_and_today(room: PostRoom) -> None:
    for day, number in enumerate((9, 5, 7), 1):
        sent(room, f"d{day}", number, at=SENT - day * DAY)
    sent(room, "old", 50, at=SENT - 20 * DAY)
    sent(room, "now", 3, at=SENT - HOUR)
    sent(room, "off", 4, at=SENT - HOUR, state="refused")
    found = volumes({"google": 10}, SENT)
    assert (found.planned, found.usual, found.today) == (
        {"google": 10},
        {"google": 7},
        {"google": 3},
    )


def test_a_provider_that_asked_to_slow_down(room: PostRoom) -> None:
    sent(room, "a", 3, state="deferred", code=421, status="4.7.28", provider="google")
    sent(room, "b", 2, state="deferred", code=451, status="4.3.0", provider="yahoo")
    assert volumes({}, SENT).slowed == {"google": 3}


# --- rates ---------------------------------------------------------------------------------------


def test_rates_of_a_stream(room: PostRoom) -> None:
    good = sent(room, "a", 150)
    sent(room, "b", 10, state="refused", bounce_class="dead")
    sent(room, "c", 4, state="refused", bounce_class="policy")
    sent(room, "old", 90, at=SENT - 40 * DAY)
    said = {"send": good, "stream": "marketing", "against": "address", "bounce_class": "dead"}
    Bounce.objects.create(row=1, mailbox="a0@example.net", at=SENT - HOUR, **said)
    with room.reading() as workspace:
        found = recent(workspace.store, "marketing", SENT, without=0)
        assert (found.tried, found.accepted) == (164, 150)
        assert (found.bounced, found.ours, found.returned) == (14, 4, 1)
        assert recent(workspace.store, "transactional", SENT, without=0).tried == 0
    checks = room.checks()
    assert {"OPS-4", "OPS-5", "OPS-7"} <= failing(checks)
    assert checks["OPS-5"].level == "watch" and checks["OPS-5"].said.startswith("8.5 %: 14 of 164")
    assert checks["OPS-2"].held == "holds"


# --- the records ---------------------------------------------------------------------------------


def test_unsubscribing_works_at_once(room: PostRoom) -> None:
    own = room.compliance
    said_no = SENT - 2 * DAY
    for name in ("a0", "a1"):
        address = f"{name}@example.net"
        unsubscribe(own.book, own.policy, address, source="link", proof={}, at=said_no)
    sent(room, "a", 1, at=said_no + 9 * MINUTE)
    assert (keeping(SENT).late, keeping(SENT).taken) == (0, 2)
    Message.objects.update(attempted_at=said_no + 11 * MINUTE)
    assert keeping(SENT).late == 1
    Suppression.objects.update(scope="stream:another")
    assert keeping(SENT).late == 0


def test_the_audit_log(room: PostRoom) -> None:
    for number in range(3):
        audit(LOCAL, "test", f"thing {number}")
    assert room.checks()["OPS-9"].held == "holds"
    second = AuditEntry.objects.order_by("id")[1]
    unguard("access_auditentry")
    AuditEntry.objects.filter(pk=second.pk).update(what="x")
    found = room.checks()["OPS-9"]
    assert found.held == "fails" and f"from entry {second.pk}" in found.said


def test_consent_entries_cannot_be_changed(room: PostRoom) -> None:
    own = room.compliance
    record(own.book, own.policy, NewConsent(address="a@example.net", purpose="news"), by="x", at=1)
    with pytest.raises(DatabaseError, match="only ever added"):
        ConsentEntry.objects.update(source="another")
    assert keeping(SENT).guarded
    unguard("compliance_consententry")
    assert not keeping(SENT).guarded
    assert "does not refuse" in room.checks()["OPS-9"].said


def test_erased_people_stay_suppressed(room: PostRoom) -> None:
    own = room.compliance
    suppress(own.book, NewSuppression(address="a@example.net", reason="erased"), by="x", at=SENT)
    audit(LOCAL, "person.erase", own.named("a@example.net"))
    assert (keeping(SENT).erased, keeping(SENT).forgotten) == (1, 0)
    Suppression.objects.all().delete()
    assert keeping(SENT).forgotten == 1 and "OPS-10" in failing(room.checks())


def test_a_send_that_was_ended(room: PostRoom) -> None:
    number = sent(room, "wrong", 3)
    controls.abort(number, SENT - HOUR, "wrong people")
    sent(room, "none", 1, state="failed")
    found = room.checks()["OPS-11"]
    assert found.held == "fails" and "“wrong” was ended with 3 letters out" in found.said
    assert "by 2026-03-05T08:00Z" in found.said


# --- on PostgreSQL -------------------------------------------------------------------------------


def test_the_same_questions_on_postgresql(tmp_path: Path) -> None:
    with postgres_server() as server:
        records.connect(tmp_path, Settings(records=server.url))
        try:
            records.migrate()
            send = planning.begin("a", kind="campaign", name="a", stream="marketing", at=SENT)
            rows = [Planned(contact=f"user:{n}", address=f"{n}@example.net") for n in range(1_001)]
            planning.plan(send.id, [*rows, Planned(contact="x", address="", suppressed="no")], SENT)
            found = [*of_send(send.id)]
            assert [one.suppressed for one in found] == [""] * 1_001 + ["no"]
            assert {one.row.contact for one in found} == {one.contact for one in rows} | {"x"}
            Message.objects.update(state="accepted", attempted_at=SENT - HOUR)
            assert volumes({}, SENT).today == {"": 1_002}
            kept = keeping(SENT)
            assert (kept.late, kept.guarded, kept.broken) == (0, True, None)
        finally:
            records.disconnect()
