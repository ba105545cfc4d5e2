"""What can be wrong with a finished letter and be seen in passing: exact, and cheap enough to ask
of everybody's. What needs no values is looked for by lint/quick.py; what is wrong with the template
itself is the lint's."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from lettershop.content.letter import Letter, Rendered, Values
from lettershop.content.lint.quick import CLIPPED, has_link, is_blank, marks, may_mark
from lettershop.content.proof.places import leaves, place_name
from lettershop.model.errors import Level

_WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))
NOTHING = frozenset(_WORDS["nothing"]["words"])
_GREETINGS = "|".join(sorted({re.escape(w) for ws in _WORDS["greetings"].values() for w in ws}))
_ALONE = "|".join(re.escape(word) for word in _WORDS["never_alone"]["words"])
_NOBODY = re.compile(rf"\b(?:{_GREETINGS})[\s\u200b]+,", re.IGNORECASE)
_BARE = re.compile(rf"^\s*(?:{_ALONE})\s*,", re.IGNORECASE | re.MULTILINE)
HEAD = 300
"""Characters of the text in which a letter greets."""


class Fault(NamedTuple):
    """`about`: the variable, the mark, or what else tells two faults of one code apart."""

    code: str
    about: str = ""


class Rule(NamedTuple):
    """`message` follows a number of people: “37 people …”."""

    level: Level
    message: str
    hint: str


RULES: dict[str, Rule] = {
    "letter.blank_subject": Rule(
        "error", "get a blank subject", "say a subject that does not hang on one value"
    ),
    "letter.no_unsubscribe": Rule(
        "error",
        "get marketing without a link to unsubscribe",
        'put <a href="{{ unsubscribe_url }}">…</a> where everybody sees it',
    ),
    "letter.mark": Rule(
        "warning",
        "get a letter with “{about}” left in it",
        "it stands in the template as text, or in a value that came from another tool",
    ),
    "letter.greeting": Rule(
        "warning",
        "are greeted without a name (“{about}”)",
        "give the name a fallback in [missing], or put the comma inside the condition",
    ),
    "letter.too_large": Rule(
        "warning",
        "get more than 102 kB of HTML, which Gmail cuts off",
        "lower the limit of a list, or shorten the letter",
    ),
    "letter.nothing_word": Rule(
        "warning",
        "have “{about}”, which is what programs write for nothing",
        "mend the import that brings it; a value that is absent has a policy, this one is printed",
    ),
    "letter.empty_loop": Rule(
        "warning",
        "get an empty place where “{about}” has nothing to show",
        "say {{% else %}} in the loop, put it in a block that hides, or accept it",
    ),
    "letter.crashed": Rule("error", "have a letter that failed ({about})", "tell the developers"),
}


class Checks:
    """Of one letter; made once.

    Looking for marks through all of everybody's HTML would cost as much as rendering it. A mark
    stands in the template's own text, and then in the first letter of a class already, or came with
    a value: so these letters are searched `closely`, and the rest of a class only if one was found.
    """

    def __init__(self, letter: Letter) -> None:
        self._marketing = letter.template.stream == "marketing"
        self._read = frozenset(read.name for read in letter.reads)

    def of(self, made: Rendered, values: Values, size: int, *, closely: bool) -> Sequence[Fault]:
        """Everything wrong, seldom anything. `size`: bytes of the HTML."""
        faults = list[Fault]()
        if is_blank(made.subject):
            faults.append(Fault("letter.blank_subject"))
        if size > CLIPPED:
            faults.append(Fault("letter.too_large"))
        if self._marketing and not has_link(made.html, values.get("unsubscribe_url")):
            faults.append(Fault("letter.no_unsubscribe"))
        texts = _texts(values)
        if closely or may_mark("\n".join(texts)):
            written = (made.html, made.text, made.subject, made.preheader)
            faults += (Fault("letter.mark", name) for name, _ in marks(*written))
        if not NOTHING.isdisjoint(texts):
            faults += self._nothing(values)
        found = _greets_nobody(made.text[:HEAD]) or _greets_nobody(made.subject)
        if found or (found := _greets_nobody(made.preheader)):
            faults.append(Fault("letter.greeting", found))
        return faults

    def _nothing(self, values: Values) -> list[Fault]:
        found = [(place_name(place), value) for place, value in leaves(values)]
        told = [(name, value) for name, value in found if value in NOTHING and name in self._read]
        return [Fault("letter.nothing_word", f"{name} = {value}") for name, value in told]


def _texts(values: Values) -> list[str]:
    found: list[str] = []
    inside: list[Any] = [values]
    while inside:
        one = inside.pop()
        for value in one if isinstance(one, list) else one.values():
            kind = type(value)
            if kind is str:
                found.append(value)
            elif kind is dict or kind is list:
                inside.append(value)
    return found


def _greets_nobody(text: str) -> str:
    """The greeting that lacks its name, as it stands there; blank when none does."""
    if "," not in text:
        return ""
    found = _BARE.search(text)
    if found is None and (" ," in text or "\n," in text or "\xa0," in text or "\u200b," in text):
        found = _NOBODY.search(text)
    return " ".join(found.group().split()) if found else ""
