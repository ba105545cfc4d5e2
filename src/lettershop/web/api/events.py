"""Events of everybody, and which events there are."""

import msgspec
from django.http import HttpRequest
from ninja import Router

from lettershop.app import timeline
from lettershop.app.running import running
from lettershop.app.shown import instant
from lettershop.app.timeline import AnyEntry, EventEntry
from lettershop.model.catalog import EventInfo
from lettershop.model.values import ValueType
from lettershop.web.api import asked
from lettershop.web.api.operations import operation
from lettershop.web.api.paging import USUAL, Cursor, Limit, Page, cut

router = Router()


class EventsPage(Page[EventEntry], frozen=True):
    """Events, newest first; next is the cursor of the following page, null on the last."""


class Property(msgspec.Struct, frozen=True):
    """`known` and `wrong` count stored values, and values that were not of the type."""

    name: str
    type: ValueType
    known: int
    wrong: int
    values: tuple[str, ...]


class EventName(msgspec.Struct, frozen=True):
    """An event name: how many there are, the first and the last one, its properties."""

    name: str
    count: int
    first: str | None
    last: str | None
    properties: list[Property]


class EventNames(msgspec.Struct, frozen=True):
    """Every event name, the one seen last first."""

    items: list[EventName]


@operation(router, "GET", "/events", answer=EventsPage)
def list_events(
    request: HttpRequest,
    name: asked.Name = "",
    since: asked.Since = "",
    until: asked.Until = "",
    limit: Limit = USUAL,
    cursor: Cursor = "",
) -> Page[AnyEntry]:
    """The events of everybody, newest first."""
    want = asked.wanted(request, limit, cursor, name=name, since=since, until=until)
    with running().engine.read() as shop:
        return cut(request, timeline.all_events(shop, want), limit)


@operation(router, "GET", "/events/names", answer=EventNames)
def list_event_names(request: HttpRequest) -> EventNames:
    """Every event name with its properties and their types."""
    with running().engine.read() as shop:
        known = shop.store.catalog().events.values()
    ordered = sorted(known, key=lambda event: event.last_ts or 0, reverse=True)
    return EventNames([_told(event) for event in ordered if event.rows])


def _told(event: EventInfo) -> EventName:
    properties = [
        Property(info.name, info.type, info.known, info.wrong, info.values)
        for info in event.properties.values()
    ]
    return EventName(
        event.name, event.rows, instant(event.first_ts), instant(event.last_ts), properties
    )
