"""The form of a campaign: its fields as they are typed <-> the words of its file.

A field that is left empty is not said, so that what is usual applies. What cannot be read as a
number is handed on as typed: reading.py says what is wrong with it.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec
from django.http import QueryDict

from lettershop.campaigns.definition import Comparison, Goal, StopRules

LONGEST: Final = 20_000
MOST: Final = 500
"""Segments, and variants, that a form may name."""
STOPS: Final = ("bounce", "complaint", "unsubscribe", "least")
HUNDRED: Final = Decimal(100)


class VariantFields(msgspec.Struct, frozen=True, kw_only=True):
    name: str = ""
    content: str = ""
    share: str = ""


class Fields(msgspec.Struct, frozen=True, kw_only=True):
    """As typed; `at`: `2026-12-01T09:00` in the workspace's zone. Rates of the comparison are
    percent. `several`: variants instead of one letter. `canary`, `measure`: "" for none."""

    title: str = ""
    description: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    stream: str = ""
    purpose: str = ""
    topic: str = ""
    several: bool = False
    content: str = ""
    variants: tuple[VariantFields, ...] = ()
    at: str = ""
    holdout: str = ""
    unit: str = ""
    hold_minutes: str = ""
    canary: bool = False
    canary_percent: str = ""
    canary_minutes: str = ""
    stop: Mapping[str, str] = {}
    pixel: bool = False
    where: str = ""
    days: str = ""
    event: str = ""
    revenue: str = ""
    measure: str = ""
    baseline: str = ""
    effect: str = ""
    compare_days: str = ""


# --- from a form ---------------------------------------------------------------------------------


def posted(said: QueryDict, at: Callable[[str, str], str]) -> Fields:
    """`at`: from a local time and the zone it was typed in to the workspace's."""

    def text(key: str) -> str:
        return _clean(said.get(key, ""))

    def texts(key: str) -> tuple[str, ...]:
        found = (_clean(one) for one in said.getlist(key)[:MOST])
        return tuple(dict.fromkeys(one for one in found if one))

    simple = [
        name
        for name in Fields.__struct_fields__
        if Fields.__annotations__[name] is str and name != "at"
    ]
    return Fields(
        **{name: text(name) for name in simple},
        include=texts("include"),
        exclude=texts("exclude"),
        several=said.get("several") == "1",
        variants=_variants(said),
        at=at(text("at"), text("at_zone")) if said.get("when", "at") == "at" else "",
        canary=said.get("canary") == "1",
        pixel=said.get("pixel") == "1",
        stop={key: found for key in STOPS if (found := text(f"stop_{key}"))},
    )


def _variants(said: QueryDict) -> tuple[VariantFields, ...]:
    """Rows of which something is said."""
    names, contents, shares = (
        [_clean(one) for one in said.getlist(f"variant_{key}")[:MOST]]
        for key in ("name", "content", "share")
    )
    rows = (
        VariantFields(name=name, content=content, share=share)
        for name, content, share in zip(names, contents, shares, strict=False)
    )
    return tuple(row for row in rows if row.content or (row.name and row.share))


def _clean(text: str) -> str:
    return text.replace("\0", "").replace("\r\n", "\n").strip()[:LONGEST]


# --- from the words of a file --------------------------------------------------------------------


def fields_of(words: Mapping[str, Any]) -> Fields:
    """Whatever does not fit a field is shown as it can be."""
    canary, goal, compare = (_table(words, key) for key in ("canary", "goal", "compare"))
    variants = words.get("variant")
    return Fields(
        **{key: _text(words.get(key)) for key in ("title", "description", "content")},
        **{key: _text(words.get(key)) for key in ("stream", "purpose", "topic", "unit")},
        **{key: _text(words.get(key)) for key in ("holdout", "hold_minutes")},
        include=_texts(words.get("include")),
        exclude=_texts(words.get("exclude")),
        several="variant" in words,
        variants=tuple(_variant(one) for one in variants) if isinstance(variants, list) else (),
        at=_text(words.get("at")).replace(" ", "T", 1)[:16],
        canary="canary" in words,
        canary_percent=_text(canary.get("percent")),
        canary_minutes=_text(canary.get("minutes")),
        stop={key: _text(one) for key, one in _table(words, "stop").items() if key in STOPS},
        pixel=words.get("pixel") is True,
        **{key: _text(goal.get(key)) for key in ("where", "days", "event", "revenue")},
        measure=_text(compare.get("measure", Comparison().measure)) if "compare" in words else "",
        baseline=_percent(compare.get("baseline")),
        effect=_percent(compare.get("effect")),
        compare_days=_text(compare.get("days")),
    )


