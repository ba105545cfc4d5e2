"""Durations and windows as values of a row, and their controls. `at` is put before the names."""

from typing import assert_never

from django.utils.translation import gettext as _

from lettershop.language import tree as t
from lettershop.web.pages.segments.building import typed
from lettershop.web.pages.segments.building.controls import Control, day, number, select, word
from lettershop.web.pages.segments.building.labels import CALENDAR, UNITS, WINDOWS, pairs
from lettershop.web.pages.segments.building.rows import Unfinished, Values


def duration_values(length: t.Duration, at: str = "") -> dict[str, str]:
    return {f"{at}n": str(length.n), f"{at}unit": length.unit}


def duration(values: Values, at: str = "") -> t.Duration:
    unit = typed.choice(values, f"{at}unit", UNITS)
    return t.Duration(typed.whole(values, f"{at}n"), unit)  # type: ignore[arg-type]


def duration_controls(values: Values, at: str = "") -> list[Control]:
    return [
        number(values, f"{at}n", _("how many")),
        select(values, f"{at}unit", _("unit"), pairs(UNITS)),
    ]


def window_values(window: t.FieldWindow | None, at: str = "") -> dict[str, str]:
    """`{at}window` is the tag of the window in JSON; empty: ever."""
    if window is None:
        return {f"{at}window": ""}
    found = {f"{at}window": str(window.__struct_config__.tag)}
    match window:
        case t.Last(length) | t.Next(length) | t.Ago(length):
            return found | duration_values(length, at)
        case t.Between(start, end):
            return found | {f"{at}start": start, f"{at}end": end}
        case t.Before(date) | t.After(date) | t.On(date):
            return found | {f"{at}start": date}
        case t.Today():
            return found
        case t.LastCalendar(n, unit) | t.NextCalendar(n, unit):
            return found | {f"{at}n": str(n), f"{at}unit": unit}
        case _:
            assert_never(window)


def field_window(values: Values, at: str = "") -> t.FieldWindow:
    """Any window, of a field too."""
    match values.get(f"{at}window", ""):
        case "next":
            return t.Next(duration(values, at))
        case "next_calendar":
            return t.NextCalendar(*_calendar(values, at))
        case _:
            found = window(values, at)
            if found is None:
                raise Unfinished(f"{at}window", _("choose one"))
            return found


def window(values: Values, at: str = "") -> t.Window | None:
    """The window of events; None: ever."""
    start, end = f"{at}start", f"{at}end"
    match values.get(f"{at}window", ""):
        case "":
            return None
        case "last":
            return t.Last(duration(values, at))
        case "ago":
            return t.Ago(duration(values, at))
        case "last_calendar":
            return t.LastCalendar(*_calendar(values, at))
        case "between_dates":
            return t.Between(typed.day(values, start), typed.day(values, end))
        case "before":
            return t.Before(typed.day(values, start))
        case "after":
            return t.After(typed.day(values, start))
        case "on":
            return t.On(typed.day(values, start))
        case "today":
            return t.Today()
        case _:
            raise Unfinished(f"{at}window", _("choose one"))


def _calendar(values: Values, at: str) -> tuple[int, t.CalendarUnit]:
    unit = typed.choice(values, f"{at}unit", CALENDAR)
    return typed.whole(values, f"{at}n"), unit  # type: ignore[return-value]


def window_controls(values: Values, at: str = "", *, always: bool = False) -> list[Control]:
    """The choice of a window and what it takes; `always`: ever is not among them."""
    offered = pairs(WINDOWS, but=("",) if always else ())
    chosen = select(values, f"{at}window", _("when"), offered, shapes=True)
    return [chosen, *span_controls(values, chosen.value, at)]


def span_controls(values: Values, tag: str, at: str = "") -> list[Control]:
    """What a window of that tag takes."""
    match tag:
        case "last" | "ago" | "next":
            return duration_controls(values, at)
        case "last_calendar" | "next_calendar":
            n = number(values, f"{at}n", _("how many"))
            return [n, select(values, f"{at}unit", _("unit"), pairs(CALENDAR))]
        case "between_dates":
            first = day(values, f"{at}start", _("from"))
            return [first, word(_("and")), day(values, f"{at}end", _("to"))]
        case "before" | "after" | "on":
            return [day(values, f"{at}start", _("day"))]
        case _:
            return []
