"""What somebody typed into one control, read: numbers, lists, choices. Raises Unfinished."""

import re
from collections.abc import Collection, Iterable

from django.utils.translation import gettext as _

from lettershop.language.dates import date_problem
from lettershop.language.words import read_number, write_number
from lettershop.web.pages.segments.building.rows import Awkward, Unfinished, Values

_ITEM = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^,"]*))\s*(?:,|$)')
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def need(values: Values, name: str) -> str:
    """A text that is not blank."""
    value = values.get(name, "")
    if not value.strip():
        raise Unfinished(name, _("something is missing here"))
    return value


def number(values: Values, name: str) -> int | float:
    text = values.get(name, "").strip()
    if not text:
        raise Unfinished(name, _("a number is missing"))
    if len(text) > 40 or not _NUMBER.fullmatch(text):
        raise Unfinished(name, _("this is not a number"))
    try:
        return read_number(text)
    except ValueError as error:
        raise Unfinished(name, str(error)) from None


def whole(values: Values, name: str) -> int:
    value = number(values, name)
    if isinstance(value, float):
        raise Unfinished(name, _("a whole number is needed"))
    return value


def day(values: Values, name: str) -> str:
    value = need(values, name).strip()
    problem, hint = date_problem(value)
    if problem:
        raise Unfinished(name, f"{problem}: {hint}")
    return value


def choice(values: Values, name: str, allowed: Collection[str], usual: str = "") -> str:
    """`usual`: where there is no such control."""
    value = values.get(name, usual)
    if value not in allowed:
        raise Unfinished(name, _("choose one"))
    return value


def items(values: Values, name: str) -> tuple[str, ...]:
    """A list with commas between; an item with a comma or a quote stands in quotes."""
    text = values.get(name, "")
    found, at = [], 0
    while at < len(text):
        match = _ITEM.match(text, at)
        if match is None:
            raise Unfinished(name, _("a quote is not closed"))
        quoted, bare = match[1], (match[2] or "").strip()
        if quoted is not None:
            found.append(quoted.replace('""', '"'))
        elif bare:
            found.append(bare)
        at = match.end()
    return tuple(found)


def listed(values: Iterable[str]) -> str:
    """What `items` reads."""
    return ", ".join(_quoted(shown(value)) for value in values)


def _quoted(value: str) -> str:
    if value and value == value.strip() and not set(value) & {",", '"'}:
        return value
    return '"' + value.replace('"', '""') + '"'


def shown(value: str) -> str:
    """A text as it can stand in a control. Awkward: one line of text cannot hold it."""
    if not value.strip() or not value.isprintable():
        raise Awkward
    return value


def written(value: int | float) -> str:
    """A number as it can stand in a control."""
    return write_number(value)
