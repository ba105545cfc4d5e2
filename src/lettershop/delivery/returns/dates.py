"""When somebody is back: a date near words that say so, in the languages of knowledge/words.toml.

Month names come from the Unicode CLDR (babel). A date without a year is the next one; one more than
a year away, or in the past, is none.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any, Final

import re2
from babel.dates import get_month_names

from lettershop.delivery.returns.rules import compiled
from lettershop.delivery.returns.words import words

LANGUAGES: Final = ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da", "nb", "fi", "cs")
NEAR: Final = 60
"""Characters after the words within which the date begins."""
LONGEST: Final = timedelta(days=366)

_ISO: Final = r"(?P<iso>\b(20\d\d)-(\d\d)-(\d\d)\b)"
_NUMBERS: Final = r"(?P<numbers>\b(\d{1,2})\s?[./-]\s?(\d{1,2})[./-]?\s?(20\d\d|\d\d)?\b)"
_CJK: Final = r"(?P<cjk>(?:(20\d\d)年)?(\d{1,2})月(\d{1,2})日)"


def back_on(text: str, written: date) -> date | None:
    """`written`: the day of the mail. The last date near such words counts: of “from 1 to 12 May,
    back on 13 May” the 13th; words for “back” before those for “until”."""
    told = " ".join(text[:6_000].split())
    for near in (_from(), _until()):
        found = [day for day in _dates(told, near, written) if day is not None]
        if found:
            return found[-1]
    return None


def _dates(told: str, near: Any, written: date) -> Iterator[date | None]:
    for word in list(near.finditer(told))[:40]:
        said = told[word.end() : word.end() + NEAR]
        match = _form().search(said)
        if match is not None:
            english = word.lastgroup is None and told.isascii()
            yield _day(match, written, english)
    if near is _from():
        yield from (_day(m, written, False) for m in _cjk().finditer(told))


def _day(match: Any, written: date, english: bool) -> date | None:
    said = match.groupdict()
    if said.get("iso"):
        year, month, day = (int(one) for one in said["iso"].split("-"))
        return _sound(year, month, day, written)
    if said.get("cjk"):
        digits = [int(one) for one in re2.findall(r"\d+", said["cjk"])]
        return _sound(digits[0] if len(digits) == 3 else None, digits[-2], digits[-1], written)
    if said.get("numbers"):
        digits = [int(one) for one in re2.findall(r"\d+", said["numbers"])]
        return _numbered(digits, written, "/" in said["numbers"] and english)
    return _named(match, written)


def _numbered(digits: list[int], written: date, american: bool) -> date | None:
    """Day first, as nearly everywhere; with slashes in an English text month first only where
    nothing else fits."""
    year = digits[2] if len(digits) > 2 else None
    year = 2000 + year if year is not None and year < 100 else year
    first, second = digits[0], digits[1]
    found = _sound(year, second, first, written)
    if american and found is None:
        return _sound(year, first, second, written)
    return found


def _named(match: Any, written: date) -> date | None:
    said = match.groupdict()
    day = said.get("before") or said.get("after")
    name = said.get("month1") or said.get("month2") or ""
    year = said.get("year1") or said.get("year2")
    if not day:
        return None
    month = _months()[name.lower().rstrip(".")]
    return _sound(int(year) if year else None, month, int(day), written)


def _sound(year: int | None, month: int, day: int, written: date) -> date | None:
    """A day from the one of the mail to a year later."""
    for one in (year,) if year else (written.year, written.year + 1):
        try:
            found = date(one, month, day)
        except ValueError:
            continue
        if written <= found <= written + LONGEST:
            return found
    return None


@cache
def _months() -> dict[str, int]:
    found: dict[str, int] = {}
    for language in LANGUAGES:
        for width in ("abbreviated", "wide"):
            for context in ("format", "stand-alone"):
                names = get_month_names(width, context, language)
                for number, name in names.items():
                    found.setdefault(name.lower().rstrip("."), int(number))
    return {name: month for name, month in found.items() if len(name) > 2 and name.isalpha()}


@cache
def _form() -> Any:
    names = "|".join(sorted(_months(), key=len, reverse=True))
    named = (
        r"(?:\b(?P<before>\d{1,2})(?:st|nd|rd|th|er|\.|º|°)?(?: of| de| del)? "
        rf"(?P<month1>{names})\b\.?(?:,? (?:de )?(?P<year1>20\d\d))?"
        rf"|\b(?P<month2>{names})\.? (?P<after>\d{{1,2}})(?:st|nd|rd|th)?\b"
        r"(?:,? (?P<year2>20\d\d))?)"
    )
    return compiled(f"{_ISO}|{named}|{_NUMBERS}")


@cache
def _cjk() -> Any:
    return compiled(_CJK)


@cache
def _from() -> Any:
    return _near(words().back.from_)


@cache
def _until() -> Any:
    return _near(words().back.until)


def _near(said: tuple[str, ...]) -> Any:
    return compiled(
        r"(?:^|[\s(,;:])(?:" + "|".join(f"(?:{one})" for one in said) + r")(?:[\s,:]|$)"
    )
