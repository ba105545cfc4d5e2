"""Segments that may say more than is known: they hang on events that have not come, and nobody can
tell whether nothing happened or nothing was heard.

An event is silent when it has not been received for far longer than ever in its usual rhythm.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from lettershop.engines.duckdb.feeds import ANYTHING as ANYTHING_FEED, Feed, anything
from lettershop.language.definition import Definition
from lettershop.language.english import sentence
from lettershop.language.words import counted
from lettershop.model.clock import DAY, HOUR, MINUTE, SECOND
from lettershop.planning.polarity import ANYTHING, Absence, Opened, absences

State = Literal["regular", "silent", "never_seen", "no_rhythm"]
"""`no_rhythm`: received too rarely to say how often it should come."""


class Patience(NamedTuple):
    """How much longer than its longest pause an event may be silent, and the least it may."""

    factor: float
    least: int
    """Milliseconds."""


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why a segment is uncertain: `condition` is true where `event` did not come, and it is not
    heard of. `through`: the segment the condition stands in, where that is another one."""

    event: str
    state: State
    condition: str
    message: str
    through: str = ""


def uncertain(
    definitions: Sequence[Definition],
    feeds: Mapping[str, Feed],
    now: int,
    patience: Patience,
    activity: Iterable[str] = (),
) -> dict[str, tuple[Reason, ...]]:
    """Of each uncertain definition the reasons. `feeds`: by event name, those missing here were
    never heard of; `activity`: the names that count as `anything`."""
    by_name = {definition.name: definition for definition in definitions}
    whole = anything(feeds[name] for name in activity if name in feeds)

    def feed_of(event: str) -> Feed:
        return whole if event == ANYTHING else feeds.get(event) or Feed(event=event)

    found = {}
    for definition in definitions:
        told = (
            (one, feed_of(one.event)) for one in absences(definition.where, _opener(definitions))
        )
        reasons = [
            _reason(one, feed, now, by_name.get(one.through, definition))
            for one, feed in told
            if state_of(feed, now, patience) in ("silent", "never_seen")
        ]
        if reasons:
            found[definition.name] = tuple(reasons)
    return found


def absent_events(definitions: Sequence[Definition]) -> set[str]:
    """The events on whose absence any of the definitions hangs."""
    opened = _opener(definitions)
    return {one.event for d in definitions for one in absences(d.where, opened)}


def _opener(definitions: Sequence[Definition]) -> Opened:
    wheres = {definition.name: definition.where for definition in definitions}
    return wheres.get


def state_of(feed: Feed, now: int, patience: Patience) -> State:
    if feed.last_received is None:
        return "never_seen"
    if feed.longest_gap is None:
        return "no_rhythm"
    patient = max(patience.least, int(feed.longest_gap * patience.factor))
    return "silent" if now - feed.last_received > patient else "regular"


def _reason(absence: Absence, feed: Feed, now: int, definition: Definition) -> Reason:
    return Reason(
        event=feed.event,
        state="never_seen" if feed.last_received is None else "silent",
        condition=sentence(absence.condition, definition.subject),
        message=message(feed, now),
        through=absence.through,
    )


def message(feed: Feed, now: int) -> str:
    """`“Signed In” was last received 9 days ago; it usually comes every 20 minutes`."""
    name = "anything" if feed.event == ANYTHING_FEED else f"“{feed.event}”"
    if feed.last_received is None:
        return f"{name} has never been received"
    ago = f"{name} was last received {lasting(now - feed.last_received)} ago"
    if feed.usual_gap is None:
        return f"{ago}; it has come too rarely to say how often it should"
    return f"{ago}; it usually comes every {lasting(feed.usual_gap)}"


_UNITS = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second"))


def lasting(milliseconds: int) -> str:
    """A stretch of time in one unit: “9 days”, “20 minutes”."""
    for length, unit in _UNITS:
        if milliseconds >= 2 * length or (milliseconds >= length and unit != "day"):
            return counted(round(milliseconds / length), unit)
    return "second" if milliseconds else "moment"
