"""The overview: the light and its reasons, complaints and bounces beside their lines."""

from collections.abc import Mapping

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lettershop.app.deliverability.gathering import situation
from lettershop.app.deliverability.judging import LINES, Judged, Measured, judged
from lettershop.app.deliverability.light import Light, Situation, light
from lettershop.app.deliverability.rates import DAYS, Rates
from lettershop.app.running import running
from lettershop.compliance.suppression import in_force_count
from lettershop.delivery.returns.noticeboard import waiting
from lettershop.web.pages.deliverability.charts import beside_lines
from lettershop.web.pages.deliverability.said import COLOURS, provider, sentence, word


class Row(msgspec.Struct, frozen=True):
    """A stream, or a provider, with what came back."""

    name: str
    rates: Rates
    complaints: Judged
    bounces: Judged


def deliverability(request: HttpRequest) -> HttpResponse:
    with running().engine.read() as workspace:
        found = situation(running(), workspace)
    streams = _rows(found.came.streams)
    providers = _rows({provider(name): one for name, one in found.came.providers.items()})
    known = {
        "tab": "overview",
        "light": lit(light(found)),
        "days": DAYS,
        "total": found.came.total,
        "streams": streams,
        "providers": providers,
        "complaints": _chart(streams, providers, "complaints"),
        "bounces": _chart(streams, providers, "bounces"),
        "lines": LINES,
        "suppressed": in_force_count(found.now),
        "notices": waiting()[0],
        **_waiting(found),
    }
    return render(request, "deliverability/overview.html", known)


def lit(found: Light) -> Mapping[str, object]:
    """The light, ready to be drawn: also on the page of today."""
    return {
        "colour": found.colour,
        "says": word(COLOURS, found.colour),
        "reasons": [(one.colour, sentence(one), one.address) for one in found.reasons],
        "leaves": found.leaves,
    }


def _rows(rates: Mapping[str, Rates]) -> list[Row]:
    rows = [
        Row(
            name,
            one,
            judged(one.complained, one.accepted, "complaints"),
            judged(one.bounced, one.tried, "bounces"),
        )
        for name, one in rates.items()
    ]
    return sorted(rows, key=lambda row: -row.rates.tried)


def _chart(streams: list[Row], providers: list[Row], measured: Measured) -> object:
    """None where there is nothing to draw."""
    rows = [*streams, *(row for row in providers if len(providers) > 1)]
    shown = [
        (row.name, row.complaints if measured == "complaints" else row.bounces) for row in rows
    ]
    return beside_lines(shown, measured) if any(one.whole for _, one in shown) else None


def _waiting(found: Situation) -> Mapping[str, object]:
    return {
        "waiting": sum(one.waiting for one in found.pools),
        "paused": sum(one.paused_until is not None for one in found.pools),
    }
