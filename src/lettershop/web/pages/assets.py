"""The files pages need: our own from `static/`, others' from `vendor/` (tools/assets.py). Read
once, named with their hash, kept for ever by browsers; nothing of them is secret."""

import gzip
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

WEB: Final = Path(__file__).parent.parent
FOLDERS: Final = (WEB / "static", WEB / "vendor")
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FOR_EVER: Final = "public, max-age=31536000, immutable"


class Asset(msgspec.Struct, frozen=True):
    """`version`: 12 hex digits of its content; `packed`: the same, gzipped."""

    content: bytes
    packed: bytes
    type: str
    version: str


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    version = hashlib.sha256(content).hexdigest()[:12]
    return Asset(content, gzip.compress(content, mtime=0), TYPES[path.suffix], version)


ASSETS: Final[Mapping[str, Asset]] = {
    path.name: _read(path)
    for folder in FOLDERS
    if folder.is_dir()
    for path in folder.iterdir()
    if path.suffix in TYPES
}


def asset(request: HttpRequest, name: str) -> HttpResponseBase:
    found = ASSETS.get(name)
    if found is None:
        raise Http404
    tag = f'"{found.version}"'
    response: HttpResponse = HttpResponseNotModified()
    if request.headers.get("If-None-Match") != tag:
        response = _whole(request, found)
    response["ETag"] = tag
    named = request.GET.get("v") == found.version
    response["Cache-Control"] = FOR_EVER if named else "no-cache"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _whole(request: HttpRequest, found: Asset) -> HttpResponse:
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return HttpResponse(found.content, content_type=found.type)
    return HttpResponse(found.packed, content_type=found.type, headers={"Content-Encoding": "gzip"})


def asset_address(name: str) -> str:
    """Empty for a file that is missing: `vendor/` is made by `make setup`."""
    found = ASSETS.get(name)
    return "" if found is None else f"/static/{name}?v={found.version}"
