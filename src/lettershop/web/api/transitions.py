"""Who entered and left segments: read by pages, followed by a cursor, or told as it happens."""

from typing import Annotated

import msgspec
from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router

from lettershop.access.audit import audit
from lettershop.app.changes import (
    Changed,
    SizeHistory,
    about,
    changes,
    newest_changes,
)
from lettershop.app.running import running
from lettershop.app.shop import LocalShop
from lettershop.engines.duckdb.refresh.tables import Cause
from lettershop.engines.duckdb.transitions import Asked, Basis, last_transition
from lettershop.model.clock import format_instant
from lettershop.model.errors import UsageError
from lettershop.segments.cursors import (
    acknowledge,
    cursors,
    find_cursor,
    forget_cursor,
    place_of,
)
from lettershop.segments.models_streams import Cursor as Record
from lettershop.segments.webhooks import TRIGGERING
from lettershop.web.api.auth import principal_of
from lettershop.web.api.bodies import read_body
from lettershop.web.api.moment import AsOf, moment
from lettershop.web.api.operations import operation
from lettershop.web.api.paging import USUAL, Cursor, Int64, Limit, Page, cut, read_cursor

router = Router()
MOST_NAMED = 200
"""Segments in one question."""
POINTS = 60

Segments = Annotated[list[str], Query(description="only these segments; without any, all")]
Causes = Annotated[list[Cause], Query(description="only with one of these causes")]
Who = Annotated[str, Query(max_length=500, description="a user id, address or identity")]
Group = Annotated[str, Query(max_length=500, description="a group id, or an account's name")]
After = Annotated[int, Query(ge=-1, le=2**63 - 1, description="only those after this id")]
Newest = Annotated[bool, Query(description="the newest first; without it the oldest")]
Hidden = Annotated[bool, Query(description="also segments behind derived traits")]
Consumer = Annotated[
    str, Query(max_length=100, description="go on after the cursor of this name, not `after`")
]
Start = Annotated[int | None, Query(ge=-1, le=2**63 - 1, description="from after this id; or now")]
Points = Annotated[int, Query(ge=2, le=1_000, description="moments, evenly spread")]
By = Annotated[Basis, Query(description="when a change was detected, or became effective")]


class ChangesPage(Page[Changed], frozen=True):
    """Who entered and left. `last`: all up to this id was looked at, so a reader that has done with
    the page may acknowledge it (oldest first only)."""

    last: int = -1


