"""All rows, once: each letter rendered, written, signed and looked at; each person asked about."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, TypeVar

from django.db.models import Q

from lettershop.app.compliance import Compliance
from lettershop.app.preflight.rows import MANY, Looked
from lettershop.app.sending.letters import SendingLetters
from lettershop.app.sending.questions import question_of
from lettershop.campaigns.definition import Campaign
from lettershop.campaigns.preflight.audience import People
from lettershop.campaigns.preflight.findings import EXAMPLES
from lettershop.campaigns.preflight.messages import Messages
from lettershop.compliance.book import among
from lettershop.compliance.models import Suppression
from lettershop.delivery.ledger.content import Recipient, SendContent
from lettershop.delivery.ledger.rows import Row
from lettershop.delivery.models import Message
from lettershop.delivery.senders.parts import Built, Withheld
from lettershop.model.clock import DAY

LONGEST: Final = 100
KINDS: Final = 50
Kind = TypeVar("Kind")


class Pass:
    """What was found. `letters`: rows that are to be sent; `providers`: of them, by who takes their
    mail; `broken`: why some cannot be made; `shared`: other sends of these days, by name, and
    `both`: recipients that are in any of them."""

    def __init__(
        self,
        campaign: Campaign,
        letters: SendingLetters,
        messages: Messages,
        compliance: Compliance,
        *,
        send: int,
        at: int,
    ) -> None:
        self._letters, self._compliance = letters, compliance
        self._send, self._at = send, at
        self._known = campaign.stream in compliance.policy.streams
        self.messages, self.people = messages, People(campaign, compliance.policy)
        self.letters = 0
        self.providers: Counter[str] = Counter()
        self.broken: Counter[str] = Counter()
        self.broken_examples: list[str] = []
        self.shared: Counter[str] = Counter()
        self.both = 0
        self.both_examples: list[str] = []

    def over(self, rows: Iterable[Looked], progress: Callable[[int], None]) -> None:
        """`progress`: of rows; what it raises ends the pass."""
        done = 0
        for some in batches(rows, MANY):
            sending = [one.row for one in some if not one.suppressed]
            for one in some:
                if one.suppressed:
                    self.people.left_out(one.suppressed)
            self._build(sending)
            self._ask(sending)
            self._others(sending)
            done += len(some)
            progress(done)

    def _build(self, rows: Sequence[Row]) -> None:
        self._letters.prepare(rows)
        for row in rows:
            made = self._letters.build(row)
            if isinstance(made, Built):
                self.letters += 1
                self.providers[row.provider] += 1
                self.messages.look(row.id, row.contact, made.outgoing)
            elif made.kind == "failed":
                self._broke(row, made.reason)
            else:
                self.people.left_out(made.reason)

    def _broke(self, row: Row, reason: str) -> None:
        kind = reason[:LONGEST]
        self.broken[kind if kind in self.broken or len(self.broken) < KINDS else "others"] += 1
        if len(self.broken_examples) < EXAMPLES:
            self.broken_examples.append(row.contact)

    def _ask(self, rows: Sequence[Row]) -> None:
        """Again, as in the last moment; and whether somebody was made mailable behind our back."""
        if not self._known:
            return
        asked = [(row, about) for row in rows if (about := self._recipient(row)) is not None]
        questions = [question_of(row, row.stream, content, who) for row, (content, who) in asked]
        verdicts = self._compliance.gate.may_send_many(questions, self._at)
        for (row, (_, who)), verdict in zip(asked, verdicts, strict=True):
            self.people.asked(row.contact, verdict, hygiene=who.hygiene, country=who.country)
        self._revived(rows)

    def _recipient(self, row: Row) -> tuple[SendContent, Recipient] | None:
        found = self._letters.about(row)
        return None if isinstance(found, Withheld) else (found.content, found.recipient)

    def _revived(self, rows: Sequence[Row]) -> None:
        """A suppression ends by somebody's word, by the person's own, or by the clock: each says
        why."""
        hashes = self._compliance.book.hash_many([row.address for row in rows])
        ended = Suppression.objects.filter(hash__in=among({*hashes} - {""}), lifted_why="")
        silent = {*ended.filter(lifted_at__isnull=False).values_list("hash", flat=True)}
        if silent:
            for row, hashed in zip(rows, hashes, strict=True):
                if hashed in silent:
                    self.people.revived(row.contact)

    def _others(self, rows: Sequence[Row]) -> None:
        waiting = Q(
            state__in=("planned", "leased", "attempting", "deferred"),
            send__state__in=("holding", "sending", "paused"),
        )
        lately = Q(state="accepted", attempted_at__gte=self._at - DAY)
        found = Message.objects.filter(
            waiting | lately,
            contact__in=among({row.contact for row in rows}),
            send__kind="campaign",
        ).exclude(send=self._send)
        pairs = {*found.values_list("contact", "send__name")}
        self.shared.update(name for _, name in sorted(pairs))
        both = {contact for contact, _ in pairs}
        self.both += len(both)
        self.both_examples += sorted(both)[: EXAMPLES - len(self.both_examples)]


def batches(rows: Iterable[Kind], many: int) -> Iterator[list[Kind]]:
    walk = iter(rows)
    while some := [*islice(walk, many)]:
        yield some
