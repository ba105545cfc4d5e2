"""What letters to a segment say where a member has no value: its table `defaults`.

[segment.defaults]
city = "Berlin"
account.plan = "free"       # or "account.plan" = "free"
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from rapidfuzz import process

from lettershop.language.definition import Default
from lettershop.language.places import Path
from lettershop.language.tree import Scalar
from lettershop.model.catalog import Catalog
from lettershop.model.values import NUMBER_LIMIT

DEFAULTS = "defaults"
CATCH_ALL = "catch_all_defaults"
"""In a partition: those of the members that nobody else has."""
LONGEST = 200
"""Characters of a name."""
MOST = 100
"""Defaults of one segment."""


class Wrong(NamedTuple):
    """A mistake, for a finding about the key at `path` below the table."""

    code: str
    message: str
    path: Path
    hint: str


def read_defaults(table: object) -> tuple[tuple[Default, ...], tuple[Wrong, ...]]:
    """The defaults of a table, by name, and what is wrong with it."""
    if not isinstance(table, Mapping):
        hint = 'defaults = { city = "Berlin" }'
        return (), (Wrong("definition.wrong_type", "the defaults are a table", (), hint),)
    found: dict[str, Default] = {}
    wrong: list[Wrong] = []
    for path, value in _leaves(table):
        name = ".".join(path)
        problem = _problem(name, value, found)
        if problem:
            hint = 'a field and what to say instead: city = "Berlin"'
            wrong.append(Wrong("definition.default", f"“{name}” {problem}", path, hint))
        elif isinstance(value, bool | int | float | str):
            found[name] = Default(name, _plain(value))
    return tuple(found[name] for name in sorted(found)), tuple(wrong)


def strange_names(defaults: Iterable[Default], catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Names that no contact and no account has a field of, each with a hint."""
    known = {"contact": catalog.contact, "account": catalog.account}
    for default in defaults:
        side, _, field = default.name.partition(".")
        asked = [known[side]] if field and side in known else [*known.values()]
        wanted = field if field and side in known else default.name
        if not any(wanted in fields for fields in asked):
            near = process.extractOne(wanted, [n for f in asked for n in f], score_cutoff=60)
            yield default.name, f"did you mean {near[0]}?" if near else ""


def _leaves(table: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[Any, Any]]:
    """Every value with its keys: `account.plan` and `"account.plan"` are the same to a reader."""
    for key, value in table.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key), value


def _problem(name: str, value: object, found: Mapping[str, Default]) -> str:
    if name in found:
        return "has two defaults"
    if len(found) >= MOST:
        return f"is one too many: a segment has at most {MOST} defaults"
    if not all(part.strip() == part != "" for part in name.split(".")) or not name.isprintable():
        return "is no name of a field"
    if len(name) > LONGEST:
        return f"is longer than {LONGEST} characters"
    match value:
        case str():
            return "" if value.strip() else "has a blank default: that says nothing"
        case bool():
            return ""
        case int() | float():
            fits = math.isfinite(value) and abs(value) < NUMBER_LIMIT
            return "" if fits else "has a number as its default that is too large"
        case _:
            return "has a default that is not a text, a number, or true or false"


def _plain(value: Scalar) -> Scalar:
    """2.0 is 2, as every database gives it back."""
    whole = isinstance(value, float) and value.is_integer()
    return int(value) if whole else value