class Position(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything up to `position` is done. A cursor never moves back but with `back`."""

    position: Annotated[int, msgspec.Meta(ge=-1, le=2**63 - 1)]
    back: bool = False


class OneCursor(msgspec.Struct, frozen=True, kw_only=True):
    """How far a reader of transitions has come; `behind`: how many ids follow."""

    name: str
    position: int
    behind: int
    moved_at: str


class Cursors(msgspec.Struct, frozen=True):
    items: list[OneCursor]


@operation(router, "GET", "/transitions", answer=ChangesPage)
def list_transitions(
    request: HttpRequest,
    segment: Segments = [],  # noqa: B006  (django-ninja copies it)
    cause: Causes = [],  # noqa: B006
    contact: Who = "",
    account: Group = "",
    after: After = -1,
    consumer: Consumer = "",
    newest: Newest = False,
    hidden: Hidden = False,
    limit: Limit = USUAL,
    cursor: Cursor = "",
) -> ChangesPage:
    """Who entered and left segments, when and why: in the order in which it was found."""
    place = read_cursor(request, cursor, tuple[Int64])
    with running().engine.read() as shop:
        of, named = about(shop, contact, account), _named(segment)
        asked = Asked(segments=named, causes=tuple(cause), about=of, hidden=hidden)
        if consumer and not newest:
            after = place_of(shop.store, consumer, moment(""))
        if newest:
            before = place[0] if place else None
            found = newest_changes(shop.store, asked, before=before, limit=limit + 1)
        else:
            start = place[0] if place else after
            found = changes(shop.store, asked, after=start, limit=limit + 1)
        end = last_transition(shop.store)
    page = cut(request, [(one, (one.id,)) for one in found], limit)
    return ChangesPage(page.items, page.next, page.items[-1].id if page.next else end)


@operation(router, "GET", "/transitions/stream", answer=str, media_type="text/event-stream")
def stream_transitions(
    request: HttpRequest,
    segment: Segments = [],  # noqa: B006  (django-ninja copies it)
    cause: Causes = [*TRIGGERING],  # noqa: B006
    after: Start = None,
    hidden: Hidden = False,
) -> HttpResponseBase:
    """Who enters and leaves, as it is found: Server-Sent Events.

    Events are called entered and left, their data is a Changed, their id that of the transition. A
    reader that comes again with the header Last-Event-ID misses nothing. A stream ends after ten
    minutes at most; readers of Server-Sent Events come again by themselves.
    """
    asked = Asked(segments=_named(segment), causes=tuple(cause), hidden=hidden)
    start = _last_event(request, after)
    streams = running().streams
    streams.admit()
    connections.close_all()  # the stream needs no records, and may be open for long
    waits = isinstance(request, ASGIRequest)
    pieces = streams.listen(asked, start) if waits else streams.once(asked, start)
    response = StreamingHttpResponse(pieces, content_type="text/event-stream")
    response["X-Accel-Buffering"] = "no"  # nginx would collect it
    return response


@operation(router, "GET", "/segments/{path:name}/history", answer=SizeHistory)
def segment_history(
    request: HttpRequest,
    name: str,
    since: AsOf = "",
    until: AsOf = "",
    points: Points = POINTS,
    basis: By = "detected",
) -> SizeHistory:
    """The size of a segment over time, with how many entered and left in between."""
    end, start = moment(until), moment(since) if since else None
    with running().engine.read() as shop:
        return LocalShop(shop).history(name, start, end, points, basis)


@operation(router, "GET", "/segments/{path:name}/transitions", answer=ChangesPage)
def segment_transitions(
    request: HttpRequest, name: str, limit: Limit = USUAL, cursor: Cursor = ""
) -> ChangesPage:
    """Who entered and left one segment, the newest first."""
    place = read_cursor(request, cursor, tuple[Int64])
    with running().engine.read() as shop:
        found = LocalShop(shop).changes(name, limit + 1, place[0] if place else None)
        end = last_transition(shop.store)
    page = cut(request, [(one, (one.id,)) for one in found], limit)
    return ChangesPage(page.items, page.next, end)


@operation(router, "GET", "/cursors", answer=Cursors)
def list_cursors(request: HttpRequest) -> Cursors:
    """How far each reader of transitions has come."""
    found, end = cursors(), _end()
    return Cursors([_told(one, end) for one in found])


@operation(router, "GET", "/cursors/{name}", answer=OneCursor)
def show_cursor(request: HttpRequest, name: str) -> OneCursor:
    """How far a reader of transitions has come."""
    return _told(find_cursor(name), _end())


@operation(router, "PUT", "/cursors/{name}", answer=OneCursor, body=Position)
def move_cursor(request: HttpRequest, name: str) -> OneCursor:
    """Acknowledge everything up to an id; the first time makes the cursor."""
    said, now = read_body(request, Position), running().clock.now()
    with running().engine.read() as shop:
        found, new = acknowledge(shop.store, name, said.position, at=now, back=said.back)
        end = last_transition(shop.store)
    if new or said.back:
        audit(principal_of(request), "cursor.place", name, position=said.position)
    return _told(found, end)


@operation(router, "DELETE", "/cursors/{name}", answer=None, status=204)
def remove_cursor(request: HttpRequest, name: str) -> None:
    """Forget a cursor."""
    forget_cursor(name)
    audit(principal_of(request), "cursor.remove", name)


def _end() -> int:
    with running().engine.read() as shop:
        return last_transition(shop.store)


def _told(found: Record, end: int) -> OneCursor:
    return OneCursor(
        name=found.name,
        position=found.position,
        behind=max(0, end - found.position),
        moved_at=format_instant(found.moved_at),
    )


def _named(segments: list[str]) -> tuple[str, ...]:
    if len(segments) > MOST_NAMED:
        message = f"at most {MOST_NAMED} segments can be named"
        raise UsageError("transitions.too_many", message, where="segment")
    return tuple(segments)


def _last_event(request: HttpRequest, after: int | None) -> int | None:
    """What the reader has: a browser that comes again says it in a header."""
    said = request.headers.get("Last-Event-ID", "").strip()
    if not said:
        return after
    if not (said.isascii() and said.removeprefix("-").isdigit() and len(said) < 20):
        hint = "send the id of the last event you got, or nothing"
        message = "this is not the id of a transition"
        raise UsageError("stream.last_event_id", message, where="Last-Event-ID", hint=hint)
    return int(said)
