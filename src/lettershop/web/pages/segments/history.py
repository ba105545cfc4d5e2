"""How a segment's size went, and who entered and left."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from lettershop.app.changes import SizeAt, SizeHistory
from lettershop.app.segment_pages.past import PAST_DAYS, PastSize, past_sizes
from lettershop.app.shop import LocalShop
from lettershop.model.clock import DAY, parse_instant
from lettershop.model.errors import NotFound
from lettershop.web.pages.charts import COLOURS
from lettershop.web.pages.segments import asked
from lettershop.web.pages.segments.segment import above, segments_read, shown

SPANS: Final = ("7", "30", "90", "365")
USUAL: Final = "30"
ROWS: Final = 50


def history(request: HttpRequest, name: str) -> HttpResponse:
    """Sizes day by day as they were kept; before that, as the facts say."""
    days = int(asked.one_of(request.GET, "days", (USUAL, *SPANS)))
    with segments_read() as segments:
        known = above(segments, name, "history")
        try:
            found = LocalShop(segments.workspace).history(
                name, segments.at - days * DAY, segments.at, days + 1
            )
        except NotFound:
            return shown(request, "history", known | {"days": days, "spans": SPANS})
        past = _wanted(request, found, segments.at) and segments.is_kept(name)
        before = past_sizes(segments, name) if past and "past" in request.GET else None
    points = [point for point in found.points if point.size is not None]
    known |= {
        "days": days,
        "spans": SPANS,
        "found": found,
        "points": list(reversed(points)),
        "chart": size_chart(points, before or ()) if len(points) > 1 or before else None,
        "moves": moves_chart(points),
        "past": before,
        "past_wanted": past and before is None,
        "past_days": PAST_DAYS,
    }
    return shown(request, "history", known)


def _wanted(request: HttpRequest, found: SizeHistory, at: int) -> bool:
    """What is kept says little yet."""
    return at - parse_instant(found.since) < PAST_DAYS * DAY


def size_chart(points: list[SizeAt], past: tuple[PastSize, ...]) -> dict[str, Any]:
    """The line of what was kept; with what the facts say of the time before, dashed."""
    kept = {"kind": _("kept"), "dash": 0}
    facts = {"kind": _("from the facts"), "dash": 1}
    values = [{"at": p.at, "size": p.size, **kept} for p in points]
    values += [{"at": p.at, "size": p.size, **facts} for p in past]
    kinds = [kept["kind"], facts["kind"]]
    return {
        "width": 640,
        "height": 200,
        "data": {"values": values},
        "mark": {"type": "line", "interpolate": "monotone", "point": {"size": 18}},
        "encoding": {
            "x": {"field": "at", "type": "temporal", "title": None, "axis": {"format": "%d %b"}},
            "y": {"field": "size", "type": "quantitative", "title": None, "scale": {"zero": False}},
            "color": {
                "field": "kind",
                "type": "nominal",
                "title": None,
                "scale": {"domain": kinds, "range": [COLOURS[0], COLOURS[-1]]},
                "legend": {"orient": "top"} if past else None,
            },
            "strokeDash": {
                "field": "kind",
                "type": "nominal",
                "scale": {"domain": kinds, "range": [[1, 0], [4, 3]]},
                "legend": None,
            },
        },
    }


def moves_chart(points: list[SizeAt]) -> dict[str, Any]:
    """Bars: entered above, left below the line."""
    entered, left = _("entered"), _("left")
    values = [{"at": p.at, "kind": entered, "many": p.entered} for p in points[1:]]
    values += [{"at": p.at, "kind": left, "many": -p.left} for p in points[1:]]
    return {
        "width": 640,
        "height": 90,
        "data": {"values": values},
        "mark": {"type": "bar", "width": {"band": 0.8}},
        "encoding": {
            "x": {
                "field": "at",
                "type": "temporal",
                "title": None,
                "timeUnit": "utcyearmonthdate",
                "axis": {"format": "%d %b"},
            },
            "y": {"field": "many", "type": "quantitative", "title": None, "stack": None},
            "color": {
                "field": "kind",
                "type": "nominal",
                "title": None,
                "scale": {"domain": [entered, left], "range": [COLOURS[2], COLOURS[3]]},
                "legend": {"orient": "top"},
            },
        },
    }


def changes(request: HttpRequest, name: str) -> HttpResponse:
    """Who entered and left, the newest first, and why."""
    before = asked.number(request.GET, "before", -1, most=2**62)
    with segments_read() as segments:
        known = above(segments, name, "changes")
        try:
            shop = LocalShop(segments.workspace)
            rows = shop.changes(name, ROWS + 1, before if before >= 0 else None)
        except NotFound:
            return shown(request, "changes", known)
    page = rows[:ROWS]
    known |= {
        "rows": [(one, parse_instant(one.effective_at)) for one in page],
        "later": page[-1].id if len(rows) > ROWS else None,
        "first": before < 0,
        "kept": True,
    }
    return shown(request, "changes", known)
