"""A definition while it is being written: what its condition says, and whom it would hold.

It is compared with what is in force, since that is what it will stand beside when it is published.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import tomlkit
from pyroaring import BitMap

from lettershop.app.answers import Row
from lettershop.app.candidates import known_data
from lettershop.app.difference import Difference, Moves
from lettershop.app.members import Members
from lettershop.app.shop import plain_row
from lettershop.app.workspace import Workspace
from lettershop.language import check, parse, render, sentence
from lettershop.language.definition import HIDDEN, Definition, Mode
from lettershop.language.spans import Spans
from lettershop.language.tree import Condition, Subject
from lettershop.model.catalog import Catalog
from lettershop.model.errors import DefinitionError, Finding
from lettershop.planning.order import needed
from lettershop.segments.register import InForce, in_force
from lettershop.segments.uncertain import Reason
from lettershop.segments.world import judge, placed, propose

WIDTH: Final = 88
"""Characters of a line of text made from rows."""
NAMELESS: Final = "this condition"


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What a condition may speak of. `data`: nothing can be said about fields and events without
    any."""

    now: InForce
    catalog: Catalog
    data: bool

    @property
    def segments(self) -> dict[str, Subject]:
        found = self.now.definitions().items()
        return {name: d.subject for name, d in found if not name.startswith(HIDDEN)}


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a text says; `tree` and `sentence` are None where it cannot be read."""

    text: str
    tree: Condition | None
    sentence: str | None
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        return self.tree is not None and all(f.level != "error" for f in self.findings)


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """`before`: members of the version in force, None where there is none. `sample`: some members,
    spread evenly over all; `columns`: what they have. `uncertain`: events nobody hears of."""

    size: int
    universe: int
    before: int | None
    entering: int
    leaving: int
    columns: tuple[str, ...]
    sample: tuple[Row, ...]
    uncertain: tuple[Reason, ...]

    @property
    def share(self) -> float:
        return self.size / self.universe if self.universe else 0.0


def around(workspace: Workspace) -> Around:
    """As it is now."""
    now = in_force(workspace.moment(None))
    catalog = known_data(workspace)
    found = workspace.store.catalog() if catalog is None else catalog
    return Around(now=now, catalog=found, data=catalog is not None)


def said(text: str, subject: Subject, known: Around) -> Said:
    """Everything there is to say about a text; nothing is raised."""
    try:
        parsed = parse(text)
    except DefinitionError as error:
        return Said(text=text, tree=None, sentence=None, findings=tuple(error.findings))
    findings = findings_of(parsed.tree, subject, known, parsed.spans)
    told = sentence(parsed.tree, subject)
    return Said(text=text, tree=parsed.tree, sentence=told, findings=tuple(findings))


def findings_of(
    tree: Condition, subject: Subject, known: Around, spans: Spans
) -> Sequence[Finding]:
    """`spans`: where things stand, in a text or anywhere else."""
    if not known.data:
        return ()
    return check(tree, subject, known.catalog, segments=known.segments, spans=spans)


def written(tree: Condition) -> str:
    """The text of a condition, one line per part where it is long."""
    return render(tree, WIDTH)


def counted(
    workspace: Workspace,
    known: Around,
    said: Said,
    *,
    name: str,
    subject: Subject,
    mode: Mode,
    sample: int,
) -> Counted:
    """Whom a condition would hold if it were published as `name` (or without one) now.

    DefinitionError for what does not fit together (a circle of references); UsageError for a
    segment whose partition decides.
    """
    if said.tree is None:
        raise DefinitionError([*said.findings])
    own = Definition(
        name=name or _nameless(known.now.definitions()),
        subject=subject,
        where=said.tree,
        text=said.text,
        mode=mode,
    )
    at = workspace.moment(None)
    moves = _moves(workspace, known.now, placed(known.now, own), at)
    members = moves.after or BitMap()
    columns, rows = _sample(Members(workspace.store, subject, members), sample)
    return Counted(
        size=len(members),
        universe=moves.universe,
        before=None if moves.before is None else len(moves.before),
        entering=len(moves.entering),
        leaving=len(moves.leaving),
        columns=columns,
        sample=rows,
        uncertain=_uncertain(workspace, known.now, own, at),
    )


def _moves(workspace: Workspace, now: InForce, own: Definition, at: int) -> Moves:
    """Of this segment alone; those that refer to it are counted before it is published."""
    proposal = propose(now, {own.name: own})
    judge(proposal, None)
    stirred = own.name in (*proposal.new, *proposal.changed)
    alone = msgspec.structs.replace(proposal, moved=() if stirred else (own.name,))
    return Difference(workspace.store, workspace.settings, alone, at).of(own.name)


def _sample(members: Members, most: int) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    step = max(1, -(-len(members) // max(1, most)))
    some = members.of(BitMap(members.ids[::step] if most else ()))
    return tuple(some.columns), tuple(plain_row(row) for row in some)


def _uncertain(workspace: Workspace, now: InForce, own: Definition, at: int) -> tuple[Reason, ...]:
    every = {**now.definitions(), own.name: own}
    wanted = needed([*every.values()], [own.name])
    return workspace.uncertain(wanted, at).get(own.name, ())


def _nameless(taken: Mapping[str, Definition]) -> str:
    name = NAMELESS
    while name in taken:
        name += "’"
    return name


def as_toml(definition: Definition) -> str:
    """A definition as it is written in a file below segments/, the usual left out."""
    table = tomlkit.table()
    table["name"] = definition.name
    for key, usual in (("title", ""), ("description", ""), ("subject", "contact")):
        if getattr(definition, key) != usual:
            table[key] = getattr(definition, key)
    if definition.mode != "dynamic":
        table["mode"] = definition.mode
    text = definition.text.strip()
    plain = "'''" not in text and text.replace("\n", "").isprintable()
    table["where"] = tomlkit.string(f"\n{text}\n", literal=True, multiline=True) if plain else text
    if definition.defaults:
        table["defaults"] = {default.name: default.value for default in definition.defaults}
    array = tomlkit.aot()
    array.append(table)
    return tomlkit.dumps({"segment": array})
