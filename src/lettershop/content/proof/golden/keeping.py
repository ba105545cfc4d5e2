"""From a proof's samples to golden files that hold nobody's data."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from lettershop.content.letter import Broken, Letter
from lettershop.content.proof.golden.comparing import compare, made
from lettershop.content.proof.golden.files import Golden, blocks_of, plain
from lettershop.content.proof.golden.pruned import pruned
from lettershop.content.proof.golden.standins import Standin, standins
from lettershop.content.proof.places import Place, leaves, with_leaves
from lettershop.content.proof.said import LetterClassAnswer, Proof, Sample
from lettershop.content.proof.wording import class_id

MOST = 100
"""Golden files of a template: those of the classes with the most people."""
_CLOCK = re.compile(r"""["'](?:now|today)["']""")
TELLING = 3
"""Characters from which a text is looked for in what is kept."""


class LeftOut(msgspec.Struct, frozen=True):
    """A class without golden files, and why."""

    id: str
    count: int
    reason: str


def keep(
    proof: Proof, letters: Mapping[str, Letter], most: int = MOST
) -> Iterator[Golden | LeftOut]:
    """One golden file for each class that is no broken one, the largest first."""
    sound = [one for one in proof.proved.classes if one.fate != "broken"]
    for place, one in enumerate(sound):
        sample = proof.samples.get(one.id)
        if sample is None or place >= most:
            yield LeftOut(one.id, one.count, f"only the {most} largest classes are kept")
        else:
            yield _kept(one, sample, letters[one.language])


def _kept(one: LetterClassAnswer, sample: Sample, letter: Letter) -> Golden | LeftOut:
    values = pruned(sample.values, letter.reads)
    if any(_CLOCK.search(text) for text in letter.template.files.values()):
        # What says today's date is compared at the moment of the proof for ever.
        values["now"] = sample.values.get("now") or datetime.now(UTC).replace(microsecond=0)
    if _class(letter, values, sample.shown) != one.id:
        return _left_out(one, "the letter reads more than can be found by looking at it")
    instead = standins(values, letter.template)
    changed = _replaced(values, instead)
    if _class(letter, changed, sample.shown) != one.id:
        found = _as_much_as_possible(one, values, instead, letter, sample.shown)
        if isinstance(found, str):
            return _left_out(one, f"its letter hangs on what {found} says, which may not be kept")
        changed = found
    golden = _golden(one, changed, letter, sample.shown)
    if isinstance(golden, str):
        return _left_out(one, golden)
    leak = _leak(golden, values, instead, letter)
    return _left_out(one, f"{leak} of a real person would stay in it") if leak else golden


def _as_much_as_possible(
    one: LetterClassAnswer,
    values: Mapping[str, Any],
    instead: Mapping[Place, Standin],
    letter: Letter,
    shown: Sequence[int],
) -> dict[str, Any] | str:
    """Whatever does not change the class is replaced, the rest stays; the name of a value that must
    be replaced and cannot."""
    taken: dict[Place, Standin] = {}
    for place, standin in sorted(instead.items(), key=lambda pair: not pair[1].identity):
        attempt = {**taken, place: standin}
        if _class(letter, _replaced(values, attempt), shown) == one.id:
            taken = attempt
        elif standin.identity:
            return _name(place)
    return _replaced(values, taken)


def _replaced(values: Mapping[str, Any], instead: Mapping[Place, Standin]) -> dict[str, Any]:
    def change(place: Place, value: Any) -> Any:
        return instead[place].value if place in instead else value

    made: dict[str, Any] = with_leaves(values, change)
    return made


def _class(letter: Letter, values: Mapping[str, Any], shown: Sequence[int]) -> str:
    result = letter.render(values, shown)
    if isinstance(result, Broken):
        return ""
    reason = getattr(result, "reason", "")
    return class_id(letter, "skipped" if reason else "letter", reason, result.outcomes)


def _golden(
    one: LetterClassAnswer, values: Mapping[str, Any], letter: Letter, shown: Sequence[int]
) -> Golden | str:
    """As it will be read again; a sentence when what is read would be another letter."""
    try:
        written = plain(values)
    except TypeError as error:
        return str(error)
    empty = Golden(
        id=one.id,
        template=letter.template.name,
        language=one.language,
        fate=one.fate,
        about=(),
        blocks=blocks_of(letter, shown),
        values=written,
    )
    golden = made(empty, letter, letter.render(values, shown))
    if isinstance(golden, str):
        return golden
    if compare(golden, {golden.language: letter}).state != "same":
        return "its values cannot be written down exactly"
    return golden


def _leak(
    golden: Golden, values: Mapping[str, Any], instead: Mapping[Place, Standin], letter: Letter
) -> str:
    """The name of a real value that says who somebody is and stands in the files all the same."""
    kept = msgspec.json.encode([golden.values, golden.said]).decode() + golden.html + golden.text
    public = "\n".join(letter.template.files.values())
    for place, value in leaves(values):
        identity = place in instead and instead[place].identity
        if identity and isinstance(value, str) and len(value.strip()) >= TELLING:
            word = re.compile(rf"(?<!\w){re.escape(value.strip())}(?!\w)")
            if word.search(kept) and not word.search(public):
                return _name(place)
    return ""


def _name(place: Place) -> str:
    return ".".join(str(key) for key in place)


def _left_out(one: LetterClassAnswer, reason: str) -> LeftOut:
    return LeftOut(one.id, one.count, reason)
