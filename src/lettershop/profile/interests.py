"""Interests: tags that stand in what somebody looked at, clicked and searched for."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lettershop.language.tree import (
    And,
    Compare,
    Condition,
    Did,
    Duration,
    Events,
    Includes,
    OneOf,
    Or,
)
from lettershop.model.catalog import Catalog, FieldInfo
from lettershop.model.values import MICRO, fold
from lettershop.profile.build import Desk, Draft, common
from lettershop.profile.table import Table, Written
from lettershop.profile.traits import Interest, Rule, Tag

THRESHOLD = 10 * MICRO
TOP = 5
HALF_LIFE = Duration(30, "day")
STEPS = 3
MOST = 3
MOST_TAGS = 50


class _Sign(NamedTuple):
    """One kind of event that shows an interest."""

    events: tuple[str, ...]
    property: str
    points: int
    most: int
    contains: bool
    where: Written | None
    table: Table


class _Fading(NamedTuple):
    half_life: Duration | None
    steps: int


def interest(table: Table, catalog: Catalog) -> Draft:
    """`catalog`: of which type a property is; and, where no tags are named, which there are."""
    desk = Desk(table, "interests")
    threshold, top = table.number("threshold", THRESHOLD), table.whole("top", TOP, 1, 50)
    fading = _Fading(table.duration("half_life", HALF_LIFE), table.whole("steps", STEPS, 1, 10))
    signs = [s for sign in table.tables("sign") if (s := _sign(sign))]
    if "sign" not in table.values:
        table.say("trait.empty", "interests need [[interest.sign]] tables")
    words = _words(table)
    named = table.texts("tags") or tuple(words) or _seen(table, signs, catalog)
    prefix = f"{desk.name}_" if table.flag("numbers") else ""
    tags = []
    for name in named:
        values = (name, *words.get(name, ()))
        rules = [
            _rule(desk, s, f"{name}/{n}", values, fading, catalog) for n, s in enumerate(signs, 1)
        ]
        field = prefix + re.sub(r"\W+", "_", fold(name)).strip("_") if prefix else ""
        tags.append(Tag(name=name, rules=tuple(rules), field=field))
    _refuse_many(table, tags)
    return desk.draft(
        lambda: Interest(**common(desk), tags=tuple(tags), threshold=threshold or 0, top=top)
    )


def _sign(table: Table) -> _Sign | None:
    table.need("event", "property", "points")
    events, field, points = table.texts("event"), table.text("property"), table.number("points")
    most, contains = table.whole("most", MOST, 1, 10), table.flag("contains")
    where = table.condition("where")
    table.close()
    if not events or not field or points is None:
        return None
    return _Sign(events, field, points, most, contains, where, table)


def _words(table: Table) -> Mapping[str, tuple[str, ...]]:
    """Other words a tag goes by: `[interest.words]` with `hr = ["human resources"]`."""
    found = table.mapping("words")
    if found is None:
        return {}
    return {tag: found.texts(tag) for tag in found.values}


def _seen(table: Table, signs: Sequence[_Sign], catalog: Catalog) -> tuple[str, ...]:
    """The values there are, of all properties that hold tags."""
    values: dict[str, str] = {}
    plain = [(event, sign) for sign in signs if not sign.contains for event in sign.events]
    for event, sign in plain:
        info = _property(catalog, event, sign.property)
        for value in info.values if info else ():
            values.setdefault(fold(value), value)
    if not values and any(event in catalog.events for event, _ in plain):
        message = "no tags are named, and there are none or too many different ones in the data"
        table.say("trait.no_tags", message, "", 'tags = ["hr", "payroll"]')
    return tuple(sorted(values.values())[:MOST_TAGS])


def _property(catalog: Catalog, event: str, name: str) -> FieldInfo | None:
    known = catalog.events.get(event)
    return known.properties.get(name) if known else None


def _rule(
    desk: Desk,
    sign: _Sign,
    key: str,
    values: tuple[str, ...],
    fading: _Fading,
    catalog: Catalog,
) -> Rule:
    test: Condition = _test(sign, values, catalog)
    if sign.where is not None:
        test = And((test, sign.where.tree))
    where = Did(Events(sign.events, "own", None, test))
    written = sign.where or sign.table.made(where)
    desk.ask(written, where)
    return Rule(
        key=key,
        text="",
        where=where,
        points=sign.points,
        half_life=fading.half_life,
        steps=fading.steps,
        most=sign.most,
    )


def _test(sign: _Sign, values: tuple[str, ...], catalog: Catalog) -> Condition:
    infos = [_property(catalog, event, sign.property) for event in sign.events]
    if any(info is not None and info.type == "list" for info in infos):
        return Includes(sign.property, "any", values)
    if not sign.contains:
        return OneOf(sign.property, values)
    found = tuple(Compare(sign.property, "contains", value) for value in values)
    return found[0] if len(found) == 1 else Or(found)


def _refuse_many(table: Table, tags: Sequence[Tag]) -> None:
    if len(tags) > MOST_TAGS:
        table.say("trait.too_many", f"{len(tags)} tags, {MOST_TAGS} is the most", "tags")
    for names in ([fold(tag.name) for tag in tags], [tag.field for tag in tags if tag.field]):
        twin = next((name for name in names if names.count(name) > 1), None)
        if twin is not None:
            table.say("trait.duplicate", f"two tags are called “{twin}”", "tags")
