"""Catalogs of items that letters write about: what is in them, and how their import went."""

from typing import Final

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from lettershop.app.catalog_items import ItemAnswer, found_items, item_answer
from lettershop.app.catalogs import CatalogAnswer, catalog_answer, catalogs
from lettershop.app.running import running
from lettershop.app.templates import read_folder
from lettershop.content.catalog.folder import load_catalogs
from lettershop.content.catalog.storing import find_catalog, find_item
from lettershop.content.folder import Shelf
from lettershop.content.template import Items
from lettershop.model.errors import Finding, NotFound
from lettershop.web.pages.content.texts import said

SHOWN: Final = 50
"""Items of a page."""
LAST: Final = 100_000


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A catalog in the list. `known` None: its file was never imported. `findings`: what is wrong
    with its definition. `users`: templates that choose items of it."""

    name: str
    known: CatalogAnswer | None
    findings: tuple[Finding, ...]
    users: tuple[str, ...]


def all_catalogs(request: HttpRequest) -> HttpResponse:
    folder = running().engine.workspace.path
    stored = {one.name: one for one in catalogs()}
    files, shelf = load_catalogs(folder).files, read_folder(folder)
    lines = [
        Line(
            name=name,
            known=stored.get(name),
            findings=tuple(files[name].findings) if name in files else (),
            users=users_of(shelf, name),
        )
        for name in sorted({*stored, *files})
    ]
    return render(request, "content/catalogs.html", {"lines": lines})


def one_catalog(request: HttpRequest, name: str) -> HttpResponse:
    """Its items, those that match what was typed, page by page."""
    wanted, gone = said(request.GET, "q", 100), request.GET.get("gone") == "1"
    page = _page_number(request.GET.get("page", ""))
    try:
        record = find_catalog(name)
    except NotFound as error:
        raise Http404 from error
    rows, total = found_items(record, wanted, gone=gone, first=page * SHOWN, limit=SHOWN)
    folder = running().engine.workspace.path
    read = load_catalogs(folder).files.get(name)
    known = {
        "catalog": catalog_answer(record),
        "items": [item_answer(name, row) for row in rows],
        "wanted": wanted,
        "gone": gone,
        "total": total,
        "page": page,
        "earlier": page - 1 if page else None,
        "later": page + 1 if (page + 1) * SHOWN < total else None,
        "findings": read.findings if read else (),
        "users": users_of(read_folder(folder), name),
    }
    return render(request, "content/catalog.html", known)


def one_item(request: HttpRequest, name: str, key: str) -> HttpResponse:
    """Everything the catalog says of an item. Its picture is named, not loaded."""
    try:
        found = item_answer(name, find_item(name, key))
    except NotFound as error:
        raise Http404 from error
    return render(request, "content/item.html", {"name": name, "item": found, "rows": _rows(found)})


def users_of(shelf: Shelf, catalog: str) -> tuple[str, ...]:
    return tuple(
        template.name
        for template in shelf.templates
        if any(isinstance(d, Items) and d.catalog == catalog for d in template.data.values())
    )


def _rows(item: ItemAnswer) -> list[tuple[str, str]]:
    said_of = {
        "id": item.id,
        "url": item.url,
        "image": item.image,
        "description": item.description,
        "kind": item.kind,
        "tags": ", ".join(item.tags),
        "stock": "" if item.stock is None else str(item.stock),
        "published_at": item.published_at or "",
        "valid_from": item.valid_from or "",
        "valid_until": item.valid_until or "",
        **{name: _text(value) for name, value in item.fields.items()},
    }
    return [(name, text) for name, text in said_of.items() if text]


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _page_number(text: str) -> int:
    return min(int(text), LAST) if text.isascii() and text.isdecimal() and len(text) < 8 else 0
