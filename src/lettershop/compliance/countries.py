"""Country rules: what `knowledge/countries.toml` says, and what a workspace says otherwise."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final, cast

from lettershop.compliance.rules import LEVELS, Country, Level
from lettershop.compliance.words import IMPLIED, METHODS, Method
from lettershop.language.places import Places
from lettershop.language.tables import Page, Table

FILE: Final = "countries.toml"
ELSEWHERE: Final = "elsewhere"
MOST_MONTHS: Final = 120
_NOTHING = Country(
    name="", proof=frozenset(), unproven="warn", interest="warn", months={}, source=""
)


@cache
def known_countries() -> Mapping[str, Country]:
    """By ISO 3166 code, and `elsewhere`. The file is ours, so a mistake in it is a bug."""
    text = (resources.files(__package__) / "knowledge" / FILE).read_text("utf-8")
    page = Page(source=FILE, places=Places(text))
    values: Mapping[str, Any] = tomllib.loads(text)
    found = {
        code: read_country(Table(page, (code,), said), _NOTHING) for code, said in values.items()
    }
    if page.findings:
        raise ValueError("\n".join(map(str, page.findings)))
    return found


def read_country(table: Table, otherwise: Country) -> Country:
    """What a table says; where it says nothing, what holds otherwise."""
    proof = table.choices("proof", METHODS, tuple(sorted(otherwise.proof)))
    found = Country(
        name=table.text("name", otherwise.name),
        proof=frozenset(cast(tuple[Method, ...], proof)),
        unproven=_level(table, "unproven", otherwise.unproven),
        interest=_level(table, "interest", otherwise.interest),
        months=_months(table, otherwise.months),
        source=table.text("source", otherwise.source),
    )
    table.close()
    return found


def _level(table: Table, key: str, otherwise: Level) -> Level:
    return cast(Level, table.choice(key, LEVELS, otherwise))


def _months(table: Table, otherwise: Mapping[Method, int]) -> Mapping[Method, int]:
    inner = table.mapping("months")
    if inner is None:
        return otherwise
    found: dict[Method, int] = {}
    for method in METHODS:
        if method in IMPLIED and method in inner.values:
            found[method] = inner.whole(method, 1, 1, MOST_MONTHS)
    inner.close()
    return found
