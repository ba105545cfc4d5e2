"""Golden files beside what the templates make of them now."""

from collections.abc import Iterator, Mapping
from difflib import unified_diff
from typing import Literal, TypeAlias

import msgspec

from lettershop.content.letter import Broken, Letter, Rendered, Result, Skipped
from lettershop.content.proof.golden.files import Golden, said_of, shown_of
from lettershop.content.proof.said import Fate
from lettershop.content.proof.wording import Words, class_id, set_bits

State: TypeAlias = Literal["same", "changed", "broken", "gone"]


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """`problems`: in words. `diff`: unified, of subject, preheader, HTML and text. `now`: what the
    golden file would have to say to be right; None where there is no letter to keep."""

    template: str
    id: str
    about: tuple[str, ...]
    state: State
    problems: tuple[str, ...] = ()
    diff: str = ""
    now: Golden | None = None


def compare(golden: Golden, letters: Mapping[str, Letter]) -> Compared:
    """`letters`: those of its template by language; empty when there is no such template."""
    if not letters:
        return _gone(golden, f"there is no template “{golden.template}” any more")
    default = next(iter(letters.values()))
    letter = letters[default.template.variant(golden.language or None).language]
    shown = shown_of(letter, golden.blocks)
    if shown is None:
        return _gone(golden, "a condition that chose one of its blocks is not in the template now")
    try:
        values = golden.known()
    except (ValueError, ArithmeticError, LookupError, OSError) as error:
        return _gone(golden, f"its values cannot be read: {error}")
    now = made(golden, letter, letter.render(values, shown))
    if isinstance(now, str):
        return _differs(golden, "broken", (now,), "", None)
    problems = tuple(_problems(golden, now))
    diff = "".join(_diff(golden, now))
    state: State = "changed" if problems or diff else "same"
    return _differs(golden, state, problems, diff, now)


def made(golden: Golden, letter: Letter, result: Result) -> Golden | str:
    """The golden file that says what became of a letter; a sentence for a broken one."""
    match result:
        case Broken(findings, _):
            return "; ".join(str(finding) for finding in findings) or "it is broken"
        case Skipped(reason, outcomes):
            return _with(golden, letter, "skipped", outcomes, reason=reason)
        case Rendered(outcomes=outcomes) as letter_made:
            return msgspec.structs.replace(
                _with(golden, letter, "letter", outcomes, reason=""),
                said=said_of(letter_made),
                html=letter_made.html,
                text=letter_made.text,
            )


def _with(golden: Golden, letter: Letter, fate: Fate, outcomes: int, *, reason: str) -> Golden:
    words = Words(letter).of
    return msgspec.structs.replace(
        golden,
        id=class_id(letter, fate, reason, outcomes),
        language=letter.variant.language,
        fate=fate,
        reason=reason,
        about=tuple(dict.fromkeys(words[bit] for bit in set_bits(outcomes))),
        said={},
        html="",
        text="",
    )


def _problems(golden: Golden, now: Golden) -> Iterator[str]:
    if golden.fate != now.fate or golden.reason != now.reason:
        yield f"was {_told(golden)}, is now {_told(now)}"
    if golden.language != now.language:
        yield f"was in language “{golden.language}”, is now in “{now.language or 'default'}”"
    if golden.id != now.id:
        lost = [word for word in golden.about if word not in now.about]
        new = [word for word in now.about if word not in golden.about]
        told = f": no longer {'; '.join(lost) or '–'}; now {'; '.join(new) or '–'}"
        yield f"falls into another class{told if lost or new else ''}"


def _told(golden: Golden) -> str:
    return f"skipped ({golden.reason})" if golden.fate == "skipped" else "a letter"


def _diff(golden: Golden, now: Golden) -> Iterator[str]:
    parts = [(name, golden.said.get(name, ""), now.said.get(name, "")) for name in now.said]
    parts += [("html", golden.html, now.html), ("text", golden.text, now.text)]
    for name, before, after in parts:
        if before != after:
            lines = unified_diff(
                _lines(before), _lines(after), f"golden/{name}", f"now/{name}", n=2
            )
            yield from lines


def _lines(text: str) -> list[str]:
    """Every line ends, so that a diff of two last lines is not written as one."""
    return [line + "\n" for line in text.replace("\r\n", "\n").split("\n")]


def _gone(golden: Golden, problem: str) -> Compared:
    return _differs(golden, "gone", (problem,), "", None)


def _differs(
    golden: Golden, state: State, problems: tuple[str, ...], diff: str, now: Golden | None
) -> Compared:
    return Compared(
        template=golden.template,
        id=golden.id,
        about=golden.about,
        state=state,
        problems=problems,
        diff=diff,
        now=now,
    )
