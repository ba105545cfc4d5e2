"""The whole answer, compared with what is stored: at the start, after a change of definitions, and
whenever a step would cost more or could not be sure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from pyroaring import BitMap

from lettershop.engines.duckdb.refresh.adjust import slots_of
from lettershop.engines.duckdb.refresh.stamps import CODE, Stamps
from lettershop.engines.duckdb.refresh.tables import KeptRow, Moves
from lettershop.language import references
from lettershop.language.tree import Subject
from lettershop.planning.frame import Frame, Ints
from lettershop.planning.keep import Keep, Pin


class Before(NamedTuple):
    """What is stored: rows of `kept`, members, and the pins that were in force."""

    kept: Mapping[str, KeptRow]
    members: Mapping[str, BitMap]
    pins: Mapping[str, tuple[Pin, ...]]


def compared(
    before: Before,
    keeps: Sequence[Keep],
    members: Mapping[str, BitMap],
    frame: Frame,
    stamps: Mapping[Subject, Stamps],
) -> list[Moves]:
    """Everybody who entered or left since the members were stored, with the likeliest reason."""
    again = renewed(keeps, before.kept)
    by_hand = spread(keeps, {k.name for k in keeps if len(repinned(before.pins, k))})
    found = []
    for keep in keeps:
        was = before.members.get(keep.name, BitMap())
        entered, left = members[keep.name] - was, was - members[keep.name]
        if not entered and not left:
            continue
        subjects = np.concatenate([np.array(entered, np.int64), np.array(left, np.int64)])
        causes, times = _why(keep, subjects, frame, stamps[keep.definition.subject])
        causes[np.isin(subjects, repinned(before.pins, keep))] = CODE["manual"]
        if keep.name in by_hand:
            causes[causes == CODE["time"]] = CODE["manual"]
        if keep.name in again:
            causes[:] = CODE["definition"]
        times[np.isin(causes, _SUDDEN)] = frame.as_of
        found.append(
            Moves(
                segment=keep.name,
                version=keep.version,
                subjects=subjects,
                entered=np.arange(len(subjects)) < len(entered),
                effective_at=times,
                causes=causes,
            )
        )
    return found + gone(before, keeps, frame.as_of)


_SUDDEN = [CODE["definition"], CODE["manual"], CODE["merge"], CODE["time"]]
"""Dated with the refresh that saw them: what is stored does not say when they happened."""


def _why(keep: Keep, subjects: Ints, frame: Frame, stamps: Stamps) -> tuple[Ints, Ints]:
    causes = np.full(len(subjects), CODE["trait"], np.int64)
    times = np.full(len(subjects), frame.as_of, np.int64)
    slots = subjects
    here = np.ones(len(subjects), np.bool_)
    if keep.definition.subject == "people":
        here = np.array([len(slots_of(frame, "people", s[None])) > 0 for s in subjects], np.bool_)
        slots = slots_of(frame, "people", subjects)
    else:
        here = subjects < len(stamps.time) - 1
        slots = subjects[here]
    causes[here] = stamps.cause[slots]
    times[here] = np.where(stamps.time[slots] < 0, frame.as_of, stamps.time[slots])
    return causes, np.minimum(times, frame.as_of)


def gone(before: Before, keeps: Sequence[Keep], as_of: int) -> list[Moves]:
    """Everybody leaves a segment that is no longer kept."""
    names = {keep.name for keep in keeps}
    found = []
    for name, row in before.kept.items():
        members = before.members.get(name, BitMap())
        if name in names or not members:
            continue
        subjects = np.array(members, np.int64)
        found.append(
            Moves(
                segment=name,
                version=row.version,
                subjects=subjects,
                entered=np.zeros(len(subjects), np.bool_),
                effective_at=np.full(len(subjects), as_of, np.int64),
                causes=np.full(len(subjects), CODE["definition"], np.int64),
            )
        )
    return found


def renewed(keeps: Sequence[Keep], kept: Mapping[str, KeptRow]) -> set[str]:
    """Segments whose rule is another than before, or that refer to one."""
    return spread(
        keeps, {k.name for k in keeps if k.name not in kept or kept[k.name].sign != k.sign()}
    )


def spread(keeps: Sequence[Keep], names: set[str]) -> set[str]:
    """These segments, and all that refer to one of them."""
    found = set(names)
    graph = {keep.name: references(keep.definition.where) for keep in keeps}
    more = found
    while more:
        more = {name for name, wanted in graph.items() if name not in found and found & wanted}
        found |= more
    return found


def repinned(pins: Mapping[str, Sequence[Pin]], keep: Keep) -> Ints:
    """Subjects that are pinned otherwise than they were."""
    changed = {*keep.pins} ^ {*pins.get(keep.name, ())}
    return np.array(sorted({pin.subject for pin in changed}), np.int64)
