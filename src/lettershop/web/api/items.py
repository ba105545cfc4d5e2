"""Catalogs of items that letters write about: products, articles, offers."""

from typing import Annotated

import msgspec
from django.http import HttpRequest
from ninja import Path, Query, Router

from lettershop.app import catalog_items
from lettershop.app.catalog_items import ItemAnswer, item_answer
from lettershop.app.catalogs import CatalogAnswer, catalogs
from lettershop.app.running import running
from lettershop.app.shown import instant
from lettershop.app.upserts import Upserted
from lettershop.content.catalog import storing
from lettershop.content.catalog.said import ItemUpsert
from lettershop.model.clock import format_instant
from lettershop.web.api.auth import principal_of
from lettershop.web.api.bodies import read_items
from lettershop.web.api.operations import operation
from lettershop.web.api.paging import USUAL, Cursor, Int64, Limit, Page, cut, read_cursor

router = Router()
TAG = "catalogs"
"""Not “items”, which a page’s template would take for a method."""

CatalogName = Annotated[str, Path(description="the name of a catalog, as offers")]
ItemId = Annotated[str, Path(description="the id of an item")]
Gone = Annotated[bool, Query(description="those that are not in the catalog any more")]


class OneCatalog(msgspec.Struct, frozen=True, kw_only=True):
    """`items` are in it now, `gone` not any more; `refused` rows of its last import."""

    name: str
    title: str
    file: str
    items: int
    gone: int
    refused: int
    changed_at: str
    imported_at: str | None


class AllCatalogs(msgspec.Struct, frozen=True):
    items: list[OneCatalog]


class ItemsPage(Page[ItemAnswer], frozen=True):
    """Items in the order of the catalog; next is the cursor of the following page."""


@operation(router, "GET", "/items", tag=TAG, answer=AllCatalogs)
def list_catalogs(request: HttpRequest) -> AllCatalogs:
    """All catalogs of items."""
    return AllCatalogs([_shown(one) for one in catalogs()])


@operation(router, "GET", "/items/{catalog}", tag=TAG, answer=ItemsPage)
def list_items(
    request: HttpRequest,
    catalog: CatalogName,
    gone: Gone = False,
    limit: Limit = USUAL,
    cursor: Cursor = "",
) -> Page[ItemAnswer]:
    """The items of a catalog, in its order."""
    place = read_cursor(request, cursor, tuple[Int64, Int64])
    found = catalog_items.listed(catalog, limit + 1, after=place, gone=gone)
    shown = [(item_answer(catalog, one), (one.position, one.pk)) for one in found]
    return cut(request, shown, limit)


@operation(router, "GET", "/items/{catalog}/{path:id}", tag=TAG, answer=ItemAnswer)
def get_item(request: HttpRequest, catalog: CatalogName, id: ItemId) -> ItemAnswer:
    """An item, also one that is gone."""
    return item_answer(catalog, storing.find_item(catalog, id))


@operation(
    router, "POST", "/items/{catalog}", tag=TAG, answer=Upserted, body=ItemUpsert | list[ItemUpsert]
)
def upsert_catalog_items(request: HttpRequest, catalog: CatalogName) -> Upserted:
    """Write one item, or a list of up to 1,000, of a catalog.

    Of those that are there only what is sent is changed, the others are new; a new catalog begins
    with its first item.
    """
    return catalog_items.upsert(
        catalog,
        read_items(request),
        running().engine.workspace.settings,
        by=principal_of(request),
        at=running().clock.now(),
    )


@operation(router, "DELETE", "/items/{catalog}/{path:id}", tag=TAG, answer=ItemAnswer)
def end_catalog_item(request: HttpRequest, catalog: CatalogName, id: ItemId) -> ItemAnswer:
    """Take an item out of its catalog. It is kept as gone, so that old letters can be explained."""
    by, at = principal_of(request), running().clock.now()
    return item_answer(catalog, catalog_items.end_item(catalog, id, by=by, at=at))


def _shown(one: CatalogAnswer) -> OneCatalog:
    return OneCatalog(
        name=one.name,
        title=one.title,
        file=one.file,
        items=one.items,
        gone=one.gone,
        refused=one.refused,
        changed_at=format_instant(one.changed_at),
        imported_at=instant(one.imported_at),
    )
