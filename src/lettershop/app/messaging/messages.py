"""Messages asked for one by one: what somebody waits for, as a receipt or a new password.

    asked before? -> reading.py (who, what the letter reads) -> rendered and written once,
        so that what cannot be sent is refused now -> may it go? -> a row of the ledger

The letter that was rendered here is thrown away: senders build it again from the row. A row is of
the send `transactional:TEMPLATE`, which is never done.
"""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec
from django.db import IntegrityError, transaction

from lettershop.app.compliance import Compliance
from lettershop.app.freezing.providers import domain_of, providers_of
from lettershop.app.letters import Letters
from lettershop.app.messaging.answers import MessageAnswer, NewMessage, message_answer
from lettershop.app.messaging.reading import LINKS, Reading, reading
from lettershop.app.messaging.shelf import ReadyTemplates
from lettershop.app.sending.questions import answer_of, question_of
from lettershop.app.surroundings import check_given
from lettershop.app.typeset import Typeset
from lettershop.compliance.rules import TRANSACTIONAL
from lettershop.content.catalog.assortment import Assortments
from lettershop.content.letter import Broken, Rendered, Skipped
from lettershop.delivery import enclosures
from lettershop.delivery.building import Blueprint, Slots, StreamSettings
from lettershop.delivery.editions import keep
from lettershop.delivery.enclosures import Enclosed
from lettershop.delivery.ledger import controls, planning
from lettershop.delivery.ledger.content import RECIPIENT, SendContent, content_of
from lettershop.delivery.ledger.rows import Planned, SendRow
from lettershop.delivery.ledger.snapshot import freeze
from lettershop.delivery.models import Message, MessageRequest
from lettershop.model.clock import DAY
from lettershop.model.errors import DefinitionError, InputError, UsageError, WorkspaceError

MOST_BYTES: Final = 10 * 1024 * 1024
"""Of all files of a message together."""
MOST_FILES: Final = 50
LONGEST_KEY: Final = 200
LATEST: Final = 366 * DAY
ENDED: Final = ("aborted", "done")
UNSENT: Final = "unsent"
"""In place of what tells a letter from all others, where it is only tried."""


class Messages:
    """One principal's, inside a reader's snapshot with the records connected. `templates` and
    `catalogs`: held between messages."""

    def __init__(
        self,
        letters: Letters,
        templates: ReadyTemplates | None = None,
        catalogs: Assortments | None = None,
    ) -> None:
        self._letters, self._workspace = letters, letters.workspace
        self._templates = templates or ReadyTemplates()
        self._catalogs = catalogs or Assortments()

    def send(self, new: NewMessage) -> tuple[MessageAnswer, bool]:
        """The message, and whether it is new. It leaves as soon as a sender takes it; one that may
        not be sent is kept as suppressed, with the reason.

        WorkspaceError `request.key_reused`; NotFound `template.unknown` and those of `reading`;
        DefinitionError for a template or a letter that is broken; UsageError `message.skipped`,
        `message.marketing`, `message.at`, `message.data`, `message.key`, and those of `reading`;
        InputError `message.files`, and those of Blueprint.build.
        """
        _checked(new, self._workspace.clock.now())
        asked = _Asked(new.key or secrets.token_hex(16), _digest(new))
        earlier = _earlier(asked)
        if earlier is not None:
            return earlier, False
        at = self._workspace.clock.now()
        ready = self._templates.named(self._letters, new.template)
        _transactional(ready)
        found = reading(self._letters, ready, new, at, self._catalogs)
        self._try(found, new, at)
        planned = self._planned(ready, found, new, asked.key, at)
        try:
            return message_answer(self._written(ready, planned, new, asked, at)), True
        except IntegrityError:  # the same was asked for just now by somebody else
            earlier = _earlier(asked)
            if earlier is None:
                raise
            return earlier, False

    # --- refused now, rather than failed later --------------------------------------------------

    def _try(self, found: Reading, new: NewMessage, at: int) -> None:
        """Render and write it as a sender will."""
        settings = self._workspace.settings
        stream = StreamSettings(stream="transactional", sender=settings.sender)
        slots = Slots(
            id=0,
            token=UNSENT,
            to=found.address,
            name=found.recipient.name,
            at=at,
            attachments=new.files,
            invitation=new.invitation,
        )
        Blueprint(stream).build(_rendered(found), slots)

    # --- written --------------------------------------------------------------------------------

    def _planned(
        self, ready: Typeset, found: Reading, new: NewMessage, key: str, at: int
    ) -> Planned:
        values = {name: value for name, value in found.values.items() if name not in LINKS}
        values[RECIPIENT] = msgspec.to_builtins(found.recipient)
        values |= Enclosed(files=len(new.files), invitation=new.invitation).frozen()
        row = Planned(
            contact=found.identity,
            address=found.address,
            account=found.account,
            piece=key,
            provider=self._provider(found.address, at),
            language=found.letter.variant.language,
            digest=ready.template.digest,
            values=freeze(values),
            shown=tuple(found.shown),
            due_at=new.at,
        )
        return msgspec.structs.replace(row, suppressed=self._against(row, found, at))

    def _provider(self, address: str, at: int) -> str:
        """Who takes its mail, "" where nobody knows."""
        domain = domain_of(address)
        workspace = self._workspace
        found = providers_of(workspace.path, workspace.settings, [domain], at)
        return found.get(domain, "")

    def _against(self, row: Planned, found: Reading, at: int) -> str:
        """Why it may not be sent, "" when it may."""
        workspace = self._workspace
        gate = Compliance(workspace.path, workspace.settings, clock=workspace.clock).gate
        asked = question_of(row, TRANSACTIONAL, self._content(""), found.recipient)
        return answer_of(gate.may_send(asked, at)).suppressed

    def _written(
        self, ready: Typeset, row: Planned, new: NewMessage, asked: "_Asked", at: int
    ) -> int:
        """Its number. IntegrityError when its key was used meanwhile."""
        with transaction.atomic():
            send = self._send(ready, at)
            planning.plan(send.id, [row], at)
            mine = Message.objects.filter(contact=row.contact, send=send.id, piece=row.piece)
            number: int = mine.values_list("id", flat=True).get()
            MessageRequest.objects.create(key=asked.key, digest=asked.digest, message_id=number)
            enclosures.keep(number, new.files)
        return number

    def _send(self, ready: Typeset, at: int) -> SendRow:
        """The newest send of the template. One that was aborted is followed by another, and so is
        one that says another sender: what has left stays as it was sent."""
        template = ready.template
        content = self._content(template.name, keep(template, at))
        for turn in range(1, 1_000):
            key = f"transactional:{template.name}{f'#{turn}' if turn > 1 else ''}"
            send = planning.begin(
                key,
                kind="transactional",
                name=template.name,
                stream=TRANSACTIONAL,
                at=at,
                content=content.json(),
            )
            if send.state not in ENDED and _same(send.content, content):
                return controls.start(send.id, at) if send.state == "holding" else send
        raise UsageError("send.ended", f"too many sends of “{template.name}” were aborted")

    def _content(self, template: str, digest: str = "") -> SendContent:
        return SendContent(
            templates={"": digest} if digest else {},
            template=template,
            sender=self._workspace.settings.sender,
        )


