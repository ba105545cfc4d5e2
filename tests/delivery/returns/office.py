"""A small office that takes in returns: a ledger of a few letters, a memory of bounces, a clock."""

from collections.abc import Sequence

import msgspec

from lettershop.delivery.returns.acts import Action, Past, Suppress
from lettershop.delivery.returns.correlating import Mailed, Match
from lettershop.delivery.returns.said import Return
from lettershop.delivery.returns.taking import Taken, Taking
from lettershop.delivery.returns.verp import verp
from lettershop.delivery.said import EmailEvent
from lettershop.model.clock import DAY, FixedClock
from tests.delivery.returns.mails import LETTER

SECRET = b"the secret of the workspace"
MONDAY = 1795424400000  # 2026-11-23 09:00 UTC
BOB = Mailed(
    row=71,
    send=5,
    stream="marketing",
    contact="user:bob",
    account="client",
    address="Bob@client.example",
    message_id=LETTER,
    at=MONDAY - DAY,
)


class Office:
    """Sent, History and Doing at once; `at(day)` moves the clock."""

    def __init__(self, *letters: Mailed) -> None:
        self.letters = letters or (BOB,)
        self.past: list[Past] = []
        self.suppressed: list[Suppress] = []
        self.stopped: list[int] = []
        self.told: list[str] = []
        self.against_stream = 0
        self.facts: dict[str, EmailEvent] = {}
        self.clock = FixedClock(MONDAY)

    def take(self, raw: bytes, *to: str, day: int = 0) -> Taken:
        self.clock = FixedClock(MONDAY + day * DAY)
        return Taking(self, self, self, SECRET, self.clock).mail(raw, to)

    def address(self, row: int = 71) -> str:
        """Of the letter with that row; 71 + day for that of another day."""
        return verp(SECRET, row, "news.acme.example")

    def by_row(self, row: int) -> Mailed | None:
        """Letters 71 to 171 all went to Bob, one a day."""
        if 71 <= row <= 171 and self.letters == (BOB,):
            return msgspec.structs.replace(BOB, row=row)
        return next((one for one in self.letters if one.row == row), None)

    def by_message_id(self, ids: Sequence[str]) -> Mailed | None:
        return next((one for i in ids for one in self.letters if one.message_id == i), None)

    def by_address(self, address: str, after: int, before: int) -> Mailed | None:
        return next(
            (
                one
                for one in self.letters
                if one.address.lower() == address.lower() and after <= one.at <= before
            ),
            None,
        )

    def since_success(self, address: str) -> Sequence[Past]:
        return self.past

    def suppress(self, what: Suppress, mailed: Mailed) -> None:
        self.suppressed.append(what)

    def count(self, match: Match, action: Action, at: int) -> None:
        if action.counts == "stream":
            self.against_stream += 1
        elif match.affected is not None:
            self.past.append(Past(at, match.affected.bounce_class, match.mailed.row))

    def stop(self, send: int, why: str) -> None:
        self.stopped.append(send)

    def tell(self, mailed: Mailed, found: Return, why: str) -> None:
        self.told.append(why)

    def emit(self, facts: Sequence[EmailEvent]) -> None:
        self.facts |= {one.message_id: one for one in facts}
