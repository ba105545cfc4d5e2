"""What a returned mail is, once it was read."""

from datetime import date
from typing import Literal

import msgspec

from lettershop.delivery.said import BounceClass

Kind = Literal[
    "bounce",  # refused for good, or given up
    "delayed",  # the other system goes on trying: nothing has happened yet
    "delivered",  # a success that somebody asked to be told of
    "complaint",  # marked as spam by the recipient (RFC 5965)
    "auto_reply",  # out of office, received with thanks
    "challenge",  # a machine asks whether we are a person
    "unsubscribe",  # to a mailto: of List-Unsubscribe, or a reply that says nothing else
    "reply",  # a person wrote
    "other",  # nothing of all that
]
Action = Literal["", "failed", "delayed", "delivered", "relayed", "expanded"]


class Affected(msgspec.Struct, frozen=True, kw_only=True):
    """One recipient of whom a mail speaks. `address`: lower case, "" where the mail does not say;
    `original`: the address that was written to, where it was forwarded. `status`: enhanced code or
    "". `diagnostic`: what the refusing server said, one line, at most 500 characters. `rule`: the
    id of the rule that decided the class."""

    address: str = ""
    original: str = ""
    action: Action = ""
    status: str = ""
    diagnostic: str = ""
    bounce_class: BounceClass = "unclear"
    rule: str = ""


class Return(msgspec.Struct, frozen=True, kw_only=True):
    """A mail (or a provider's webhook) that came back.

    `affected`: at least one of a bounce, delayed, delivered or complaint; else empty. `message_id`,
    `references`: Message-IDs of ours that it speaks of, with <>, the surest first. `to`: every
    address it was delivered to; one may carry a token (verp.py). `sender`: who wrote it, lower
    case. `id`: its own Message-ID, or a digest of its bytes. `at`: ms of its Date header, None
    where there is none. `back`: the day an absent person is back. `snippet`: the first words of
    what a person or machine wrote, at most 200 characters. `rule`: what it was recognised by.
    `signed`: by a provider we trust, so that nobody has forged it.
    """

    kind: Kind
    id: str
    affected: tuple[Affected, ...] = ()
    message_id: str = ""
    references: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    sender: str = ""
    subject: str = ""
    at: int | None = None
    back: date | None = None
    snippet: str = ""
    rule: str = ""
    signed: bool = False

    @property
    def worst(self) -> BounceClass:
        """Of its recipients the class with the hardest act; "unclear" without any."""
        found = {one.bounce_class for one in self.affected}
        return next((one for one in _HARDEST if one in found), "unclear")


_HARDEST: tuple[BounceClass, ...] = (
    "dead", "perhaps_dead", "full", "message", "policy", "temporary", "auto_reply", "unclear",
)  # fmt: skip
