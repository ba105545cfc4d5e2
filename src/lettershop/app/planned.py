"""A proposal counted: the plan that people look at before they say yes."""

import msgspec

from lettershop.app.difference import Difference, Moves
from lettershop.app.plans import Change, Kind, Plan, differing
from lettershop.app.workspace import Workspace
from lettershop.language.definition import Definition
from lettershop.model.clock import format_instant
from lettershop.segments.world import Proposal


def plan_of(workspace: Workspace, proposal: Proposal, at: int, sample: int) -> Plan:
    """What the proposal would do at `at`; `sample`: how many of those who enter or leave to show.

    Nobody is counted when nobody can move.
    """
    counted = (*proposal.new, *proposal.changed, *proposal.moved, *proposal.removed)
    difference = None
    if counted:
        difference = Difference(workspace.store, workspace.settings, proposal, at)
    guard = workspace.settings.size_guard
    changes = [
        _change(proposal, kind, name, difference, sample, guard)
        for kind, names in _kinds(proposal)
        for name in names
    ]
    shown = tuple(c for c in changes if c.kind != "moved" or c.entering or c.leaving)
    still = [change.name for change in changes if change not in shown]
    before = {family.name: family for family in proposal.now.partitions}
    after = {family.name: family for family in proposal.partitions}
    other = [name for name in before | after if before.get(name) != after.get(name)]
    return Plan(
        as_of=format_instant(at),
        revision=proposal.now.revision,
        empty=proposal.empty,
        changes=shown,
        partitions=tuple(other),
        unchanged=(*proposal.unchanged, *still),
        kept=proposal.kept,
        guarded=tuple(change.name for change in shown if change.guarded),
    )


def _kinds(proposal: Proposal) -> tuple[tuple[Kind, tuple[str, ...]], ...]:
    return (
        ("new", proposal.new),
        ("changed", proposal.changed),
        ("moved", proposal.moved),
        ("described", proposal.described),
        ("removed", proposal.removed),
    )


def _change(
    proposal: Proposal,
    kind: Kind,
    name: str,
    difference: Difference | None,
    sample: int,
    guard: int,
) -> Change:
    now = {p.name: p for p in proposal.now.published}
    before = now[name].definition if name in now else None
    after = proposal.after.get(name)
    change = _told(kind, before, after, now[name].version if name in now else None)
    if difference is None or kind == "described":
        return change
    return _counted(change, difference, sample, guard)


def _told(
    kind: Kind, before: Definition | None, after: Definition | None, version: int | None
) -> Change:
    shown = after or before
    if shown is None:
        raise ValueError("a change is of something")
    return Change(
        kind=kind,
        name=shown.name,
        title=shown.title,
        subject=shown.subject,
        partition=shown.partition,
        version=version,
        what=differing(before, after) if before and after else (),
        text_before="" if before is None else before.text.strip(),
        text_after="" if after is None else after.text.strip(),
    )


def _counted(change: Change, difference: Difference, sample: int, guard: int) -> Change:
    moves = difference.of(change.name)
    some = 0 if change.kind == "removed" else sample
    entering, leaving = moves.entering, moves.leaving
    was, will = moves.before, moves.after
    return msgspec.structs.replace(
        change,
        before=None if was is None else len(was),
        after=None if will is None else len(will),
        universe=moves.universe,
        entering=len(entering),
        leaving=len(leaving),
        staying=len(was & will) if was is not None and will is not None else 0,
        guarded=leaps(moves, guard),
        enters=difference.movers(change.name, entering, some),
        leaves=difference.movers(change.name, leaving, some),
    )


def leaps(moves: Moves, percent: int) -> bool:
    """Whether the size moves by more than so much of what it was. From nobody, everybody is."""
    if moves.before is None or moves.after is None:
        return False
    before, after = len(moves.before), len(moves.after)
    return abs(after - before) * 100 > percent * before
