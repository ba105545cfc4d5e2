"""What a row kept of its recipient, opened."""

from typing import Any

import msgspec

from lettershop.delivery.enclosures import ENCLOSED, Enclosed, enclosed_of
from lettershop.delivery.ledger.content import RECIPIENT, Recipient, recipient_of
from lettershop.delivery.ledger.rows import Row
from lettershop.delivery.ledger.snapshot import thaw
from lettershop.delivery.senders.parts import Withheld

UNREADABLE = Withheld("failed", "what was kept of its recipient cannot be read")


class Opened(msgspec.Struct, frozen=True):
    """`values`: what the letter reads, the caller's own."""

    values: dict[str, Any]
    recipient: Recipient
    enclosed: Enclosed


def opened(row: Row) -> Opened | Withheld:
    try:
        values = thaw(row.values)
        recipient, enclosed = recipient_of(values), enclosed_of(values)
    except (ValueError, msgspec.ValidationError):
        return UNREADABLE
    values.pop(RECIPIENT, None)
    values.pop(ENCLOSED, None)
    return Opened(values, recipient, enclosed)


def is_test(kind: str, recipient: Recipient) -> bool:
    """It goes to one of our own people: nobody is asked, nothing is counted."""
    return kind == "test" or recipient.test
