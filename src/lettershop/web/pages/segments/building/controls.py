"""Controls of a row: what a template draws, said once for all kinds of rows."""

from collections.abc import Iterable, Sequence
from typing import Literal
from urllib.parse import urlencode

import msgspec

from lettershop.web.pages.segments.building.rows import Values

Shape = Literal["word", "hidden", "select", "text", "number", "date", "check", "area"]


class Option(msgspec.Struct, frozen=True):
    value: str
    says: str


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """`suggests`: the query that finds values while somebody types; `many`: several, with commas.
    `shapes`: changing it changes which controls there are. `holder`: shown while it is empty."""

    name: str
    shape: Shape
    says: str
    value: str = ""
    options: tuple[Option, ...] = ()
    suggests: str = ""
    many: bool = False
    shapes: bool = False
    holder: str = ""

    @property
    def checked(self) -> bool:
        return self.value == "1"


def word(says: str) -> Control:
    """A word between controls."""
    return Control(name="", shape="word", says=says)


def hidden(values: Values, name: str) -> Control:
    return Control(name=name, shape="hidden", says="", value=values.get(name, ""))


def select(
    values: Values,
    name: str,
    says: str,
    options: Iterable[tuple[str, str]],
    *,
    shapes: bool = False,
) -> Control:
    """Of options (value, words); what stands there stays, known or not."""
    found = [Option(value, str(words)) for value, words in options]
    value = values.get(name, found[0].value if found else "")
    if value not in {option.value for option in found}:
        found.append(Option(value, value or "–"))
    return Control(
        name=name, shape="select", says=says, value=value, options=tuple(found), shapes=shapes
    )


def number(values: Values, name: str, says: str) -> Control:
    return Control(name=name, shape="number", says=says, value=values.get(name, ""))


def text(
    values: Values,
    name: str,
    says: str,
    suggests: str = "",
    *,
    many: bool = False,
    shapes: bool = False,
    holder: str = "",
) -> Control:
    value = values.get(name, "")
    return Control(
        name=name,
        shape="text",
        says=says,
        value=value,
        suggests=suggests,
        many=many,
        shapes=shapes,
        holder=holder,
    )


def day(values: Values, name: str, says: str) -> Control:
    """A date; a text where an instant stands."""
    value = values.get(name, "")
    return Control(name=name, shape="text" if "T" in value else "date", says=says, value=value)


def check(values: Values, name: str, says: str) -> Control:
    return Control(name=name, shape="check", says=says, value=values.get(name, ""))


def query(of: str, scopes: Sequence[str] = (), field: str = "") -> str:
    """The query that asks for suggestions."""
    return urlencode({"of": of, "scope": scopes, "field": field}, doseq=True)
