"""What is fetched by the clock: the watched folder, and pulls from databases."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from lettershop.app.engine import Engine
from lettershop.app.mappings import SOURCES
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb.store import Store
from lettershop.ingest.pull.pull import Facts
from lettershop.ingest.pull.step import Pulls
from lettershop.ingest.report import ImportReport
from lettershop.ingest.watch import watch_step

INBOX = "inbox"


class Feeds:
    """Steps for a running server's clock; each safe to repeat and to kill."""

    def __init__(self, engine: Engine, environ: Mapping[str, str] = os.environ) -> None:
        self._engine = engine
        self.pulls = _pulls(engine.workspace, Facts(self._reading, self._writing), environ)

    def watch(self) -> bool:
        """Import what lies complete in the workspace's inbox/."""
        watch_step(self._engine.workspace.path / INBOX, self._import, time.time())
        return False

    def pull(self) -> bool:
        """Run the pulls that are due."""
        return self.pulls.step()

    def _import(self, file: Path, refused: Path) -> ImportReport:
        with self._engine.write() as workspace:
            shown = f"{INBOX}/{file.name}"
            return workspace.import_file(file, refused=refused, shown=shown)

    @contextmanager
    def _reading(self) -> Iterator[Store]:
        with self._engine.read() as workspace:
            yield workspace.store

    @contextmanager
    def _writing(self) -> Iterator[Store]:
        with self._engine.write() as workspace:
            yield workspace.store


def pulls_of(workspace: Workspace, environ: Mapping[str, str] = os.environ) -> Pulls:
    """The pulls of a workspace that is open in this process alone."""

    def held() -> AbstractContextManager[Store]:
        return nullcontext(workspace.store)

    return _pulls(workspace, Facts(held, held), environ)


def _pulls(workspace: Workspace, facts: Facts, environ: Mapping[str, str]) -> Pulls:
    return Pulls(
        workspace.path / SOURCES,
        workspace.path / "data",
        facts,
        settings=workspace.settings,
        clock=workspace.clock,
        environ=environ,
    )
