"""A letter's bytes. What is the same for everybody is made once, in Blueprint; what is one
recipient's own is in Slots."""

import re
from collections.abc import Sequence
from email.utils import format_datetime
from functools import lru_cache
from typing import Final

import msgspec

from lettershop.content.letter import Rendered
from lettershop.delivery.building.address import Mailbox, a_labels, mailbox, wire_address
from lettershop.delivery.building.fields import address_field, plain_field, text_field
from lettershop.delivery.building.invitation import Invitation
from lettershop.delivery.building.parts import Attachment, attachment_part, text_part, together
from lettershop.delivery.building.stream import StreamSettings, fixed_fields
from lettershop.model.clock import SECOND, from_ms
from lettershop.model.errors import InputError

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{1,44}")
_WEB: Final = re.compile(r"(?:https?://[!-;=?-~]{1,900})?")
_MAILTO: Final = re.compile(r"(?:mailto:[!-;=?-~]{1,900})?")


class Slots(msgspec.Struct, frozen=True, kw_only=True):
    """What is one recipient's own. `id`: row of the ledger, `token`: at most 44 of A–Z a–z 0–9 _ -;
    together they are the left side of Message-ID, so they stay the same when a message is sent
    again. `at`: the Date (ms). `to`: one address, `name`: whose.

    `unsubscribe`: the address of the one-click POST (RFC 8058), `unsubscribe_mail`: `mailto:…`;
    a letter of a marketing stream needs the first.
    """

    id: int
    token: str
    to: str
    at: int
    name: str = ""
    unsubscribe: str = ""
    unsubscribe_mail: str = ""
    attachments: tuple[Attachment, ...] = ()
    invitation: Invitation | None = None


class Blueprint:
    """For one template variant and stream; safe to use from several threads.

    InputError `sender.unknown`, `message.list_id`, `message.feedback`, `attachment.type`,
    `address.invalid`.
    """

    def __init__(self, settings: StreamSettings, attachments: Sequence[Attachment] = ()) -> None:
        self.settings = settings
        self._fixed = fixed_fields(settings)
        self._files = tuple(attachment_part(file) for file in attachments)
        self._domain = a_labels(settings.domain) if settings.domain else ""
        for said in (settings.sender, settings.reply_to):
            if said:
                mailbox(said, smtputf8=settings.smtputf8)

    def build(self, rendered: Rendered, slots: Slots) -> bytes:
        """The message, CRLF, no line over 998 octets, text lines at most 76.

        InputError `address.invalid`, `address.smtputf8`, `sender.unknown`, `message.unsubscribe`,
        `message.link`, `message.token`, `attachment.type`, `invitation.time`.
        """
        if _TOKEN.fullmatch(slots.token) is None or slots.id < 0:
            raise InputError("message.token", "the token of a message is not one", where="token")
        smtputf8 = self.settings.smtputf8
        recipient = Mailbox(slots.name, wire_address(slots.to, smtputf8=smtputf8))
        sender, _ = _sender(rendered.sender or self.settings.sender, smtputf8)
        reply_to = rendered.reply_to or self.settings.reply_to
        return b"".join(
            (
                sender,
                address_field("To", recipient),
                _reply_to(reply_to, smtputf8) if reply_to else b"",
                text_field("Subject", rendered.subject),
                _date(slots.at // SECOND),
                plain_field("Message-ID", f"<{self.message_id(rendered, slots)}>"),
                self._unsubscribe(slots),
                self._fixed,
                self._content(rendered, slots, recipient),
            )
        )

    def message_id(self, rendered: Rendered, slots: Slots) -> str:
        """`id.token@domain`, without the angle brackets. InputError `sender.unknown`."""
        said = rendered.sender or self.settings.sender
        domain = self._domain or _sender(said, self.settings.smtputf8)[1]
        return f"{slots.id}.{slots.token}@{domain}"

    def _unsubscribe(self, slots: Slots) -> bytes:
        if not slots.unsubscribe and self.settings.stream == "marketing":
            said = "a marketing letter has no address to unsubscribe with one click"
            raise InputError("message.unsubscribe", said, hint="see the setting public_url")
        if not (_WEB.fullmatch(slots.unsubscribe) and _MAILTO.fullmatch(slots.unsubscribe_mail)):
            said = "a link to unsubscribe is not one that a header can hold"
            raise InputError("message.link", said, where="List-Unsubscribe")
        links = [link for link in (slots.unsubscribe, slots.unsubscribe_mail) if link]
        if not links:
            return b""
        tokens = [f"<{link}>," for link in links[:-1]] + [f"<{links[-1]}>"]
        made = plain_field("List-Unsubscribe", *tokens)
        if slots.unsubscribe:
            made += plain_field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
        return made

    def _content(self, rendered: Rendered, slots: Slots, to: Mailbox) -> bytes:
        """Text before HTML before the invitation: the best comes last (RFC 2046 5.1.4)."""
        mark = f"{slots.id}.{slots.token}"
        parts = [text_part(rendered.text, "plain")] if rendered.text or not rendered.html else []
        if rendered.html:
            parts.append(text_part(rendered.html, "html"))
        if slots.invitation is not None:
            said = slots.invitation.text(to, slots.at)
            parts.append(text_part(said, f"calendar; method={slots.invitation.method}"))
        letter = parts[0] if len(parts) == 1 else together("alternative", f"=_a{mark}", parts)
        files = [*self._files, *(attachment_part(file) for file in slots.attachments)]
        made = together("mixed", f"=_m{mark}", [letter, *files]) if files else letter
        return made if made.endswith(b"\r\n") else made + b"\r\n"


@lru_cache(maxsize=1024)
def _sender(said: str, smtputf8: bool) -> tuple[bytes, str]:
    """(the From line, its domain)."""
    if not said:
        hint = 'sender = "Ann Lee <ann@example.com>" in the template or in the settings'
        raise InputError("sender.unknown", "nobody is named as the sender", hint=hint)
    who = mailbox(said, smtputf8=smtputf8)
    return address_field("From", who), who.domain


@lru_cache(maxsize=1024)
def _reply_to(said: str, smtputf8: bool) -> bytes:
    return address_field("Reply-To", mailbox(said, smtputf8=smtputf8))


@lru_cache(maxsize=64)
def _date(second: int) -> bytes:
    return plain_field("Date", format_datetime(from_ms(second * SECOND)))
