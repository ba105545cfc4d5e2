"""What can be wrong: `knowledge/checks.toml`, and how the doctor says it."""

import tomllib
from functools import cache
from importlib import resources
from typing import Final, Literal

import msgspec

Level = Literal["block", "warn", "info"]
_WORDS: Final = ("title", "rule", "source")


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of the doctor. `ok` None: it cannot be known, `found` says why.

    `id`: the rule of preflight, `check`: the subject, or `subject.problem`. `found`: what is there.
    `fix`: what to do. `dns`: lines to have in the zone instead. `source`: who asks for it.
    """

    id: str
    check: str
    level: Level
    ok: bool | None
    title: str
    found: str
    fix: str = ""
    dns: tuple[str, ...] = ()
    source: str = ""


class Problem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    level: Level
    fix: str


class Subject(msgspec.Struct, frozen=True):
    title: str
    rule: str
    source: str
    problems: dict[str, Problem]


@cache
def subjects() -> dict[str, Subject]:
    text = resources.files(__package__).joinpath("knowledge", "checks.toml").read_text("utf-8")
    found = {}
    for name, table in tomllib.loads(text).items():
        problems = {key: value for key, value in table.items() if key not in _WORDS}
        words = {key: table[key] for key in _WORDS}
        found[name] = msgspec.convert({**words, "problems": problems}, Subject)
    return found


def problem(check: str, found: str, *dns: str) -> Diagnosis:
    """Of `subject.problem`."""
    name, _, key = check.partition(".")
    subject = subjects()[name]
    wrong = subject.problems[key]
    return Diagnosis(
        id=subject.rule,
        check=check,
        level=wrong.level,
        ok=False,
        title=subject.title,
        found=found,
        fix=wrong.fix,
        dns=dns,
        source=subject.source,
    )


def fine(name: str, found: str) -> Diagnosis:
    return _said(name, True, found)


def unknown(name: str, found: str, fix: str = "") -> Diagnosis:
    """`fix`: how it could be known."""
    return _said(name, None, found, fix)


def _said(name: str, ok: bool | None, found: str, fix: str = "") -> Diagnosis:
    """At the worst level that the subject has."""
    subject = subjects()[name]
    levels: tuple[Level, ...] = ("block", "warn", "info")
    level = min((p.level for p in subject.problems.values()), key=levels.index)
    return Diagnosis(
        id=subject.rule,
        check=name,
        level=level,
        ok=ok,
        title=subject.title,
        found=found,
        fix=fix,
        source=subject.source,
    )
