"""`[data.NAME]` of the front matter: where values come from besides contact, account and owner."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from lettershop.content.catalog.assortment import SIMPLE
from lettershop.content.conditions import event_condition, record_condition
from lettershop.content.policies import ROOTS, bad_variable
from lettershop.content.recommend.strategies import STRATEGIES
from lettershop.content.template import Data, Events, Items, LastEvent, Outside, Records
from lettershop.language.places import Path
from lettershop.language.tables import Page, Table
from lettershop.language.tree import Condition
from lettershop.language.words import is_valid_kind, singular
from lettershop.model.errors import DefinitionError, Finding

LIQUID_WORDS = frozenset(
    {"and", "or", "not", "contains", "in", "with", "for", "as"}
    | {"true", "false", "nil", "null", "blank", "empty", "forloop", "tablerowloop"}
)
"""Words that mean something else in Liquid than a variable of that name."""
MOST = 100
"""Objects that one source may give."""
LONGEST_WAIT = 30.0
LONGEST_CACHE = 30 * 86_400
KINDS = ("text", "number", "boolean", "time", "list")
WAYS = (*SIMPLE, *STRATEGIES)
EXCLUDE = ("bought", "out_of_stock")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LIQUID = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.S)


def read_data(table: Table) -> dict[str, Data]:
    """The sound ones, by name."""
    found: dict[str, Data] = {}
    for name in table.values:
        if said := bad_name(name):
            table.say("template.data_name", f"“{name}” {said}", name)
        source = table.mapping(name)
        data = _source(source) if source is not None else None
        if data is not None:
            found[name] = data
    return found


def bad_name(name: str) -> str:
    """What is wrong with the name of a data source, "" when nothing is."""
    if not _NAME.fullmatch(name):
        return "cannot be a name: letters, digits and _, not beginning with a digit"
    if name in ROOTS:
        return "is a name that every letter has already; choose another"
    return "is a word of Liquid; choose another" if name in LIQUID_WORDS else ""


def _source(table: Table) -> Data | None:
    kinds: dict[str, Callable[[Table], Data]] = {
        "last": _last,
        "events": _events,
        "records": _records,
        "catalog": _items,
        "url": _outside,
    }
    said = [key for key in kinds if key in table.values]
    if len(said) != 1:
        message = f"a source says exactly one of {', '.join(kinds)}"
        message += f"; here are {' and '.join(said)}" if said else ""
        table.say("template.source", message, hint='order = { last = "Order Completed" }')
        return None
    data = kinds[said[0]](table)
    table.close({"event": "last", "max": "limit", "filter": "where", "sort": "order"})
    return data


def _last(table: Table) -> LastEvent:
    event, where = table.text("last"), _condition(table, event_condition)
    return LastEvent(event=event, where=where, by_account=table.flag("by_account"))


def _events(table: Table) -> Events:
    return Events(
        event=table.text("events"),
        where=_condition(table, event_condition),
        limit=table.whole("limit", 10, 1, MOST),
        by_account=table.flag("by_account"),
    )


def _records(table: Table) -> Records:
    kind = table.text("records")
    if kind and not is_valid_kind(kind):
        hint = f"did you mean “{singular(kind)}”?" if is_valid_kind(singular(kind)) else ""
        table.say("template.record_kind", f"“{kind}” cannot be a kind of record", "records", hint)
    order = table.text("order")
    if order == "-":
        table.say(
            "template.order", "“-” stands before the name of a field", "order", 'order = "-amount"'
        )
    where, limit = _condition(table, record_condition), table.whole("limit", 10, 1, MOST)
    return Records(kind=kind, where=where, order=order, limit=limit)


def _items(table: Table) -> Items:
    choose = table.choices("choose", WAYS, ("newest",))
    if not choose:
        table.say("template.choose", "“choose” names no way to choose items", "choose", "newest")
    match = _texts(table, "match")
    for variable in match.values():
        _check_variable(table, "match", variable)
    market = table.text("market")
    if market:
        _check_variable(table, "market", market)
    return Items(
        catalog=table.text("catalog"),
        choose=choose,
        limit=table.whole("limit", 4, 1, MOST),
        match=match,
        where=_texts(table, "where"),
        market=market,
        exclude=table.choices("exclude", EXCLUDE, ("out_of_stock",)),
    )


def _outside(table: Table) -> Outside:
    url = table.text("url")
    if url:
        _check_url(table, url)
    schema = _texts(table, "schema")
    for path, kind in schema.items():
        if kind not in KINDS:
            table.say_unknown("schema", kind, KINDS)
        if bad_variable(path):
            table.say("template.schema", f"“{path}” is not a path into the answer", "schema")
    return Outside(
        url=url,
        timeout=table.decimal("timeout", 3.0, 0.05, LONGEST_WAIT),
        cache=table.whole("cache", 3600, 0, LONGEST_CACHE),
        schema=schema,
        fallback=_fallback(table, schema),
    )


def _check_url(table: Table, url: str) -> None:
    """Whether the host may be asked at all is decided by the setting fetch_hosts, later."""
    plain = _LIQUID.sub("x", url)
    place = urlsplit(plain) if plain.isprintable() and " " not in plain else None
    if place is None or place.scheme not in ("https", "http") or not place.netloc:
        hint = "https://api.example.com/weather?city={{ contact.city }}"
        table.say("template.url", "“url” is not an https address", "url", hint)
    elif _LIQUID.search(url.split("//", 1)[1].split("/", 1)[0].split("?", 1)[0]):
        message = "the host of “url” is the same for everybody: Liquid may stand behind it only"
        table.say("template.url", message, "url")


def _fallback(table: Table, schema: Mapping[str, str]) -> dict[str, Any] | None:
    inner = table.mapping("fallback")
    if inner is None:
        return None
    for key, value in inner.values.items():
        if not isinstance(value, str | int | float | bool):
            inner.say("toml.wrong_type", f"“{key}” is a text, a number, true or false", key)
        elif schema and key not in schema:
            inner.say_unknown(key, key, [*schema])
    return dict(inner.values)


def _condition(table: Table, read: Callable[[str], Condition]) -> str:
    """The text as it is written; findings about it stand at their place within it."""
    text = table.text("where")
    if not text:
        return ""
    written: str = table.values["where"]
    page, path = table.page, (*table.path, "where")
    try:
        read(written)
    except DefinitionError as error:
        page.findings += [_placed(page, path, finding) for finding in error.findings]
    return text


def _placed(page: Page, path: Path, finding: Finding) -> Finding:
    span = finding.span
    found = page.places.inside(path, span.start, span.end) if span else page.places.key(path)
    return msgspec.structs.replace(finding, span=found, source=page.source)


def _texts(table: Table, key: str) -> dict[str, str]:
    """A table of texts by name."""
    inner = table.mapping(key)
    if inner is None:
        return {}
    return {name: inner.text(name) for name in inner.values}


def _check_variable(table: Table, key: str, name: str) -> None:
    if said := bad_variable(name):
        table.say("template.variable", f"“{name}” {said}", key, "contact.city")
