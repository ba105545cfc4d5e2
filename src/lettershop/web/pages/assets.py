"""The few files pages need: style, script, icon. Read once, named with their hash, kept for ever by
browsers; nothing of them is secret."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase

FOLDER: Final = Path(__file__).parent.parent / "static"
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FOR_EVER: Final = "public, max-age=31536000, immutable"


class Asset(msgspec.Struct, frozen=True):
    """`version`: 12 hex digits of its content."""

    content: bytes
    type: str
    version: str


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    return Asset(content, TYPES[path.suffix], hashlib.sha256(content).hexdigest()[:12])


ASSETS: Final[Mapping[str, Asset]] = {
    p.name: _read(p) for p in FOLDER.iterdir() if p.suffix in TYPES
}


def asset(request: HttpRequest, name: str) -> HttpResponseBase:
    found = ASSETS.get(name)
    if found is None:
        raise Http404
    tag = f'"{found.version}"'
    known = request.headers.get("If-None-Match") == tag
    response = (
        HttpResponseNotModified() if known else HttpResponse(found.content, content_type=found.type)
    )
    response["ETag"] = tag
    named = request.GET.get("v") == found.version
    response["Cache-Control"] = FOR_EVER if named else "no-cache"
    return response


def asset_address(name: str) -> str:
    return f"/static/{name}?v={ASSETS[name].version}"
