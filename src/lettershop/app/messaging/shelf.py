"""Templates made ready once for many messages, and again when their folder has changed."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from lettershop.app.letters import Letters
from lettershop.app.typeset import Typeset
from lettershop.content.folder import CONTENT, GOLDEN, is_template_file

Seen: TypeAlias = tuple[tuple[str, int, int], ...]


class ReadyTemplates:
    """Shared by all requests. What is wrong with a template is found anew each time."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._seen: Seen = ()
        self._ready: dict[str, Typeset] = {}

    def named(self, letters: Letters, name: str) -> Typeset:
        """NotFound `template.unknown`; DefinitionError with everything that is wrong with it."""
        seen = tuple(_files(letters.workspace.path / CONTENT))
        with self._guard:
            if seen != self._seen:
                self._ready, self._seen = {}, seen
            known = self._ready.get(name)
        if known is None:
            known = letters.ready(name)
            with self._guard:
                if seen == self._seen:
                    self._ready[name] = known
        return known


def _files(folder: Path) -> Iterator[tuple[str, int, int]]:
    """Of all files of templates: name, when written, size."""
    for top, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f != GOLDEN)
        for name in sorted(files):
            path = Path(top) / name
            if is_template_file(PurePosixPath(name)) and path.exists():
                said = path.stat()
                yield str(path), said.st_mtime_ns, said.st_size
