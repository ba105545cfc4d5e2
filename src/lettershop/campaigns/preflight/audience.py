"""The people: AUD-1 to AUD-8, from what `may_send` answers of each row that is planned.

Whoever may not be written to is left out by the freeze, and asked about again in the last moment;
so a person more or less is no reason to stop. It is one when the audience as a whole cannot be
right: no such purpose, nobody with a basis, or answers that are not those of the freeze any more.
"""

from collections import Counter
from typing import Final

from lettershop.campaigns.definition import Campaign
from lettershop.campaigns.preflight.findings import (
    EXAMPLES,
    fails,
    holds,
    letters,
    listed,
    not_asked,
    percent,
)
from lettershop.campaigns.preflight.rules import rule
from lettershop.campaigns.said import Check
from lettershop.compliance.question import Verdict
from lettershop.compliance.rules import Policy

STALE: Final = 0.01
"""Share of the letters whose answer may have become another one since the freeze."""
DOUBTFUL: Final = ("role", "disposable", "mistyped", "outdated")
FEW: Final = 0.05
"""Share of doubtful addresses that is usual."""
WAITS: Final = "quiet"
"""A reason that is over soon: such letters wait."""
RULES: Final = tuple(f"AUD-{number}" for number in range(1, 9))
_OF_MARKETING: Final = frozenset({"AUD-2", "AUD-3", "AUD-4", "AUD-5", "AUD-8"})
_RULE_OF: Final = {
    "suppressed.objection": "AUD-3",
    "suppressed.imported": "AUD-6",
    "suppressed": "AUD-1",
    "topic": "AUD-1",
    "consent.objected": "AUD-3",
    "consent.imported": "AUD-6",
    "consent.bought": "AUD-4",
    "consent": "AUD-2",
    "address.bought": "AUD-4",
    "address": "AUD-7",
    "cap": "AUD-5",
    "country": "AUD-8",
}
"""Codes of may_send, and their beginnings."""


def rule_of(reason: str) -> str:
    """Of why a row is left out; "" for what is no matter of may_send (`holdout`, `skip: …`)."""
    code = reason.partition(" ")[0].rstrip(":;,")
    return _RULE_OF.get(code) or _RULE_OF.get(code.partition(".")[0], "")


