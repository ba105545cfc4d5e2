"""Messages that programs ask for one by one: receipts, new passwords, invitations."""

from typing import Annotated, Any, Final, Literal

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from lettershop.app.letters import Letters
from lettershop.app.messaging.answers import (
    MessageAnswer,
    NewMessage,
    Whom,
    message_answer,
    messages_to,
)
from lettershop.app.messaging.messages import MOST_BYTES, Messages
from lettershop.app.running import running
from lettershop.delivery.building import Attachment, Invitation
from lettershop.web.api.auth import principal_of
from lettershop.web.api.bodies import read_body
from lettershop.web.api.idempotency import HEADER
from lettershop.web.api.moment import moment
from lettershop.web.api.operations import ENCODER, operation

router = Router()
MOST: Final = MOST_BYTES * 4 // 3 + 1024 * 1024
"""Bytes of a body: files are in it as base64."""

Text = Annotated[str, msgspec.Meta(max_length=200)]
Long = Annotated[str, msgspec.Meta(max_length=2_000)]
Mailbox = Annotated[str, msgspec.Meta(max_length=320)]
Instant = Annotated[str, msgspec.Meta(max_length=40)]
Number = Annotated[int, Path(ge=1, le=2**63 - 1, description="the number of a message")]
Address = Annotated[str, Query(min_length=3, max_length=320, description="an e-mail address")]
Few = Annotated[int, Query(ge=1, le=200, description="how many")]


class WhomBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`user_id`: of a contact; `email`: of a contact, or of somebody nobody knows yet; both: that
    contact, at this address. `name`: for the To line."""

    user_id: Text = ""
    email: Mailbox = ""
    name: Text = ""


class FileBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`type`: `application/pdf`; `content`: base64."""

    name: Text
    type: Text
    content: bytes


class InvitationBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An appointment. `start`, `end`: ISO 8601 with a zone. `organizer`: `Ann Lee
    <ann@example.com>`, who gets the answers. `uid`: the same for every version of it, `sequence`
    greater with each; CANCEL takes it back."""

    uid: Text
    summary: Text
    start: Instant
    end: Instant
    organizer: Mailbox
    location: Long = ""
    description: Annotated[str, msgspec.Meta(max_length=20_000)] = ""
    sequence: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)] = 0
    method: Literal["REQUEST", "CANCEL"] = "REQUEST"


class MessageBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`template`: of the stream transactional. `account`: the one it speaks of. `data`: what the
    letter reads as `message`. `language`: instead of the contact's own. `key`: asked for twice
    under one key it is one message; without it, the header Idempotency-Key. `at`: not before,
    ISO 8601 with a zone. `attachments`: 10 MB together."""

    template: Text
    to: WhomBody
    account: Mailbox = ""
    data: dict[str, Any] = {}
    language: Annotated[str, msgspec.Meta(max_length=35)] = ""
    key: Text = ""
    at: Instant = ""
    attachments: tuple[FileBody, ...] = ()
    invitation: InvitationBody | None = None


class MessageList(msgspec.Struct, frozen=True):
    items: list[MessageAnswer]


@operation(
    router,
    "POST",
    "/messages",
    answer=MessageAnswer,
    status=202,
    body=MessageBody,
    most=MOST,
)
def send_message(request: HttpRequest) -> MessageAnswer | HttpResponse:
    """Send a transactional message to one recipient; asked for again with its key, 200 and that."""
    new = _asked(read_body(request, MessageBody, MOST), request.headers.get(HEADER, ""))
    server = running()
    with server.engine.read() as workspace:
        letters = Letters(workspace, principal_of(request), server.catalogs)
        answer, first = Messages(letters, server.templates, server.catalogs).send(new)
    if first:
        return answer
    return HttpResponse(ENCODER.encode(answer), content_type="application/json")


@operation(router, "GET", "/messages", answer=MessageList)
def list_messages(request: HttpRequest, to: Address, limit: Few = 50) -> MessageList:
    """What was sent to an address, or will be, the newest first: messages of campaigns too."""
    return MessageList(messages_to(to, limit))


@operation(router, "GET", "/messages/{number}", answer=MessageAnswer)
def show_message(request: HttpRequest, number: Number) -> MessageAnswer:
    """What became of a message: its state, when, and what the mail server said."""
    return message_answer(number)


def _asked(body: MessageBody, key: str) -> NewMessage:
    """UsageError `time.unreadable`, `time.no_zone`."""
    return NewMessage(
        template=body.template,
        to=Whom(user_id=body.to.user_id, email=body.to.email, name=body.to.name),
        account=body.account,
        data=body.data,
        language=body.language,
        key=body.key or key,
        at=moment(body.at) if body.at else 0,
        files=tuple(Attachment(one.name, one.type, one.content) for one in body.attachments),
        invitation=None if body.invitation is None else _invitation(body.invitation),
    )


def _invitation(body: InvitationBody) -> Invitation:
    said = msgspec.structs.asdict(body)
    return Invitation(**said | {"start": moment(body.start), "end": moment(body.end)})
