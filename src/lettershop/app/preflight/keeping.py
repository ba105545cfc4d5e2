"""What the records say of themselves: OPS-1, OPS-9, OPS-10, OPS-11."""

from typing import Final

from django.db import connection

from lettershop.access.audit import verify
from lettershop.access.models import AuditEntry
from lettershop.campaigns.preflight.figures import CLOCK, DAYS, REACTION, Keeping
from lettershop.compliance.models import Suppression
from lettershop.delivery.models import Message, Send
from lettershop.model.clock import DAY

SHORT: Final = 16
"""Digits of a hash in the audit trail (app/compliance.py)."""
_LATE: Final = """
SELECT count(DISTINCT m.id) FROM compliance_suppression s
JOIN compliance_knownaddress k ON k.hash = s.hash
JOIN delivery_message m ON m.mailbox = k.address
JOIN delivery_send d ON d.id = m.send_id
WHERE s.at >= %s AND s.lifted_at IS NULL AND s.expires_at IS NULL
    AND s.reason IN ('unsubscribe', 'objection', 'complaint')
    AND (s.scope = 'all' OR s.scope = 'stream:' || d.stream)
    AND d.kind = 'campaign' AND m.state IN ('accepted', 'unknown')
    AND m.attempted_at > s.at + %s
"""
_GUARDS: Final = {
    "sqlite": """
SELECT count(*) >= 2 FROM sqlite_master WHERE type = 'trigger'
    AND name IN ('consent_never_changed', 'consent_never_removed')
""",
    "postgresql": """
SELECT count(*) >= 1 FROM pg_trigger WHERE tgname = 'consent_never_changed' AND tgenabled <> 'D'
""",
}


def keeping(now: int) -> Keeping:
    """Of the connected records, at this moment (ms)."""
    checked, since = verify(), now - DAYS * DAY
    said_no = Suppression.objects.filter(reason__in=("unsubscribe", "objection", "complaint"))
    erased, forgotten = _erasures()
    with connection.cursor() as cursor:
        cursor.execute(_LATE, [since, REACTION])
        late = cursor.fetchall()[0][0]
        cursor.execute(_GUARDS[connection.vendor])
        guarded = bool(cursor.fetchall()[0][0])
    return Keeping(
        late=late,
        taken=said_no.filter(at__gte=since).count(),
        entries=checked.entries,
        broken=checked.broken,
        guarded=guarded,
        erased=erased,
        forgotten=forgotten,
        aborted=_aborted(now),
    )


def _erasures() -> tuple[int, int]:
    """(addresses erased, those without a suppression)."""
    targets = AuditEntry.objects.filter(what="person.erase").values_list("target", flat=True)
    named = {
        one.removeprefix("address:")
        for target in targets
        for one in target.split(", ")
        if len(one) == len("address:") + SHORT and one.startswith("address:")
    }
    kept = Suppression.objects.filter(reason="erased", lifted_at__isnull=True)
    there = {hashed[:SHORT] for hashed in kept.values_list("hash", flat=True)} if named else set()
    return len(named), len(named - there)


def _aborted(now: int) -> list[tuple[str, int, int]]:
    found = Send.objects.filter(kind="campaign", state="aborted", ended_at__gte=now - CLOCK)
    sends = [
        (send.name, send.ended_at, Message.objects.filter(send=send, state="accepted").count())
        for send in found.order_by("-ended_at")
    ]
    return [one for one in sends if one[2]]
