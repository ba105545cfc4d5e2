"""Contacts that became one, and how to take that back."""

import msgspec
from django.http import HttpRequest
from ninja import Router

from lettershop.app.answers import MergeAnswer
from lettershop.app.running import running
from lettershop.app.shop import LocalShop
from lettershop.model.errors import NotFound
from lettershop.web.api.operations import operation
from lettershop.web.api.paging import USUAL, Cursor, Limit, cut, read_cursor

router = Router()
_MOST = 2**63 - 1


class MergesPage(msgspec.Struct, frozen=True, kw_only=True):
    """The newest first; `next` is the cursor of the page after this one."""

    items: tuple[MergeAnswer, ...]
    next: str | None = None


@operation(router, "GET", "/merges", answer=MergesPage)
def list_merges(request: HttpRequest, limit: Limit = USUAL, cursor: Cursor = "") -> MergesPage:
    """Contacts that became one because something said so."""
    before = read_cursor(request, cursor, int)
    if before is not None and not 0 <= before <= _MOST:
        before = 0
    with running().engine.read() as workspace:
        found = LocalShop(workspace).merges(limit + 1, before)
    page = cut(request, [(merge, merge.id) for merge in found], limit)
    return MergesPage(items=tuple(page.items), next=page.next)


@operation(router, "POST", "/merges/{number}/undo", answer=MergeAnswer)
def undo_merge(request: HttpRequest, number: int) -> MergeAnswer:
    """Make two contacts of one again; they are kept apart from then on."""
    if not 0 <= number <= _MOST:
        message = f"there is no merge number {number}"
        raise NotFound("merge.unknown", message, hint="lettershop contact merges lists them")
    with running().engine.write() as workspace:
        return LocalShop(workspace).undo_merge(number)
