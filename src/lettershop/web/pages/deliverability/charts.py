"""Pictures of this area, as Vega-Lite descriptions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from lettershop.app.deliverability.bounces import Bounced
from lettershop.app.deliverability.judging import LINES, Judged, Measured
from lettershop.model.clock import from_ms
from lettershop.web.pages.deliverability.said import CLASSES, word

SHOWN: Final = 12
YELLOW, RED = "#f59f00", "#d63939"
_INTERVAL: Final = {"type": "rule", "color": "currentColor", "opacity": 0.6, "clip": True}
_POINT: Final = {"type": "point", "filled": True, "size": 90, "opacity": 1}


def beside_lines(rows: Sequence[tuple[str, Judged]], measured: Measured) -> Mapping[str, Any]:
    """Shares with their intervals, and the lines at which it becomes yellow and red."""
    known = [(name, one) for name, one in rows if one.share is not None][:SHOWN]
    values = [
        {"name": name, "share": one.share, "low": one.low, "high": one.high} for name, one in known
    ]
    widest = max([2 * LINES[measured][1], *(2 * (one.share or 0) for _name, one in known)])
    scale = {"domain": [0, min(1, widest)], "clamp": True}
    x = {"field": "share", "type": "quantitative", "title": None, "scale": scale}
    x["axis"] = {"format": ".2~%"}
    y = {"field": "name", "type": "nominal", "sort": None, "title": None}
    interval = {"x": x | {"field": "low"}, "x2": {"field": "high"}, "y": y}
    return {
        "width": 640,
        "height": 34 * max(1, len(values)) + 10,
        "data": {"values": values},
        "layer": [
            {"mark": _INTERVAL, "encoding": interval},
            {"mark": _POINT, "encoding": {"x": x, "y": y}},
            *(_line(at, colour) for at, colour in zip(LINES[measured], (YELLOW, RED), strict=True)),
        ],
    }


def _line(at: float, colour: str) -> Mapping[str, Any]:
    return {
        "data": {"values": [{"at": at}]},
        "mark": {"type": "rule", "color": colour, "strokeDash": [5, 4], "strokeWidth": 1.5},
        "encoding": {"x": {"field": "at", "type": "quantitative"}},
    }


def by_day(found: Bounced) -> Mapping[str, Any]:
    """Bounces of each day, by class."""
    values = [
        {"day": _date(start), "class": word(CLASSES, kind.name), "bounces": count}
        for kind in found.kinds
        for start, count in zip(found.days, kind.days, strict=True)
    ]
    legend = {"orient": "bottom", "columns": 2, "labelLimit": 300}
    return {
        "width": 640,
        "height": 200,
        "data": {"values": values},
        "mark": {"type": "bar"},
        "encoding": {
            "x": {"field": "day", "type": "ordinal", "timeUnit": "utcyearmonthdate", "title": None}
            | {"axis": {"format": "%d.%m.", "labelAngle": 0, "labelOverlap": True}},
            "y": {"field": "bounces", "type": "quantitative", "title": _("bounces")},
            "color": {"field": "class", "type": "nominal", "title": None, "legend": legend},
        },
    }


def _date(instant: int) -> str:
    zone = timezone.get_current_timezone()
    local: datetime = from_ms(instant).astimezone(zone if isinstance(zone, ZoneInfo) else None)
    return local.date().isoformat()
