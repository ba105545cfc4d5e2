"""The proof of a partition, from one moment: what is kept current, or a full evaluation."""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
from pyroaring import BitMap

from lettershop.app.pinning import resolved
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb.changes import mark
from lettershop.engines.duckdb.evaluate import Evaluation, evaluate
from lettershop.engines.duckdb.refresh.adjust import Adjustment
from lettershop.engines.duckdb.refresh.refresher import read_before, read_mark
from lettershop.engines.duckdb.store import Store
from lettershop.language import parse, references
from lettershop.language.definition import Definition
from lettershop.model.clock import format_instant
from lettershop.model.errors import NotFound
from lettershop.planning.keep import Keep, Pin
from lettershop.segments.order import closure
from lettershop.segments.partition import Partition
from lettershop.segments.proof import Member, Proof, prove
from lettershop.segments.register import InForce, in_force

Basis = Literal["kept", "evaluated"]
Origin = Literal["published", "folder"]


class ProofAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`basis`: the members that are kept current, or a full evaluation; `origin`: whether the
    partition is published or only in the folder."""

    as_of: str
    basis: Basis
    origin: Origin
    proof: Proof


class _Family(msgspec.Struct, frozen=True):
    """A partition with everything it refers to, as a refresh takes it."""

    partition: Partition
    origin: Origin
    keeps: tuple[Keep, ...]


def proof(workspace: Workspace, name: str, as_of: int | None = None) -> ProofAnswer:
    """Prove the partition called `name`, or the one that has a segment of that name.

    At `as_of`; else of what is kept current, when that is up to date, else of now. NotFound
    `partition.unknown`.
    """
    family = _find(workspace, name, workspace.moment(as_of))
    if as_of is None and family.origin == "published":
        found = _of_kept(workspace, family)
        if found is not None:
            return found
    at = workspace.moment(as_of)
    found_now = _evaluated(workspace, family, at)
    members = {n: found_now.members(n) for n in family.partition.members}
    return _answer(family, "evaluated", at, found_now, members)


def _of_kept(workspace: Workspace, family: _Family) -> ProofAnswer | None:
    """From what is kept current, at the moment it is of; None when it is of other versions or
    pins, or seems not to hold only because more was stored since."""
    store = workspace.store
    until, members = read_mark(store), _kept(store, family)
    if until is None or members is None:
        return None
    answer = _answer(
        family, "kept", until.as_of, _evaluated(workspace, family, until.as_of), members
    )
    settled = answer.proof.holds or mark(store, until.as_of) == until
    return answer if settled else None


def _answer(
    family: _Family, basis: Basis, at: int, found: Evaluation, members: Mapping[str, BitMap]
) -> ProofAnswer:
    pins = {keep.name: keep.pins for keep in family.keeps}
    told = [
        Member(n, members[n], _own(found, n), BitMap(p.subject for p in pins.get(n, ())))
        for n in family.partition.members
    ]
    universe = found.universe(family.partition.subject)
    return ProofAnswer(
        as_of=format_instant(at),
        basis=basis,
        origin=family.origin,
        proof=prove(family.partition, told, universe),
    )


def _find(workspace: Workspace, name: str, at: int) -> _Family:
    now = in_force(at)
    for family in now.partitions:
        if name == family.name or name in family.members:
            return _of_register(workspace.store, now, family)
    library = workspace.library()
    for family in library.partitions:
        if name == family.name or name in family.members:
            needed = library.needed(family.members)
            return _Family(family, "folder", tuple(Keep(definition=d) for d in needed))
    names = sorted({p.name for p in (*now.partitions, *library.partitions)})
    hint = f"there are {', '.join(names)}" if names else ""
    raise NotFound("partition.unknown", f"there is no partition “{name}”", hint=hint)


def _of_register(store: Store, now: InForce, family: Partition) -> _Family:
    graph = {p.name: sorted(references(p.definition.where)) for p in now.published}
    wanted = closure(graph, family.members)
    pins: Mapping[str, tuple[Pin, ...]] = resolved(store, now.pins, now.partitions)
    keeps = (
        Keep(definition=p.definition, version=p.version, pins=pins.get(p.name, ()))
        for p in now.published
        if p.name in wanted
    )
    return _Family(family, "published", tuple(keeps))


def _kept(store: Store, family: _Family) -> dict[str, BitMap] | None:
    """The stored members, when all of them are of the versions and pins in force."""
    stored = read_before(store)
    own = [keep for keep in family.keeps if keep.name in family.partition.members]
    for keep in family.keeps:
        row = stored.kept.get(keep.name)
        if row is None or row.sign != keep.sign() or stored.pins.get(keep.name, ()) != keep.pins:
            return None
    return {keep.name: stored.members.get(keep.name, BitMap()) for keep in own}


def _evaluated(workspace: Workspace, family: _Family, at: int) -> Evaluation:
    """The family, and each member's own condition without the exclusions."""
    stored = read_before(workspace.store)
    members = [k.definition for k in family.keeps if k.name in family.partition.members]
    definitions = [*(keep.definition for keep in family.keeps), *_alone(members)]
    return evaluate(
        workspace.store,
        definitions,
        at,
        workspace.settings,
        lambda frame: Adjustment(workspace.store, frame, family.keeps, stored.kept, stored.members),
    )


def _alone(members: Sequence[Definition]) -> list[Definition]:
    return [
        msgspec.structs.replace(member, name=_called(member.name), where=parse(member.text).tree)
        for member in members
        if member.text.strip()
    ]


def _called(name: str) -> str:
    """Names of segments never hold a line end."""
    return f"{name}\nalone"


def _own(found: Evaluation, name: str) -> BitMap | None:
    called = _called(name)
    return found.members(called) if called in found.definitions else None
