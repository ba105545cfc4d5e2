"""Messages asked for one by one, as programs ask for them and as they are answered."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from django.db.models import QuerySet

from lettershop.compliance.addresses import comparable
from lettershop.delivery.building import Attachment, Invitation
from lettershop.delivery.models import Message, Send
from lettershop.delivery.said import State
from lettershop.model.clock import format_instant
from lettershop.model.errors import NotFound

MOST: Final = 200
"""Messages in one answer."""


class Whom(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`user_id`: of a contact, who gets it at their address; `email`: an address, of a contact or
    of somebody nobody knows yet; both: that contact, at this address. `name`: for the To line."""

    user_id: str = ""
    email: str = ""
    name: str = ""


class NewMessage(msgspec.Struct, frozen=True, kw_only=True):
    """`account`: group id or name, of the account it speaks of. `data`: what the letter reads as
    `message`. `language`: instead of the contact's own. `key`: asked for twice under one key it is
    one message; "" for a key of its own. `at`: not before (ms), 0 for at once."""

    template: str
    to: Whom
    account: str = ""
    data: Mapping[str, Any] = {}
    language: str = ""
    key: str = ""
    at: int = 0
    files: tuple[Attachment, ...] = ()
    invitation: Invitation | None = None


class MessageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`id`: row of the ledger; `send`: which send it is of. `state`: of the ledger; `reason`: why
    it is suppressed or failed. `due_at`: not before. `attempted_at`, `settled_at`: null before.
    `code`, `status`, `text`: what the mail server said last, code 0 before it said anything."""

    id: int
    send: int
    kind: str
    template: str
    key: str
    to: str
    contact: str
    account: str
    language: str
    state: State
    reason: str
    planned_at: str
    due_at: str | None
    attempts: int
    attempted_at: str | None
    settled_at: str | None
    code: int
    status: str
    text: str
    bounce_class: str
    message_id: str


def message_answer(number: int) -> MessageAnswer:
    """NotFound `message.unknown`."""
    found = _asked().filter(id=number).first()
    if found is None:
        raise NotFound("message.unknown", f"there is no message {number}")
    return _answer(found)


def messages_to(address: str, limit: int = 50) -> list[MessageAnswer]:
    """What was planned for an address, however it is written: of campaigns too. The newest first;
    no test letters."""
    mailbox = comparable(address) or address.strip().lower()
    found = _asked().filter(mailbox=mailbox).exclude(send__kind="test")
    return [_answer(one) for one in found.order_by("-id")[: min(limit, MOST)]]


def newest_messages(limit: int) -> list[MessageAnswer]:
    """Those that programs asked for, the newest first."""
    sends = Send.objects.filter(kind="transactional").values_list("id", flat=True)
    found = _asked().filter(send__in=[*sends])
    return [_answer(one) for one in found.order_by("-id")[: min(limit, MOST)]]


def _asked() -> QuerySet[Message]:
    return Message.objects.select_related("send")


def _answer(found: Message) -> MessageAnswer:
    send = found.send
    return MessageAnswer(
        id=found.pk,
        send=send.pk,
        kind=send.kind,
        template=send.content.get("template") or send.name,
        key=found.piece,
        to=found.address,
        contact=found.contact,
        account=found.account,
        language=found.language,
        state=found.state,
        reason=found.reason,
        planned_at=format_instant(found.planned_at),
        due_at=_instant(found.due_at),
        attempts=found.attempts,
        attempted_at=_instant(found.attempted_at),
        settled_at=_instant(found.settled_at),
        code=found.code,
        status=found.status,
        text=found.text,
        bounce_class=found.bounce_class,
        message_id=found.message_id,
    )


def _instant(at: int) -> str | None:
    return format_instant(at) if at else None
