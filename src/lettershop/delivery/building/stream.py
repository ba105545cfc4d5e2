"""What all letters of a stream say of themselves in their headers."""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from lettershop.content.template import Stream
from lettershop.delivery.building.address import Mailbox
from lettershop.delivery.building.fields import address_field, cleaned, plain_field
from lettershop.model.errors import InputError

_ID: Final = r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_LIST_ID: Final = re.compile(rf"(?P<name>[^<>]*)<(?P<id>{_ID})>|(?P<bare>{_ID})")
_MOST_FIELDS: Final = 4
_LONGEST: Final = 60
_LONGEST_ID: Final = 255


class StreamSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`sender`, `reply_to`: `Ann Lee <ann@example.com>`, where the letter names none itself.
    Without `reply_to` answers go to the sender.

    `domain`: right of the @ in Message-ID; "" for the sender's. `list_id`: `Offers
    <offers.example.com>` (RFC 2919), "" for none. `feedback`: fields of Feedback-ID, at most four,
    the last one is the sender as Gmail shows figures for (campaign, template, stream, sender).
    `smtputf8`: the way out carries addresses that are not ASCII.
    """

    stream: Stream
    sender: str = ""
    reply_to: str = ""
    domain: str = ""
    list_id: str = ""
    feedback: tuple[str, ...] = ()
    smtputf8: bool = False


def fixed_fields(settings: StreamSettings) -> bytes:
    """The header lines that are the same for everybody. InputError `message.list_id`,
    `message.feedback`."""
    made = []
    if settings.list_id:
        made.append(_list_id(settings.list_id))
    if settings.feedback:
        made.append(plain_field("Feedback-ID", _feedback(settings.feedback)))
    if settings.stream == "transactional":
        made.append(plain_field("Auto-Submitted", "auto-generated"))  # RFC 3834: no holiday replies
    made.append(plain_field("MIME-Version", "1.0"))
    return b"".join(made)


def _list_id(said: str) -> bytes:
    found = _LIST_ID.fullmatch(cleaned(said))
    if found is None or len(said) > _LONGEST_ID:
        raise InputError(
            "message.list_id",
            f"“{said[:100]}” is not the id of a list",
            hint="Offers <offers.example.com>",
        )
    name = (found["name"] or "").strip(' "')
    listed = found["id"] or found["bare"]
    return address_field("List-ID", Mailbox(name, listed if name else f"<{listed}>"))


def _feedback(fields: Sequence[str]) -> str:
    """`campaign:template:stream:sender`; what Gmail would split or drop becomes a hyphen."""
    clean = [re.sub(r"[^A-Za-z0-9_.-]+", "-", field)[:_LONGEST].strip("-") for field in fields]
    if len(clean) > _MOST_FIELDS or not clean[-1]:
        said = "Feedback-ID has up to four fields, and the last one names the sender"
        raise InputError("message.feedback", said, where=":".join(fields)[:200])
    return ":".join(clean)
