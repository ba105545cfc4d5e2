"""Outcomes become facts: events that go through the intake like any other.

Level-triggered: a message is told again and again until it is marked, under a message id that makes
the event exactly-once. `unknown` is told as sent, and says so: nobody can know more.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, cast

import msgspec
from django.db import connection, transaction

from lettershop.delivery.ledger import statements
from lettershop.delivery.ledger.bulk import TOLD, many
from lettershop.delivery.said import FAULT, BounceClass, EmailEvent

SOME: Final = 500

Emit = Callable[[Sequence[EmailEvent]], None]


class Untold(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    key: str
    kind: str
    name: str
    stream: str
    contact: str
    account: str
    piece: str
    address: str
    variant: str
    state: str
    code: int
    status: str
    text: str
    bounce_class: str
    reason: str
    message_id: str
    attempted_at: int
    settled_at: int


def tell(emit: Emit) -> bool:
    """Tell what is not told yet, at most 500; whether there may be more. `emit` returns when they
    are kept, and raises when they are not: then they are told again."""
    with connection.cursor() as cursor:
        cursor.execute(statements.UNTOLD, [SOME])
        found = [
            Untold(**dict(zip(Untold.__struct_fields__, row, strict=True)))
            for row in cursor.fetchall()
        ]
    if not found:
        return False
    emit([event(one) for one in found])
    with transaction.atomic():
        many(TOLD, [(one.id, one.state) for one in found])
    return len(found) == SOME


def event(one: Untold) -> EmailEvent:
    """`Email Sent` for accepted and unknown, `Email Bounced` for refused."""
    properties: dict[str, Any] = {
        "send": one.key,
        "campaign": one.name,
        "kind": one.kind,
        "stream": one.stream,
        "email": one.address,
        "message": one.id,
        "email_message_id": one.message_id,
    }
    if one.variant:
        properties["variant"] = one.variant
    if one.state == "refused":
        properties |= _refusal(one)
    elif one.state == "unknown":
        properties["outcome"] = "unknown"
    return EmailEvent(
        name="Email Bounced" if one.state == "refused" else "Email Sent",
        contact=one.contact,
        account=one.account,
        at=one.attempted_at or one.settled_at,
        message_id=f"delivery-{one.id}-{one.state}",
        properties=properties,
    )


def _refusal(one: Untold) -> dict[str, Any]:
    """As with a bounce that comes back later; `during` tells the two apart."""
    kind = cast(BounceClass, one.bounce_class or "unclear")
    said = {"code": one.code, "status": one.status, "text": one.text, "reason": one.reason}
    known = {name: value for name, value in said.items() if value}
    return {"bounce_class": kind, "fault": FAULT[kind], "during": "sending", **known}
