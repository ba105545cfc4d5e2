"""Outcomes of letters in words that somebody in marketing understands, and the ids of classes."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from lettershop.content.letter import Letter, Outcome
from lettershop.content.proof.said import Fate
from lettershop.content.template import Fallback, Policy

_TIMES = {"0": "none", "else": "none", "1": "one", "n": "several"}
_CONSTANT = frozenset(
    ("unsubscribe_url", "preferences_url", "campaign", "sender", "workspace", "now")
)
_LONGEST = 60


def set_bits(outcomes: int) -> Iterator[int]:
    """Numbers of the bits that are 1, the lowest first."""
    while outcomes:
        low = outcomes & -outcomes
        yield low.bit_length() - 1
        outcomes ^= low


def chosen(letter: Letter, outcomes: int) -> tuple[Outcome, ...]:
    return tuple(letter.outcomes[bit] for bit in set_bits(outcomes))


def class_id(letter: Letter, fate: Fate, reason: str, outcomes: int) -> str:
    """Twelve hex digits that say the same of the same class after the template was edited
    elsewhere: made of what was so, not of numbers or lines. Of two things of one name (the same
    condition at two places) the second is told from the first by its turn."""
    turns: dict[tuple[str, str, str], int] = {}
    said: list[tuple[str, str, str, int]] = []
    for bit, one in enumerate(letter.outcomes):
        name = (one.kind, one.name, one.result)
        turn = turns.get(name, 0)
        turns[name] = turn + 1
        if outcomes >> bit & 1:
            said.append((*name, turn))
    whole = msgspec.json.encode([letter.variant.language, fate, reason, sorted(said)])
    return hashlib.blake2b(whole, digest_size=6).hexdigest()


class Words:
    """What the outcomes of one letter are called."""

    def __init__(self, letter: Letter) -> None:
        self._missing = {**letter.template.variants[0].missing, **letter.variant.missing}
        self._conditions = {block.name: block.conditions for block in letter.blocks}
        self.of = tuple(self._say(one) for one in letter.outcomes)
        there = [one for one in letter.outcomes if one.kind == "value" and one.result == "present"]
        shown = [one for one in letter.outcomes if one.kind == "block" and self._is_whole(one)]
        self.usual = frozenset(self._say(one) for one in (*there, *shown))
        """Said of a class only where nothing else tells it apart: that a value is there, or a block
        that is only there to be hidden."""
        constant = [one for one in there if one.name.partition(".")[0] in _CONSTANT]
        self.constant = frozenset(self._say(one) for one in constant)
        """Never worth a word: what everybody has, given by the workspace."""

    def _say(self, one: Outcome) -> str:
        match one.kind:
            case "value":
                return self._value(one)
            case "branch":
                return f"{_short(one.name)}: {_branch(one)}"
            case "block":
                return f"block {one.name}: {self._block(one)}"
            case "loop":
                return f"{looped(one.name)}: {_TIMES.get(one.result, one.result)}"

    def _value(self, one: Outcome) -> str:
        name = spoken(one.name)
        if one.result == "present":
            return f"with {name}"
        match self._policy(one.name):
            case Fallback(text):
                return f"{name} missing → “{text}”"
            case _:
                return f"{name} missing"

    def _is_whole(self, one: Outcome) -> bool:
        return one.result == "default" and not self._conditions.get(one.name)

    def _policy(self, name: str) -> Policy | None:
        """Said of the variable itself or of something it is in."""
        while name not in self._missing and "." in name:
            name = name.rpartition(".")[0]
        return self._missing.get(name)

    def _block(self, one: Outcome) -> str:
        conditions = self._conditions.get(one.name, ())
        if not one.result.isdecimal():
            return "shown" if self._is_whole(one) else one.result
        place = int(one.result)
        told = f" ({_short(conditions[place - 1])})" if 0 < place <= len(conditions) else ""
        return f"{_ordinal(place)}{told}" if len(conditions) > 1 else f"shown{told}"


def spoken(name: str) -> str:
    """`contact.first_name` as “first name”, `account.city` as “account city”."""
    return name.removeprefix("contact.").replace("[]", "").replace(".", " ").replace("_", " ")


def looped(tag: str) -> str:
    """`for deal in deals` as “deals”; what is looped over without limits and order."""
    over = tag.strip("{%- }").partition(" in ")[2].split()
    return over[0] if over else _short(tag)


def distinct(classes: Iterable[Sequence[str]]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """What is said of every class, and of each what is not; nothing twice."""
    told = [tuple(dict.fromkeys(words)) for words in classes]
    shared = frozenset.intersection(*map(frozenset, told)) if told else frozenset[str]()
    common = tuple(word for word in (told[0] if told else ()) if word in shared)
    return common, [tuple(word for word in words if word not in shared) for words in told]


def _branch(one: Outcome) -> str:
    if one.name.startswith("case"):
        return "else" if one.result == "else" else f"{_ordinal(int(one.result))} case"
    if one.result == "1":
        return "yes"
    return "no" if one.result == "else" else f"{_ordinal(int(one.result))} way"


def _ordinal(number: int) -> str:
    last = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10)
    return f"{number}{last or 'th'}"


def _short(text: str) -> str:
    told = " ".join(text.strip("{%- }").split())
    return told if len(told) <= _LONGEST else told[: _LONGEST - 1] + "…"
