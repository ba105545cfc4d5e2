"""Whom a command asks: the server that has the workspace open, or else the folder itself."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lettershop.app.serving import Serving, read_serving
from lettershop.app.shop import LocalShop, Shop
from lettershop.app.workspace import DATABASE, Workspace
from lettershop.cli.remote import RemoteShop
from lettershop.model.errors import WorkspaceError

PATIENCE = 2.0
"""Seconds in which a server must say that it is alive."""


@contextmanager
def reached(start: Path) -> Iterator[Shop]:
    """The workspace at `start` or above it.

    A server that does not answer may be dead, with its file left behind and its number used by
    another program: the database's lock tells. WorkspaceError `server.silent` when it is held.
    """
    folder = Workspace.find(start)
    serving = read_serving(folder / DATABASE.parent)
    if serving is not None and alive(serving.pid):
        with RemoteShop(folder, serving) as remote:
            if remote.answers(PATIENCE):
                yield remote
                return
        try:
            workspace = Workspace.open(folder)
        except WorkspaceError as error:
            raise _silent(folder, serving) if error.code == "workspace.in_use" else error from None
    else:
        workspace = Workspace.open(folder)
    with workspace:
        yield LocalShop(workspace)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _silent(folder: Path, serving: Serving) -> WorkspaceError:
    return WorkspaceError(
        "server.silent",
        f"the server that has this workspace (process {serving.pid}, {serving.url}) does not"
        f" answer within {PATIENCE:g} seconds",
        where=str(folder),
        hint="it may be starting or busy: try again; or stop it with Ctrl-C or SIGTERM",
    )
