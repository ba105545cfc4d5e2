"""What was refused: by reason and source, one by one, and as a file."""

import csv
import io
from collections.abc import Iterator
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lettershop.access.models import Source
from lettershop.app.running import running
from lettershop.engines.duckdb.refusals import KeptRefusal, refusals, refused_alike
from lettershop.model.clock import format_instant
from lettershop.model.sheets import harmless
from lettershop.web.pages.sources.said import asked, number_asked

SHOWN: Final = 50
MOST_ROWS: Final = 50_000
"""Of the file."""


def refused_reasons(request: HttpRequest) -> HttpResponse:
    source = asked(request, "source")
    with running().engine.read() as workspace:
        groups = refused_alike(workspace.store, source)
    known = {
        "groups": groups,
        "total": sum(group.count for group in groups if group.level != "note"),
        "source": source,
        "sources": Source.objects.all(),
        "kept": running().engine.workspace.settings.refusal_days,
        "tab": "refusals",
    }
    return render(request, "sources/refusals.html", known)


def refused_events(request: HttpRequest) -> HttpResponse:
    """Those of one reason and source, the newest first."""
    code, source = asked(request, "code"), asked(request, "source")
    before = number_asked(request, "before")
    with running().engine.read() as workspace:
        found = refusals(workspace.store, SHOWN + 1, before, source=source, code=code)
    query = request.GET.copy()
    if len(found) > SHOWN:
        query["before"] = str(found[SHOWN - 1].id)
    known = {
        "code": code,
        "source": source,
        "found": found[:SHOWN],
        "later": "?" + query.urlencode() if len(found) > SHOWN else "",
        "tab": "refusals",
    }
    return render(request, "sources/refused_events.html", known)


def refused_csv(request: HttpRequest) -> HttpResponse:
    """Up to MOST_ROWS, the newest first."""
    code, source = asked(request, "code"), asked(request, "source")
    with running().engine.read() as workspace:
        found = refusals(workspace.store, MOST_ROWS, source=source, code=code)
    out = io.StringIO()
    csv.writer(out).writerows(map(harmless, row) for row in _rows(found))
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="refused-events.csv"'
    return response


def _rows(found: list[KeptRefusal]) -> Iterator[tuple[object, ...]]:
    yield ("received_at", "source", "level", "code", "message", "request", "number", "event")
    for one in found:
        at = format_instant(one.received_at)
        place = (one.seq, one.index + 1)
        yield (at, one.source, one.level, one.code, one.message, *place, one.raw)
