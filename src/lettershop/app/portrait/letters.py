"""What was sent to somebody, and what came back: rows of the ledger with the events about them."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from django.db.models import Q, QuerySet

from lettershop.app.workspace import Workspace
from lettershop.compliance.addresses import comparable
from lettershop.delivery.models import Message
from lettershop.delivery.returns.events import NAMES as RETURNED
from lettershop.delivery.said import State
from lettershop.delivery.tracking.settling import NAMES as TRACKED
from lettershop.engines.duckdb.cards import contact_cards
from lettershop.engines.duckdb.written import Return, letter_events
from lettershop.model.errors import NotFound

MOST_EVENTS: Final = 5_000
OPENED, CLICKED = TRACKED["open"], TRACKED["click"]
EVENTS: Final = (OPENED, CLICKED, *RETURNED.values())
"""Names of the events that speak of a letter."""


class Came(msgspec.Struct, frozen=True, kw_only=True):
    """What came back on one letter. Opens and clicks by whom, as far as can be told."""

    opens_human: int = 0
    opens_other: int = 0
    clicks_human: int = 0
    clicks_other: int = 0
    others: tuple[str, ...] = ()
    """Names of further events: a reply, a bounce, a complaint."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """`row` of the ledger. `sent_at`: ms, when it was tried last; None before. `reason`: why it was
    not sent or came to nothing; `text`: what the mail server said."""

    row: int
    send: int
    name: str
    key: str
    kind: str
    stream: str
    template: str
    variant: str
    language: str
    contact: str
    account: str
    address: str
    state: State
    reason: str
    bounce_class: str
    code: int
    text: str
    message_id: str
    planned_at: int
    sent_at: int | None
    came: Came = Came()


def letters(shop: Workspace, number: int, limit: int, before: int | None = None) -> list[Letter]:
    """To a contact (dense id), the newest first, from row `before` down; no test letters."""
    named = identities_of(shop, number)
    boxes = [comparable(one[6:]) or one[6:] for one in named if one.startswith("email:")]
    found = _rows().filter(Q(contact__in=named) | Q(mailbox__in=boxes))
    if before is not None:
        found = found.filter(id__lt=before)
    came = _came(letter_events(shop.store, number, EVENTS, MOST_EVENTS))
    return [_letter(row, came.get(row.pk, Came())) for row in found.order_by("-id")[:limit]]


def letter(row: int) -> Letter:
    """One of them, of anybody, without what came back. NotFound `message.unknown`."""
    found = _rows().filter(id=row).first()
    if found is None:
        raise NotFound("message.unknown", f"there is no message {row}")
    return _letter(found, Came())


def returns_of(shop: Workspace, one: Letter) -> list[Return]:
    """The events about a letter, the oldest first; none where its contact is no more."""
    try:
        number = shop.subject_id("contact", one.contact)
    except NotFound:
        return []
    found = letter_events(shop.store, number, EVENTS, MOST_EVENTS)
    return [event for event in found if event.message == one.row]


def identities_of(shop: Workspace, number: int) -> Sequence[str]:
    return contact_cards(shop.store, [number])[number].identities


def _rows() -> QuerySet[Message]:
    return Message.objects.exclude(send__kind="test").select_related("send")


def _came(events: Sequence[Return]) -> Mapping[int, Came]:
    grouped: dict[int, list[Return]] = {}
    for event in events:
        grouped.setdefault(event.message, []).append(event)
    return {row: _summed(found) for row, found in grouped.items()}


def _summed(events: Sequence[Return]) -> Came:
    def count(name: str, *, human: bool) -> int:
        return sum(e.name == name and (e.grade == "human") == human for e in events)

    others = dict.fromkeys(e.name for e in events if e.name not in (OPENED, CLICKED))
    return Came(
        opens_human=count(OPENED, human=True),
        opens_other=count(OPENED, human=False),
        clicks_human=count(CLICKED, human=True),
        clicks_other=count(CLICKED, human=False),
        others=tuple(others),
    )


def _letter(row: Message, came: Came) -> Letter:
    send = row.send
    return Letter(
        row=row.pk,
        send=send.pk,
        name=send.name,
        key=send.key,
        kind=send.kind,
        stream=send.stream,
        template=send.content.get("template") or send.name,
        variant=row.variant,
        language=row.language,
        contact=row.contact,
        account=row.account,
        address=row.address,
        state=row.state,
        reason=row.reason,
        bounce_class=row.bounce_class,
        code=row.code,
        text=row.text,
        message_id=row.message_id,
        planned_at=row.planned_at,
        sent_at=row.attempted_at or None,
        came=came,
    )
