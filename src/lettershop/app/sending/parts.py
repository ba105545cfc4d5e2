"""A sender process put together: from the settings of a workspace to what a sender needs."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from django.db.models import Count

from lettershop.app.postoffice.policies import CurrentCompliance
from lettershop.app.sending.asking import LastQuestion
from lettershop.app.sending.letters import SendingLetters
from lettershop.app.sent import TAKEN
from lettershop.cluster import processes
from lettershop.delivery.ledger.rows import Row
from lettershop.delivery.models import Message
from lettershop.delivery.providers.knowledge import Knowledge, of_workspace
from lettershop.delivery.providers.shaper import Shaper
from lettershop.delivery.providers.warmup import WarmUp, warm_up
from lettershop.delivery.returns.rules import classify
from lettershop.delivery.senders import parts
from lettershop.delivery.senders.parts import Parts, Steady
from lettershop.delivery.smtp.choosing import MAILBOX, is_direct, transport
from lettershop.delivery.smtp.exchanges import Book, DnsResolver
from lettershop.model.clock import DAY, SECOND, Clock, SystemClock, parse_instant
from lettershop.model.errors import InputError, LettershopError
from lettershop.model.settings import Settings

OUTBOX: Final = "outbox"
"""Below data/: where letters go without a mail server."""
ONE_POOL: Final = ""
SECONDS: Final = 5 * SECOND
"""Between two counts of the sender processes there are."""
NOT_PLACED: Final = "?"
"""The pool of recipients whose provider was not known when the send was frozen."""


def sender_count(settings: Settings) -> int:
    """How many sender processes there are to be."""
    return settings.senders or os.cpu_count() or 1


def make_parts(folder: Path, settings: Settings, *, clock: Clock | None = None) -> Parts:
    """Of the workspace `folder`, whose records are connected.

    InputError `settings.smtp`, `settings.warm_up`, `providers.file`, and for keys that cannot be
    read; DefinitionError for consent.toml.
    """
    clock, data = clock or SystemClock(), folder / "data"
    letters = SendingLetters(data, settings, clock=clock)
    knowledge, today = of_workspace(folder), Today(clock)
    limits = limits_of(settings, knowledge)
    fleet = Fleet(clock, sender_count(settings))

    def prepare(rows: Sequence[Row]) -> None:
        letters.prepare(rows)
        grown = fleet.look()
        if limits is not None:
            today.look(again=grown)
        fleet.tell()

    return Parts(
        builder=letters,
        transport=transport(settings.smtp, data / OUTBOX, knowledge, Book(DnsResolver())),
        may_send=LastQuestion(letters, CurrentCompliance(folder, settings, clock), clock),
        shaper=_shaper(settings, knowledge, clock, limits, today, fleet),
        classify=classify,
        prepare=prepare,
        pool_of=own_pool if is_direct(settings.smtp) else only_pool,
    )


def own_pool(provider: str) -> str:
    return provider or NOT_PLACED


def only_pool(provider: str) -> str:
    return ONE_POOL


class Fleet:
    """How many sender processes share what a provider bears: those of all machines, but never fewer
    than this one's settings want."""

    def __init__(self, clock: Clock, least: int) -> None:
        self._clock, self._least = clock, least
        self._asked_at = 0
        self._found = self._told = least

    def look(self) -> bool:
        """In the thread of the records, as often as one likes; whether there are more or fewer."""
        now = self._clock.now()
        if abs(now - self._asked_at) >= SECONDS:
            self._asked_at = now
            self._found = max(self._least, len(processes.alive("sender")))
        return self._found != self._told

    def tell(self) -> None:
        """From now on others read what was found."""
        self._told = self._found

    def __call__(self) -> int:
        return self._told


class Today:
    """How many letters each pool has got today (UTC) from all of us, asked once a day and whenever
    senders come or go."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._day = -1
        self._counts: Counter[str] = Counter()

    def look(self, *, again: bool = False) -> None:
        """In the thread of the records."""
        day = self._clock.now() // DAY
        if day == self._day and not again:
            return
        taken = Message.objects.filter(state__in=TAKEN, attempted_at__gte=day * DAY)
        asked = taken.order_by().values_list("provider").annotate(Count("id"))
        self._counts = Counter({own_pool(provider): count for provider, count in asked})
        self._day = day

    def __call__(self, pool: str) -> int:
        return self._counts[pool]


def _shaper(
    settings: Settings,
    knowledge: Knowledge,
    clock: Clock,
    limits: WarmUp | None,
    today: Today,
    fleet: Fleet,
) -> parts.Shaper:
    if settings.smtp in ("", MAILBOX):
        return Steady(connections=2)
    return Shaper(knowledge, clock, senders=fleet, warm_up=limits, sent_today=today)


def limits_of(settings: Settings, knowledge: Knowledge) -> WarmUp | None:
    said = settings.warm_up.split()
    if not said or not is_direct(settings.smtp):
        return None
    try:
        plan, day = said
        return warm_up(knowledge.plan, plan, parse_instant(day))
    except (ValueError, LettershopError) as error:
        hint = f"careful 2026-12-01; the plans are {', '.join(sorted(knowledge.plan))}"
        message = f"“{settings.warm_up}” is not a warm-up plan and its first day"
        raise InputError("settings.warm_up", message, hint=hint) from error
