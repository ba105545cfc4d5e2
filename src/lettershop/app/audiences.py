"""The segments letters may go to: those in force, with their modes and pins; beside them those that
only the folder has, by their rule. The records must be connected."""

import hashlib
from collections.abc import Mapping, Sequence

import msgspec

from lettershop.app.pinning import resolved
from lettershop.app.workspace import Workspace
from lettershop.content.gathering import Adjusting, as_kept
from lettershop.content.proof.said import Audienced
from lettershop.language import parse
from lettershop.language.definition import Definition
from lettershop.language.jsonform import to_json
from lettershop.language.tree import Subject
from lettershop.model.errors import DefinitionError, NotFound
from lettershop.planning.keep import Keep
from lettershop.planning.order import needed
from lettershop.segments.register import InForce, in_force


class Audiences(msgspec.Struct, frozen=True, eq=False):
    """`versions`: of the segments in force. `adjust`: what gathering wants."""

    definitions: Mapping[str, Definition]
    versions: Mapping[str, int]
    pins: Mapping[str, int]
    broken: Mapping[str, DefinitionError]
    adjust: Adjusting

    def subjects(self) -> dict[str, Subject]:
        return {name: found.subject for name, found in self.definitions.items()}

    def named(self, name: str) -> Definition:
        """NotFound `segment.unknown`; DefinitionError for one that is broken."""
        if name in self.broken:
            raise self.broken[name]
        if name not in self.definitions:
            hint = "lettershop segment list shows the folder's"
            raise NotFound("segment.unknown", f"there is no segment “{name}”", hint=hint)
        return self.definitions[name]

    def asked(self, text: str, subject: Subject = "contact") -> Definition:
        """An audience that has no name. DefinitionError for what cannot be read."""
        return Definition(name="", subject=subject, where=parse(text).tree, text=text)

    def identified(self, audience: Definition) -> Audienced:
        """What is said about whom a letter goes to: changes with whatever moves the members."""
        every = {**self.definitions, audience.name: audience}
        closure = needed([*every.values()], [audience.name])
        said = [
            (
                *(d.name, d.subject, d.mode, to_json(d.where, d.subject).decode(), d.defaults),
                *(self.versions.get(d.name), self.pins.get(d.name)),
            )
            for d in closure
        ]
        digest = hashlib.blake2b(msgspec.json.encode(said), digest_size=8).hexdigest()
        version = self.versions.get(audience.name)
        return Audienced(segment=audience.name, version=version, digest=digest)


def audiences(workspace: Workspace) -> Audiences:
    """As they are at this moment."""
    now = in_force(workspace.moment(None))
    library = workspace.library()
    folder = {definition.name: definition for definition in library.definitions}
    published = {p.name: p.definition for p in now.published}
    names = {name for name in library.broken if name not in published}
    return Audiences(
        definitions={**folder, **published},
        versions={p.name: p.version for p in now.published},
        pins=_pins(now),
        broken={name: DefinitionError([*library.broken[name]]) for name in names},
        adjust=as_kept(workspace.store, _keeps(workspace, now)),
    )


def _keeps(workspace: Workspace, now: InForce) -> Sequence[Keep]:
    pins = resolved(workspace.store, now.pins, now.partitions)
    return [
        Keep(definition=p.definition, version=p.version, pins=pins.get(p.name, ()))
        for p in now.published
    ]


def _pins(now: InForce) -> dict[str, int]:
    """By segment a number that changes with its pins."""
    found: dict[str, int] = {}
    for pin in now.pins:
        found[pin.segment] = max(found.get(pin.segment, 0), pin.id)
    return found
