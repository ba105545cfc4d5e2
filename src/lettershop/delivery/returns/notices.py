"""Delivery status notifications (RFC 3464) and complaints (RFC 5965): fields for machines."""

from collections.abc import Iterator, Mapping
from typing import Final, cast, get_args

import re2

from lettershop.delivery.returns.addresses import clean, in_text
from lettershop.delivery.returns.parts import MOST_TEXT, Mail, Part, decoded, unlined
from lettershop.delivery.returns.rules import Said, Verdict, packaged, spoken
from lettershop.delivery.returns.said import Action, Affected

NOTICES: Final = (
    "message/delivery-status",
    "message/global-delivery-status",
    "message/xdelivery-status",
)
COMPLAINTS: Final = ("message/feedback-report",)
ORIGINALS: Final = (
    "message/rfc822",
    "text/rfc822-headers",
    "message/global",
    "message/global-headers",
    "message/rfc822-headers",
)
MOST_RECIPIENTS: Final = 100
SHOWN: Final = 500
"""Characters of a diagnostic that are kept."""

Fields = Mapping[str, str]
_ACTION: Final = re2.compile(r"[a-z]+")
_STATUS: Final = re2.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


def groups(part: Part) -> Iterator[Fields]:
    """The blocks of fields of such a part, names in lower case, continuation lines joined."""
    said = unlined(decoded(part.body[:MOST_TEXT]))
    for block in said.split("\n\n")[: MOST_RECIPIENTS + 2]:
        fields: dict[str, str] = {}
        last = ""
        for line in block.splitlines()[:100]:
            if line[:1] in (" ", "\t"):
                fields[last] = f"{fields.get(last, '')} {line.strip()}"[:4_000]
            elif (at := line.find(":")) > 0:
                last = line[:at].strip().lower()
                fields.setdefault(last, line[at + 1 :].strip()[:4_000])
        fields.pop("", None)
        if fields:
            yield fields


def recipients(mail: Mail) -> list[tuple[Affected, Said]]:
    """Of whom the notification speaks, each with the refusal as it was said; not yet judged."""
    found = []
    for part in (one for one in mail.parts if one.type in NOTICES):
        for fields in groups(part):
            if {"final-recipient", "original-recipient", "action"} & fields.keys():
                found.append(_recipient(fields))
    return found[:MOST_RECIPIENTS]


def judged(affected: Affected, said: Said, human: Said) -> Affected:
    """By what the refusing server said; by the status; only then by the text for people."""
    if affected.action == "delayed":
        return _with(affected, Verdict("temporary", "action.delayed"))
    rules = packaged()
    verdict = rules.by_text(said)
    if not verdict.rule:
        verdict = rules.by_codes(said)
    if verdict.bounce_class == "unclear" and human.text:
        verdict = _told(verdict, rules.by_text(human))
    return _with(affected, verdict)


def complaint(mail: Mail) -> tuple[Affected, str] | None:
    """Who complained, and the Message-ID it names; None where this is no complaint."""
    part = mail.first(*COMPLAINTS)
    if part is None:
        return None
    fields: dict[str, str] = {}
    for block in groups(part):
        fields |= block
    if fields.get("feedback-type", "").lower() in ("not-spam", "auth-failure", "dmarc"):
        return None
    said = fields.get("original-rcpt-to") or fields.get("removal-recipient") or ""
    address = next(iter(in_text(said)), "")
    kind = fields.get("feedback-type", "abuse").lower()[:40]
    return Affected(address=clean(address), diagnostic=kind), ""


def _told(verdict: Verdict, human: Verdict) -> Verdict:
    return human if human.rule else verdict


def _with(affected: Affected, verdict: Verdict) -> Affected:
    return Affected(
        address=affected.address,
        original=affected.original,
        action=affected.action,
        status=affected.status,
        diagnostic=affected.diagnostic,
        bounce_class=verdict.bounce_class,
        rule=verdict.rule,
    )


def _recipient(fields: Fields) -> tuple[Affected, Said]:
    final, original = _address(fields, "final-recipient"), _address(fields, "original-recipient")
    action = _action(fields.get("action", ""))
    told = fields.get("status", "")
    named = _STATUS.search(told) or _STATUS.search(fields.get("action", ""))
    status = named[1] if named else ""
    diagnostic = fields.get("diagnostic-code", "")
    kind, _, rest = diagnostic.partition(";")
    words = rest.strip() if rest and len(kind) < 20 else diagnostic
    # some put the text where only the code belongs: "Status: 553 Exceeded maximum size"
    said = spoken(words or told, status=status, waits=action == "delayed")
    affected = Affected(
        address=final or original,
        original=original,
        action=action,
        status=said.status,
        diagnostic=" ".join((words or told).split())[:SHOWN],
    )
    return affected, said


def _address(fields: Fields, name: str) -> str:
    return clean(next(iter(in_text(fields.get(name, ""))), ""))


def _action(said: str) -> Action:
    word = _ACTION.search(said.lower())
    found = {"failure": "failed", "delay": "delayed"}.get(word[0], word[0]) if word else ""
    return cast(Action, found) if found in get_args(Action) else "failed"
