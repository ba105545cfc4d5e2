"""What sets a segment's members apart: worked out after the page is there."""

from datetime import date, timedelta
from typing import Final

import msgspec
from django.http import HttpRequest, HttpResponse

from lettershop.app.segment_pages.apart import WINDOW, Apart, apart
from lettershop.app.segment_pages.standing import Segments
from lettershop.model.clock import DAY
from lettershop.model.values import ValueType
from lettershop.segments.contrast import RATE, Difference, Named
from lettershop.web.pages.segments.segment import above, broken, segments_read, shown
from lettershop.web.pages.words import moment, number

MOST: Final = 60


class Row(msgspec.Struct, frozen=True):
    """One difference. Shares have `times` (None: nobody else), ranks their medians as text.
    `left`, `right`: where a bar of the effect begins and ends, of 0 to 100."""

    one: Difference
    label: str
    event: bool
    times: float | None
    inside: str
    outside: str
    left: float
    width: float


def standing_out(request: HttpRequest, name: str) -> HttpResponse:
    with segments_read() as segments:
        known = above(segments, name, "apart")
        if broken(segments.standing(name)):
            return shown(request, "apart", known)
        if "whole" not in request.GET:
            return shown(request, "apart", known | {"waiting": True})
        found = apart(segments, name)
        rows = _rows(segments, found)
    known |= {
        "found": found,
        "rows": rows[:MOST],
        "more": max(0, len(rows) - MOST),
        "definition": [label(one) for one in found.by_definition],
        "days": WINDOW // DAY,
        "rate": RATE,
    }
    return shown(request, "apart", known)


def label(what: Named) -> str:
    """As the segment language writes it."""
    return f"account.{what.field}" if what.scope == "account" else what.field


def _rows(segments: Segments, found: Apart) -> list[Row]:
    catalog = segments.workspace.store.catalog()
    sides = {"contact": catalog.contact, "account": catalog.account}
    rows = []
    for one in found.contrast.found:
        info = sides.get(one.what.scope, {}).get(one.what.field)
        rows.append(_row(one, info.type if info else "number"))
    return rows


def _row(one: Difference, kind: ValueType) -> Row:
    reach = min(abs(one.effect), 2.0) / 2.0 * 50
    return Row(
        one=one,
        label=label(one.what),
        event=one.what.scope == "event",
        times=one.inside / one.outside if one.outside and not one.ranked else None,
        inside=_said(one.inside, kind) if one.ranked else "",
        outside=_said(one.outside, kind) if one.ranked else "",
        left=50 - reach if one.effect < 0 else 50,
        width=reach,
    )


def _said(value: float, kind: ValueType) -> str:
    match kind:
        case "date":
            return f"{date(1970, 1, 1) + timedelta(days=int(value)):%Y-%m-%d}"
        case "time":
            return moment(int(value))
        case _:
            return number(round(value, 2))
