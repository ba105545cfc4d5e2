"""The recipients of a campaign's send, by what became of their letter."""

from collections.abc import Iterator
from typing import Final, get_args

import msgspec

from lettershop.delivery.models import Message
from lettershop.delivery.said import State
from lettershop.model.errors import UsageError

STATES: Final[tuple[State, ...]] = get_args(State)
MANY: Final = 2_000


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """Of which rows: `outcome`: a state of the ledger, "" for all; `reason` and `bounce_class`:
    None for any."""

    outcome: State | None = None
    reason: str | None = None
    bounce_class: str | None = None


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the ledger. Instants in ms, 0 for never. `answer`: what the mail server said."""

    id: int
    contact: str
    account: str
    address: str
    variant: str
    language: str
    provider: str
    state: State
    reason: str
    bounce_class: str
    answer: str
    attempts: int
    attempted_at: int
    settled_at: int


def outcome_of(said: str) -> State | None:
    """None for "". UsageError `send.state`."""
    found = next((one for one in STATES if one == said), None)
    if said and found is None:
        raise UsageError("send.state", f"“{said}” is not a state", hint=", ".join(STATES))
    return found


def recipients(send: int, chosen: Chosen, after: int, limit: int) -> list[Recipient]:
    """By number of their rows, from the one after `after` on."""
    found = Message.objects.filter(send=send, id__gt=after)
    if chosen.outcome is not None:
        found = found.filter(state=chosen.outcome)
    if chosen.reason is not None:
        found = found.filter(reason=chosen.reason)
    if chosen.bounce_class is not None:
        found = found.filter(bounce_class=chosen.bounce_class)
    return [_recipient(one) for one in found.order_by("id")[:limit]]


def all_recipients(send: int, chosen: Chosen) -> Iterator[Recipient]:
    """Read in pieces, so that a send of millions is no list in memory."""
    after = 0
    while some := recipients(send, chosen, after, MANY):
        yield from some
        after = some[-1].id


def _recipient(one: Message) -> Recipient:
    said = (str(one.code) if one.code else "", one.status, one.text)
    return Recipient(
        id=one.pk,
        contact=one.contact,
        account=one.account,
        address=one.address,
        variant=one.variant,
        language=one.language,
        provider=one.provider,
        state=one.state,
        reason=one.reason,
        bounce_class=str(one.bounce_class),
        answer=" ".join(part for part in said if part),
        attempts=one.attempts,
        attempted_at=one.attempted_at,
        settled_at=one.settled_at,
    )
