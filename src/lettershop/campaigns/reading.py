"""What an author says, as TOML or JSON -> a Campaign, or everything that is wrong with it, at once.

What needs the workspace (are there such segments, templates, purposes?) is beside.py's to say.
"""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import PurePath
from typing import Any, Final, cast, get_args

import msgspec

from lettershop.campaigns.definition import (
    Campaign,
    Canary,
    Comparison,
    ContentVariant,
    Goal,
    Measure,
    StopRules,
    Unit,
)
from lettershop.language.places import Places
from lettershop.language.tables import Page, Table
from lettershop.language.toml_text import toml_mistake
from lettershop.model.errors import Finding

FOLDER: Final = "campaigns"
LIMIT: Final = 1024 * 1024
"""Bytes of a file."""
NAME_LIMIT: Final = 100
MOST_VARIANTS: Final = 10
MOST_HOLD: Final = 7 * 24 * 60
"""Minutes."""
OTHER_WORDS: Final[Mapping[str, str]] = {
    "template": "content",
    "segments": "include",
    "segment": "include",
    "audience": "include",
    "schedule": "at",
    "send_at": "at",
    "variants": "variant",
    "control": "holdout",
    "undo_minutes": "hold_minutes",
    "track_opens": "pixel",
    "comparison": "compare",
}


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """`campaign`: None while something is wrong with it. `page`: places and findings, to which
    others (beside.py) may add."""

    campaign: Campaign | None
    page: Page

    @property
    def findings(self) -> list[Finding]:
        return sorted(self.page.findings, key=_by_place)


def name_of(path: PurePath) -> str:
    """`campaigns/spring/offers.toml` -> `spring/offers`; elsewhere the name of the file."""
    parts = path.with_suffix("").parts
    if FOLDER in parts:
        last = len(parts) - 1 - parts[::-1].index(FOLDER)
        return "/".join(parts[last + 1 :])
    return path.stem


def read_text(name: str, text: str, source: str) -> Read:
    """`text`: TOML. `source`: what findings call it."""
    page = Page(source=source, places=Places(""))
    said = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        if len(said.encode()) > LIMIT:
            page.say("campaign.too_large", "a campaign has at most 1 MB")
            return Read(campaign=None, page=page)
        values = tomllib.loads(said)
    except tomllib.TOMLDecodeError as error:
        problem, span = toml_mistake(str(error), said)
        page.say("campaign.toml", f"is not valid TOML: {problem}", span=span)
        return Read(campaign=None, page=page)
    except (RecursionError, UnicodeEncodeError):
        page.say("campaign.toml", "is nested too deeply, or holds what is no text")
        return Read(campaign=None, page=page)
    page.places = Places(said)
    return _read(name, Table(page, (), values), source)


def read_json(name: str, values: Mapping[str, Any]) -> Read:
    """The same words as a JSON object."""
    page = Page(source="", places=Places(""))
    found = _read(name, Table(page, (), plain(values)), "")
    page.findings[:] = [msgspec.structs.replace(one, span=None) for one in page.findings]
    return found


def _read(name: str, table: Table, source: str) -> Read:
    page = table.page
    if problem := bad_name(name):
        page.say("campaign.name", f"a name {problem}", hint="short-names-like-this")
    found = _campaign(name, table, source)
    return Read(campaign=found if page.sound else None, page=page)


def bad_name(name: str) -> str:
    if not name.strip() or any(part != part.strip() or not part for part in name.split("/")):
        return "cannot be blank nor have parts that are, or begin or end with a space"
    if len(name) > NAME_LIMIT:
        return f"has at most {NAME_LIMIT} characters"
    return "" if name.isprintable() else "is one line of printable characters"


def _campaign(name: str, table: Table, source: str) -> Campaign:
    found = Campaign(
        name=name,
        title=table.text("title"),
        description=table.text("description"),
        content=table.text("content"),
        variants=_variants(table),
        include=table.texts("include"),
        exclude=table.texts("exclude"),
        stream=table.text("stream", "marketing"),
        purpose=table.text("purpose"),
        topic=table.text("topic"),
        at=table.text("at") if table.values.get("at") != "" else _blank(table, "at"),
        holdout=table.decimal("holdout", 0.0, 0.0, 50.0),
        unit=cast(Unit, table.choice("unit", get_args(Unit), "contact")),
        hold_minutes=table.whole("hold_minutes", 0, 0, MOST_HOLD),
        canary=_canary(table),
        stop=_stop(table),
        goal=_goal(table),
        compare=_compare(table),
        pixel=table.flag("pixel"),
        source=source,
    )
    _together(table, found)
    table.close(OTHER_WORDS)
    return found


def _blank(table: Table, key: str) -> str:
    table.get(key)
    return ""


