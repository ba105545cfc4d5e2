"""What builds letters of sends: asked by sender processes, by preflight before they leave, and by
those who look at a letter again as its recipient got it."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from lettershop.content.letter import Rendered
from lettershop.delivery.ledger.content import SendContent
from lettershop.delivery.ledger.rows import Kind, Planned, Row
from lettershop.delivery.senders.parts import Built, Withheld


class Letters(Protocol):
    """Implemented by letters.py (SendingLetters)."""

    def introduce(self, send: int, key: str, stream: str, content: SendContent) -> None:
        """A send that is not in the ledger yet (preflight: number 0), or a newer state of one."""
        ...

    def prepare(self, rows: Sequence[Row]) -> None:
        """Read of the records what these rows need: their sends and editions. In the thread of the
        records; afterwards `build` and `rendered` do no I/O."""
        ...

    def build(self, row: Row) -> Built | Withheld:
        """Rendered, written, signed. Withheld `suppressed` as a skip policy says, `failed` for what
        cannot be made (a broken letter, an address that is none); never raises for a row."""
        ...

    def rendered(self, row: Row) -> Rendered | Withheld:
        """As its recipient reads it, with the links it has."""
        ...


class Sketch(msgspec.Struct, frozen=True, kw_only=True):
    """Of which send a row would be that is not in the ledger yet."""

    send: int = 0
    kind: Kind = "campaign"
    stream: str = "marketing"


def row_of(planned: Planned, number: int, sketch: Sketch, at: int) -> Row:
    """A planned row as a sender will have it, before it is in the ledger. `number`: any, unique
    among those that are looked at together. `at`: ms; its Date is when it is built."""
    return Row(
        id=number,
        send=sketch.send,
        kind=sketch.kind,
        stream=sketch.stream,
        contact=planned.contact,
        account=planned.account,
        piece=planned.piece,
        address=planned.address,
        domain=planned.address.rpartition("@")[2].lower(),
        provider=planned.provider,
        variant=planned.variant,
        language=planned.language,
        digest=planned.digest,
        attempts=0,
        unsure=0,
        planned_at=at,
        held_until=0,
        message_id="",
        values=planned.values,
        shown=planned.shown,
    )
