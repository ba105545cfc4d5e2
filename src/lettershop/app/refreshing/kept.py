"""What is to be kept current: published segments with their pins, and hidden ones."""

from collections.abc import Mapping

from lettershop.app.addresses import hidden_definitions
from lettershop.app.derived import Shelf
from lettershop.app.pinning import resolved
from lettershop.app.workspace import Workspace
from lettershop.language import references
from lettershop.language.definition import Definition
from lettershop.planning.keep import Keep
from lettershop.segments.register import InForce


def keeps_of(workspace: Workspace, asked: InForce, shelf: Shelf) -> list[Keep]:
    """Records must be connected."""
    pins = resolved(workspace.store, asked.pins, asked.partitions)
    published = [
        Keep(definition=p.definition, version=p.version, pins=pins.get(p.name, ()))
        for p in asked.published
    ]
    hidden = _hidden(workspace, asked.definitions(), shelf)
    return published + [Keep(definition=definition) for definition in hidden]


def _hidden(
    workspace: Workspace, segments: Mapping[str, Definition], shelf: Shelf
) -> list[Definition]:
    """Segments that stand for the rules of derived traits, as far as they can be evaluated."""
    book = shelf.book(workspace, segments)
    found = [*book.definitions(), *hidden_definitions(workspace)]
    known = {*segments, *(d.name for d in found)}
    return [d for d in found if references(d.where) <= known]
