"""Filters for templates: times and numbers as people read them."""

from datetime import datetime
from typing import Final

from django import template
from django.utils.timesince import timesince

from lettershop.model.clock import from_ms
from lettershop.web.pages.assets import asset_address
from lettershop.web.pages.content_asked import Asked, address

register = template.Library()

NOW_IS: Final = 60
"""Seconds under which something happened “just now”."""

register.simple_tag(asset_address, name="asset")


@register.simple_tag
def letter_address(prefix: str, name: str, asked: Asked, **changed: str) -> str:
    """Where another view of the same letter is."""
    return address(prefix, name, asked.but(**changed))


@register.filter
def number(value: int) -> str:
    return f"{value:,}"


@register.filter
def clock(instant: int) -> str:
    """Milliseconds since 1970 as a time of day, UTC."""
    return f"{from_ms(instant):%H:%M:%S}"


@register.filter
def iso(moment: datetime | int) -> str:
    """For `<time datetime=…>`: an aware datetime, or milliseconds since 1970."""
    found = from_ms(moment) if isinstance(moment, int) else moment
    return found.isoformat(timespec="seconds").replace("+00:00", "Z")


@register.filter
def moment(instant: datetime | int) -> str:
    found = from_ms(instant) if isinstance(instant, int) else instant
    return f"{found:%Y-%m-%d %H:%M} UTC"


@register.filter
def ago(instant: datetime | None) -> str:
    """“3 minutes ago”; “never” for None."""
    if instant is None:
        return "never"
    since = datetime.now(instant.tzinfo) - instant
    if since.total_seconds() < NOW_IS:
        return "just now"
    return timesince(instant, depth=1).replace("\xa0", " ") + " ago"
