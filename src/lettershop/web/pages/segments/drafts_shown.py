"""A version beside what is in force, ready to draw."""

from collections.abc import Sequence
from difflib import ndiff
from typing import Final, Literal

import msgspec
from django.utils.translation import gettext_lazy as _

from lettershop.app.building import as_toml
from lettershop.app.plans import Change, Plan, VersionAnswer, version_answer
from lettershop.app.publishing import MOST, Publisher
from lettershop.language import parse, sentence
from lettershop.language.tree import Subject
from lettershop.model.errors import DefinitionError, Finding, LettershopError
from lettershop.segments.register import version
from lettershop.web.pages.segments.building.labels import Words

STATES: Final[Words] = {
    "draft": _("draft"),
    "published": _("in force"),
    "retired": _("former"),
}
Sign = Literal["+", "-", " "]


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """`change`: of this segment, None where nothing would; `others`: what else would move.
    `lines`: of the text, each with its sign. `file`: how it is written in the folder."""

    version: VersionAnswer
    plan: Plan | None
    change: Change | None
    others: tuple[Change, ...]
    lines: tuple[tuple[Sign, str], ...]
    sentence_before: str
    sentence_after: str
    file: str
    refused: LettershopError | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def words_only(self) -> bool:
        """Nobody moves: only title or description are different."""
        return self.change is not None and self.change.kind == "described"


def shown(publisher: Publisher, name: str, number: int) -> Shown:
    """NotFound `version.unknown`, `segment.unknown`."""
    row = version(name, number)
    plan: Plan | None = None
    refused: LettershopError | None = None
    findings: tuple[Finding, ...] = ()
    try:
        plan = publisher.difference(name, number, MOST)
    except DefinitionError as error:
        refused, findings = error, tuple(error.findings)
    except LettershopError as error:
        refused = error
    changes = plan.changes if plan is not None else ()
    change = next((one for one in changes if one.name == name), None)
    before, after = (change.text_before if change else ""), row.definition.text.strip()
    return Shown(
        version=version_answer(row),
        plan=plan,
        change=change,
        others=tuple(one for one in changes if one is not change),
        lines=diff_of(before, after),
        sentence_before=told(before, row.definition.subject) if before else "",
        sentence_after=told(after, row.definition.subject),
        file=as_toml(row.definition),
        refused=refused,
        findings=findings,
    )


def told(text: str, subject: Subject) -> str:
    """The sentence of a text; nothing where it cannot be read any more."""
    try:
        return sentence(parse(text).tree, subject)
    except DefinitionError:
        return ""


def diff_of(before: str, after: str) -> tuple[tuple[Sign, str], ...]:
    """Line by line: gone, new, the same."""
    lines: Sequence[str] = [*ndiff(before.splitlines(), after.splitlines())]
    found: list[tuple[Sign, str]] = []
    for line in lines:
        match line[:1]:
            case "+":
                found.append(("+", line[2:]))
            case "-":
                found.append(("-", line[2:]))
            case " ":
                found.append((" ", line[2:]))
            case _:
                continue  # marks of what differs inside of a line
    return tuple(found)
