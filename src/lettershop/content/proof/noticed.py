"""Findings of a proof while it runs: how many people each is about, who, and of which accounts."""

from collections import Counter
from typing import NamedTuple

import msgspec

from lettershop.content.letter import Letter, Values
from lettershop.content.proof.checks import RULES, Fault
from lettershop.content.proof.said import Recipient
from lettershop.model.errors import Finding

EXAMPLES = 5
"""Whose letters are named for a finding or a reason."""
FINDINGS = 500
"""Findings told apart; what comes after them is counted together, by code."""
ACCOUNTS = 10_000
"""Accounts a finding counts its people by."""
UNTOLD = -1
"""The number of classes that are not told one by one."""


class Case(NamedTuple):
    """Somebody whose letter is rendered."""

    who: Recipient
    values: Values
    shown: tuple[int, ...]


class Key(NamedTuple):
    """What tells findings apart: the place, or what it is about where there is none."""

    code: str
    about: str
    start: int


class Noticed(msgspec.Struct):
    """`accounts`: dense id to people; `classes`: number of the class to people."""

    finding: Finding
    about: str
    count: int = 0
    examples: list[str] = msgspec.field(default_factory=list)
    accounts: Counter[int] = msgspec.field(default_factory=Counter)
    classes: Counter[int] = msgspec.field(default_factory=Counter)


class Notices:
    """Of the letters of one language."""

    def __init__(self, letter: Letter) -> None:
        self._letter = letter
        self.all: dict[Key, Noticed] = {}

    def fault(self, fault: Fault, case: Case, number: int) -> None:
        """Something seen in a finished letter of the class `number`."""
        known = self.all.get(Key(fault.code, fault.about, -1))
        finding = as_finding(fault, self._letter) if known is None else known.finding
        self._count(Key(fault.code, fault.about, -1), finding, fault.about, case, number)

    def broken(self, findings: tuple[Finding, ...], case: Case, number: int) -> None:
        """Why there is no letter; each reason once."""
        for key, finding in {_key(finding): finding for finding in findings}.items():
            self._count(key, finding, "", case, number)

    def _count(self, key: Key, finding: Finding, about: str, case: Case, number: int) -> None:
        if key not in self.all and len(self.all) >= FINDINGS:
            key, about = Key(key.code, "", -2), "others"
        known = self.all.setdefault(key, Noticed(finding, about))
        known.count += 1
        known.classes[number] += 1
        name(known.examples, case.who)
        account = case.who.account
        if account in known.accounts or len(known.accounts) < ACCOUNTS:
            known.accounts[account] += 1


def as_finding(fault: Fault, letter: Letter) -> Finding:
    """Its message goes on from a number of people."""
    rule = RULES[fault.code]
    message = rule.message.format(about=fault.about)
    source = letter.variant.source
    return Finding(fault.code, message, rule.level, rule.hint.format(), source=source)


def name(examples: list[str], who: Recipient) -> None:
    if len(examples) < EXAMPLES and who.identity not in examples:
        examples.append(who.identity)


def _key(finding: Finding) -> Key:
    if finding.span is None:
        return Key(finding.code, finding.message, -1)
    return Key(finding.code, finding.source, finding.span.start)
