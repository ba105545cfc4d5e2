"""What the builder of a segment begins with: the version in force, a named one, the folder's."""

import msgspec

from lettershop.app.building import Around
from lettershop.app.plans import VersionAnswer, version_answer
from lettershop.app.workspace import Workspace
from lettershop.language.definition import HIDDEN, Definition
from lettershop.model.errors import NotFound
from lettershop.segments.register import versions


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """`drafts`: versions that wait, the newest first. `locked`: a partition says of whom it is and
    how it is kept. `folder`: only its file knows it."""

    definition: Definition
    drafts: tuple[VersionAnswer, ...] = ()
    locked: bool = False
    folder: bool = False


def start_of(workspace: Workspace, known: Around, name: str, number: str = "") -> Start:
    """NotFound `segment.unknown`, `version.unknown`."""
    try:
        rows = [] if name.startswith(HIDDEN) else versions(name)
    except NotFound:
        rows = []
    drafts = tuple(version_answer(row) for row in rows if row.state == "draft")
    locked = known.now.partition_of(name) is not None
    in_force = known.now.definitions().get(name)
    if number:
        found = next((row for row in rows if str(row.number) == number), None)
        if found is None:
            raise NotFound("version.unknown", f"“{name}” has no such version")
        return Start(definition=found.definition, drafts=drafts, locked=locked)
    if in_force is not None and not name.startswith(HIDDEN):
        return Start(definition=in_force, drafts=drafts, locked=locked)
    if drafts:
        return Start(definition=rows[0].definition, drafts=drafts)
    own = {d.name: d for d in workspace.definitions()}.get(name)
    if own is None:
        raise NotFound("segment.unknown", f"there is no segment “{name}”")
    return Start(definition=own, locked=own.partition is not None, folder=True)
