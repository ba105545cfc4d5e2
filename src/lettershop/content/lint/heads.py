"""What stands in the list of mails: subject, preheader."""

import re
from collections.abc import Iterator

from lettershop.content.lint.paper import OUTPUT, TAG, Paper, literal, shown
from lettershop.content.lint.quick import is_blank
from lettershop.content.lint.rule import Fault

LONG = 60
"""Characters of a subject that lists of mails show on wide screens; telephones 35 to 40."""
REPLY = re.compile(r"\s*(?:re|aw|fwd?|wg|antw|sv|tr|rv)\s*(?:\[\d+\]|\(\d+\))?\s*:", re.I)
"""How mail clients begin replies and forwards, in their languages."""


def heads(paper: Paper) -> Iterator[Fault]:
    subject = paper.subject
    if REPLY.match(literal(subject)) and paper.stream == "marketing":
        yield Fault("lint.subject_reply", shown(subject), "subject")
    if TAG not in subject:
        yield from _subject(subject)
    if is_blank(paper.preheader):
        yield Fault("lint.preheader_missing", quote="subject")
    elif paper.preheader.strip().casefold() == subject.strip().casefold():
        yield Fault("lint.preheader_same", shown(paper.preheader), "preheader")


def _subject(subject: str) -> Iterator[Fault]:
    if is_blank(subject):
        yield Fault("letter.blank_subject", quote="subject")
        return
    plain = subject.replace(OUTPUT, "")
    if len(plain) > LONG:
        yield Fault("lint.subject_long", f"{len(plain)}", "subject")
    if _shouts(plain):
        yield Fault("lint.subject_caps", shown(subject), "subject")
    if plain.count("!") > 1 or re.search(r"[!?]{2}", plain):
        yield Fault("lint.subject_marks", shown(subject), "subject")


def _shouts(subject: str) -> bool:
    """Several long words, nearly all in capitals: names of products and firms are not meant."""
    words: list[str] = re.findall(r"[^\W\d_]{4,}", subject)
    loud = [word for word in words if word.isupper()]
    return len(loud) >= 2 and len(loud) > 0.6 * len(words)


def texts(paper: Paper) -> Iterator[Fault]:
    """The text part beside the HTML."""
    text = " ".join(paper.text.replace(TAG, "").split())
    if not text:
        yield Fault("lint.text_missing")
    elif not paper.template and len(text) < 0.3 * len(paper.seen) and len(paper.seen) > 300:
        yield Fault("lint.text_short", f"{len(text):,} characters beside {len(paper.seen):,}")
