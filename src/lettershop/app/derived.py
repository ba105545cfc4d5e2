"""Derived traits of a workspace: what the keeper keeps for them, and their values written back.

shelf.book    the traits as they are defined; its `definitions()` are the hidden segments that the
              keeper keeps current with all others
step          after a refresh: the next bounded part of values is written; True: call again
compute       everything at once by full evaluation, in a workspace no server has open
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
import structlog
from pyroaring import BitMap

from lettershop.app.definitions import has_data
from lettershop.app.engine import Engine
from lettershop.app.workspace import Workspace
from lettershop.language.definition import Definition
from lettershop.model.catalog import Catalog
from lettershop.planning.frame import Ints
from lettershop.planning.order import needed
from lettershop.profile.compiled import EVERYBODY, definitions_of
from lettershop.profile.depends import Graph
from lettershop.profile.figures import figures
from lettershop.profile.folder import FOLDER, Book, load_traits
from lettershop.profile.state import State, begun, read_state, sign, write_state
from lettershop.profile.stepping import carry_out, forgetting, planned
from lettershop.profile.traits import AnyTrait, Figured, Rfm, Rollup, Ruled, types_of
from lettershop.profile.values import Membership, Values, values_of
from lettershop.profile.writing import batches, changes, store_facts

Segments = Mapping[str, Definition]
"""Those that traits may refer to."""

log = structlog.get_logger("lettershop.traits")


class Shelf:
    """Reads the traits of a workspace, and reads them again only when something has changed."""

    def __init__(self) -> None:
        self._key: object = None
        self._book = Book()

    def book(self, workspace: Workspace, segments: Segments) -> Book:
        """`segments`: in the server the published ones, else those of the folder."""
        catalog, ours = workspace.store.catalog(), read_state(workspace.store).fields()
        folder = workspace.path / FOLDER
        key = (_files(folder), _learned(catalog), ours, tuple(segments.values()))
        if key != self._key:
            compare = has_data(catalog)
            self._book = load_traits(folder, catalog, segments, ours=ours, compare=compare)
            self._key = key
        return self._book


def _files(folder: Path) -> object:
    found = ((path, path.stat()) for path in sorted(folder.rglob("*.toml")))
    return tuple((path, about.st_mtime_ns, about.st_size) for path, about in found)


def _learned(catalog: Catalog) -> object:
    """What of the catalog definitions are compared with; not how many rows there are."""
    fields = ((s, i.name, i.type, i.values, i.currencies) for s, i in catalog.everything())
    return (*fields, *catalog.events, *catalog.records, *catalog.rates)


def folder_segments(workspace: Workspace) -> Segments:
    return {definition.name: definition for definition in workspace.definitions()}


# --- in the server ------------------------------------------------------------------------------


def step(engine: Engine, shelf: Shelf, segments: Segments, as_of: int) -> bool:
    """Write the next part of what the last refresh (`as_of`) has changed; True when something was
    written, so that there may be more and another refresh is due. Safe to repeat and to kill."""
    with engine.read() as workspace:
        book = shelf.book(workspace, segments)
        plan = planned(workspace.store, book, as_of)
    if plan is not None:
        with engine.write() as workspace:
            done = carry_out(workspace.store, plan)
        log.debug("traits.written", facts=len(plan.facts), done=done)
        return True
    return _figures_step(engine, shelf, segments, as_of)


def _figures_step(engine: Engine, shelf: Shelf, segments: Segments, as_of: int) -> bool:
    """One trait whose rhythm says it is time."""
    with engine.read() as workspace:
        state = read_state(workspace.store)
        figured = (t for t in shelf.book(workspace, segments).traits if isinstance(t, Rfm | Rollup))
        chosen = next((trait for trait in figured if _is_due(trait, state, as_of)), None)
        if chosen is None:
            return False
        ids, values = _worked_out(workspace, chosen, segments, as_of)
        facts = changes(workspace.store, chosen.subject, ids, values, as_of)
    for batch in batches(facts):
        with engine.write() as workspace:
            store_facts(workspace.store, batch, types_of([chosen]))
    with engine.write() as workspace:
        _note_figures(workspace, chosen, as_of)
    return True


def _is_due(trait: Figured, state: State, as_of: int) -> bool:
    done = state.traits.get(trait.name)
    if done is None or done.at is None or done.sign != sign(trait):
        return True
    return as_of - done.at >= trait.every


def _note_figures(workspace: Workspace, trait: Figured, as_of: int) -> None:
    with workspace.store.transaction():
        state = read_state(workspace.store)
        done = msgspec.structs.replace(begun(trait), sign=sign(trait), swept=None, at=as_of)
        write_state(workspace.store, state.having(trait.name, done))


# --- without a server ---------------------------------------------------------------------------


class Computed(msgspec.Struct, frozen=True, kw_only=True):
    """One trait: of how many it was worked out, and for how many it was another value."""

    name: str
    subjects: int
    written: int


def compute(workspace: Workspace, as_of: int | None = None) -> list[Computed]:
    """Work out all sound traits at a moment, and write what differs from what is known.

    Traits come after those they are made from; those that are defined no longer become unknown.
    Can be repeated: what is right is not written.
    """
    at = workspace.moment(as_of)
    segments = folder_segments(workspace)
    book = Shelf().book(workspace, segments)
    while (plan := forgetting(workspace.store, book, at)) is not None:
        carry_out(workspace.store, plan)
    found: list[Computed] = []
    for names in Graph(book.traits, segments).levels():
        traits = [trait for trait in book.traits if trait.name in names]
        for trait, ids, values in _evaluated(workspace, traits, segments, at):
            facts = changes(workspace.store, trait.subject, ids, values, at)
            for batch in batches(facts):
                with workspace.store.transaction():
                    store_facts(workspace.store, batch, types_of([trait]))
            _note(workspace, trait, at)
            found.append(Computed(name=trait.name, subjects=len(ids), written=len(facts)))
    return found


def _note(workspace: Workspace, trait: AnyTrait, at: int) -> None:
    """That its fields are ours. The server looks at everybody once more when it starts."""
    if isinstance(trait, Rfm | Rollup):
        _note_figures(workspace, trait, at)
        return
    with workspace.store.transaction():
        state = read_state(workspace.store)
        known = state.traits.get(trait.name, begun(trait))
        fields = begun(trait).fields
        write_state(
            workspace.store,
            state.having(trait.name, msgspec.structs.replace(known, fields=fields, gone=False)),
        )


def _evaluated(
    workspace: Workspace, traits: Sequence[AnyTrait], segments: Segments, at: int
) -> Iterator[tuple[AnyTrait, Ints, Values]]:
    """Each trait with everybody it is about and their values. Traits of one level are not made
    from one another, so it does not matter that some are written before others are worked out."""
    ruled = [trait for trait in traits if not isinstance(trait, Rfm | Rollup)]
    members = memberships(workspace, ruled, segments, at)
    for one in ruled:
        ids = np.array(members[EVERYBODY[one.subject]], np.int64)
        yield one, ids, values_of(one, Membership(members, ids))
    for trait in traits:
        if isinstance(trait, Rfm | Rollup):
            yield trait, *_worked_out(workspace, trait, segments, at)


def memberships(
    workspace: Workspace, traits: Sequence[Ruled], segments: Segments, at: int
) -> Mapping[str, BitMap]:
    """Who is in the hidden segments of the traits, by full evaluation."""
    hidden = definitions_of(traits)
    names = [definition.name for definition in hidden]
    answers = workspace.evaluate(at, needed([*segments.values(), *hidden], names))
    return {name: answers.members(name) for name in names}


def _worked_out(
    workspace: Workspace, trait: Figured, segments: Segments, at: int
) -> tuple[Ints, Values]:
    found = figures(workspace.store, trait, [*segments.values()], at, workspace.settings)
    return found.ids, found.values
