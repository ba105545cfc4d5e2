"""The kinds of derived traits, as read from TOML: fields only.

Points and other numbers are micro-units. A trait writes one or several fields of its subject.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias, assert_never

import msgspec

from lettershop.language.tree import Condition, Duration, Events, Measure
from lettershop.model.values import ValueType

TraitSubject = Literal["contact", "account"]
Function = Literal["count", "share", "sum", "average", "maximum", "minimum", "own"]


class Trait(msgspec.Struct, frozen=True, kw_only=True):
    """Base. `source` and `line` say where it is defined."""

    name: str
    subject: TraitSubject = "contact"
    title: str = ""
    source: str = ""
    line: int = 0


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """`points` for those for whom `where` holds.

    With `half_life` they are halved for each half-life that has passed since the event, and gone
    after `steps` of them. With `most` they are given per event, for the newest `most` events;
    with `cap` the rule never gives more than that.
    """

    key: str
    """Its name within the trait: that of the hidden segments."""
    text: str
    where: Condition
    points: int
    half_life: Duration | None = None
    steps: int = 1
    most: int = 1
    cap: int | None = None


class Score(Trait, frozen=True, kw_only=True):
    """The points of all rules added up, kept between `minimum` and `maximum`."""

    rules: tuple[Rule, ...]
    minimum: int | None = None
    maximum: int | None = None


class Label(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    text: str
    where: Condition


class Stage(Trait, frozen=True, kw_only=True):
    """The first label whose condition holds, else `default`. `kind`: how it was written."""

    labels: tuple[Label, ...]
    default: str
    kind: Literal["stage", "activity"] = "stage"


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    """One possible interest; `field` is the number trait of its points, if that is wanted."""

    name: str
    rules: tuple[Rule, ...]
    field: str = ""


class Interest(Trait, frozen=True, kw_only=True):
    """The tags with at least `threshold` points, the strongest first, `top` of them at most."""

    tags: tuple[Tag, ...]
    threshold: int
    top: int


class Rfm(Trait, frozen=True, kw_only=True):
    """Fifths of recency, frequency and amount among those with such an event."""

    events: Events
    amount: str
    currency: str | None = None
    every: int
    """Milliseconds between two computations."""


class Rollup(Trait, frozen=True, kw_only=True):
    """A number over the account's people, or (`own`) a measure of the subject itself.

    `measure` is None for count and share; `who` None means all people.
    """

    function: Function
    measure: Measure | None
    who: Condition | None
    text: str
    every: int


AnyTrait: TypeAlias = Score | Stage | Interest | Rfm | Rollup
Ruled: TypeAlias = Score | Stage | Interest
"""Made of hidden segments, so kept current at every refresh; the others have a rhythm."""
Figured: TypeAlias = Rfm | Rollup

RFM_FIELDS = ("recency", "frequency", "monetary")


def kind_of(trait: AnyTrait) -> str:
    """The word for it: how its table is called in TOML."""
    match trait:
        case Score():
            return "score"
        case Stage(kind=kind):
            return kind
        case Interest():
            return "interest"
        case Rfm():
            return "rfm"
        case Rollup():
            return "rollup"
        case _:
            assert_never(trait)


def fields_of(trait: AnyTrait) -> Mapping[str, ValueType]:
    """The fields it writes, the main one first."""
    match trait:
        case Score() | Rollup():
            return {trait.name: "number"}
        case Stage():
            return {trait.name: "text"}
        case Interest(tags=tags):
            numbers: dict[str, ValueType] = {tag.field: "number" for tag in tags if tag.field}
            return {trait.name: "list", **numbers}
        case Rfm(name=name):
            parts: dict[str, ValueType] = {f"{name}_{part}": "number" for part in RFM_FIELDS}
            return {name: "text", **parts}
        case _:
            assert_never(trait)


def types_of(traits: Iterable[AnyTrait]) -> dict[tuple[str, str], ValueType]:
    """The type of each (subject, field) they write."""
    return {(t.subject, field): kind for t in traits for field, kind in fields_of(t).items()}
