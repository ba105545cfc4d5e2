"""The first page: gathered in one snapshot, said in the viewer's language and zone."""

from typing import Any, Final

from babel.dates import format_datetime
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from lettershop.access.principal import Principal
from lettershop.app.running import running
from lettershop.app.today.mail import Counted, Mail
from lettershop.app.today.today import Today, moved, today
from lettershop.model.clock import from_ms
from lettershop.segments.register import in_force
from lettershop.web.pages.deliverability.bounces import viewers_zone
from lettershop.web.pages.deliverability.overview import lit
from lettershop.web.pages.roles import principal
from lettershop.web.pages.today.said import STEPS, alarm, greeting, task
from lettershop.web.pages.words import locale

MEASURES: Final = (
    ("sent", _("Letters sent"), "/campaigns"),
    ("delivered", _("Delivered, as far as told"), "/campaigns"),
    ("clicked", _("Clicks by humans"), "/campaigns"),
    ("replied", _("Replies"), "/deliverability/notices"),
    ("unsubscribed", _("Unsubscribed"), "/deliverability/suppressions"),
    ("complained", _("Complaints of spam"), "/deliverability"),
    ("bounced", _("Bounces"), "/deliverability/bounces"),
)
SHOWN: Final = 12
"""Alarms and tasks before the fold; the others are a click away."""


def todays_page(request: HttpRequest) -> HttpResponse:
    server = running()
    with server.engine.read() as workspace:
        found = today(server, workspace, principal(request), viewers_zone())
    now = from_ms(found.now).astimezone(viewers_zone())
    known = {
        "today": found,
        "greeting": greeting(now.hour),
        "date": _date(found.now),
        "light": lit(found.light),
        "steps": [(one.done, *STEPS[one.code]) for one in found.beginning],
        "mail": _mail(found.mail),
        "moving": found.moving,
        **_needs(found, principal(request)),
    }
    return render(request, "today/today.html", known)


def moving_part(request: HttpRequest) -> HttpResponse:
    """Asked for again while past sizes are worked out."""
    server = running()
    with server.engine.read() as workspace:
        found = moved(server, workspace, in_force(server.clock.now()))
    return render(request, "today/moving.html", {"moving": found})


def _date(instant: int) -> str:
    zone = viewers_zone()
    how = "EEEE, d MMMM y · HH:mm"
    said = format_datetime(from_ms(instant), how, tzinfo=zone, locale=locale())
    return f"{said} ({zone.key})"


def _needs(found: Today, by: Principal) -> dict[str, Any]:
    alarms = [(one, alarm(one)) for one in found.alarms]
    tasks = [(one, task(one)) for one in found.tasks if by.may(one.needs) or by.may("editor")]
    return {
        "alarms": alarms[:SHOWN],
        "more_alarms": alarms[SHOWN:],
        "tasks": tasks[:SHOWN],
        "more_tasks": tasks[SHOWN:],
    }


def _mail(mail: Mail) -> list[tuple[Any, str, Counted]]:
    """Those of which anything is known; the first always, so that there is something to read."""
    rows = [(says, address, getattr(mail, name)) for name, says, address in MEASURES]
    return [row for row in rows if row[2].month or row[0] == MEASURES[0][1]]
