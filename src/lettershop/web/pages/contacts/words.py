"""Stable codes as words for people."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = Mapping[str, Promise]

ORIGIN: Final[Words] = {
    "api": _("API or page"),
    "rules": _("rules"),
    "hygiene": _("address hygiene"),
    "file": _("file"),
    "call": _("call of a source"),
}
TYPE: Final[Words] = {
    "number": _("number"),
    "text": _("text"),
    "boolean": _("yes or no"),
    "time": _("time"),
    "date": _("day"),
    "list": _("list"),
    "location": _("place"),
}
CAUSE: Final[Words] = {
    "event": _("an event"),
    "time": _("time passing"),
    "trait": _("a changed trait"),
    "definition": _("a new version"),
    "merge": _("a merge"),
    "manual": _("by hand"),
    "import": _("an import"),
}
SORT: Final[Words] = {
    "event": _("Events"),
    "traits": _("Traits"),
    "membership": _("Accounts"),
    "record": _("Records"),
    "segment": _("Segments"),
}
KIND: Final[Words] = {
    "score": _("score"),
    "stage": _("stage"),
    "activity": _("activity"),
    "interest": _("interests"),
    "rfm": _("RFM"),
    "rollup": _("sum over people"),
}
STATE: Final[Words] = {
    "planned": _("planned"),
    "leased": _("being sent"),
    "attempting": _("being sent"),
    "accepted": _("accepted"),
    "deferred": _("tried again later"),
    "refused": _("refused"),
    "unknown": _("unknown"),
    "suppressed": _("not sent"),
    "failed": _("failed"),
}
STATE_COLOUR: Final[Mapping[str, str]] = {
    "accepted": "green",
    "refused": "red",
    "failed": "red",
    "unknown": "yellow",
    "deferred": "yellow",
    "suppressed": "secondary",
}
GRADE: Final[Words] = {
    "human": _("human"),
    "machine": _("machine"),
    "unknown": _("human or machine"),
}
GRADE_COLOUR: Final[Mapping[str, str]] = {
    "human": "green",
    "machine": "secondary",
    "unknown": "yellow",
}
BASIS: Final[Words] = {
    "consent": _("consent"),
    "legitimate_interest": _("legitimate interest"),
    "contract": _("contract"),
}
METHOD: Final[Words] = {
    "single": _("a form, once"),
    "double": _("double opt-in"),
    "written": _("in writing"),
    "purchase": _("implied by a purchase"),
    "inquiry": _("implied by an inquiry"),
    "unknown": _("not known how"),
}
CONSENT: Final[Words] = {
    "requested": _("asked, not confirmed"),
    "given": _("given"),
    "withdrawn": _("withdrawn"),
    "objected": _("objected"),
}
REASON: Final[Words] = {
    "bounce": _("bounce"),
    "complaint": _("complaint"),
    "unsubscribe": _("unsubscribed"),
    "objection": _("objection"),
    "manual": _("by hand"),
    "import": _("an import"),
    "erased": _("erased"),
}
WHY: Final[Words] = {
    "manual": _("We decided so"),
    "unsubscribe": _("They asked for it"),
    "objection": _("They object to all marketing"),
}
LIGHT: Final[Words] = {
    "good": _("all marketing may go"),
    "warn": _("some marketing may go"),
    "bad": _("no marketing may go"),
}


def word(words: Words, code: str | None) -> str:
    """The code itself where no word is known."""
    return "" if code is None else str(words.get(code, code))
