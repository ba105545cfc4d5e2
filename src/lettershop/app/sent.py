"""What the ledger knows of people: for caps (compliance/caps.py), and for their rights
(compliance/person.py)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from lettershop.compliance.book import among
from lettershop.compliance.caps import Side
from lettershop.delivery import enclosures
from lettershop.delivery.ledger.snapshot import thaw
from lettershop.delivery.models import Message, Snapshot
from lettershop.model.clock import SystemClock, format_instant

TAKEN: Final = ("accepted", "unknown")
"""States of letters that they have, or may have. One that is tried again is `attempting` and was
tried before: counted, it would stand in its own way."""
WAITING: Final = ("planned", "deferred")
ENDED: Final = ("accepted", "refused", "unknown", "suppressed", "failed")
NAMING: Final = (
    "contact",
    "address",
    "mailbox",
    "domain",
    "account",
    "piece",
    "text",
    "message_id",
)
"""Columns that lead to a person."""
SHOWN: Final = (
    "id",
    "send__name",
    "send__kind",
    "send__stream",
    "address",
    "account",
    "state",
    "reason",
    "message_id",
)


class LedgerSends:
    """The Protocol `Sends`. A letter that is under way does not count: two senders may in one
    moment let one more through than the cap says."""

    def recent(
        self, side: Side, names: Collection[str], streams: Collection[str], since: int
    ) -> Mapping[str, Sequence[int]]:
        rows = Message.objects.filter(
            **{f"{side}__in": among(names)},
            state__in=TAKEN,
            attempted_at__gte=since,
            send__stream__in=[*streams],
        ).exclude(send__kind="test")
        found: dict[str, list[int]] = {}
        for name, at in rows.values_list(side, "attempted_at"):
            found.setdefault(name, []).append(at)
        return found


class LedgerHolder:
    """The Protocol `Holder`: letters sent to somebody, and the values that were in them."""

    def export(self, addresses: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        """The oldest first; times in ISO 8601."""
        rows = _of(addresses).order_by("id")
        bodies = dict(
            Snapshot.objects.filter(message__in=rows.values("id")).values_list("message", "body")
        )
        return [
            {name.removeprefix("send__"): row[name] for name in SHOWN}
            | {
                "planned_at": format_instant(row["planned_at"]),
                "sent_at": format_instant(row["attempted_at"]) if row["attempted_at"] else None,
                "values": thaw(bytes(bodies[row["id"]])) if row["id"] in bodies else {},
            }
            for row in rows.values(*SHOWN, "planned_at", "attempted_at")
        ]

    def erase(self, addresses: Sequence[str]) -> Sequence[str]:
        """What has not left never leaves. Rows stay, as numbers that the proof of a send adds up;
        they name nobody. What is just being sent ends by itself, and has to be erased then."""
        with transaction.atomic():
            now, waiting = SystemClock().now(), _of(addresses).filter(state__in=WAITING)
            waiting.update(state="suppressed", reason="erased", settled_at=now)
            ended = _of(addresses).filter(state__in=ENDED)
            numbers = [*ended.values_list("id", flat=True)]
            Snapshot.objects.filter(message__in=numbers).delete()
            enclosures.forget(numbers)
            rows = [Message(id=number, contact=f"erased:{number}") for number in numbers]
            Message.objects.bulk_update(rows, NAMING)
            under_way = _of(addresses).count()
        said = [
            f"{len(numbers):,} row(s) of the ledger that name nobody: its proofs add up by them"
        ]
        if under_way:
            said.append(f"{under_way:,} letter(s) just being sent: erase once more in a minute")
        return said


def _of(addresses: Sequence[str]) -> QuerySet[Message]:
    return Message.objects.filter(mailbox__in=[*addresses])
