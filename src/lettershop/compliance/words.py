"""The words of this room: scopes, reasons, states, rule ids; each with what it means."""

import re
from collections.abc import Mapping
from typing import Final, Literal

from lettershop.model.errors import InputError

SuppressionReason = Literal[
    "bounce",  # the address is dead, or behaves so
    "complaint",  # they marked a letter as spam
    "unsubscribe",  # they want no more of this
    "objection",  # they object to direct marketing (GDPR 21(2))
    "manual",  # somebody here entered it
    "import",  # a list of another system, which did not say why
    "erased",  # they were erased (GDPR 17): only the keyed hash is left
]
REASONS: Final[tuple[SuppressionReason, ...]] = (
    "bounce",
    "complaint",
    "unsubscribe",
    "objection",
    "manual",
    "import",
    "erased",
)
HARD: Final = frozenset({"bounce", "complaint", "manual", "erased"})
"""Reasons that stop transactional letters too; the others are about marketing."""
FORCED: Final = frozenset({"complaint", "erased"})
"""Reasons that are undone only by force."""
OWN: Final = frozenset({"unsubscribe", "objection", "import"})
"""Reasons that the person's own confirmed opt-in ends."""

FORCE_MEANS: Final[Mapping[str, str]] = {
    "complaint": "they called a letter of yours spam; another one costs your reputation with their "
    "provider, and may be unlawful",
    "erased": "they asked to be forgotten; write to them only when they asked for it since",
}

ConsentState = Literal["requested", "given", "withdrawn", "objected"]
Method = Literal["single", "double", "written", "purchase", "inquiry", "unknown"]
METHODS: Final[tuple[Method, ...]] = (
    "single",  # a form, once
    "double",  # a form, then a link in a letter to that address
    "written",  # on paper, or by a letter of theirs
    "purchase",  # implied: they bought something (CASL: for two years)
    "inquiry",  # implied: they asked something (CASL: for six months)
    "unknown",
)
IMPLIED: Final = frozenset({"purchase", "inquiry"})
Basis = Literal["consent", "legitimate_interest", "contract"]
BASES: Final[tuple[Basis, ...]] = ("consent", "legitimate_interest", "contract")
"""GDPR 6(1): (a), (f) and (b)."""

EVERY_PURPOSE: Final = "*"
EVERYTHING: Final = "all"
NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")

Rule = Literal["AUD-1", "AUD-2", "AUD-3", "AUD-4", "AUD-5", "AUD-6", "AUD-7", "AUD-8"]
RULES: Final[Mapping[Rule, str]] = {
    "AUD-1": "suppressed, or not wanted by them",
    "AUD-2": "a lawful basis is recorded",
    "AUD-3": "an objection wins over everything",
    "AUD-4": "the address was not bought",
    "AUD-5": "no more letters than agreed, and none at quiet hours",
    "AUD-6": "an import never revives a suppressed address",
    "AUD-7": "the address is a person's and can be reached",
    "AUD-8": "what the law of their country wants",
}


def stream_scope(name: str) -> str:
    return f"stream:{name}"


def topic_scope(name: str) -> str:
    return f"topic:{name}"


def read_scope(text: str) -> str:
    """`all`, `stream:marketing`, `topic:events`. InputError `suppression.scope`."""
    scope = text.strip().lower() or EVERYTHING
    kind, colon, name = scope.partition(":")
    if scope == EVERYTHING or (kind in ("stream", "topic") and colon and NAME.fullmatch(name)):
        return scope
    hint = "all, stream:NAME or topic:NAME"
    raise InputError("suppression.scope", f"“{text}” is not a scope", where="scope", hint=hint)
