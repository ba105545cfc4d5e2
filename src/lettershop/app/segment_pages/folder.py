"""The folder's definitions, read again only when a file or what the data is like has changed."""

import threading
from pathlib import Path
from typing import Final

from lettershop.app.definitions import SEGMENTS
from lettershop.app.workspace import Workspace
from lettershop.model.catalog import Catalog
from lettershop.profile.folder import FOLDER as TRAITS
from lettershop.segments.folder import Library

MOST: Final = 8
_known: dict[Path, tuple[object, Library]] = {}
_guard = threading.Lock()


def current_library(workspace: Workspace) -> Library:
    """As `Workspace.library`, which reads and checks every file each time it is asked."""
    key = (_files(workspace.path), _learned(workspace.store.catalog()))
    with _guard:
        found = _known.get(workspace.path)
    if found is not None and found[0] == key:
        return found[1]
    library = workspace.library()
    with _guard:
        if len(_known) >= MOST:
            _known.clear()
        _known[workspace.path] = key, library
    return library


def _files(workspace: Path) -> object:
    """Segments, and the traits whose fields they may speak of."""
    folders = (workspace / SEGMENTS, workspace / TRAITS)
    paths = (path for folder in folders for path in sorted(folder.rglob("*.toml")))
    found = ((path, path.stat()) for path in paths)
    return tuple((path, about.st_mtime_ns, about.st_size) for path, about in found)


def _learned(catalog: Catalog) -> object:
    """What definitions are compared with; not how many rows there are."""
    fields = ((s, i.name, i.type, i.values, i.currencies) for s, i in catalog.everything())
    return (*fields, *catalog.events, *catalog.records, *catalog.rates)