class _Asked(NamedTuple):
    key: str
    digest: str


def _rendered(found: Reading) -> Rendered:
    """DefinitionError, UsageError `message.skipped`."""
    match found.letter.render(found.values, found.shown):
        case Broken(findings=findings):
            raise DefinitionError([*findings])
        case Skipped(reason=reason):
            message = f"{found.identity} gets no letter: {reason}"
            raise UsageError("message.skipped", message, hint="see [missing] of the template")
        case Rendered() as made:
            return made


def _transactional(ready: Typeset) -> None:
    if ready.template.stream != "transactional":
        name = ready.template.name
        raise UsageError(
            "message.marketing",
            f"“{name}” is marketing, which goes out in campaigns only",
            where="template",
            hint='lettershop campaign, or stream = "transactional" in the template',
        )


def _same(said: Mapping[str, Any], content: SendContent) -> bool:
    """But for the edition, which each row names itself."""
    known = content_of(said)
    return msgspec.structs.replace(known, templates={}) == msgspec.structs.replace(
        content, templates={}
    )


def _earlier(asked: _Asked) -> MessageAnswer | None:
    """What was asked for under this key. WorkspaceError `request.key_reused` when it was something
    else."""
    known = MessageRequest.objects.filter(key=asked.key).values_list("message", "digest").first()
    if known is None:
        return None
    number, digest = known
    if digest != asked.digest:
        hint = f"that is message {number}; use a new key for a new message"
        message = "this key was used for another message"
        raise WorkspaceError("request.key_reused", message, where="key", hint=hint)
    return message_answer(number)


def _digest(new: NewMessage) -> str:
    """Of everything it says but the key."""
    said = msgspec.to_builtins(msgspec.structs.replace(new, key=""), str_keys=True)
    return hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()


def _checked(new: NewMessage, now: int) -> None:
    if len(new.key) > LONGEST_KEY or not all("!" <= c <= "~" for c in new.key):
        message = f"a key is 1 to {LONGEST_KEY} visible ASCII characters"
        raise UsageError("message.key", message, where="key")
    if new.at > now + LATEST:
        raise UsageError("message.at", "a message waits for a year at most", where="at")
    if len(new.files) > MOST_FILES or sum(len(one.content) for one in new.files) > MOST_BYTES:
        message = f"at most {MOST_FILES} files and {MOST_BYTES // 1024**2} MB in all"
        raise InputError("message.files", message, where="attachments")
    check_given(new.data)
