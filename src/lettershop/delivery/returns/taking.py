"""Taking in what came back: read, correlate, act, tell. Safe to repeat for the same mail.

    mail -> Return -> Match (whose letter) -> Action -> suppressed, stopped, told, a fact

The parties are the needy one's Protocols; app/ introduces them.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from lettershop.delivery.returns.acts import Action, History, Suppress, act
from lettershop.delivery.returns.correlating import Mailed, Match, Sent, correlate
from lettershop.delivery.returns.events import events
from lettershop.delivery.returns.reading import read
from lettershop.delivery.returns.said import Return
from lettershop.delivery.said import EmailEvent
from lettershop.model.clock import Clock


class Doing(Protocol):
    """Carries acts out. Each may be called again for the same thing (the same letter, the same act)
    and then changes nothing."""

    def suppress(self, what: Suppress, mailed: Mailed) -> None: ...

    def count(self, match: Match, action: Action, at: int) -> None:
        """Against the address (History answers with it later) or against the stream."""
        ...

    def stop(self, send: int, why: str) -> None: ...

    def tell(self, mailed: Mailed, found: Return, why: str) -> None:
        """The manager of the account."""
        ...

    def emit(self, facts: Sequence[EmailEvent]) -> None: ...


class Taken(msgspec.Struct, frozen=True):
    """`done`: what was decided of each letter it was about; empty: of none of ours."""

    found: Return
    done: tuple[tuple[Match, Action], ...]


class Taking:
    """`secret`: the workspace's; see verp.py."""

    def __init__(
        self, sent: Sent, history: History, doing: Doing, secret: bytes, clock: Clock
    ) -> None:
        self._sent, self._history, self._doing = sent, history, doing
        self._secret, self._clock = secret, clock

    def mail(self, raw: bytes, envelope: Sequence[str] = ()) -> Taken:
        return self.take(read(raw, envelope))

    def take(self, found: Return) -> Taken:
        """Of a mail, or of a webhook. Facts come last: when they are there, the rest is done."""
        now = self._clock.now()
        done = []
        for match in correlate(found, self._sent, self._secret, now):
            action = act(found, match, self._history.since_success(match.mailed.address), now)
            carry_out(self._doing, found, match, action, now)
            facts = events(found, match, action, now)
            if facts:
                self._doing.emit(facts)
            done.append((match, action))
        return Taken(found, tuple(done))


def carry_out(doing: Doing, found: Return, match: Match, action: Action, now: int) -> None:
    """All but the facts."""
    if action.suppress is not None:
        doing.suppress(action.suppress, match.mailed)
    if action.counts != "nobody":
        doing.count(match, action, now)
    if action.stop is not None:
        doing.stop(action.stop, action.why)
    if action.tell:
        doing.tell(match.mailed, found, action.why)
