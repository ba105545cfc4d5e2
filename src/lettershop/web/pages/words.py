"""Tags and filters for templates: times and numbers as their reader writes them, icons, charts.

Instants are aware datetimes, milliseconds since 1970 or ISO 8601; they are shown in the viewer's
zone, named.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime, format_timedelta, get_timezone_name
from babel.numbers import format_decimal, format_percent
from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext as _

from lettershop.model.clock import from_ms
from lettershop.web.pages.assets import asset_address
from lettershop.web.pages.charts import drawn, spark
from lettershop.web.pages.content.asked import Asked, address
from lettershop.web.pages.icons import icon

register = template.Library()

NOW_IS: Final = 60
"""Seconds under which something happened “just now”."""

register.simple_tag(asset_address, name="asset")
register.simple_tag(icon)
register.simple_tag(spark)
register.simple_tag(drawn, name="chart")


@register.simple_tag
def letter_address(prefix: str, name: str, asked: Asked, **changed: str) -> str:
    """Where another view of the same letter is."""
    return address(prefix, name, asked.but(**changed))


@register.simple_tag(takes_context=True)
def asked_with(context: template.Context, **changed: object) -> str:
    """The query of this page with some of its parts changed; empty values are left out."""
    query = context["request"].GET.copy()
    for key, value in changed.items():
        query[key] = str(value)
        if value in ("", None):
            del query[key]
    return "?" + query.urlencode() if query else "?"


def locale() -> Locale:
    """The viewer's, of Babel."""
    try:
        return Locale.parse(get_language() or "en", sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


@register.filter
def number(value: float | None) -> str:
    """`12,345` or `12.345`; a dash for nothing known."""
    return "–" if value is None else format_decimal(value, locale=locale())


@register.filter
def percent(share: float | None, digits: int = 1) -> str:
    """A share of 0…1 with so many digits after the point."""
    if share is None:
        return "–"
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    before = Locale("en") if locale().language == "en" else locale()
    gap = "" if before.language == "en" else "\xa0"
    return format_percent(share, format=f"{pattern}{gap}%", locale=before)


@register.filter
def signed(value: float | None) -> str:
    """`+12`, `−3`, `±0`"""
    if value is None:
        return "–"
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return sign + format_decimal(abs(value), locale=locale())


@register.filter
def clock(instant: datetime | int | str) -> str:
    """The time of day in the viewer's zone."""
    return f"{timezone.localtime(_aware(instant)):%H:%M:%S}"


@register.filter
def iso(moment: datetime | int | str) -> str:
    """For `<time datetime=…>`."""
    return _aware(moment).isoformat(timespec="seconds").replace("+00:00", "Z")


@register.filter
def moment(instant: datetime | int | str | None) -> str:
    """Day, time and zone; “never” for None."""
    if instant is None:
        return _("never")
    return f"{_formatted(instant, ', HH:mm')} {zone_name(_aware(instant))}"


@register.filter
def day(instant: datetime | int | str | None) -> str:
    return _("never") if instant is None else _formatted(instant, "")


@register.filter
def ago(instant: datetime | int | str | None) -> str | SafeString:
    """“3 minutes ago”, “in 2 hours”, with the moment when pointed at; “never” for None."""
    if instant is None:
        return _("never")
    since = timezone.now() - _aware(instant)
    said = _("just now")
    if abs(since.total_seconds()) >= NOW_IS:
        said = format_timedelta(-since, add_direction=True, locale=locale())
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', iso(instant), moment(instant), said
    )


@register.filter
def of(table: Mapping[str, object], key: str) -> object:
    """What a table says of a key; empty where it says nothing."""
    return table.get(key, "")


def zone_name(moment: datetime) -> str:
    """What the viewer's zone is called at a moment: in their language where it has a name, else as
    everybody writes it (CET), else as its distance from UTC."""
    there = timezone.localtime(moment)
    named = get_timezone_name(there, width="short", locale=locale())
    for name in (named, there.tzname() or ""):
        if name[:1].isalpha():
            return name
    return "UTC" + f"{there:%z}".removesuffix("00")


def _aware(instant: datetime | int | str) -> datetime:
    """Texts are ISO 8601 with a zone, as answers of the app have them."""
    if isinstance(instant, str):
        return datetime.fromisoformat(instant)
    return from_ms(instant) if isinstance(instant, int) else instant


def _formatted(instant: datetime | int | str, time: str) -> str:
    how = ("d. MMM y" if locale().language == "de" else "d MMM y") + time
    zone = timezone.get_current_timezone()
    return format_datetime(_aware(instant), how, tzinfo=zone, locale=locale())
