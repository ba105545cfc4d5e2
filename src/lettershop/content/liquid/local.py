"""Filters that speak the reader's language: money, number, day, clock, list. By Babel (CLDR)."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Literal, cast, get_args

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_day_names, get_month_names
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal
from liquid import Markup, escape
from liquid.builtin.filters.misc import _to_date
from liquid.exceptions import FilterArgumentError

from lettershop.content.liquid.missing import Instead
from lettershop.content.liquid.numbers import amount

Length = Literal["short", "medium", "long", "full"]
REMEMBERED = 10_000
"""Formatted amounts: a catalog has few prices, and Babel takes 30 µs for each."""


def locale_of(language: str) -> str:
    """Babel's name for a variant's language; English for the default one, which names none."""
    try:
        return str(Locale.parse(language.replace("-", "_"))) if language else "en"
    except (UnknownLocaleError, ValueError):
        base = language.partition("-")[0]
        return locale_of(base) if base != language else "en"


@lru_cache(REMEMBERED)
def _money(value: Decimal, currency: str, locale: str) -> str:
    return format_currency(value, currency, locale=locale)


@lru_cache(REMEMBERED)
def _number(value: Decimal, places: int | None, locale: str) -> str:
    pattern = None if places is None else "#,##0" + ("." + "0" * places if places else "")
    return format_decimal(value, pattern, locale=locale)


@lru_cache(REMEMBERED)
def _day(value: dt.date, length: Length, locale: str) -> str:
    return format_date(value, length, locale=locale)


def money(value: object, currency: object, locale: str) -> str:
    if isinstance(value, Instead):
        return value
    code = str(currency).strip().upper()
    if len(code) != 3 or not code.isalpha():
        raise FilterArgumentError(f"“{currency}” is no currency, as EUR is", token=None)
    return _money(amount(value), code, locale)


def number(value: object, places: object, locale: str) -> str:
    if isinstance(value, Instead):
        return value
    if places is not None and not (isinstance(places, int) and 0 <= places <= 10):
        raise FilterArgumentError("number shows 0 to 10 decimal places", token=None)
    return _number(amount(value), places, locale)


def day(value: object, length: object, locale: str) -> str:
    if isinstance(value, Instead):
        return value
    if length not in get_args(Length):
        raise FilterArgumentError(f"a day is {', '.join(get_args(Length))}", token=None)
    moment = moment_of(value)
    plain = dt.date(moment.year, moment.month, moment.day)
    return _day(plain, cast(Length, length), locale)


def clock(value: object, locale: str) -> str:
    """The time of day where the recipient is: times come in their zone."""
    if isinstance(value, Instead):
        return value
    moment = moment_of(value)
    return format_time(moment.timetz(), "short", locale=locale)


def listed(value: object, locale: str) -> str:
    if isinstance(value, Instead):
        return value
    if not isinstance(value, Sequence) or isinstance(value, str):
        return str(value)
    if any(isinstance(element, Markup) for element in value):
        return Markup(format_list([str(escape(e)) for e in value], locale=locale))
    return format_list([str(element) for element in value], locale=locale)


def strftime(moment: dt.datetime, form: str, locale: str) -> str:
    """As C does it, but with the reader's names of months and days."""
    if len(form) > 100:
        raise FilterArgumentError("a date format has at most 100 characters", token=None)
    if not locale.startswith("en"):
        names = {
            "%B": get_month_names("wide", locale=locale)[moment.month],
            "%b": get_month_names("abbreviated", locale=locale)[moment.month],
            "%A": get_day_names("wide", locale=locale)[moment.weekday()],
            "%a": get_day_names("abbreviated", locale=locale)[moment.weekday()],
        }
        pieces = form.split("%%")
        for sign, name in names.items():
            pieces = [piece.replace(sign, name.replace("%", "%%")) for piece in pieces]
        form = "%%".join(pieces)
    return moment.strftime(form)


def moment_of(value: object) -> dt.datetime:
    """A time out of what data holds: times, days, ISO texts, seconds since 1970."""
    match value:
        case dt.datetime():
            return value
        case dt.date():
            return dt.datetime.combine(value, dt.time.min)
        case bool():
            pass
        case int():
            return _seconds(value)
        case str() if value.isdigit() and len(value) < 13:
            return _seconds(int(value))
        case str() if len(value) <= 100:
            try:
                found = _to_date(value)
            except (ArithmeticError, ValueError):
                found = None
            if found is not None:
                return found
    raise FilterArgumentError("this is no date or time", token=None)


def _seconds(value: int) -> dt.datetime:
    try:
        return dt.datetime.fromtimestamp(value, dt.UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise FilterArgumentError("this is no date or time", token=None) from error
