"""What is said of a campaign before it leaves: who gets it (freeze), what preflight found."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from lettershop.campaigns.preflight.rules import Level

Held = Literal["holds", "fails", "not_asked"]
"""not_asked: it does not apply, or what it asks cannot be known here; `said` says why."""


class FreezeReport(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a campaign goes to. `audience`: letters before anything was taken away; `rows`: ledger
    rows by why they will not be sent, "" for those that will: `holdout`, `duplicate`, `address`
    (none known), a skip policy's `skip: …`, a broken letter's `broken: …`, codes of may_send.
    `second`: letters to people who have a row already, for another account of theirs: one each.
    `variants`: letters to be sent by variant. `segments`: name -> version. `as_of`: ms."""

    as_of: int
    audience: int
    rows: Mapping[str, int]
    variants: Mapping[str, int]
    segments: Mapping[str, int]
    second: int = 0

    @property
    def letters(self) -> int:
        return self.rows.get("", 0)


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One rule of preflight (preflight/knowledge/rules.toml), looked at. `said`: one sentence with
    figures. `people`: how many letters it is about, 0 for the campaign as a whole; `examples`: some
    of their identities. `key`: what an acceptance names; it changes when the finding does."""

    rule: str
    level: Level
    title: str
    held: Held
    said: str
    people: int = 0
    examples: tuple[str, ...] = ()
    fix: str = ""
    source: str = ""
    key: str = ""


class PreflightReport(msgspec.Struct, frozen=True, kw_only=True):
    """`messages`: letters that were rendered, written, signed and looked at: all of them.
    `accepted`: key of a warning -> why it is meant, and by whom."""

    as_of: int
    messages: int
    checks: tuple[Check, ...]
    accepted: Mapping[str, str] = {}

    @property
    def blocking(self) -> tuple[Check, ...]:
        """What keeps it from leaving: failed blocks, and warnings nobody has accepted."""
        return tuple(
            one
            for one in self.checks
            if one.held == "fails"
            and (one.level == "block" or (one.level == "warn" and one.key not in self.accepted))
        )
