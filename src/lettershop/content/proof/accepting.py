"""What of a proof stands in the way of sending, and what somebody may say is meant."""

from collections.abc import Collection, Iterator

from lettershop.content.proof.checks import RULES
from lettershop.content.proof.said import LetterFindingAnswer, Proved
from lettershop.model.errors import NotFound, UsageError


def open_findings(proved: Proved, accepted: Collection[str]) -> tuple[LetterFindingAnswer, ...]:
    """Errors, and warnings that nobody has accepted: neither themselves nor every class they are
    in."""
    return tuple(one for one in proved.findings if _open(one, accepted))


def acceptable(proved: Proved, key: str) -> int:
    """How many people accepting a finding, or a class, is about.

    NotFound `proof.no_finding`; UsageError `proof.not_acceptable` for what is broken: that is
    mended, or its people are taken out of the audience.
    """
    for finding in proved.findings:
        if finding.key == key:
            if finding.level == "error":
                raise _broken(finding.message)
            return finding.count
    for one in proved.classes:
        if one.id == key:
            if one.fate == "broken" or key in _broken_classes(proved):
                raise _broken(f"the letters of class {key} are broken")
            return one.count
    hint = "the keys stand before the findings: lettershop content proof NAME SEGMENT"
    raise NotFound("proof.no_finding", f"this proof has no finding or class “{key}”", hint=hint)


def locked_for(proved: Proved, accepted: Collection[str]) -> str:
    """Why letters may not leave after this proof, with numbers; "" when they may."""
    counts = proved.counts
    if counts.cancelled or counts.done < counts.total:
        return f"only {counts.done:,} of {counts.total:,} letters were proved"
    if not counts.letters:
        return "nobody would get a letter"
    open_ = open_findings(proved, accepted)
    errors = [one for one in open_ if one.level == "error"]
    told = list(_told(counts.broken, errors, len(open_) - len(errors)))
    return "; ".join(told)


def _told(broken: int, errors: Collection[LetterFindingAnswer], warnings: int) -> Iterator[str]:
    if broken:
        yield f"{broken:,} broken {'letter' if broken == 1 else 'letters'}"
    finished = len([one for one in errors if one.code in RULES and one.code != "letter.crashed"])
    if finished:
        yield f"{finished:,} {'error' if finished == 1 else 'errors'} in finished letters"
    if warnings:
        one = "1 finding that nobody has accepted"
        yield one if warnings == 1 else f"{warnings:,} findings that nobody has accepted"


def _open(one: LetterFindingAnswer, accepted: Collection[str]) -> bool:
    match one.level:
        case "error":
            return True
        case "info":
            return False
        case "warning":
            by_class = not one.elsewhere and all(name in accepted for name in one.classes)
            return one.key not in accepted and not by_class


def _broken_classes(proved: Proved) -> frozenset[str]:
    errors = (one for one in proved.findings if one.level == "error")
    return frozenset(name for one in errors for name in one.classes)


def _broken(message: str) -> UsageError:
    hint = "mend the template or its data, or leave these people out of the audience"
    return UsageError("proof.not_acceptable", f"this cannot be accepted: {message}", hint=hint)
