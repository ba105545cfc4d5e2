"""May a message start now? One answer per provider, from its limits and from what it has said."""

from collections.abc import Callable
from typing import Any

import msgspec
import re2

from lettershop.delivery.providers.duration import seconds
from lettershop.delivery.providers.knowledge import Knowledge, Provider, sentence
from lettershop.delivery.providers.warmup import WarmUp
from lettershop.delivery.wire import Reply
from lettershop.model.clock import DAY, SECOND, Clock


class Complaint(msgspec.Struct, frozen=True, kw_only=True):
    """A provider minded. `until`: ms, nothing is sent before; then so many connections, one more
    each `grow` ms."""

    until: int
    connections: int
    grow: int


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a reply led to, for the log: `pause` in seconds, 0 for nothing."""

    pause: int = 0
    connections: int = 0
    rule: str = ""


class _Rule(msgspec.Struct, frozen=True):
    pattern: Any
    pause: int
    connections: int
    grow: int
    text: str


class _Pool(msgspec.Struct):
    provider: Provider
    rules: tuple[_Rule, ...]
    complaint: Complaint | None = None
    tokens: float = 1.0
    filled: int = 0
    day: int = -1
    shared: int = 0
    left: int = 0


class Shaper:
    """Of one sender process; `senders` of them share what a provider bears: a number, or asked
    again and again where they come and go. No threads, no I/O.

    `warm_up`: limits by day, none when None. `sent_today`: how many a pool has got today already
    from everybody, asked for each pool once a day, and when there are more or fewer senders.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        clock: Clock,
        *,
        senders: int | Callable[[], int] = 1,
        warm_up: WarmUp | None = None,
        sent_today: Callable[[str], int] = lambda pool: 0,
    ) -> None:
        self._knowledge, self._clock = knowledge, clock
        self._count = senders if callable(senders) else lambda: senders
        self._warm_up, self._sent_today = warm_up, sent_today
        self._pools: dict[str, _Pool] = {}

    @property
    def _senders(self) -> int:
        return max(1, self._count())

    def connections(self, pool: str) -> int:
        """How many may be open now; 0 during a pause."""
        found, now = self._pool(pool), self._clock.now()
        full = max(1, found.provider.connections // self._senders)
        allowed = self._allowed(found, now)
        return full if allowed is None else min(full, allowed)

    def messages(self, pool: str) -> int:
        """Over one connection."""
        return self._pool(pool).provider.messages

    def may_start(self, pool: str) -> float:
        """Seconds to wait; 0 when a message may start now, which then counts as started."""
        found, now = self._pool(pool), self._clock.now()
        if found.complaint is not None and now < found.complaint.until:
            return (found.complaint.until - now) / SECOND
        if (wait := self._of_today(pool, found, now)) > 0:
            return wait
        if (wait := self._of_rate(found, now)) > 0:
            return wait
        found.left -= 1
        return 0.0

    def told(self, pool: str, reply: Reply) -> Told:
        """What it said, to a message or a connection, taken or not."""
        if reply.taken:
            return Told()
        found, now = self._pool(pool), self._clock.now()
        said = sentence(reply)[:2_000]
        rule = next((rule for rule in found.rules if rule.pattern.search(said)), None)
        if rule is None:
            return Told()
        until = now + rule.pause * SECOND
        known = found.complaint
        if known is not None and known.until > until:
            # Answers to what was under way when it complained harder.
            connections, until = min(known.connections, rule.connections), known.until
        else:
            connections = rule.connections
        found.complaint = Complaint(until=until, connections=connections, grow=rule.grow * SECOND)
        return Told(pause=rule.pause, connections=rule.connections, rule=rule.text)

    def complaint(self, pool: str) -> Complaint | None:
        """The last one that still has an effect."""
        found = self._pool(pool)
        self._allowed(found, self._clock.now())  # forgets one that is over
        return found.complaint

    # --- inside ---------------------------------------------------------------------------------

    def _pool(self, name: str) -> _Pool:
        found = self._pools.get(name)
        if found is None:
            rules = tuple(
                _Rule(
                    re2.compile(f"(?i){rule.match}"),
                    seconds(rule.pause),
                    rule.connections,
                    seconds(rule.grow),
                    rule.match,
                )
                for rule in self._knowledge.rules(name)
            )
            found = _Pool(self._knowledge.of(name), rules, filled=self._clock.now())
            self._pools[name] = found
        return found

    def _allowed(self, pool: _Pool, now: int) -> int | None:
        """Connections after a complaint; None when there was none, or it is over."""
        complaint = pool.complaint
        if complaint is None:
            return None
        if now < complaint.until:
            return 0
        allowed = complaint.connections + (now - complaint.until) // max(1, complaint.grow)
        if allowed >= pool.provider.connections:
            pool.complaint = None
            return None
        return allowed

    def _of_rate(self, pool: _Pool, now: int) -> float:
        """A bucket of a second's worth; after a complaint it fills as connections come back."""
        if not pool.provider.per_minute:
            return 0.0
        allowed = self._allowed(pool, now)
        share = 1.0 if allowed is None else allowed / pool.provider.connections
        rate = pool.provider.per_minute / 60 / self._senders * share
        passed = max(0, now - pool.filled) / SECOND
        pool.tokens = min(max(1.0, rate), pool.tokens + passed * rate)
        pool.filled = now
        if pool.tokens < 1 - 1e-9:
            return (1 - pool.tokens) / rate
        pool.tokens -= 1
        return 0.0

    def _of_today(self, name: str, pool: _Pool, now: int) -> float:
        """Until midnight UTC, when the day's share is used up."""
        limit = None if self._warm_up is None or not name else self._warm_up.limit(now)
        if limit is None:
            return 0.0
        senders = self._senders
        if (pool.day, pool.shared) != (now // DAY, senders):
            pool.day, pool.shared = now // DAY, senders
            pool.left = max(0, limit - self._sent_today(name)) // senders
        return (DAY - now % DAY) / SECOND if pool.left < 1 else 0.0