def _variant(said: Any) -> VariantFields:
    table = said if isinstance(said, Mapping) else {}
    return VariantFields(
        name=_text(table.get("name")),
        content=_text(table.get("content")),
        share=_text(table.get("share")),
    )


def _table(words: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = words.get(key)
    return found if isinstance(found, Mapping) else {}


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _texts(value: Any) -> tuple[str, ...]:
    found = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(dict.fromkeys(_text(one) for one in found if _text(one)))


def _percent(share: Any) -> str:
    """0.05 -> 5"""
    try:
        return f"{(Decimal(str(share)) * HUNDRED).normalize():f}" if share is not None else ""
    except InvalidOperation:
        return str(share)


# --- and to them ---------------------------------------------------------------------------------


def words_of(fields: Fields, before: Mapping[str, Any]) -> dict[str, Any]:
    """`before`: what the file said, for what the form has no field for (`alpha`, `power`)."""
    found: dict[str, Any] = {
        "title": fields.title,
        "description": fields.description,
        "content": "" if fields.several else fields.content,
        "include": [*fields.include],
        "exclude": [*fields.exclude],
        "stream": fields.stream,
        "purpose": fields.purpose,
        "topic": fields.topic,
        "at": fields.at.replace("T", " ", 1),
        "holdout": _number(fields.holdout),
        "unit": fields.unit,
        "hold_minutes": _number(fields.hold_minutes),
        "pixel": fields.pixel or None,
        "stop": {key: _number(one) for key, one in fields.stop.items()},
        "goal": _goal(fields),
        "variant": [_row(one) for one in fields.variants] if fields.several else [],
    }
    said = {key: value for key, value in found.items() if value not in ("", None, [], {})}
    if fields.canary:
        percent, minutes = _number(fields.canary_percent), _number(fields.canary_minutes)
        said["canary"] = _said(percent=percent, minutes=minutes)
    if fields.measure:
        said["compare"] = _comparison(fields, _table(before, "compare"))
    return said


def _goal(fields: Fields) -> dict[str, Any]:
    return _said(
        where=fields.where,
        days=_number(fields.days),
        event=fields.event,
        revenue=fields.revenue,
    )


def _comparison(fields: Fields, before: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: before[key] for key in ("alpha", "power") if key in before}
    return _said(
        measure=fields.measure,
        baseline=_share(fields.baseline),
        effect=_share(fields.effect),
        days=_number(fields.compare_days),
        **kept,
    )


def _row(one: VariantFields) -> dict[str, Any]:
    return _said(name=one.name, content=one.content, share=_number(one.share))


def _said(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in ("", None)}


def _number(typed: str) -> int | float | str:
    """As TOML has it; what is none stays as typed."""
    try:
        return int(typed)
    except ValueError:
        pass
    try:
        found = Decimal(typed)
    except InvalidOperation:
        return typed
    return float(found) if found.is_finite() else typed


def _share(typed: str) -> float | str:
    """5 -> 0.05"""
    found = _number(typed)
    return found if isinstance(found, str) else float(Decimal(typed) / HUNDRED)


USUAL: Final = {
    "days": str(Goal(where="").days),
    "baseline": _percent(Comparison().baseline),
    "effect": _percent(Comparison().effect),
    "compare_days": str(Comparison().days),
    **{f"stop_{key}": f"{getattr(StopRules(), key):g}" for key in STOPS},
}
"""What applies where a field is empty, shown in its place."""
