"""What arrives just now, and what was refused."""

import msgspec
from django.http import HttpRequest
from ninja import Router

from lettershop.app.live import Seen
from lettershop.app.running import running
from lettershop.app.shown import instant
from lettershop.engines.duckdb.refusals import KeptRefusal, refusals
from lettershop.model.clock import format_instant
from lettershop.web.api.operations import operation
from lettershop.web.api.paging import USUAL, Cursor, Int64, Limit, Page, cut, read_cursor

router = Router()


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """One event. `outcome`: loaded, duplicate or refused, then `code` says why."""

    received_at: str | None
    source: str
    call: str
    name: str
    who: str
    account: str
    outcome: str
    code: str


class PerMinute(msgspec.Struct, frozen=True, kw_only=True):
    """Events per minute by outcome: the oldest first, the last one still running."""

    start: str | None
    loaded: tuple[int, ...]
    duplicate: tuple[int, ...]
    refused: tuple[int, ...]


class Arrivals(msgspec.Struct, frozen=True, kw_only=True):
    """Since the server was started; the newest event first."""

    last: list[Arrival]
    rates: PerMinute


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """`seq` and `index`: the request in the raw log and the place in its batch. `raw` is the event
    as it came. `level` is error, or note: loaded, but not everything it says could be done."""

    id: int
    seq: int
    index: int
    source: str
    received_at: str
    code: str
    message: str
    raw: str
    level: str


class RefusalsPage(Page[Refusal], frozen=True):
    """Refusals, newest first; next is the cursor of the following page, null on the last."""


@operation(router, "GET", "/refusals", answer=RefusalsPage, tag="live")
def list_refusals(request: HttpRequest, limit: Limit = USUAL, cursor: Cursor = "") -> Page[Refusal]:
    """Events that were acknowledged but could not be loaded, the newest first, with the reason."""
    place = read_cursor(request, cursor, tuple[Int64])
    with running().engine.read() as shop:
        found = refusals(shop.store, limit + 1, place[0] if place else None)
    return cut(request, [(_refusal(one), (one.id,)) for one in found], limit)


@operation(router, "GET", "/live", answer=Arrivals)
def live(request: HttpRequest, limit: Limit = USUAL) -> Arrivals:
    """The last events and the rates of the last hour."""
    seen, rates = running().live.last(limit), running().live.rates()
    return Arrivals(
        last=[_arrival(one) for one in seen],
        rates=PerMinute(
            start=instant(rates.start),
            loaded=rates.loaded,
            duplicate=rates.duplicate,
            refused=rates.refused,
        ),
    )


def _refusal(kept: KeptRefusal) -> Refusal:
    return Refusal(
        id=kept.id,
        seq=kept.seq,
        index=kept.index,
        source=kept.source,
        received_at=format_instant(kept.received_at),
        code=kept.code,
        message=kept.message,
        raw=kept.raw,
        level=kept.level,
    )


def _arrival(seen: Seen) -> Arrival:
    return Arrival(
        received_at=instant(seen.received_at),
        source=seen.source,
        call=seen.call,
        name=seen.name,
        who=seen.who,
        account=seen.account,
        outcome=seen.outcome,
        code=seen.code,
    )
