"""One file that holds the whole workspace, made while the server runs."""

from pathlib import Path

import msgspec
from django.http import HttpRequest
from ninja import Router

from lettershop import __version__
from lettershop.app.backup import BackupReport
from lettershop.app.running import running
from lettershop.app.shop import LocalShop
from lettershop.model.errors import AccessError
from lettershop.web.api.bodies import read_body
from lettershop.web.api.operations import operation, principal_of

router = Router()


class BackupTo(msgspec.Struct, frozen=True):
    """`target`: a path of the server, for commands on its machine; others leave it empty, and the
    backup goes to `data/backups/`."""

    target: str = ""


@operation(router, "POST", "/backups", answer=BackupReport, body=BackupTo)
def make_backup(request: HttpRequest) -> BackupReport:
    """Write a backup of the workspace."""
    target = read_body(request, BackupTo).target
    if target and principal_of(request).kind != "local":
        message = "only commands on the server's machine can say where the backup goes"
        raise AccessError("access.role", message, where="target", hint="leave it empty")
    with running().engine.read() as workspace:
        path = Path(target) if target else None
        return LocalShop(workspace).backup(path, __version__)