def _together(table: Table, found: Campaign) -> None:
    """What one key means for another."""
    if found.content and found.variants:
        table.say("campaign.content", "“content” and “variant” exclude each other", "content")
    if not found.content and "variant" not in table.values:
        hint = 'content = "NAME" of a template; or [[variant]] tables to compare'
        table.say("campaign.content", "it says no content", "content", hint)
    if not found.include:
        hint = 'include = ["SEGMENT"]'
        table.say("campaign.audience", "it says nobody whom it goes to", "include", hint)
    for name in sorted({*found.include} & {*found.exclude}):
        message = f"“{name}” is both included and excluded: nobody of it gets a letter"
        table.say("campaign.audience", message, "exclude")
    if found.compare and not found.variants:
        table.say("campaign.compare", "there are no variants to compare", "compare")
    if found.compare and found.compare.measure == "goal" and not found.goal:
        table.say("campaign.compare", "variants are compared on a goal, but it has none", "compare")
    if found.variants and not found.compare:
        hint = 'compare = { measure = "human_click", effect = 0.02, days = 7 }'
        message = "it says not what its variants are compared on, so no winner will be named"
        table.page.say("campaign.compare", message, ("variant",), hint, level="warning")


def _variants(table: Table) -> tuple[ContentVariant, ...]:
    value = table.get("variant")
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        table.say("toml.wrong_type", "“variant” is a list of tables", "variant", "[[variant]]")
        return ()
    found: list[ContentVariant] = []
    for number, values in enumerate(value):
        inner = Table(table.page, ("variant", number), values)
        inner.need("name", "content")
        name, content = inner.text("name"), inner.text("content")
        share = inner.whole("share", 1, 1, 1_000)
        if len(name) > NAME_LIMIT or not name.isprintable():
            inner.say("campaign.variant", "a variant has a short name", "name", "A, B, C")
        if name and name in {one.name for one in found}:
            inner.say("campaign.variant", f"there is another variant “{name}”", "name")
        inner.close({"template": "content", "weight": "share"})
        found.append(ContentVariant(name=name, content=content, share=share))
    if not 2 <= len(found) <= MOST_VARIANTS:
        message = f"there are two to {MOST_VARIANTS} variants, or none"
        table.say("campaign.variant", message, "variant", "one letter is said by “content”")
    return tuple(found)


def _canary(table: Table) -> Canary | None:
    inner = table.mapping("canary")
    if inner is None:
        return None
    usual = Canary()
    found = Canary(
        percent=inner.whole("percent", usual.percent, 1, 50),
        minutes=inner.whole("minutes", usual.minutes, 0, MOST_HOLD),
    )
    inner.close()
    return found


def _stop(table: Table) -> StopRules:
    usual = StopRules()
    inner = table.mapping("stop")
    if inner is None:
        return usual
    found = StopRules(
        bounce=inner.decimal("bounce", usual.bounce, 0.0, 100.0),
        complaint=inner.decimal("complaint", usual.complaint, 0.0, 100.0),
        unsubscribe=inner.decimal("unsubscribe", usual.unsubscribe, 0.0, 100.0),
        least=inner.whole("least", usual.least, 1, 1_000_000),
    )
    inner.close()
    return found


def _goal(table: Table) -> Goal | None:
    inner = table.mapping("goal")
    if inner is None:
        return None
    inner.need("where")
    found = Goal(
        where=inner.text("where"),
        days=inner.whole("days", Goal(where="").days, 1, 366),
        event=inner.text("event"),
        revenue=inner.text("revenue"),
    )
    inner.close({"condition": "where", "value": "revenue"})
    return found


def _compare(table: Table) -> Comparison | None:
    inner = table.mapping("compare")
    if inner is None:
        return None
    usual = Comparison()
    if inner.values.get("measure") in ("open", "opens", "human_open"):
        hint = "human_click, reply or goal"
        message = "variants are never compared on opens: machines open letters too"
        inner.say("campaign.compare", message, "measure", hint)
        inner.get("measure")
        measure: Measure = usual.measure
    else:
        measure = cast(Measure, inner.choice("measure", get_args(Measure), usual.measure))
    found = Comparison(
        measure=measure,
        baseline=inner.decimal("baseline", usual.baseline, 0.0001, 0.9999),
        effect=inner.decimal("effect", usual.effect, 0.0001, 0.9999),
        alpha=inner.decimal("alpha", usual.alpha, 0.001, 0.2),
        power=inner.decimal("power", usual.power, 0.5, 0.99),
        days=inner.whole("days", usual.days, 1, 90),
    )
    if found.baseline + found.effect >= 1:
        inner.say("campaign.compare", "baseline and effect together are less than 1", "effect")
    inner.close()
    return found


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """JSON as TOML has it: exact decimals become floats, what is null is not said."""
    return {key: _plain(each) for key, each in values.items() if each is not None}


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            return float(value)
        case Mapping():
            return plain(value)
        case list():
            return [_plain(each) for each in value]
        case _:
            return value


def _by_place(finding: Finding) -> tuple[int, int]:
    span = finding.span
    return (span.line, span.column) if span else (0, 0)
