"""Sizes of the time before a segment was kept, worked out from the facts known at each moment.

It is the rule alone, as it is today: modes and pins began when the segment was kept.
"""

import threading
from collections import OrderedDict
from typing import Final

import msgspec

from lettershop.app.segment_pages.knowable import knowable
from lettershop.app.segment_pages.standing import Segments
from lettershop.model.catalog import EventInfo
from lettershop.model.clock import DAY, format_instant

PAST_DAYS: Final = 84
STEP: Final = 7
MOST: Final = 200


class PastSize(msgspec.Struct, frozen=True):
    at: str
    size: int


_known: OrderedDict[object, tuple[PastSize, ...]] = OrderedDict()
_guard = threading.Lock()


def past_sizes(segments: Segments, name: str) -> tuple[PastSize, ...]:
    """Week by week up to when it was first kept. Takes as long as a dozen evaluations of it; kept
    until the definition is another one, or another day; none of a segment that hangs on derived
    traits. KeyError where it is not kept."""
    row = segments.kept[name]
    key = (segments.workspace.path, name, row.sign, segments.at // DAY)
    with _guard:
        if key in _known:
            return _known[key]
    found = _worked_out(segments, name, row.since)
    with _guard:
        _known[key] = found
        while len(_known) > MOST:
            _known.popitem(last=False)
    return found


def _worked_out(segments: Segments, name: str, since: int) -> tuple[PastSize, ...]:
    needed = segments.needed([name])
    if name not in knowable(segments.workspace, needed):
        return ()
    moments = [since - days * DAY for days in range(PAST_DAYS, -1, -STEP)]
    first = min((e.first_ts for e in _events(segments) if e.first_ts is not None), default=since)
    return tuple(
        PastSize(format_instant(at), segments.workspace.evaluate(at, needed).size(name))
        for at in moments
        if at >= first
    )


def _events(segments: Segments) -> list[EventInfo]:
    return [*segments.workspace.store.catalog().events.values()]
