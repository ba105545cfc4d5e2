"""A letter that was sent, as far as the ledger knows."""

from typing import Any

from lettershop.delivery.models import Message, Send


def letter() -> int:
    said: dict[str, Any] = {"kind": "campaign", "name": "offers", "stream": "marketing"}
    send = Send.objects.create(key="campaign:1", state="ended", created_at=1, **said)
    row = Message.objects.create(
        send=send,
        contact="user:u1",
        address="ann@example.com",
        mailbox="ann@example.com",
        domain="example.com",
        state="accepted",
        planned_at=1,
    )
    return int(row.pk)
