"""Sends and editions that letters are being built of, held in memory."""

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from lettershop.app.typeset import Typeset, typeset
from lettershop.content.liquid.compiled import CompiledLetter
from lettershop.delivery.building import Blueprint
from lettershop.delivery.editions import edition
from lettershop.delivery.ledger import planning
from lettershop.delivery.ledger.content import SendContent, content_of
from lettershop.delivery.tracking.marks import Marking
from lettershop.model.clock import HOUR, MINUTE
from lettershop.model.errors import LettershopError, NotFound

FRESH: Final = MINUTE
"""For how long what the records said of a send holds."""
KEPT: Final = HOUR
"""How long after they were last needed sends and editions are kept: longer than any lease."""


class HeldSend(msgspec.Struct, kw_only=True):
    """`read_at`: ms; None for one that was introduced, which the records do not know (yet).
    `blueprints`: by digest of the edition."""

    key: str
    stream: str
    content: SendContent
    read_at: int | None = None
    needed_at: int
    blueprints: dict[str, Blueprint] = {}


class HeldEdition(msgspec.Struct, kw_only=True):
    """`typeset`: why there is none, where it cannot be had. `letters`: by language asked for."""

    typeset: Typeset | LettershopError
    needed_at: int
    letters: dict[str, CompiledLetter] = {}

    def letter(self, language: str) -> CompiledLetter:
        """LettershopError."""
        found = self.letters.get(language)
        if found is None:
            if isinstance(self.typeset, LettershopError):
                raise self.typeset
            found = self.letters[language] = self.typeset.letter(language)
        return found


class Shelf:
    """`fetch` in the thread of the records; `send` and `edition` anywhere, without I/O."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._sends: dict[int, HeldSend] = {}
        self._editions: dict[str, HeldEdition] = {}

    def introduce(self, number: int, key: str, stream: str, content: SendContent) -> None:
        at = self._now()
        self._sends[number] = HeldSend(key=key, stream=stream, content=content, needed_at=at)

    def send(self, number: int) -> HeldSend:
        """NotFound `send.unknown`."""
        found = self._sends.get(number)
        if found is None:
            raise NotFound("send.unknown", f"send {number} was not prepared")
        return found

    def edition(self, digest: str) -> HeldEdition:
        """NotFound `edition.unknown`."""
        found = self._editions.get(digest)
        if found is None:
            raise NotFound("edition.unknown", f"edition “{digest}” was not prepared")
        return found

    def fetch(self, sends: Iterable[int], digests: Iterable[str]) -> None:
        now = self._now()
        for number in sends:
            self._fetch_send(number, now)
        for digest in digests:
            held = self._editions.get(digest)
            if held is None or isinstance(held.typeset, NotFound):
                held = self._editions[digest] = HeldEdition(typeset=_typeset(digest), needed_at=now)
            held.needed_at = now
        self._forget(now)

    def _fetch_send(self, number: int, now: int) -> None:
        """One that cannot be read is not there: its letters fail with that reason."""
        held = self._sends.get(number)
        if held is None or (held.read_at is not None and now - held.read_at >= FRESH):
            try:
                row = planning.send(number)
                content = content_of(row.content)
            except (NotFound, msgspec.ValidationError):
                self._sends.pop(number, None)
                return
            if held is None or (content, row.stream) != (held.content, held.stream):
                held = HeldSend(key=row.key, stream=row.stream, content=content, needed_at=now)
                self._sends[number] = held
            held.read_at = now
        held.needed_at = now

    def _forget(self, now: int) -> None:
        """Of sends and editions nobody has needed for long; what was introduced stays."""
        for number, send in list(self._sends.items()):
            if send.read_at is not None and now - send.needed_at > KEPT:
                del self._sends[number]
        for digest, held in list(self._editions.items()):
            if now - held.needed_at > KEPT:
                del self._editions[digest]


def _typeset(digest: str) -> Typeset | LettershopError:
    try:
        return typeset(edition(digest), Marking())
    except LettershopError as error:
        return error
