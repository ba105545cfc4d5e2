"""Which segments are uncertain, and how the feeds are: from the facts as known at a moment."""

from collections.abc import Sequence

import msgspec

from lettershop.engines.duckdb.feeds import Feed, feeds
from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import Definition
from lettershop.model.clock import HOUR, format_instant
from lettershop.model.settings import Settings
from lettershop.planning.polarity import ANYTHING
from lettershop.segments.uncertain import (
    Patience,
    Reason,
    State,
    absent_events,
    message,
    state_of,
    uncertain,
)


class FeedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One event: how many were received by that moment and when the last; the usual and the longest
    pause between two receipts, in seconds (null: too few to say). `message` says it in words."""

    event: str
    state: State
    rows: int
    last_received: str | None
    usual_gap: int | None
    longest_gap: int | None
    message: str


class FeedsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """All events, the longest silent first among those that are silent."""

    as_of: str
    items: tuple[FeedAnswer, ...]


def reasons(
    store: Store, settings: Settings, definitions: Sequence[Definition], as_of: int
) -> dict[str, tuple[Reason, ...]]:
    """Of each uncertain definition why it is; of no other. `definitions` refer to each other."""
    names = absent_events(definitions)
    activity = [e for e in store.catalog().events if e not in settings.ignored_events]
    wanted = {*names, *activity} if ANYTHING in names else names
    known = feeds(store, as_of, sorted(wanted - {ANYTHING}))
    return uncertain(definitions, known, as_of, patience(settings), activity)


def patience(settings: Settings) -> Patience:
    return Patience(settings.silence_factor, settings.silence_hours * HOUR)


def feeds_answer(store: Store, settings: Settings, as_of: int) -> FeedsAnswer:
    used = patience(settings)
    known = feeds(store, as_of).values()
    items = [_answer(feed, as_of, used) for feed in known]
    items.sort(key=lambda one: (one.state != "silent", one.last_received or "", one.event))
    return FeedsAnswer(as_of=format_instant(as_of), items=tuple(items))


def _answer(feed: Feed, as_of: int, used: Patience) -> FeedAnswer:
    last = feed.last_received
    return FeedAnswer(
        event=feed.event,
        state=state_of(feed, as_of, used),
        rows=feed.rows,
        last_received=None if last is None else format_instant(last),
        usual_gap=None if feed.usual_gap is None else feed.usual_gap // 1_000,
        longest_gap=None if feed.longest_gap is None else feed.longest_gap // 1_000,
        message=message(feed, as_of),
    )
