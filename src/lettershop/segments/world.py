"""What is in force beside what somebody wants: what would change, and whether it fits together.

now (register) + wanted (a folder, a draft, a removal) -> Proposal -> judged -> versions.publish
"""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from lettershop.language import check, references
from lettershop.language.definition import HIDDEN, Definition
from lettershop.language.tree import Everyone
from lettershop.model.catalog import Catalog
from lettershop.model.errors import DefinitionError, Finding, UsageError
from lettershop.segments.folder import Library
from lettershop.segments.order import arrange
from lettershop.segments.partition import Partition, exclusive
from lettershop.segments.register import InForce
from lettershop.segments.versions import same_meaning


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """Names by what would become of them; each stands in one of these. `after`: all definitions
    that would be in force, `moved`: those that refer to a changed one and are not changed."""

    now: InForce
    after: Mapping[str, Definition]
    partitions: tuple[Partition, ...]
    new: tuple[str, ...]
    changed: tuple[str, ...]
    described: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[str, ...]
    unchanged: tuple[str, ...]
    kept: tuple[str, ...] = ()
    """Of the unchanged and moved: those that are not in the folder."""

    @property
    def empty(self) -> bool:
        same = self.partitions == self.now.partitions
        return same and not (self.new or self.changed or self.described or self.removed)


def from_library(now: InForce, library: Library, *, prune: bool) -> Proposal:
    """What a folder would change. What only the register has stays unless `prune`; but a segment
    that its partition no longer has goes with the edit of the partition."""
    wanted = {d.name: d for d in library.definitions}
    families = {p.name: p for p in library.partitions}
    dropped = [
        name
        for name, definition in now.definitions().items()
        if name not in wanted and (prune or definition.partition in families)
    ]
    others = () if prune else tuple(p for p in now.partitions if p.name not in families)
    partitions = tuple(sorted((*families.values(), *others), key=lambda p: p.name))
    found = propose(now, wanted, removed=dropped, partitions=partitions)
    only_here = {name for name in now.definitions() if name not in wanted} - {*dropped}
    return msgspec.structs.replace(found, kept=tuple(sorted(only_here)))


def propose(
    now: InForce,
    wanted: Mapping[str, Definition],
    *,
    removed: Collection[str] = (),
    partitions: tuple[Partition, ...] | None = None,
) -> Proposal:
    """`wanted`: definitions to be in force, beside all others that are and are not `removed`."""
    before = now.definitions()
    after = {name: d for name, d in before.items() if name not in removed} | {**wanted}
    new = [name for name in wanted if name not in before]
    others = [name for name in wanted if name in before and wanted[name] != before[name]]
    changed = [name for name in others if not same_meaning(wanted[name], before[name])]
    described = [name for name in others if name not in changed]
    families = now.partitions if partitions is None else partitions
    stirred = {*new, *changed, *_stirred(now.partitions, families)} & after.keys()
    touched = dependents(after, stirred) - {*new, *changed, *described}
    told = {*new, *changed, *described, *touched}
    return Proposal(
        now=now,
        after=after,
        partitions=families,
        new=tuple(new),
        changed=tuple(changed),
        described=tuple(described),
        removed=tuple(removed),
        moved=tuple(name for name in after if name in touched),
        unchanged=tuple(name for name in after if name not in told),
    )


def _stirred(before: Sequence[Partition], after: Sequence[Partition]) -> set[str]:
    """Members of partitions that change: pins into one of them keep out of the others."""
    return {
        name
        for one, other in ((before, after), (after, before))
        for family in one
        if family not in other
        for name in family.members
    }


def dependents(definitions: Mapping[str, Definition], names: Collection[str]) -> set[str]:
    """The names and everything that refers to them, directly or not."""
    found = {*names}
    graph = {name: references(d.where) for name, d in definitions.items()}
    while True:
        more = {name for name, wanted in graph.items() if name not in found and found & wanted}
        if not more:
            return found
        found |= more


