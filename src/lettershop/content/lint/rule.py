"""The rules as data (rules.toml), and what the functions that look for them hand back."""

import tomllib
from importlib.resources import files
from typing import NamedTuple

import msgspec

from lettershop.model.errors import Finding, Level, Span


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`message`, with `{about}` in it where it needs to; `why`: what happens otherwise; `source`:
    who says so. `only`: judged of a template's source or of finished letters alone."""

    level: Level
    message: str
    why: str
    hint: str
    source: str
    only: str = ""


class Fault(NamedTuple):
    """A rule that is not kept. `about`: fills the message; `quote`: what to look for in the file;
    `level`: instead of the rule's own."""

    code: str
    about: str = ""
    quote: str = ""
    level: Level | None = None


def data(name: str) -> dict[str, object]:
    """What one of the TOML files of this room says."""
    return tomllib.loads(files("lettershop.content.lint").joinpath(name).read_text("utf-8"))


def texts(said: object) -> tuple[str, ...]:
    return msgspec.convert(said, tuple[str, ...])


def _rules() -> dict[str, Rule]:
    rooms = msgspec.convert(data("rules.toml"), dict[str, dict[str, Rule]])
    return {f"{room}.{name}": rule for room, rules in rooms.items() for name, rule in rules.items()}


RULES = _rules()
"""By code."""


def as_finding(fault: Fault, span: Span | None = None, source: str = "") -> Finding:
    rule = RULES[fault.code]
    message = rule.message.replace("{about}", fault.about)
    return Finding(fault.code, message, fault.level or rule.level, rule.hint, span, source)
