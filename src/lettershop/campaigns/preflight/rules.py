"""The rules of preflight: `knowledge/rules.toml`."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Final, Literal

import msgspec

from lettershop.model.errors import Finding, NotFound

Level = Literal["block", "warn", "watch"]
Asks = Literal[
    "doctor", "message", "gate", "results", "ledger", "proof", "segment", "compliance"
]  # fmt: skip
FILE: Final = "rules.toml"
GROUPS: Final[dict[str, int]] = {
    "AUTH": 7,
    "NET": 6,
    "MSG": 13,
    "AUD": 8,
    "OPS": 11,
    "DATA": 5,
}
"""How many rules each has, numbered from 1; ids never change, results of campaigns name them."""
_SENTENCE: Final = re.compile(r"[A-Z].*\.")


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The words are explained at the top of the file."""

    id: str
    level: Level
    title: str
    sentence: str
    asks: Asks
    source: str
    fix: str


@cache
def rules() -> Mapping[str, Rule]:
    """All, by id, in the order in which they are told."""
    text = resources.files(__package__).joinpath("knowledge", FILE).read_text("utf-8")
    return read(text)


def read(text: str) -> Mapping[str, Rule]:
    """msgspec.ValidationError, tomllib.TOMLDecodeError."""
    tables = tomllib.loads(text)
    return {name: msgspec.convert({"id": name, **table}, Rule) for name, table in tables.items()}


def rule(name: str) -> Rule:
    """NotFound `preflight.rule`."""
    try:
        return rules()[name]
    except KeyError:
        raise NotFound("preflight.rule", f"there is no rule “{name}”", hint="AUTH-1") from None


def check(found: Mapping[str, Rule]) -> list[Finding]:
    """Everything that is wrong with a table, all at once."""
    return [*_ids(found), *_words(found)]


def _ids(found: Mapping[str, Rule]) -> Iterator[Finding]:
    wanted = [f"{group}-{n}" for group, most in GROUPS.items() for n in range(1, most + 1)]
    for name in wanted:
        if name not in found:
            yield _finding(name, "this rule is missing")
    for name in found:
        if name not in wanted:
            yield _finding(name, "this is not the id of a rule")
    if [name for name in found if name in wanted] != [name for name in wanted if name in found]:
        yield _finding(FILE, "rules stand in the order of their ids")


def _words(found: Mapping[str, Rule]) -> Iterator[Finding]:
    titles = Counter(one.title for one in found.values())
    for name, one in found.items():
        if titles[one.title] > 1:
            yield _finding(name, f"another rule is called “{one.title}” too")
        if not _SENTENCE.fullmatch(one.sentence):
            yield _finding(name, "sentence is a sentence: a capital letter and a full stop")
        if not (one.title and one.source and one.fix) or one.fix.endswith("."):
            yield _finding(name, "title, source and fix are said, fix without a full stop")


def _finding(name: str, message: str) -> Finding:
    return Finding("preflight.rules", message, source=f"{FILE} [{name}]")
