"""Providers that take our letters: what they bear, what they get now, what they have asked for.

How fast letters leave is decided in the sender processes (delivery/providers/shaper.py), each of
which remembers what it was told. Here the same shaper is told the answers that the ledger has kept
of the last day, in their order, and asked what it makes of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
from django.db import connection

from lettershop.app.sending.parts import limits_of, only_pool, own_pool
from lettershop.delivery.models import Message
from lettershop.delivery.providers.knowledge import Knowledge, Provider, of_workspace
from lettershop.delivery.providers.shaper import Complaint, Shaper
from lettershop.delivery.providers.warmup import WarmUp
from lettershop.delivery.smtp.choosing import is_direct
from lettershop.delivery.wire import Reply
from lettershop.model.clock import DAY, HOUR, MINUTE, FixedClock
from lettershop.model.errors import LettershopError
from lettershop.model.settings import Settings

MOST: Final = 1_000
"""Answers of the last day that are looked at: the newest."""
_GOT: Final = """
SELECT provider, sum(CASE WHEN attempted_at > %s THEN 1 ELSE 0 END),
    sum(CASE WHEN attempted_at > %s THEN 1 ELSE 0 END), count(*)
FROM delivery_message
WHERE attempted_at >= %s AND attempted_at <= %s AND state IN ('accepted', 'unknown')
GROUP BY provider
"""
_WAITING: Final = """
SELECT m.provider, sum(CASE WHEN m.state = 'deferred' THEN 1 ELSE 0 END), count(*)
FROM delivery_send d JOIN delivery_message m ON m.send_id = d.id
WHERE d.state IN ('sending', 'paused') AND m.state IN ('planned', 'deferred')
GROUP BY m.provider
"""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider said last that was no yes, word for word; `message`: the row it was about."""

    at: int
    code: int
    status: str
    text: str
    message: int


class PoolAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`name`: "" for the one pool of a smart host, “?” for recipients whose provider is not known.
    `minute`, `hour`, `today` (UTC): letters it took. `waiting`: letters for it that are not sent
    yet, `put_off` of them because of an answer. `connections`: how many may be open now, of all
    senders together. `complaint`: what it has asked for, as long as that has an effect. `day`,
    `limit`: of the warm-up plan, None without one or when it is through."""

    name: str
    provider: Provider
    minute: int = 0
    hour: int = 0
    today: int = 0
    waiting: int = 0
    put_off: int = 0
    connections: int
    complaint: Complaint | None = None
    day: int | None = None
    limit: int | None = None
    answered: Answered | None = None
    now: int

    @property
    def paused_until(self) -> int | None:
        if self.complaint is None or self.complaint.until <= self.now:
            return None
        return self.complaint.until

    @property
    def slowed(self) -> bool:
        return self.complaint is not None

    @property
    def full(self) -> bool:
        """Its share of today is used up."""
        return self.limit is not None and self.today >= self.limit


class Pools(msgspec.Struct, frozen=True, kw_only=True):
    """`direct`: we hand letters to recipients' own servers; else one smart host (or a folder) takes
    them all. `plan`: of the warm-up, "" for none. `problem`: why the list of providers or the
    setting cannot be read."""

    items: tuple[PoolAnswer, ...]
    direct: bool
    plan: str = ""
    problem: str = ""


def pools(path: Path, settings: Settings, now: int) -> Pools:
    """Those that got something today, or wait for something; the most first. `path`: of the
    workspace, whose records are connected."""
    direct = is_direct(settings.smtp)
    try:
        known = of_workspace(path)
        limits = limits_of(settings, known)
    except LettershopError as error:
        return Pools(items=(), direct=direct, problem=error.message)
    found = [*_pools(known, limits, own_pool if direct else only_pool, now)]
    found.sort(key=lambda one: (not one.slowed, -one.waiting, -one.today, one.name))
    return Pools(items=tuple(found), direct=direct, plan=limits.plan.label if limits else "")


def known_providers(path: Path) -> Mapping[str, Provider]:
    """All that are described. InputError `providers.file`."""
    return of_workspace(path).provider


def _pools(
    known: Knowledge, limits: WarmUp | None, pool_of: Callable[[str], str], now: int
) -> Iterator[PoolAnswer]:
    got, waiting = _got(pool_of, now), _waiting(pool_of)
    answers = _answers(pool_of, now)
    shaper = _told(known, answers, now)
    for name in {*got, *waiting, *answers}:
        minute, hour, today = got.get(name, (0, 0, 0))
        put_off, open_ = waiting.get(name, (0, 0))
        day = now // DAY - limits.start // DAY + 1 if limits else None
        yield PoolAnswer(
            name=name,
            provider=known.of(name),
            minute=minute,
            hour=hour,
            today=today,
            waiting=open_,
            put_off=put_off,
            connections=shaper.connections(name),
            complaint=shaper.complaint(name),
            day=day,
            limit=limits.limit(now) if limits and name else None,
            answered=answers[name][-1] if name in answers else None,
            now=now,
        )


def _told(known: Knowledge, answers: Mapping[str, Sequence[Answered]], now: int) -> Shaper:
    clock = FixedClock(now)
    shaper = Shaper(known, clock)
    for pool, said in answers.items():
        for one in said:
            clock.at = one.at
            shaper.told(pool, Reply(code=one.code, status=one.status, text=one.text))
    clock.at = now
    return shaper


def _got(pool_of: Callable[[str], str], now: int) -> Mapping[str, tuple[int, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_GOT, [now - MINUTE, now - HOUR, now // DAY * DAY, now])
        rows = cursor.fetchall()
    found: dict[str, tuple[int, int, int]] = {}
    for provider, minute, hour, today in rows:
        a, b, c = found.get(pool_of(provider), (0, 0, 0))
        found[pool_of(provider)] = a + int(minute), b + int(hour), c + int(today)
    return found


def _waiting(pool_of: Callable[[str], str]) -> Mapping[str, tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        rows = cursor.fetchall()
    found: dict[str, tuple[int, int]] = {}
    for provider, put_off, open_ in rows:
        a, b = found.get(pool_of(provider), (0, 0))
        found[pool_of(provider)] = a + int(put_off), b + int(open_)
    return found


def _answers(pool_of: Callable[[str], str], now: int) -> Mapping[str, list[Answered]]:
    """By pool, the oldest first."""
    recent = Message.objects.filter(attempted_at__gte=now - DAY, attempted_at__lte=now)
    refused = recent.filter(state__in=("deferred", "refused"), code__gte=400)
    names = ("provider", "attempted_at", "code", "status", "text", "id")
    newest = refused.order_by("-attempted_at", "-id").values_list(*names)[:MOST]
    found: dict[str, list[Answered]] = {}
    for provider, at, code, status, text, message in reversed(newest):
        said = Answered(at=at, code=code, status=status, text=text, message=message)
        found.setdefault(pool_of(provider), []).append(said)
    return found
