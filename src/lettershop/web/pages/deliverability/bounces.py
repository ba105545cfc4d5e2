"""Bounces by class and day, and what refusing servers said."""

from typing import Final
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from lettershop.app.deliverability.bounces import Kind, bounced
from lettershop.app.deliverability.gathering import takes_returns
from lettershop.app.preflight.domains import leaves
from lettershop.app.running import running
from lettershop.app.today.days import last_days
from lettershop.web.pages.deliverability import asked
from lettershop.web.pages.deliverability.charts import by_day
from lettershop.web.pages.deliverability.said import CLASSES, FAULTS, word

PERIODS: Final = (7, 30, 90)


def bounces(request: HttpRequest) -> HttpResponse:
    server, days = running(), asked.number(request.GET, "days")
    days = days if days in PERIODS else PERIODS[1]
    with server.engine.read() as workspace:
        found = bounced(workspace.store, last_days(days, server.clock.now(), viewers_zone()))
        settings = workspace.settings
    known = {
        "tab": "bounces",
        "days": days,
        "periods": PERIODS,
        "found": found,
        "kinds": [_row(one, found.total) for one in found.kinds],
        "faults": _faults(found.kinds),
        "said": [(one, word(CLASSES, one.name)) for one in found.said],
        "chart": by_day(found) if found.total else None,
        "deaf": leaves(settings) and not takes_returns(settings),
    }
    return render(request, "deliverability/bounces.html", known)


def viewers_zone() -> ZoneInfo:
    zone = timezone.get_current_timezone()
    return zone if isinstance(zone, ZoneInfo) else ZoneInfo("UTC")


def _row(one: Kind, total: int) -> tuple[Kind, str, str, float]:
    return one, word(CLASSES, one.name), word(FAULTS, one.fault), one.total / total if total else 0


def _faults(kinds: tuple[Kind, ...]) -> list[tuple[str, int]]:
    sums: dict[str, int] = {}
    for one in kinds:
        sums[one.fault] = sums.get(one.fault, 0) + one.total
    return [(word(FAULTS, fault), count) for fault, count in sums.items()]
