"""What comes in. Its middle is a part that the page fetches again every two seconds."""

from collections.abc import Iterable

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lettershop.access.models import Source
from lettershop.app.connecting import address, connecting_lines
from lettershop.app.live import SHOWN, Seen
from lettershop.app.running import running
from lettershop.engines.duckdb.refusals import KeptRefusal, refusals
from lettershop.engines.duckdb.store import Store
from lettershop.ingest.log.reader import LogReader
from lettershop.web.pages.sources.minutes import chart_of
from lettershop.web.pages.sources.said import OUTCOMES, asked, number_asked

EVENTS = 15
REFUSALS = 20


class Filters(msgspec.Struct, frozen=True):
    """What to show only; empty for everything. `name` is a part of an event's name."""

    source: str = ""
    outcome: str = ""
    name: str = ""

    def __bool__(self) -> bool:
        return bool(self.source or self.outcome or self.name)

    def pick(self, seen: Iterable[Seen]) -> list[Seen]:
        return [
            s
            for s in seen
            if self.source in ("", s.source)
            and self.outcome in ("", s.outcome)
            and self.name.casefold() in s.name.casefold()
        ]

    def refused(self, store: Store, before: int | None) -> list[KeptRefusal]:
        """One more than are shown. A note is about an event that was loaded."""
        match self.outcome:
            case "duplicate":
                return []
            case "loaded" | "refused":
                level = "note" if self.outcome == "loaded" else "error"
            case _:
                level = ""
        return refusals(
            store, REFUSALS + 1, before, source=self.source, level=level, text=self.name
        )


def live_events(request: HttpRequest) -> HttpResponse:
    paused = "paused" in request.GET
    known = _known(request) | {"tab": "live", "paused": paused}
    return render(request, "sources/live.html", known)


def live_part(request: HttpRequest) -> HttpResponse:
    return render(request, "sources/live_part.html", _known(request))


def _known(request: HttpRequest) -> dict[str, object]:
    filters = Filters(*(asked(request, k)[:100] for k in ("source", "outcome", "name")))
    server = running()
    settings = server.engine.workspace.settings
    with LogReader(server.engine.workspace.path / "data" / "intake") as log:
        last = log.last_seq()
    with server.engine.read() as workspace:
        loaded = int(workspace.store.meta("intake_seq") or 0)
        refused = filters.refused(workspace.store, number_asked(request, "before"))
    nothing_yet = last == 0 and not server.live.last(1)
    return {
        "filters": filters,
        "filtered": bool(filters),
        "outcomes": OUTCOMES,
        "sources": Source.objects.all(),
        "chart": chart_of(server.live.rates()),
        "events": filters.pick(server.live.last(SHOWN))[:EVENTS],
        "last": last,
        "lag": max(0, last - loaded),
        "refusals": refused[:REFUSALS],
        "older": _older(request, refused),
        "lines": connecting_lines(address(settings)) if nothing_yet else (),
    }


def _older(request: HttpRequest, refused: list[KeptRefusal]) -> str:
    """The query of the page with older refusals; empty when there are none."""
    if len(refused) <= REFUSALS:
        return ""
    query = request.GET.copy()
    query["before"] = str(refused[REFUSALS - 1].id)
    return query.urlencode()
