"""Notices for account managers: replies, dead addresses, complaints."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router

from lettershop.delivery.returns.noticeboard import NoticeAnswer, notices
from lettershop.web.api.operations import operation
from lettershop.web.api.paging import USUAL, Cursor, Int64, Limit, Page, cut, read_cursor

router = Router()

Owner = Annotated[str, Query(max_length=200, description="a key of owners.toml; empty: everybody")]


class NoticesPage(Page[NoticeAnswer], frozen=True):
    """Notices, newest first; next is the cursor of the following page, null on the last."""


@operation(router, "GET", "/notices", answer=NoticesPage)
def list_notices(
    request: HttpRequest, owner: Owner = "", limit: Limit = USUAL, cursor: Cursor = ""
) -> Page[NoticeAnswer]:
    """What account managers should know: somebody answered, complained, or cannot be reached."""
    place = read_cursor(request, cursor, tuple[Int64])
    found = notices(owner, limit + 1, place[0] if place else None)
    return cut(request, [(one, (one.id,)) for one in found], limit)
