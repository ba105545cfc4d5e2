"""What a template becomes, once per language: a Letter that can be rendered for anybody.

A *class* is the set of outcomes that a recipient's letter had: which values were there, which
branches were taken, whether loops ran not at all, once or several times. It is written as one
number: bit i stands for `Letter.outcomes[i]`. Two recipients of one class read the same letter but
for the values in it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, TypeAlias

import msgspec

from lettershop.content.template import Template, Variant
from lettershop.model.errors import Finding

Values: TypeAlias = Mapping[str, Any]
"""What a letter reads of one recipient: nested mappings and lists of text, int, Decimal, bool,
date, datetime (aware, in the recipient's zone). Missing values are absent: never None, never blank
text. Top names: contact, account, membership, owner, matched, campaign, message, sender,
workspace, unsubscribe_url, preferences_url, the names of `Template.data`, and bare names that were
resolved.
"""

Path: TypeAlias = tuple[str, ...]
"""`("contact", "first_name")`; of a bare name `("city",)`; "*" stands for the elements of a list:
`("deals", "*", "amount")`."""


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """A variable that a letter reads. `guarded`: every place that reads it stands within a test of
    it, or has a `default`, so that it may be missing without harm. `lines`: of the file."""

    path: Path
    guarded: bool
    lines: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """As it is written: `contact.first_name`, `deals[].amount`."""
        return ".".join(self.path).replace(".*", "[]")


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """`{% block NAME %}{% when CONDITION %} … {% default %} … {% endblock %}`. `conditions`: texts
    of the segment language, in order; none: a block that is there to be hidden as a whole."""

    name: str
    conditions: tuple[str, ...]
    line: int


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that may be so in a letter.

    value: `name` is a variable, `result` "present" or "missing" (its fallback was used)
    branch: an if, unless or case; `name` is the tag as written, `result` "1", "2" … or "else"
    block: `result` is the number of the condition that was first true, "default" or "hidden"
    loop: `name` is the tag as written, `result` "0", "1" or "n" times; "else" for none where the
        loop says what to show then
    """

    kind: Literal["value", "branch", "block", "loop"]
    name: str
    result: str
    line: int


class Rendered(msgspec.Struct, frozen=True):
    """A letter somebody can get; `outcomes` is its class. `sender`, `reply_to`: as the template
    says them, "" where it leaves them to the settings."""

    subject: str
    preheader: str
    html: str
    text: str
    outcomes: int
    sender: str = ""
    reply_to: str = ""


class Skipped(msgspec.Struct, frozen=True):
    """No letter for this recipient, as a policy says."""

    reason: str
    outcomes: int


class Broken(msgspec.Struct, frozen=True):
    """A letter nobody may get: a value is missing without a policy, a limit was passed, a filter
    failed. `findings` are of level error."""

    findings: tuple[Finding, ...]
    outcomes: int


Result: TypeAlias = Rendered | Skipped | Broken


class Letter(Protocol):
    """A variant of a template, compiled (liquid/compiled.py). Safe to use from several threads."""

    @property
    def template(self) -> Template: ...
    @property
    def variant(self) -> Variant: ...
    @property
    def reads(self) -> tuple[Read, ...]: ...
    @property
    def blocks(self) -> tuple[Block, ...]: ...
    @property
    def outcomes(self) -> tuple[Outcome, ...]: ...

    def render(self, values: Values, shown: Sequence[int] = ()) -> Result:
        """`shown`: per block the number (from 0) of the condition that is first true of the
        recipient; that of the conditions where none is. Never raises for anything in `values`."""
        ...


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A variant's body made ready once: `html` and `text` are Liquid around finished HTML with its
    CSS inlined, and plain text. `places`: (offset in html, offset in `Variant.body`) of every
    Liquid tag and output, in order (negative: above the body, in the front matter's preheader);
    `text_places` the same of the text, offsets in `Variant.text` where that was written."""

    html: str
    text: str
    places: tuple[tuple[int, int], ...]
    text_places: tuple[tuple[int, int], ...]
    findings: tuple[Finding, ...] = ()
