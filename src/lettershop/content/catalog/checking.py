"""What a template asks of a catalog, compared with what the catalog has."""

from collections.abc import Callable, Iterator

from rapidfuzz import process

from lettershop.content.catalog.assortment import Assortment
from lettershop.content.catalog.definition import KNOWN
from lettershop.content.recommend.strategies import STRATEGIES
from lettershop.content.template import Items, Template
from lettershop.model.errors import Finding, NotFound

FIELDS = (
    "id",
    "market",
    *(name for name in KNOWN if not name.endswith(("_at", "_from", "_until"))),
)
"""What `match` and `where` can name of every item."""


def check_template(template: Template, get: Callable[[str], Assortment]) -> list[Finding]:
    """What there is to say about all items of a template. `get`: as `Assortments.get`."""
    source = template.variants[0].source
    found: list[Finding] = []
    for name, data in template.data.items():
        if isinstance(data, Items):
            try:
                found += check_items(name, data, get(data.catalog), source)
            except NotFound as error:
                message = f"“{name}”: {error.message}"
                hint = error.hint or "lettershop items import"
                found.append(Finding("items.unknown_catalog", message, hint=hint, source=source))
    return found


def check_items(name: str, asked: Items, shelf: Assortment, source: str) -> list[Finding]:
    """Why nothing, or not what was meant, would be chosen. All but unknown fields are warnings:
    the next import may bring what is not there today."""
    return [
        *_fields(name, asked, shelf, source),
        *_values(name, asked, shelf, source),
        *_history(name, asked, shelf, source),
    ]


def _fields(name: str, asked: Items, shelf: Assortment, source: str) -> Iterator[Finding]:
    known = [*FIELDS, *sorted(shelf.fields() | {*shelf.definition.fields})]
    for field in (*asked.match, *asked.where):
        if len(shelf) and field not in known:
            near = process.extractOne(field, known, score_cutoff=60)
            hint = f"did you mean “{near[0]}”?" if near else f"it has: {', '.join(known)}"
            message = f"“{name}”: no item of “{shelf.name}” has a field “{field}”"
            yield Finding("items.unknown_field", message, hint=hint, source=source)


def _values(name: str, asked: Items, shelf: Assortment, source: str) -> Iterator[Finding]:
    for field, value in asked.where.items():
        if not shelf.available[shelf.with_value(field, value)].any():
            message = f"“{name}”: no item of “{shelf.name}” has “{value}” as its {field}"
            yield Finding("items.no_such_value", message, "warning", source=source)
    if asked.market and not shelf.markets():
        message = f"“{name}” asks for prices of a market, and “{shelf.name}” has no prices"
        hint = "lettershop items check"
        yield Finding("items.no_prices", message, "warning", hint, source=source)


def _history(name: str, asked: Items, shelf: Assortment, source: str) -> Iterator[Finding]:
    """Ways that need what the definition does not say."""
    said = shelf.definition
    needs = {need for way in asked.choose if way in STRATEGIES for need in STRATEGIES[way].needs}
    needs |= {"purchases"} if "bought" in asked.exclude else set()
    missing = {
        "purchases": ("[[bought]]", not said.bought),
        "views": ("[[viewed]]", not said.viewed),
        "interests": ("interest", not said.interest),
    }
    for need, (key, absent) in missing.items():
        if need in needs and absent:
            message = f"“{name}” asks for {need}, and catalog/{shelf.name}.toml says no {key}"
            hint = "say there which events or which trait of contacts tell of them"
            yield Finding("items.no_history", message, "warning", hint, source=source)
