"""Charts of results, as Vega-Lite descriptions."""

from collections.abc import Sequence
from typing import Any, Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lettershop.app.results.response import HOURLY, Step, What
from lettershop.campaigns.experiments.verdict import Verdict
from lettershop.model.clock import from_ms

NAMES: Final[dict[What, Promise]] = {
    "clicked": _("clicked"),
    "replied": _("replied"),
    "unsubscribed": _("unsubscribed"),
    "complained": _("complained"),
}


def curve(steps: Sequence[Step], start: int, now: int) -> dict[str, Any]:
    """How many had done it by then, by hour or by day."""
    found = sorted(steps, key=lambda step: step.at)
    sums = dict.fromkeys((one.what for one in found), 0)
    values = [_point(what, start, 0) for what in sums]
    for one in found:
        sums[one.what] += one.count
        values.append(_point(one.what, one.at, sums[one.what]))
    values += [_point(what, now, count) for what, count in sums.items()]
    clock = "%H:%M" if now - start <= HOURLY / 3 else "%d.%m."
    return {
        "width": 640,
        "height": 200,
        "data": {"values": values},
        "mark": {"type": "line", "interpolate": "step-after"},
        "encoding": {
            "x": {"field": "at", "type": "temporal", "title": None, "axis": {"format": clock}},
            "y": {"field": "count", "type": "quantitative", "title": None},
            "color": {
                "field": "what",
                "type": "nominal",
                "title": None,
                "legend": {"orient": "top"},
                "sort": [str(one) for one in NAMES.values()],
            },
        },
    }


def _point(what: What, at: int, count: int) -> dict[str, Any]:
    """The time as the viewer's clock shows it: Vega takes it as it stands."""
    shown = timezone.localtime(from_ms(at)).strftime("%Y-%m-%dT%H:%M:%S")
    return {"what": str(NAMES[what]), "at": shown, "count": count}


def intervals(verdict: Verdict) -> dict[str, Any]:
    """The rate of each variant with its interval of 95 %."""
    values = [
        {"name": one.name, "rate": one.rate, "low": one.low, "high": one.high}
        for one in verdict.arms
    ]
    y = {"field": "name", "type": "nominal", "title": None}
    axis = {"format": ".1%"}
    scale = {"zero": False}
    return {
        "width": 640,
        "height": max(60, 36 * len(values)),
        "data": {"values": values},
        "encoding": {"y": y},
        "layer": [
            {
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {
                    "x": {
                        "field": "low",
                        "type": "quantitative",
                        "title": None,
                        "axis": axis,
                        "scale": scale,
                    },
                    "x2": {"field": "high"},
                    "color": {"value": "#206bc4"},
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 80},
                "encoding": {
                    "x": {"field": "rate", "type": "quantitative"},
                    "color": {"value": "#206bc4"},
                },
            },
        ],
    }
