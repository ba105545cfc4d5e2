"""TOML tables to traits. What is wrong goes to the file's pile; a trait comes out when it can."""

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Any, NamedTuple

from lettershop.language.tree import Condition, Subject
from lettershop.language.words import RESERVED
from lettershop.model.errors import Finding
from lettershop.model.values import ValueType, fold
from lettershop.profile.decay import fading
from lettershop.profile.table import Table, Written
from lettershop.profile.traits import AnyTrait, Label, Rule, Score, Stage, TraitSubject, fields_of

STEPS = 4
"""Half-lives after which points are gone, when nothing else is said."""
MOST = 20
"""Events a rule can count."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


MAIN: Mapping[str, ValueType] = {
    "score": "number",
    "stage": "text",
    "activity": "text",
    "interest": "list",
    "rfm": "text",
    "rollup": "number",
}
"""The type of the main field, by kind of trait."""


class Asked(NamedTuple):
    """A tree to be compared with the data, and where to say what is wrong with it."""

    written: Written
    tree: Condition
    subject: Subject


class Draft(NamedTuple):
    """`trait` is None when it cannot be used; `name` is its name all the same, if it has one."""

    name: str
    table: Table
    trait: AnyTrait | None
    asked: tuple[Asked, ...]
    said: tuple[Finding, ...]
    """What is wrong with its form."""
    subject: TraitSubject

    @property
    def fields(self) -> Mapping[str, ValueType]:
        """The fields it writes; of one that cannot be used, at least the main one."""
        if self.trait is not None:
            return fields_of(self.trait)
        return {self.name: MAIN[str(self.table.path[0])]} if self.name else {}


class Desk:
    """One trait being read: its table and the conditions met in it."""

    def __init__(self, table: Table, name: str = "") -> None:
        self.table = table
        self._before = len(table.page.findings)
        self.asked: list[Asked] = []
        self.name = self._name(name)
        choices = ("contact", "account")
        chosen = table.choice("subject", choices, "contact")
        self.subject: TraitSubject = "account" if chosen == "account" else "contact"
        self.title = table.text("title")

    def _name(self, default: str) -> str:
        if not default:
            self.table.need("name")
        name = self.table.text("name", default)
        if name and (not _NAME.fullmatch(name) or name in RESERVED):
            hint = "small letters, digits and _, a letter first: lead_score"
            message = f"“{name}” cannot be the name of a field"
            self.table.say("trait.name", message, "name", hint)
            return ""
        return name

    def condition(self, table: Table, key: str) -> Written | None:
        written = table.condition(key)
        if written is not None:
            self.ask(written, written.tree)
        return written

    def ask(self, written: Written, tree: Condition, subject: Subject | None = None) -> None:
        self.asked.append(Asked(written, tree, subject or self.subject))

    def draft(self, trait: Callable[[], AnyTrait]) -> Draft:
        """With the trait, unless something was said about its table."""
        self.table.close()
        said = tuple(self.table.page.findings[self._before :])
        made = trait() if self.name and not said else None
        return Draft(self.name, self.table, made, tuple(self.asked), said, self.subject)


def score(table: Table) -> Draft:
    desk = Desk(table)
    low, high = table.number("minimum"), table.number("maximum")
    if low is not None and high is not None and low > high:
        table.say("trait.range", "“minimum” is above “maximum”", "minimum")
    rules = [_rule(desk, rule, n) for n, rule in enumerate(table.tables("rule"), 1)]
    if not rules:
        table.say("trait.empty", "a score needs [[score.rule]] tables")
    refuse_twins(table, [rule.key for rule in rules if rule])
    return desk.draft(
        lambda: Score(**common(desk), rules=tuple(r for r in rules if r), minimum=low, maximum=high)
    )


def _rule(desk: Desk, table: Table, number: int) -> Rule | None:
    table.need("when", "points")
    key, points = table.text("name", str(number)), table.number("points")
    written = desk.condition(table, "when")
    half_life, steps = table.duration("half_life"), table.whole("steps", STEPS, 1, 10)
    per_event = table.choice("per", ("contact", "account", "event"), desk.subject) == "event"
    cap = table.number("cap")
    table.close()
    if written is None or points is None:
        return None
    if (half_life or per_event) and fading(written.tree) is None:
        message = "points that fade or count events need one plain “did” in their condition"
        hint = 'did "Pricing Viewed" within last 90 days, and other parts joined by “and”'
        table.say("trait.not_countable", message, "when", hint)
    return Rule(
        key=key,
        text=written.text,
        where=written.tree,
        points=points,
        half_life=half_life,
        steps=steps,
        most=_most(table, points, cap) if per_event else 1,
        cap=None if cap is None else abs(cap),
    )


def _most(table: Table, points: int, cap: int | None) -> int:
    """How many events fill the cap."""
    if cap is None or not cap or not points:
        message = "points per event need a cap, so that one visitor cannot fill the score"
        table.say("trait.no_cap", message, "per", "cap = 30")
        return 1
    exact = Decimal(abs(cap)) / abs(points)
    most = int(exact.to_integral_value(ROUND_CEILING))
    if most > MOST:
        message = f"{most} events would be counted, {MOST} is the most"
        table.say("trait.cap", message, "cap", "a smaller cap, or more points per event")
    return min(most, MOST)


def stage(table: Table) -> Draft:
    desk = Desk(table)
    table.need("default")
    default = table.text("default")
    labels = [_label(desk, label) for label in table.tables("label")]
    if not labels:
        table.say("trait.empty", "a stage needs [[stage.label]] tables")
    refuse_twins(table, [label.key for label in labels if label])
    return desk.draft(
        lambda: Stage(**common(desk), labels=tuple(x for x in labels if x), default=default)
    )


def _label(desk: Desk, table: Table) -> Label | None:
    table.need("name", "when")
    name, written = table.text("name"), desk.condition(table, "when")
    table.close()
    return Label(key=name, text=written.text, where=written.tree) if name and written else None


ACTIVITY = {
    "active": "did anything within last 30 days",
    "cooling": "did anything within last 90 days",
}
INACTIVE = "inactive"


def activity(table: Table) -> Draft:
    """A stage of three labels, with conditions that need not be written."""
    table = Table(table.page, table.path, {**ACTIVITY, **table.values})
    desk = Desk(table, "activity")
    found = {key: desk.condition(table, key) for key in ACTIVITY}
    labels = [Label(key=k, text=w.text, where=w.tree) for k, w in found.items() if w]
    return desk.draft(
        lambda: Stage(**common(desk), labels=tuple(labels), default=INACTIVE, kind="activity")
    )


def common(desk: Desk) -> dict[str, Any]:
    """The fields all traits have."""
    table = desk.table
    return {
        "name": desk.name,
        "subject": desk.subject,
        "title": desk.title,
        "source": table.page.source,
        "line": table.line,
    }


def refuse_twins(table: Table, names: list[str]) -> None:
    folded = [fold(name) for name in names]
    for name in names:
        if folded.count(fold(name)) > 1:
            message = f"two parts are called “{name}”"
            table.say("trait.duplicate", message, hint="give each a name of its own")
            return
