"""Files that are imported while the server runs: upload, look how far it is, fetch what was
refused."""

from collections.abc import Mapping as Map
from pathlib import Path
from typing import Annotated, Final

import msgspec
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Query, Router

from lettershop.access.principal import Principal
from lettershop.app.imports import ImportJob, Order
from lettershop.app.mappings import SOURCES, choose_mapping, confined
from lettershop.app.running import running
from lettershop.ingest.mapping import Mapping
from lettershop.ingest.mapping_text import read_mapping
from lettershop.model.errors import InputError, LettershopError
from lettershop.web.api.operations import operation, principal_of
from lettershop.web.api.uploads import fields, one_file, renamed, send_file

router = Router()
MOST_SHOWN: Final = 100
_TRUTH: Final = {"": False, "false": False, "0": False, "true": True, "1": True}


class ImportJobs(msgspec.Struct, frozen=True):
    """The newest first."""

    items: list[ImportJob]


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of the body. `file` is CSV, TSV, JSON Lines or Parquet, also gzipped; `mapping` the
    TOML text of a mapping, by default `sources/NAME.toml` of the workspace, else a guess. `again`:
    although it was imported before; `allow_refused`: even if most rows are refused."""

    file: bytes
    mapping: str = ""
    again: bool = False
    allow_refused: bool = False


@operation(
    router,
    "POST",
    "/imports",
    answer=ImportJob,
    status=202,
    body=Upload,
    body_type="multipart/form-data",
)
def start_import(request: HttpRequest) -> ImportJob:
    """Upload a file to be imported: all of it or nothing, in the background."""
    said = fields(request)
    file = one_file(request)
    principal = principal_of(request)
    local = principal.kind == "local"
    name = (said.get("name") if local else None) or file.name or "upload"
    imports = running().imports
    with imports.receive(file.name or "upload") as upload:
        upload.write(file.chunks())
        try:
            mapping = _mapping(said, upload.path, principal)
        except LettershopError as error:
            raise renamed(error, {str(upload.path): name}) from None
        order = Order(
            mapping=mapping,
            again=_flag(said, "again"),
            allow_refused=_flag(said, "allow_refused"),
            refused_as=said.get("refused_as", "") if local else "",
        )
        return imports.order(upload, name, order, principal.name)


@operation(router, "GET", "/imports", answer=ImportJobs)
def list_imports(
    request: HttpRequest, limit: Annotated[int, Query(ge=1, le=MOST_SHOWN)] = 20
) -> ImportJobs:
    """The last imports and how they are."""
    return ImportJobs(running().imports.jobs()[:limit])


@operation(router, "GET", "/imports/{id}", answer=ImportJob)
def one_import(request: HttpRequest, id: str) -> ImportJob:
    """How far an import is, what it did, or why it failed."""
    return running().imports.job(id)


@operation(router, "GET", "/imports/{id}/refused", answer=str, media_type="text/csv")
def refused_rows(request: HttpRequest, id: str) -> HttpResponseBase:
    """The refused rows as CSV: line, code, reason, row."""
    path = running().imports.refused(id)
    return send_file(request, path.open("rb"), f"refused-{id}.csv", "text/csv; charset=utf-8")


def _mapping(said: Map[str, str], file: Path, principal: Principal) -> Mapping:
    folder = running().engine.workspace.path
    if principal.kind == "local" and "mapping_json" in said:
        # Commands on this machine have read it themselves, and say where its look-ups are.
        return msgspec.json.decode(said["mapping_json"], type=Mapping)
    text = said.get("mapping", "")
    if not text:
        return choose_mapping(folder, file)
    sources = folder / SOURCES
    mapping = read_mapping(text, "mapping", folder=str(sources))
    confined(mapping, sources)
    return mapping


def _flag(said: Map[str, str], name: str) -> bool:
    found = _TRUTH.get(said.get(name, "").lower())
    if found is None:
        raise InputError("request.multipart", f"“{name}” is true or false", where=name)
    return found
