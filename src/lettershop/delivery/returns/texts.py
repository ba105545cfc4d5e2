"""Bounces that are only text: nearly half of them have no part for machines."""

from collections.abc import Iterable
from typing import Final

import re2

from lettershop.delivery.returns.addresses import clean, excluding, in_text, once
from lettershop.delivery.returns.notices import SHOWN
from lettershop.delivery.returns.parts import Mail, header, text
from lettershop.delivery.returns.rules import NOTHING, Verdict, packaged, spoken
from lettershop.delivery.returns.said import Affected
from lettershop.delivery.returns.words import words

MOST_LINES: Final = 80

_REASON: Final = re2.compile(
    r"(?im)\(reason: (.+)|^\s*(?:<<< ([45]\d\d.+)$"
    r"|.*(?:remote (?:host|server|smtp server)|server|host)[^\n]{0,60}"
    r" (?:said|replied|returned|response|issued)[^\n:]{0,30}: ?([45]\d\d.+)$"
    r"|\s*([45]\d\d[ -].+)$)"
)
_ALONE: Final = re2.compile(
    r"(?m)^[\s*>-]*(?:to|recipient|address|failed recipient)?[:\s]*"
    r"<?([^\s<>,;:]+@[^\s<>,;:]+?)>?[:.,]?\s*(?:$|[:(;])"
)

_HEAD: Final = re2.compile(r"(?m)^[ \t]*<([^<>\s]+@[^<>\s]+)>: *")


def written(mail: Mail) -> str:
    """The text for people, up to where our own letter is quoted; all of its text parts."""
    parts = [part for part in mail.parts if part.type in ("text/plain", "text/html", "text")]
    plain = [part for part in parts if part.type != "text/html"] or parts
    whole = "\n".join(text(part) for part in plain[:3])
    return uncopied(whole)


def uncopied(whole: str) -> str:
    mark = words().mark.search(whole)
    cut = whole[: mark.start()] if mark else whole
    return "\n".join(cut.splitlines()[:MOST_LINES])


def reasons(told: str) -> list[str]:
    """What the refusing server said, where the text quotes it, continuation lines joined."""
    joined = re2.sub(r"\n[ \t]+", " ", told)
    found = [next(filter(None, match), "") for match in _REASON.findall(joined)[:20]]
    return [one for one in found if one]


def failed(mail: Mail, told: str, ours: Iterable[str]) -> list[Affected]:
    """Each address the text speaks of; one without address, if none. Where several stand at the
    head of a paragraph each, every one is judged by its own."""
    subject = header(mail.headers, "Subject")
    addresses = _addresses(mail, told, subject, ours) or [""]
    own = _sections(told, addresses) if len(addresses) > 1 else {}
    whole = _judged(told, subject)
    return [
        _affected(one, told, _judged(own[one], "") if one in own else whole) for one in addresses
    ]


def _affected(address: str, told: str, judged: tuple[Verdict, str]) -> Affected:
    verdict, said = judged
    return Affected(
        address=address,
        action="failed",
        status=spoken(said).status if said else "",
        diagnostic=" ".join((said or told).split())[:SHOWN],
        bounce_class=verdict.bounce_class,
        rule=verdict.rule,
    )


def _sections(told: str, addresses: list[str]) -> dict[str, str]:
    """From each address at the head of a paragraph to the next; those with words of their own."""
    heads = [(m.start(), m.end(), clean(m[1])) for m in _HEAD.finditer(told)]
    heads = [head for head in heads if head[2] in addresses]
    found: dict[str, str] = {}
    ends = [*(start for start, _, _ in heads[1:]), len(told)]
    for (_, begin, one), end in zip(heads, ends[: len(heads)], strict=True):
        words_there = told[begin:end].strip()
        if words_there:
            found.setdefault(one, words_there)
    return found


def _judged(told: str, subject: str) -> tuple[Verdict, str]:
    """By the quoted server first; the second line is often a mail system's own translation."""
    rules = packaged()
    quoted = reasons(told)
    for said in (*quoted, bare(told), subject):
        verdict = rules.by_text(spoken(said))
        if verdict.rule:
            return verdict, said
    for said in (*quoted, told):
        verdict = rules.by_codes(spoken(said))
        if verdict.rule:
            return verdict, said
    return NOTHING, ""


def bare(told: str) -> str:
    """Without what mail systems always write, and without the headers of our letter."""
    return str(words().boilerplate.sub(" ", told))


def _addresses(mail: Mail, told: str, subject: str, ours: Iterable[str]) -> list[str]:
    """Named in a header; else alone on a line; else anywhere in the text or the subject."""
    own = set(ours)
    named = once(in_text(header(mail.headers, "X-Failed-Recipients")))
    alone = once(one for line in _ALONE.findall(told)[:50] for one in in_text(line))
    anywhere = once(in_text(told))
    for found in (named, alone, anywhere, once(in_text(subject))):
        kept = [clean(one) for one in excluding(found, own)]
        if kept:
            return kept
    return []
