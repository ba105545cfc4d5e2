"""A row of the ledger becomes the message its recipient gets: rendered, written, signed."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from lettershop.app.sending.frozen import Opened, is_test, opened
from lettershop.app.sending.marks import LEAVE, Marks
from lettershop.app.sending.shelf import HeldSend, Shelf
from lettershop.compliance.policy import load_policy
from lettershop.content.letter import Broken, Rendered, Skipped
from lettershop.content.liquid.compiled import CompiledLetter
from lettershop.content.template import Template
from lettershop.delivery import enclosures
from lettershop.delivery.building import Attachment, Blueprint, Slots, mailbox, wire_address
from lettershop.delivery.building.stream import StreamSettings
from lettershop.delivery.dkim.folder import FOLDER
from lettershop.delivery.dkim.ring import KeyRing
from lettershop.delivery.ledger.content import Recipient, SendContent, numbered_from
from lettershop.delivery.ledger.rows import Row
from lettershop.delivery.senders.parts import Built, Withheld
from lettershop.delivery.tracking.links import unmarked
from lettershop.delivery.wire import Outgoing
from lettershop.model.clock import SECOND, Clock, SystemClock
from lettershop.model.errors import InputError, LettershopError
from lettershop.model.settings import Settings

LONGEST: Final = 200
"""Characters of a reason: what the ledger keeps."""
REMEMBERED: Final = 4_096
"""Rows that were built lately, whose recipients need not be opened again to be asked about."""


class About(NamedTuple):
    """What has to be known of a row to ask whether it may go."""

    content: SendContent
    recipient: Recipient
    is_test: bool


class _Readable(NamedTuple):
    """A letter as its recipient reads it, and what it was made of."""

    rendered: Rendered
    send: HeldSend
    letter: CompiledLetter
    opened: Opened
    leave: str


class SendingLetters:
    """See contract.Letters. `data`: the workspace's folder for data. Once rows are prepared,
    `rendered`, `unfollowed` and `about` may be called from any thread, `build` from one.

    InputError for DKIM keys that cannot be read; DefinitionError for consent.toml.
    """

    def __init__(self, data: Path, settings: Settings, *, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._marks = Marks(data, settings)
        self._shelf = Shelf(self._clock.now)
        self._streams = load_policy(data.parent).streams
        self._files = enclosures.Held()
        self._ring = KeyRing(data / FOLDER, clock=self._clock)
        self._signer = self._ring.signer()
        self._recipients: dict[int, Recipient] = {}

    # --- what is needed -------------------------------------------------------------------------

    def introduce(self, send: int, key: str, stream: str, content: SendContent) -> None:
        self._shelf.introduce(send, key, stream, content)

    def prepare(self, rows: Sequence[Row]) -> None:
        self._signer = self._ring.signer()
        self._shelf.fetch({row.send for row in rows}, {row.digest for row in rows})
        self._files.fetch([row.id for row in rows if row.kind == "transactional"])

    def about(self, row: Row) -> About | Withheld:
        known = self._recipients.get(row.id)
        if known is None:
            found = opened(row)
            if isinstance(found, Withheld):
                return found
            known = found.recipient
        try:
            content = self._shelf.send(row.send).content
        except LettershopError as error:
            return _failed(f"{error.code}: {error.message}")
        return About(content, known, is_test(row.kind, known))

    # --- one letter -----------------------------------------------------------------------------

    def build(self, row: Row) -> Built | Withheld:
        found = self._read(row, followed=True)
        if isinstance(found, Withheld):
            return found
        self._remember(row.id, found.opened.recipient)
        files: tuple[Attachment, ...] | None = ()
        if found.opened.enclosed.files:
            files = self._files.take(row.id)
        if files is None:  # others had to be held first
            return Withheld("deferred", "files", self._clock.now() + SECOND)
        if len(files) != found.opened.enclosed.files:
            return _failed(f"files: {len(files)} of {found.opened.enclosed.files} are there")
        try:
            return self._built(row, found, files)
        except InputError as error:
            return _failed(f"{error.code}: {error.message}")

    def rendered(self, row: Row) -> Rendered | Withheld:
        found = self._read(row, followed=True)
        return found if isinstance(found, Withheld) else found.rendered

    def unfollowed(self, row: Row) -> Rendered | Withheld:
        """As `rendered`, but with the links as the template says them."""
        found = self._read(row, followed=False)
        return found if isinstance(found, Withheld) else found.rendered

    def _read(self, row: Row, *, followed: bool) -> _Readable | Withheld:
        found = opened(row)
        if isinstance(found, Withheld):
            return found
        try:
            send = self._shelf.send(row.send)
            letter = self._shelf.edition(row.digest).letter(row.language)
        except LettershopError as error:
            return _failed(f"{error.code}: {error.message}")
        links = self._marks.links(row.id)
        result = letter.render(found.values | links, row.shown)
        match result:
            case Skipped(reason=reason):
                return Withheld("suppressed", f"skip: {reason}"[:LONGEST])
            case Broken(findings=findings):
                return _failed(f"broken: {findings[0].message}")
            case Rendered():
                counted = followed and not is_test(row.kind, found.recipient)
                html = self._linked(result.html, row, send) if counted else unmarked(result.html)
                made = msgspec.structs.replace(result, html=html)
                return _Readable(made, send, letter, found, links[LEAVE])

    def _remember(self, row: int, recipient: Recipient) -> None:
        while len(self._recipients) >= REMEMBERED:
            del self._recipients[next(iter(self._recipients))]
        self._recipients[row] = recipient

    def _linked(self, html: str, row: Row, send: HeldSend) -> str:
        own = self._marks.addresses
        html = own.follow(html, row.id, row.send, numbered_from(send.content, row.variant))
        return own.with_pixel(html, row.id, row.send) if send.content.pixel else html

    def _built(self, row: Row, found: _Readable, files: tuple[Attachment, ...]) -> Built:
        blueprint = self._blueprint(row, found)
        rendered, marks = found.rendered, self._marks
        marketing = blueprint.settings.stream == "marketing"
        slots = Slots(
            id=row.id,
            token=marks.token(row.id, row.message_id),
            to=row.address,
            name=found.opened.recipient.name,
            attachments=files,
            invitation=found.opened.enclosed.invitation,
            at=self._clock.now(),
            unsubscribe=found.leave if marketing else "",
            unsubscribe_mail=marks.leave_mail(row.id) if marketing else "",
        )
        content = blueprint.build(rendered, slots)
        sender = _address(rendered.sender or blueprint.settings.sender)
        outgoing = Outgoing(
            id=row.id,
            sender=marks.envelope_sender(row.id, sender),
            recipient=wire_address(row.address),
            content=self._signature(content) + content,
        )
        return Built(outgoing, f"<{blueprint.message_id(rendered, slots)}>")

    def _signature(self, content: bytes) -> bytes:
        """b"" where there is no key for the sender's domain: preflight minds, the wire does not."""
        try:
            return self._signer.sign(content)
        except InputError as error:
            if error.code != "dkim.no_key":
                raise
            return b""

    def _blueprint(self, row: Row, found: _Readable) -> Blueprint:
        """InputError as Blueprint."""
        known = found.send.blueprints.get(row.digest)
        if known is None:
            known = Blueprint(self._settings(found.send, found.letter))
            found.send.blueprints[row.digest] = known
        return known

    def _settings(self, send: HeldSend, letter: CompiledLetter) -> StreamSettings:
        stream, domain = self._streams.get(send.stream), _domain(letter.template, send.content)
        fields = (send.key, letter.template.name, send.stream, domain)
        return StreamSettings(
            stream="transactional" if stream and stream.transactional else "marketing",
            sender=send.content.sender,
            reply_to=send.content.reply_to,
            feedback=fields if domain else (),
        )


@lru_cache(maxsize=256)
def _address(sender: str) -> str:
    return mailbox(sender).address


def _domain(template: Template, content: SendContent) -> str:
    """The sender's, as far as it is the same for everybody; "" where it is not."""
    said = template.sender or content.sender
    return "" if not said or "{" in said else mailbox(said).domain


def _failed(reason: str) -> Withheld:
    return Withheld("failed", reason[:LONGEST])
