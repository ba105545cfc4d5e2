"""Which segments can be told of the time before they were kept."""

from collections.abc import Sequence

from lettershop.app.workspace import Workspace
from lettershop.language import references
from lettershop.language.definition import Definition
from lettershop.planning.place import place_of
from lettershop.profile.depends import fields_in
from lettershop.profile.folder import FOLDER, declared


def knowable(workspace: Workspace, definitions: Sequence[Definition]) -> list[str]:
    """Those that hang on no derived trait, nor on segments that do: what a trait would have been
    before it was first worked out is not known. `definitions`: with all they refer to."""
    traits = {*declared(workspace.path / FOLDER, workspace.store.catalog())}
    told = {one.name for one in definitions if not _fields(one) & traits}
    while untold := {d.name for d in definitions if d.name in told and references(d.where) - told}:
        told -= untold
    return [one.name for one in definitions if one.name in told]


def _fields(one: Definition) -> set[tuple[str, str]]:
    return {*fields_in(one.where, place_of(one.subject))}