class People:
    """Told of every row, one after the other; nothing of them is kept but counts and examples."""

    def __init__(self, campaign: Campaign, policy: Policy) -> None:
        self._campaign, self._policy = campaign, policy
        self._stream = policy.streams.get(campaign.stream)
        self.letters = 0
        self._left: Counter[str] = Counter()
        self._now: dict[str, _Some] = {name: _Some() for name in RULES}
        self._warned: dict[str, _Some] = {name: _Some() for name in RULES}
        self._states: Counter[str] = Counter()
        self._doubtful = _Some()
        self._revived = _Some()
        self._placeless = 0

    def left_out(self, reason: str) -> None:
        """By the freeze."""
        if name := rule_of(reason):
            self._left[name] += 1

    def asked(self, contact: str, verdict: Verdict, *, hygiene: str, country: str) -> None:
        """Of somebody who is to get a letter."""
        self.letters += 1
        self._states[hygiene] += 1
        self._placeless += not country
        if hygiene in DOUBTFUL:
            self._doubtful.add(contact, hygiene)
        for reason in verdict.reasons:
            if reason.level == "warn":
                self._warned[reason.rule].add(contact, reason.code)
            elif reason.code != WAITS:
                self._now[reason.rule].add(contact, reason.code)

    def revived(self, contact: str) -> None:
        """Suppressed once, and mailable again without anybody having said why."""
        self._revived.add(contact, "revived")

    # --- what is said ---------------------------------------------------------------------------

    def checks(self) -> list[Check]:
        return [self._check(name) for name in RULES]

    def _check(self, name: str) -> Check:
        if self._stream is None:
            said = f"there is no stream “{self._campaign.stream}” in consent.toml"
            return fails(name, said) if name == "AUD-2" else not_asked(name, said)
        if self._stream.transactional and name in _OF_MARKETING:
            return not_asked(name, "transactional letters go to whom they are about")
        match name:
            case "AUD-1" if self._campaign.topic not in ("", *self._policy.topics):
                return fails(name, f"there is no topic “{self._campaign.topic}” in consent.toml")
            case "AUD-2" if wrong := self._purpose():
                return fails(name, wrong, fix="name a purpose of consent.toml in the campaign")
            case "AUD-2" if not self.letters and self._left[name]:
                return fails(name, f"none of {self._left[name]:,} has a basis for it on record")
            case "AUD-5" if not (self._stream.caps or self._stream.account_day):
                said = f"no caps are set for the stream “{self._stream.name}”"
                return not_asked(
                    name, said, f"caps under [stream.{self._stream.name}] in consent.toml"
                )
            case "AUD-6" if self._revived.people:
                said = f"{self._revived.people:,} were suppressed, and nobody said why not any more"
                return self._failed(name, said, self._revived)
            case "AUD-7":
                return self._doubts(name)
            case "AUD-8" if self._warned[name].people:
                some = self._warned[name]
                said = f"{some.people:,} of {letters(self.letters)}: {listed(some.kinds)}"
                return self._failed(name, said, some)
            case _:
                return self._standing(name)

    def _standing(self, name: str) -> Check:
        """Whether the answers are still those of the freeze."""
        some = self._now[name]
        if some.people > STALE * self.letters:
            told = f"{some.people:,} of {letters(self.letters)} would not be sent: "
            fix = "freeze the audience anew (check the campaign again)"
            about, said = some.kinds, told + listed(some.kinds)
            return fails(name, said, some.people, examples=some.examples, about=about, fix=fix)
        left = self._left[name]
        told = f"{left:,} left out, {letters(self.letters)} to be sent"
        if some.people:
            told += f"; {some.people:,} of them will be left out in the last moment"
        if name == "AUD-8" and self._placeless:
            told += f"; of {self._placeless:,} the country is not known"
        return holds(name, told, left)

    def _purpose(self) -> str:
        """What is wrong with it, "" for nothing."""
        wanted = self._campaign.purpose
        found = self._policy.purposes.get(wanted)
        if found is None:
            return (
                f"there is no purpose “{wanted}” in consent.toml"
                if wanted
                else "no purpose is said"
            )
        if found.stream != self._campaign.stream:
            return f"“{wanted}” is sent in the stream “{found.stream}”, not in this one"
        return ""

    def _doubts(self, name: str) -> Check:
        if self._now[name].people > STALE * self.letters:
            return self._standing(name)
        if not self.letters or self._states[""] == self.letters:
            return not_asked(name, "the state of no address is known", rule(name).fix)
        some = self._doubtful
        told = f"{some.people:,} of {letters(self.letters)} ({percent(some.people, self.letters)})"
        if some.people > FEW * self.letters:
            return self._failed(name, f"{told}: {listed(some.kinds)}", some)
        return holds(name, told if some.people else f"none of {letters(self.letters)}", some.people)

    def _failed(self, name: str, said: str, some: "_Some") -> Check:
        return fails(name, said, some.people, examples=some.examples, about=some.kinds)


class _Some:
    """People, by what is so of them."""

    def __init__(self) -> None:
        self.people = 0
        self.kinds: Counter[str] = Counter()
        self.examples: list[str] = []

    def add(self, contact: str, kind: str) -> None:
        """Somebody may be told of twice in a row: two reasons of one rule."""
        if not self.examples or self.examples[-1] != contact or self.kinds[kind]:
            self.people += 1
        self.kinds[kind] += 1
        if len(self.examples) < EXAMPLES and contact not in self.examples:
            self.examples.append(contact)
