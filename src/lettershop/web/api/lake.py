"""The lake: the facts as Parquet for other engines, written now and looked at."""

import msgspec
from django.http import HttpRequest
from ninja import Router

from lettershop.app.lake import Exported, LakeStatus, Vacuumed
from lettershop.app.running import running
from lettershop.app.shop import LocalShop
from lettershop.model.errors import AccessError
from lettershop.web.api.bodies import read_body
from lettershop.web.api.operations import operation, principal_of

router = Router()


class LakeAt(msgspec.Struct, frozen=True):
    """`address`: of another lake than the workspace's, for commands on the server's machine."""

    address: str = ""


class ExportTo(LakeAt, frozen=True):
    """`anew`: all parts are written again, whatever was written before."""

    anew: bool = False


@operation(router, "GET", "/lake", answer=LakeStatus)
def lake_status(request: HttpRequest, address: str = "") -> LakeStatus:
    """What lies in the lake, and how far it is behind the facts."""
    _of_here(request, address)
    with running().engine.read() as workspace:
        return LocalShop(workspace).lake_status(address)


@operation(router, "POST", "/lake/snapshots", answer=Exported, body=ExportTo)
def export_lake(request: HttpRequest) -> Exported:
    """Write a snapshot of the facts, if anything changed since the newest one."""
    wanted = read_body(request, ExportTo)
    _of_here(request, wanted.address)
    with running().engine.read() as workspace:
        return LocalShop(workspace).lake_export(wanted.address, anew=wanted.anew)


@operation(router, "POST", "/lake/vacuum", answer=Vacuumed, body=LakeAt)
def vacuum_lake(request: HttpRequest) -> Vacuumed:
    """Remove snapshots that are not kept any longer, and files that none names."""
    address = read_body(request, LakeAt).address
    _of_here(request, address)
    with running().engine.read() as workspace:
        return LocalShop(workspace).lake_vacuum(address)


def _of_here(request: HttpRequest, address: str) -> None:
    if address and principal_of(request).kind != "local":
        message = "only commands on the server's machine can name another lake"
        raise AccessError("access.role", message, where="address", hint="leave it empty")
