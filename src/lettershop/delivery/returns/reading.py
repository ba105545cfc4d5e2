"""Reading a returned mail: start here. Bytes in, a Return out; never raises.

In this order, because each is surer than the next: complaints and notifications have parts for
machines; then bounces that are only text; then what machines and people write.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Final

from lettershop.delivery.returns import answers, notices, texts
from lettershop.delivery.returns.addresses import ids_in_text, in_headers, message_ids, once
from lettershop.delivery.returns.parts import Mail, Part, decoded, header, opened, parsed
from lettershop.delivery.returns.rules import Said, spoken
from lettershop.delivery.returns.said import Affected, Kind, Return
from lettershop.delivery.returns.words import words

TO: Final = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc")
SNIPPET: Final = 200


def read(mail: bytes, envelope: Sequence[str] = ()) -> Return:
    """`envelope`: the recipients it was delivered to, where they are known."""
    found = opened(mail)
    told = texts.written(found)
    common = _Common(found, mail, envelope)
    complaint = notices.complaint(found)
    if complaint is not None:
        return common.made("complaint", "rfc5965", told, (complaint[0],))
    said = notices.recipients(found)
    if said and not _is_challenge(found, told, said):
        return _notified(common, said, told)
    if _is_bounce(found, told):
        return _textual(common, told)
    answer = answers.judged(found, told, common.to)
    return common.made(answer.kind, answer.rule, told, back=answer.back(common.at))


class _Common:
    """What every Return has, whatever its kind."""

    def __init__(self, mail: Mail, raw: bytes, envelope: Sequence[str]) -> None:
        headers = mail.headers
        self.mail = mail
        self.to = once([*envelope, *in_headers(headers, *TO)])
        self.sender = next(iter(in_headers(headers, "From", "Sender")), "")
        self.at = _moment(header(headers, "Date"))
        own = message_ids(headers, "Message-ID")
        self.id = own[0] if own else f"<{hashlib.sha256(raw).hexdigest()[:32]}@digest>"

    def made(
        self,
        kind: Kind,
        rule: str,
        told: str,
        affected: Iterable[Affected] = (),
        back: answers.Day = None,
    ) -> Return:
        ids = _ours(self.mail, told)
        return Return(
            kind=kind,
            id=self.id,
            affected=tuple(affected),
            message_id=ids[0] if ids else "",
            references=tuple(ids),
            to=self.to,
            sender=self.sender,
            subject=header(self.mail.headers, "Subject")[:500],
            at=self.at,
            back=back,
            snippet=" ".join(answers.unquoted(told).split())[:SNIPPET],
            rule=rule,
        )


def _notified(common: _Common, said: Sequence[tuple[Affected, Said]], told: str) -> Return:
    human = spoken(texts.bare(told))
    judged = [notices.judged(one, heard, human) for one, heard in said]
    actions = {one.action for one in judged}
    if "failed" in actions or "" in actions:
        return common.made("bounce", "rfc3464", told, [a for a in judged if a.action == "failed"])
    kind: Kind = "delayed" if "delayed" in actions else "delivered"
    return common.made(kind, "rfc3464", told, judged)


def _textual(common: _Common, told: str) -> Return:
    affected = texts.failed(common.mail, told, common.to)
    subject = header(common.mail.headers, "Subject")
    if words().waits.search(f"{subject}\n{told}"):
        return common.made("delayed", "words.delayed", told, map(_delayed, affected))
    return common.made("bounce", "words.bounce", told, affected)


def _delayed(one: Affected) -> Affected:
    return Affected(
        address=one.address,
        action="delayed",
        status=one.status,
        diagnostic=one.diagnostic,
        bounce_class="temporary",
        rule="words.delayed",
    )


def _is_bounce(mail: Mail, told: str) -> bool:
    """A machine wrote it, by two of: who it is from, its subject, what it says."""
    headers, known = mail.headers, words()
    subject = header(headers, "Subject")
    if header(headers, "X-Failed-Recipients"):
        return True
    null = header(headers, "Return-Path") == "<>" or header(headers, "From") in ("", "<>")
    who = null or known.daemon.search(header(headers, "From")) is not None
    by_subject = known.bounce_subject.search(subject) is not None
    early = told[:4_000]
    by_body = bool(known.bounce_body.search(early) or known.waits.search(early))
    report = mail.type == "multipart/report"
    is_answer = bool(header(headers, "In-Reply-To")) and answers.repeats(subject) and not who
    return (who + by_subject + by_body + report) >= 2 and not is_answer


def _is_challenge(mail: Mail, told: str, said: Sequence[tuple[Affected, Said]]) -> bool:
    """Some dress a question as a notification without a failure in it."""
    return bool(words().asks_who.search(told[:2_000])) and all(
        not one.status.startswith("5") for one, _ in said
    )


def _ours(mail: Mail, told: str) -> list[str]:
    """Message-IDs of ours: of the letter that was sent back, else of what is answered."""
    found: list[str] = []
    for part in mail.parts:
        if part.type in notices.ORIGINALS:
            found += message_ids(_original(part), "Message-ID")
    if not found:
        whole = [part for part in mail.parts if part.type in ("text/plain", "message/partial")]
        found += [one for part in whole[:3] for one in ids_in_text(decoded(part.body[:200_000]))]
    found += message_ids(mail.headers, "In-Reply-To")
    found += reversed(message_ids(mail.headers, "References"))
    return list(dict.fromkeys(found))[:20]


def _original(part: Part) -> Message:
    return parsed(part.body.lstrip(b"\r\n").partition(b"\n\n")[0].partition(b"\r\n\r\n")[0])


def _moment(said: str) -> int | None:
    try:
        moment = parsedate_to_datetime(said)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return int(aware.timestamp() * 1000)
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return None
