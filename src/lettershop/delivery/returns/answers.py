"""What machines and people write to us: absences, questions of machines, unsubscribes, replies."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final, TypeAlias

import msgspec
import re2

from lettershop.delivery.returns.dates import back_on
from lettershop.delivery.returns.parts import Mail, header
from lettershop.delivery.returns.said import Kind
from lettershop.delivery.returns.verp import looks_like_leaving
from lettershop.delivery.returns.words import words

Day: TypeAlias = date | None
_AUTOMATIC: Final = (
    "X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-AutoReply-From",
    "X-Mail-Autoreply", "X-Vacation", "X-Cron-Env",
)  # fmt: skip
_REPEATS: Final = re2.compile(
    r"(?i)^\s*(re|aw|sv|vs|odp|antw|rif|res|ynt|fwd?|wg|tr|rv)(\[\d+\])?:\s*"
)
SHORT: Final = 200
"""Characters of a text that can be nothing but a wish to be left alone."""


class Answer(msgspec.Struct, frozen=True):
    """`told`: its text, where it may say when somebody is back."""

    kind: Kind
    rule: str
    told: str = ""

    def back(self, at: int | None) -> Day:
        """`at`: ms, when it was written; None: now."""
        if self.kind != "auto_reply":
            return None
        moment = datetime.now(UTC) if at is None else datetime.fromtimestamp(at / 1000, UTC)
        return back_on(self.told, moment.date())


def judged(mail: Mail, told: str, to: Sequence[str]) -> Answer:
    subject = header(mail.headers, "Subject")
    automatic = _automatic(mail)
    if not automatic and any(looks_like_leaving(one) for one in to):
        return Answer("unsubscribe", "mailto")
    if words().asks_who.search(unquoted(told)[:2_000]):
        return Answer("challenge", "words.challenge")
    by_words = automatic or _by_words(mail, subject, told)
    if by_words:
        return Answer("auto_reply", by_words, f"{subject}\n{told}")
    if wishes_to_leave(subject, told):
        return Answer("unsubscribe", "words.unsubscribe")
    if not _is_list(mail) and (_answers(mail) or repeats(subject)):
        return Answer("reply", "person")
    return Answer("other", "")


def wishes_to_leave(subject: str, told: str) -> bool:
    """The first line a person wrote, or the subject where there is no text, is nothing but that."""
    lines = [line.strip(" .!,;*-_\t") for line in unquoted(told).splitlines()]
    lines = [one for one in lines if one and not words().greeting.search(one)]
    own = subject
    while (prefix := _REPEATS.match(own)) is not None:
        own = own[prefix.end() :]
    if lines:
        first = " ".join(lines[0].split())
        return len(first) <= SHORT and words().leave.search(first) is not None
    return len(own) <= SHORT and words().leave.search(own.strip(" .!")) is not None


def unquoted(told: str) -> str:
    """Up to where somebody else is quoted."""
    mark = words().quote.search(told)
    return told[: mark.start()] if mark else told


def repeats(subject: str) -> bool:
    """Whether it begins with Re:, AW: and so on."""
    return _REPEATS.match(subject) is not None


def _automatic(mail: Mail) -> str:
    """The header that says that no person wrote it (RFC 3834), or ""."""
    headers = mail.headers
    said = header(headers, "Auto-Submitted").lower()
    if said and not said.startswith("no"):
        return "header.auto-submitted"
    if any(header(headers, name) for name in _AUTOMATIC):
        return "header.autoreply"
    if header(headers, "Precedence").lower().replace("-", "_") in ("auto_reply", "autoreply"):
        return "header.precedence"
    if header(headers, "X-Auto-Response-Suppress") and header(headers, "Return-Path") == "<>":
        return "header.suppress"
    return ""


def _by_words(mail: Mail, subject: str, told: str) -> str:
    """A subject that repeats ours says nothing: ours may speak of holidays."""
    known = words()
    if not repeats(subject) and known.auto_subject.search(subject):
        return "words.subject"
    if known.auto_body.search(unquoted(told)[:1_500]):
        return "words.text"
    nobody = header(mail.headers, "Return-Path") == "<>" or header(
        mail.headers, "Precedence"
    ).lower() in ("bulk", "junk")
    return "words.polite" if nobody and known.auto_polite.search(told[:1_500]) else ""


def _answers(mail: Mail) -> bool:
    return bool(header(mail.headers, "In-Reply-To") or header(mail.headers, "References"))


def _is_list(mail: Mail) -> bool:
    """Mailings of others, and what comes through lists."""
    return bool(header(mail.headers, "List-Id") or header(mail.headers, "List-Unsubscribe"))
