"""Parameters that several operations have."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query

from lettershop.app.timeline import AnyEntry
from lettershop.engines.duckdb.entries import KINDS, Kind
from lettershop.engines.duckdb.timeline import Wanted
from lettershop.model.clock import parse_instant
from lettershop.model.errors import LettershopError, UsageError
from lettershop.web.api.paging import Int64, Page, read_cursor

Question = Annotated[str, Query(max_length=200, description="words to look for")]
Name = Annotated[str, Query(max_length=500, description="an event name or a record kind")]
Kinds = Annotated[
    Kind | None, Query(description="only event, traits, membership or record entries")
]
Since = Annotated[
    str, Query(max_length=40, description="from then on: 2026-01-31T12:00Z or 2026-01-31")
]
Until = Annotated[str, Query(max_length=40, description="before then")]
Who = Annotated[str, Path(description="a user id, e-mail address or identity (`user:…`)")]
GroupId = Annotated[str, Path(description="the group id, or the name of just one account")]


class TimelinePage(Page[AnyEntry], frozen=True):
    """Entries, newest first; next is the cursor of the following page, null on the last."""


def wanted(
    request: HttpRequest,
    limit: int,
    cursor: str,
    *,
    kind: Kind | None = None,
    name: str = "",
    since: str = "",
    until: str = "",
) -> Wanted:
    """What of a timeline to show: one entry more than the page, to know whether there are more."""
    place = read_cursor(request, cursor, tuple[Int64, Int64, str, Kind, str, Int64])
    bounds: dict[str, Any] = {}
    if since:
        bounds["since"] = _instant("since", since)
    if until:
        bounds["until"] = _instant("until", until)
    kinds = KINDS if kind is None else (kind,)
    return Wanted(limit=limit + 1, kinds=kinds, name=name or None, place=place, **bounds)


def _instant(where: str, text: str) -> int:
    try:
        return parse_instant(text)
    except LettershopError as error:
        raise UsageError(error.code, error.message, where=where, hint=error.hint) from None
    except OverflowError:
        raise UsageError("time.unreadable", f"“{text}” is not a time", where=where) from None
