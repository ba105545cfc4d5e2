"""Compliance is asked about everybody at once, each letter counting for the caps of the next."""

from collections.abc import Sequence
from typing import Final

import msgspec

from lettershop.app.sending.questions import Answer, answer_of
from lettershop.compliance.gate import Gate
from lettershop.compliance.question import Question, Verdict
from lettershop.compliance.rules import Level
from lettershop.compliance.standing import Reason

EXAMPLES: Final = 5
CAP: Final = "cap."
"""What the codes of frequency caps begin with (compliance/caps.py)."""


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A reason against letters, or something to know before: of how many people it was said.
    `said`: of the first; `examples`: identities of some."""

    rule: str
    code: str
    level: Level
    said: str
    people: int
    examples: tuple[str, ...]


class Screened(msgspec.Struct, frozen=True):
    """`answers`: in the order of the questions. `notes`: the blocking ones first."""

    answers: Sequence[Answer]
    notes: tuple[Note, ...]


def screened(gate: Gate, questions: Sequence[Question], at: int) -> Screened:
    """NotFound `consent.stream`. Questions in the order in which letters will go."""
    verdicts = gate.may_send_many(questions, at, counting=True) if questions else []
    return Screened([answer_of(verdict) for verdict in verdicts], _notes(questions, verdicts))


def never(gate: Gate, questions: Sequence[Question], at: int) -> list[str]:
    """Why they would not get a letter whoever else does; "" where they would. Caps are no such
    reason: they hang on the letters of others."""
    verdicts = gate.may_send_many(questions, at) if questions else []
    found = (answer_of(verdict).suppressed for verdict in verdicts)
    return ["" if code.startswith(CAP) else code for code in found]


def _notes(questions: Sequence[Question], verdicts: Sequence[Verdict]) -> tuple[Note, ...]:
    found: dict[str, list[str]] = {}
    first: dict[str, Reason] = {}
    counts: dict[str, int] = {}
    for question, verdict in zip(questions, verdicts, strict=True):
        for reason in {reason.code: reason for reason in verdict.reasons}.values():
            first.setdefault(reason.code, reason)
            counts[reason.code] = counts.get(reason.code, 0) + 1
            some = found.setdefault(reason.code, [])
            if len(some) < EXAMPLES:
                some.append(question.contact)
    notes = [_note(first[code], counts[code], found[code]) for code in counts]
    return tuple(sorted(notes, key=lambda note: (note.level != "block", -note.people, note.code)))


def _note(reason: Reason, people: int, examples: Sequence[str]) -> Note:
    return Note(
        rule=reason.rule,
        code=reason.code,
        level=reason.level,
        said=reason.said,
        people=people,
        examples=tuple(examples),
    )
