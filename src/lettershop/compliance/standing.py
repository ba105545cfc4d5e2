"""How somebody stands to a purpose: what all they said comes to. Pure.

In the order of what was said when: an objection ends everything, and only the person's own
confirmed opt-in ends an objection; what a list says never undoes what the person said.
"""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from lettershop.compliance.rules import Country, Level, Policy, Purpose
from lettershop.compliance.words import (
    EVERY_PURPOSE,
    IMPLIED,
    ConsentState,
    Method,
    Rule,
)
from lettershop.model.clock import format_instant, from_ms, to_ms
from lettershop.model.values import fold


class Said(msgspec.Struct, frozen=True, gc=False):
    """One consent entry, as far as it counts; `at` in ms."""

    purpose: str
    state: ConsentState
    method: Method
    at: int
    source: str = ""
    wording: str = ""
    imported: bool = False


class Standing(msgspec.Struct, frozen=True):
    """The last thing that counts, None when nothing does. `given`: all consents since the last no,
    a weak one does not undo a strong one. `refused`: a list said otherwise since. `asked`: an
    opt-in waits for its confirmation."""

    last: Said | None = None
    given: tuple[Said, ...] = ()
    refused: Said | None = None
    asked: bool = False

    @property
    def objected(self) -> bool:
        return self.last is not None and self.last.state == "objected"


class Reason(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Why a letter may not be sent, or what to know before (`warn`). `code` is stable. `until`: ms
    after which this reason alone is over; None: it does not end by waiting."""

    rule: Rule
    code: str
    level: Level
    said: str
    until: int | None = None


class LawfulBasis(msgspec.Struct, frozen=True):
    """Whether there is one, and what to say about it. `expires_at`: ms, of implied consent."""

    lawful: bool
    reasons: tuple[Reason, ...] = ()
    expires_at: int | None = None


def standing(entries: Iterable[Said], purpose: str, at: int) -> Standing:
    """Of entries in the order (at, written down)."""
    last: Said | None = None
    refused: Said | None = None
    given: list[Said] = []
    asked = False
    for one in entries:
        if one.purpose not in (purpose, EVERY_PURPOSE) or one.at > at:
            continue
        if one.state == "requested":
            asked = True
        elif one.state != "given":
            kept = last is not None and last.state == "objected" and one.state == "withdrawn"
            last, refused = (last if kept else one), None
            asked, given = False, []
        elif _counts(one, last):
            last, refused, asked = one, None, False
            given.append(one)
        else:
            refused = one
    return Standing(last, tuple(given), refused, asked)


def _counts(given: Said, last: Said | None) -> bool:
    """Whether a consent counts after what was said last."""
    if last is None or last.state == "given":
        return True
    own = not given.imported
    return own and (last.state == "withdrawn" or given.method == "double")


def lawful_basis(
    entries: Sequence[Said], purpose: Purpose, country: Country, policy: Policy, at: int
) -> LawfulBasis:
    """Whether letters for this purpose have a lawful basis, to somebody of this country."""
    found = standing(entries, purpose.name, at)
    if against := _against(found):
        return LawfulBasis(False, against)
    match purpose.basis:
        case "contract":
            return LawfulBasis(True)
        case "legitimate_interest":
            given = found.last is not None and found.last.state == "given"
            return LawfulBasis(True) if given else _interest(country)
        case "consent":
            return _consent(found, purpose, country, policy, at)


def _against(found: Standing) -> tuple[Reason, ...]:
    if found.last is None or found.last.state == "given":
        return ()
    day = _day(found.last.at)
    objected = found.objected
    reasons = [
        Reason(
            rule="AUD-3" if objected else "AUD-2",
            code=f"consent.{found.last.state}",
            level="block",
            said=f"they {'objected' if objected else 'withdrew their consent'} on {day}",
        )
    ]
    if found.refused is not None and found.refused.imported:
        said = f"the consent that a list brought on {_day(found.refused.at)} does not count since"
        reasons.append(Reason(rule="AUD-6", code="consent.imported", level="block", said=said))
    return tuple(reasons)


def _interest(country: Country) -> LawfulBasis:
    if country.interest == "allow":
        return LawfulBasis(True)
    said = f"legitimate interest alone may not be enough in {country.name} ({country.source})"
    reason = Reason(rule="AUD-8", code="country.interest", level=country.interest, said=said)
    return LawfulBasis(country.interest == "warn", (reason,))


def _consent(
    found: Standing, purpose: Purpose, country: Country, policy: Policy, at: int
) -> LawfulBasis:
    if not found.given:
        said = "they were asked to confirm and have not" if found.asked else "there is no consent"
        code = "consent.unconfirmed" if found.asked else "consent.none"
        said = f"{said} for “{purpose.name}”"
        return LawfulBasis(False, (Reason(rule="AUD-2", code=code, level="block", said=said),))
    if len(found.given) == 1:
        return _proof(found.given[0], country, policy, at)
    each = [_proof(given, country, policy, at) for given in reversed(found.given)]
    return min(each, key=lambda basis: (not basis.lawful, len(basis.reasons)))


def _proof(given: Said, country: Country, policy: Policy, at: int) -> LawfulBasis:
    """What one consent is worth."""
    if given.source and fold(given.source) in policy.bought:
        said = f"the consent comes from “{given.source}”, which was bought"
        reason = Reason(rule="AUD-4", code="consent.bought", level="block", said=said)
        return LawfulBasis(False, (reason,))
    if given.method in IMPLIED and given.method in country.months:
        return _implied(given, country.months[given.method], country, at)
    if given.method in country.proof or country.unproven == "allow":
        return LawfulBasis(True)
    said = f"consent by “{given.method}” is weak proof in {country.name} ({country.source})"
    reason = Reason(rule="AUD-8", code="country.unproven", level=country.unproven, said=said)
    return LawfulBasis(country.unproven == "warn", (reason,))


def _implied(given: Said, months: int, country: Country, at: int) -> LawfulBasis:
    """Consent implied by what they did, which runs out."""
    end = months_later(given.at, months)
    if at < end:
        return LawfulBasis(True, (), end)
    said = f"the consent implied by their {given.method} ended on {_day(end)} ({country.source})"
    reason = Reason(rule="AUD-8", code="country.expired", level="block", said=said)
    return LawfulBasis(False, (reason,), end)


def months_later(at: int, months: int) -> int:
    """The same time of day so many calendar months later; the month's last day where it is
    shorter."""
    day = from_ms(at)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    moved: datetime = day.replace(year=year, month=month + 1, day=min(day.day, last))
    return to_ms(moved)


def _day(at: int) -> str:
    return format_instant(at)[:10]
