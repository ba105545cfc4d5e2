"""A failing script made short enough to read, and told."""

import traceback
from collections.abc import Callable, Iterator
from typing import NamedTuple, assert_never

from engines.smaller import parts
from msgspec import structs
from refresh.script import Ask, Pinned, Rated, Restart, Script, Step, Tell, Tick, Undo, What

from lettershop.language import references
from lettershop.language.definition import Definition
from lettershop.language.text.render import render
from lettershop.model.clock import format_instant

Play = Callable[[Script], "Failure | None"]
MOST = 400
"""Scripts that are tried."""


class Failure(NamedTuple):
    """`kind` stays the same while a script becomes shorter."""

    kind: str
    message: str

    @classmethod
    def of(cls, error: Exception) -> "Failure":
        where = traceback.extract_tb(error.__traceback__)[-1]
        text = "".join(traceback.format_exception(error)[-3:])
        return cls(f"{type(error).__name__} {where.name}", text)


def shortest(script: Script, failure: Failure, play: Play) -> str:
    """The shortest script found that fails in the same way."""
    last, tries = failure, iter(range(MOST))
    again = True
    while again:
        again = False
        for shorter, _ in zip(shorter_ones(script), tries, strict=False):
            found = play(shorter)
            if found is not None and found.kind == failure.kind:
                script, last, again = shorter, found, True
                break
    return f"{told(script)}\n{last.message}"


def shorter_ones(script: Script) -> Iterator[Script]:
    """With fewer steps, fewer facts, or less asked, the boldest cuts first."""
    steps = script.steps
    for size in _sizes(len(steps)):
        for at in range(0, len(steps), size):
            yield Script((*steps[:at], *steps[at + size :]))
    for at, step in enumerate(steps):
        for what in smaller(step.what):
            yield Script((*steps[:at], structs.replace(step, what=what), *steps[at + 1 :]))
        if not step.quiet:
            yield Script((*steps[:at], structs.replace(step, quiet=True), *steps[at + 1 :]))


def smaller(what: What) -> Iterator[What]:
    match what:
        case Tell(facts=facts):
            for size in _sizes(len(facts)):
                for at in range(0, len(facts), size):
                    yield Tell((*facts[:at], *facts[at + size :]))
        case Ask(definitions=definitions, versions=versions):
            yield from _fewer(what)
            for at, definition in enumerate(definitions):
                for where in parts(definition.where):
                    other = structs.replace(definition, where=where)
                    yield Ask((*definitions[:at], other, *definitions[at + 1 :]), versions)
        case Pinned(pins=pins):
            for at in range(len(pins)):
                yield Pinned((*pins[:at], *pins[at + 1 :]))
        case Rated() | Restart() | Undo() | Tick():
            return
        case _:
            assert_never(what)


def _fewer(ask: Ask) -> Iterator[Ask]:
    """Without one that no other refers to."""
    for at, definition in enumerate(ask.definitions):
        rest = (*ask.definitions[:at], *ask.definitions[at + 1 :])
        if not any(definition.name in references(other.where) for other in rest):
            yield Ask(rest, (*ask.versions[:at], *ask.versions[at + 1 :]))


def _sizes(length: int) -> Iterator[int]:
    size = length // 2
    while size:
        yield size
        size //= 2


# --- told -----------------------------------------------------------------------------------------


def told(script: Script) -> str:
    return "\n".join(line for step in script.steps for line in _step(step))


def _step(step: Step) -> Iterator[str]:
    yield f"{format_instant(step.at)} ({step.at}){' without a refresh' if step.quiet else ''}"
    match step.what:
        case Tell(facts=facts):
            yield from (f"    {format_instant(fact.ts)} {fact}" for fact in facts)
        case Ask(definitions=definitions, versions=versions):
            yield from map(_definition, definitions, versions)
        case Pinned(pins=pins):
            yield f"    pins: {pins or 'none'}"
        case other:
            yield f"    {other}"


def _definition(definition: Definition, version: int) -> str:
    mode = "" if definition.mode == "dynamic" else f" ({definition.mode})"
    return f"    “{definition.name}” v{version}{mode}: {render(definition.where)}"