def placed(now: InForce, definition: Definition) -> Definition:
    """A definition with its author's own condition, as it stands in its partition, if it is in one:
    the members before it are excluded. UsageError where that cannot be."""
    family = now.partition_of(definition.name)
    if family is None:
        return msgspec.structs.replace(definition, partition=None)
    if definition.name == family.members[-1]:
        message = f"“{definition.name}” holds whom no other segment of “{family.name}” holds"
        hint = "it has no condition of its own; change the others"
        raise UsageError("partition.catch_all", message, hint=hint)
    if (definition.subject, definition.mode) != (family.subject, "dynamic"):
        message = f"a segment of “{family.name}” is a dynamic one of {family.subject}"
        raise UsageError("partition.member", message)
    place = family.members.index(definition.name)
    earlier = [
        Definition(name=name, subject=family.subject, where=Everyone())
        for name in family.members[:place]
    ]
    own = msgspec.structs.replace(definition, partition=family.name)
    return exclusive([*earlier, own])[-1]


def judge(proposal: Proposal, catalog: Catalog | None) -> None:
    """Refuse what does not fit together.

    UsageError `segment.referenced`, `segment.reserved`, `partition.broken`; DefinitionError for
    unknown references, circles (with their path) and subjects that do not match. `catalog`: None
    leaves out what only the data can tell.
    """
    for name in (*proposal.new, *proposal.changed):
        if name.startswith(HIDDEN):
            message = f"names that begin with “{HIDDEN}” are the product's own"
            raise UsageError("segment.reserved", message, where=name)
    _refuse_orphans(proposal)
    _refuse_halves(proposal)
    findings = [*_strangers(proposal), *_circles(proposal)]
    if not findings and catalog is not None:
        findings = _mismatches(proposal, catalog)
    if findings:
        raise DefinitionError(findings)


def _refuse_orphans(proposal: Proposal) -> None:
    """Nothing may refer to what is removed."""
    for gone in proposal.removed:
        users = [n for n, d in proposal.after.items() if gone in references(d.where)]
        if users:
            told = ", ".join(f"“{name}”" for name in users)
            message = f"“{gone}” cannot be removed: {told} refer{'s' * (len(users) == 1)} to it"
            hint = "remove or change what refers to it, in the same step or before"
            raise UsageError("segment.referenced", message, where=gone, hint=hint)


def _refuse_halves(proposal: Proposal) -> None:
    """A partition is in force with all its members or not at all; a segment is in one at most."""
    homes: dict[str, str] = {}
    for family in proposal.partitions:
        for name in family.members:
            member = proposal.after.get(name)
            if member is None or member.partition != family.name or name in homes:
                message = f"the partition “{family.name}” would lose its segment “{name}”"
                hint = "change the partition as a whole; lettershop apply --prune removes it"
                raise UsageError("partition.broken", message, where=family.name, hint=hint)
            homes[name] = family.name


def _strangers(proposal: Proposal) -> list[Finding]:
    return [
        Finding(
            "segment.unknown",
            f"“{name}” refers to “{other}”, and there is no such segment",
            source=definition.source,
        )
        for name, definition in proposal.after.items()
        for other in sorted(references(definition.where) - proposal.after.keys())
    ]


def _circles(proposal: Proposal) -> list[Finding]:
    graph = {name: sorted(references(d.where)) for name, d in proposal.after.items()}
    return [
        Finding(
            "segment.cycle",
            f"a segment cannot depend on itself: {' → '.join(path)}",
            hint="break the circle somewhere",
            source=proposal.after[path[0]].source,
        )
        for path in arrange(graph).cycles
    ]


def _mismatches(proposal: Proposal, catalog: Catalog) -> list[Finding]:
    """Everything that is wrong with the new and changed; of those that refer to them, what it does
    to the reference."""
    subjects = {name: d.subject for name, d in proposal.after.items()}
    found: list[Finding] = []
    for name in (*proposal.new, *proposal.changed, *proposal.moved):
        definition = proposal.after[name]
        source = definition.source or name
        said = check(
            definition.where, definition.subject, catalog, segments=subjects, source=source
        )
        found += _errors(said, only_references=name in proposal.moved)
    return found


def _errors(findings: Sequence[Finding], *, only_references: bool) -> list[Finding]:
    """Places are left out: they would count in the whole condition, exclusions and all."""
    return [
        msgspec.structs.replace(finding, span=None)
        for finding in findings
        if finding.level == "error" and (not only_references or finding.code.startswith("segment."))
    ]
