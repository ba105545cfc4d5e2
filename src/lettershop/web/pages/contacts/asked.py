"""What addresses and forms say, read calmly: what is not understood is as if it were not said."""

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from django.http import HttpRequest

from lettershop.engines.duckdb.entries import Place as StoryPlace, Side
from lettershop.engines.duckdb.search import Place
from lettershop.model.errors import UsageError
from lettershop.web.api.paging import Int64, read_cursor, write_cursor

LONGEST = 300
Found = TypeVar("Found")


def text(said: Mapping[str, Any], name: str, most: int = LONGEST) -> str:
    """Without what no database takes."""
    found = str(said.get(name, "")).replace("\0", "").strip()[:most]
    return found.encode("utf-8", "replace").decode()


def list_place(request: HttpRequest) -> Place | None:
    return _place(request, tuple[Int64, Int64])


def story_place(request: HttpRequest) -> StoryPlace | None:
    found = _place(request, tuple[Int64, Int64, str, str, str, Int64])
    return found if found is None else tuple(found)  # type: ignore[return-value]


def row_place(request: HttpRequest) -> int | None:
    found = _place(request, tuple[Int64])
    return None if found is None else found[0]


def cursor_after(request: HttpRequest, place: object) -> str:
    """For the address of the following page; "" for None."""
    return "" if place is None else write_cursor(request, place)


def contact_address(contact: str, tab: str = "") -> str:
    return f"/contacts/{quote(contact)}" + (f"?tab={tab}" if tab else "")


def account_address(account: str, tab: str = "") -> str:
    return f"/accounts/{quote(account)}" + (f"?tab={tab}" if tab else "")


def address_of(side: Side, who: str, tab: str = "") -> str:
    return contact_address(who, tab) if side == "contact" else account_address(who, tab)


def _place(request: HttpRequest, kind: type[Found]) -> Found | None:
    """None also for a cursor of another question: the list begins anew."""
    try:
        return read_cursor(request, request.GET.get("cursor", "")[:2_000], kind)
    except UsageError:
        return None
