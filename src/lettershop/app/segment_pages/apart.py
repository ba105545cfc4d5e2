"""What sets the members of a segment apart from everybody else it could have been."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from typing import Final

import msgspec

from lettershop.app.segment_pages.standing import Segments
from lettershop.engines.duckdb.contrast import Beside, Order, Side
from lettershop.language.tree import Subject
from lettershop.model.catalog import FieldInfo
from lettershop.model.clock import DAY, HOUR
from lettershop.planning.metrics import (
    AnyMetric,
    DistinctMetric,
    EdgeTest,
    EventMetric,
    FieldExtreme,
    FieldHeld,
    FieldTest,
    FieldThen,
    FieldValue,
    RecordMetric,
    SameValueMetric,
    SegmentTime,
    SequenceMetric,
)
from lettershop.planning.order import in_order
from lettershop.planning.plan import plan
from lettershop.segments.contrast import FEWEST, Contrast, Counted, Named, Ranked, contrast

WINDOW: Final = 90 * DAY
MOST: Final = 200
Used = frozenset[tuple[str, str]]
"""(scope, field) and ("event", name): what a condition itself asks about."""


class Apart(msgspec.Struct, frozen=True, kw_only=True):
    """`inside` members, `outside` others. `few`: too few of either to compare. `by_definition`:
    fields (and events) the condition itself asks about, which are left out."""

    subject: Subject
    inside: int
    outside: int
    few: bool
    contrast: Contrast
    by_definition: tuple[Named, ...]


_known: OrderedDict[object, Apart] = OrderedDict()
_guard = threading.Lock()


def apart(segments: Segments, name: str) -> Apart:
    """Kept for an hour as long as the same people are in it. Errors as `Segments.members`."""
    members = segments.members(name)
    version = segments.standing(name).definition
    people = hash(bytes(members.serialize()))
    key = (segments.workspace.path, version.name, version.text, people, segments.at // HOUR)
    with _guard:
        if key in _known:
            return _known[key]
    found = _compared(segments, name)
    with _guard:
        _known[key] = found
        while len(_known) > MOST:
            _known.popitem(last=False)
    return found


def _compared(segments: Segments, name: str) -> Apart:
    subject = segments.standing(name).subject
    used = asked_about(segments, name)
    beside = Beside(
        segments.workspace.store, subject, segments.members(name), segments.universe(subject)
    )
    few = min(beside.inside, beside.outside) < FEWEST
    counted, ranked = ([], []) if few else _everything(beside, used, segments.at)
    beside.close()
    return Apart(
        subject=subject,
        inside=beside.inside,
        outside=beside.outside,
        few=few,
        contrast=contrast(counted, ranked),
        by_definition=tuple(Named(scope, field) for scope, field in sorted(used)),
    )


def _everything(beside: Beside, used: Used, at: int) -> tuple[list[Counted], list[Ranked]]:
    counted: list[Counted] = []
    ranked: list[Ranked] = []
    fields = [(side, info) for side, info in beside.fields() if (side, info.name) not in used]
    for (side, info), known in zip(fields, beside.known(fields), strict=True):
        counted.append(_known_of(beside, side, info, known))
        match info.type:
            case "text" | "boolean" | "list":
                counted += _choices(beside, side, info, known)
            case "number" | "time" | "date":
                ranked.append(_ranked(Named(side, info.name), beside.order(side, info)))
            case "location":
                pass
    for event in beside.events():
        if ("event", event.name) not in used:
            order = beside.times(event, at - WINDOW, at)
            counted.append(_did(beside, event.name, order))
            ranked.append(_ranked(Named("event", event.name), order))
    return counted, ranked


def _known_of(beside: Beside, side: Side, info: FieldInfo, known: tuple[int, int]) -> Counted:
    return Counted(
        what=Named(side, info.name, kind="known"),
        inside=known[0],
        of_inside=beside.inside,
        outside=known[1],
        of_outside=beside.outside,
    )


def _choices(
    beside: Beside, side: Side, info: FieldInfo, known: tuple[int, int]
) -> Iterator[Counted]:
    """Of two values one is compared: the other says the same once more."""
    found = beside.choices(side, info)
    if len(found) == 2 and info.type != "list":
        (_, a, b), (_, c, d) = found
        found = [found[0] if a * (b + d) >= b * (a + c) else found[1]]
    for value, inside, outside in found:
        yield Counted(
            what=Named(side, info.name, value),
            inside=inside,
            of_inside=known[0],
            outside=outside,
            of_outside=known[1],
        )


def _did(beside: Beside, event: str, order: Order) -> Counted:
    return Counted(
        what=Named("event", event, kind="did"),
        inside=order[2],
        of_inside=beside.inside,
        outside=order[3],
        of_outside=beside.outside,
    )


def _ranked(what: Named, order: Order) -> Ranked:
    u, ties, inside, outside, own, others = order
    return Ranked(
        what=what,
        inside=inside,
        outside=outside,
        u=u,
        ties=ties,
        quartiles_inside=_three(own),
        quartiles_outside=_three(others),
    )


def _three(found: list[float]) -> tuple[float, float, float]:
    return (float(found[0]), float(found[1]), float(found[2])) if found else (0.0, 0.0, 0.0)


# --- what the condition asks about ---------------------------------------------------------------


def asked_about(segments: Segments, name: str) -> Used:
    """Fields and events of the condition, and of the segments it refers to."""
    workspace = segments.workspace
    needed = in_order(segments.needed([name]))
    found = plan(needed, workspace.store.catalog(), segments.at, workspace.settings.timezone)
    return frozenset(one for metric in found.metrics for one in _of_metric(metric))


def _of_metric(metric: AnyMetric) -> list[tuple[str, str]]:
    match metric:
        case FieldValue() | FieldThen() | FieldExtreme():
            return [(metric.scope, metric.field)]
        case FieldTest() | FieldHeld():
            return [(metric.scope, metric.test.field)]
        case EventMetric() | DistinctMetric() | SameValueMetric() | EdgeTest():
            return [("event", event) for event in metric.rows.names]
        case SequenceMetric():
            later = (event for step in metric.steps for event in step.names)
            return [("event", event) for event in (*metric.first.names, *later)]
        case RecordMetric() | SegmentTime():
            return []
