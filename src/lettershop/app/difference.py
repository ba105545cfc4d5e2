"""Who would enter and leave: what is in force and what is proposed, in one evaluation.

The definitions in force that would be different take part under other names, so that the proposed
ones keep theirs and every reason reads as it will. Modes and pins count, as in the refresh itself.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import msgspec
from pyroaring import BitMap

from lettershop.app.pinning import resolved
from lettershop.app.plans import Mover, Reason
from lettershop.engines.duckdb.evaluate import Evaluation, evaluate
from lettershop.engines.duckdb.naming import pair_of
from lettershop.engines.duckdb.reasons import seen_in
from lettershop.engines.duckdb.refresh.adjust import Adjustment
from lettershop.engines.duckdb.refresh.refresher import read_before
from lettershop.engines.duckdb.store import Store
from lettershop.language import references
from lettershop.language.definition import Definition
from lettershop.language.tree import Subject
from lettershop.model.settings import Settings
from lettershop.planning.explain import Line
from lettershop.planning.keep import Keep
from lettershop.segments.order import closure
from lettershop.segments.partition import Partition
from lettershop.segments.register import PinRow
from lettershop.segments.renaming import renamed
from lettershop.segments.world import Proposal


class Moves(NamedTuple):
    """Members of one segment, dense ids: None where it is not in force, or would not be."""

    before: BitMap | None
    after: BitMap | None
    universe: int

    @property
    def entering(self) -> BitMap:
        return (self.after or BitMap()) - (self.before or BitMap())

    @property
    def leaving(self) -> BitMap:
        return (self.before or BitMap()) - (self.after or BitMap())


class Difference:
    """The evaluation of a proposal at one moment."""

    def __init__(self, store: Store, settings: Settings, proposal: Proposal, as_of: int) -> None:
        self._proposal = proposal
        now = proposal.now
        self._before = now.definitions()
        told = {*proposal.new, *proposal.changed, *proposal.moved}
        old = [name for name in (*told, *proposal.removed) if name in self._before]
        self._aside = _other_names({*old} & proposal.after.keys(), self._before, proposal.after)
        versions = {p.name: p.version for p in now.published}
        again = {*proposal.new, *proposal.changed}
        following = {name: versions.get(name, 0) + (name in again) for name in proposal.after}
        proposed = _keeps(store, proposal.after, proposal.partitions, following, now.pins, told)
        current = _keeps(store, self._before, now.partitions, versions, now.pins, old)
        self._kept = {keep.name: keep for keep in current}
        keeps = {keep.name: keep for keep in (_renamed(keep, self._aside) for keep in current)}
        self._keeps = [*(keeps | {keep.name: keep for keep in proposed}).values()]
        self._found = self._evaluate(store, settings, as_of)

    def of(self, name: str) -> Moves:
        """Of a new, changed, moved or removed segment. One that becomes a segment of something
        else has nobody in common with what it was."""
        was, will = self._before.get(name), self._proposal.after.get(name)
        definition = will or was
        if definition is None:
            raise KeyError(name)
        other = was is not None and will is not None and was.subject != will.subject
        before = self._found.members(self._aside.get(name, name)) if was and not other else None
        after = self._found.members(name) if will else None
        return Moves(before, after, len(self._found.universe(definition.subject)))

    def movers(self, name: str, ids: BitMap, most: int) -> tuple[Mover, ...]:
        """Some of them, spread evenly over all, with what decides about them from now on."""
        step = max(1, -(-len(ids) // max(1, most)))
        return tuple(self._mover(name, number) for number in (ids[::step] if most else ()))

    def _mover(self, name: str, number: int) -> Mover:
        told = seen_in(self._found, name, number)
        account = told.account
        if self._found.definitions[name].subject == "people":
            store = self._found.store
            _, row = pair_of(store, number)
            account = store.account_names([row])[row]
        return Mover(who=told.who, account=account, reasons=deciding(told.lines))

    def _evaluate(self, store: Store, settings: Settings, as_of: int) -> Evaluation:
        """Stored members are known by the sign of their rule, which holds its name."""
        stored = read_before(store)
        kept, members = {**stored.kept}, {**stored.members}
        origins = {aside: name for name, aside in self._aside.items()}
        for keep in self._keeps:
            origin = origins.get(keep.name, "")
            row = stored.kept.get(origin)
            if row is not None and row.sign == self._kept[origin].sign():
                kept[keep.name] = msgspec.structs.replace(row, sign=keep.sign())
                members[keep.name] = stored.members.get(origin, BitMap())
        return evaluate(
            store,
            [keep.definition for keep in self._keeps],
            as_of,
            settings,
            lambda frame: Adjustment(store, frame, self._keeps, kept, members),
            recorded_as=origins,
        )


def _keeps(
    store: Store,
    definitions: Mapping[str, Definition],
    partitions: Sequence[Partition],
    versions: Mapping[str, int],
    pins: Sequence[PinRow],
    names: Collection[str],
) -> list[Keep]:
    """The named definitions and all they refer to, with their pins."""
    graph = {name: sorted(references(d.where)) for name, d in definitions.items()}
    fitting = [p for p in pins if _subject(definitions, p.segment) == p.subject]
    found = resolved(store, fitting, partitions, lambda row: None)
    wanted = closure(graph, [*names]) & definitions.keys()
    return [
        Keep(definition=definition, version=versions[name], pins=found.get(name, ()))
        for name, definition in definitions.items()
        if name in wanted
    ]


def _renamed(keep: Keep, names: Mapping[str, str]) -> Keep:
    return msgspec.structs.replace(keep, definition=renamed(keep.definition, names))


def _subject(definitions: Mapping[str, Definition], name: str) -> Subject | None:
    found = definitions.get(name)
    return None if found is None else found.subject


def _other_names(names: Collection[str], *taken: Collection[str]) -> dict[str, str]:
    """A name that nobody has for each."""
    busy = {name for some in taken for name in some}
    found = {}
    for name in names:
        other = f"{name} (in force)"
        while other in busy:
            other += "’"
        busy.add(other)
        found[name] = other
    return found


def deciding(lines: Sequence[Line]) -> tuple[Reason, ...]:
    """The conditions that decide, without what only holds them together."""
    deeper = [*(line.depth for line in lines[1:]), 0]
    return tuple(
        Reason(line.sentence, line.truth, line.found)
        for line, following in zip(lines, deeper, strict=True)
        if line.decides and following <= line.depth
    )
