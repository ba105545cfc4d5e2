"""How an address stands, ready to be drawn: purposes, suppressions, and the proof of consent."""

from typing import Any

from lettershop.app.portrait.consents import AddressStanding, PurposeStanding
from lettershop.compliance.consent import ConsentAnswer
from lettershop.compliance.suppression import SuppressionAnswer
from lettershop.web.pages.contacts.drawn import drawn
from lettershop.web.pages.contacts.words import BASIS, CONSENT, LIGHT, METHOD, REASON, word


def standing_shown(one: AddressStanding) -> dict[str, Any]:
    return {
        "one": one,
        "light": word(LIGHT, one.light),
        "purposes": [_purpose(purpose) for purpose in one.purposes],
        "suppressions": [
            _suppression(held, holds=held.id in one.in_force) for held in one.suppressions
        ],
        "history": [_entry(entry) for entry in one.history],
    }


def _purpose(purpose: PurposeStanding) -> dict[str, Any]:
    last = purpose.last
    return {
        "one": purpose,
        "basis": word(BASIS, purpose.basis),
        "said": word(CONSENT, last.state if last else None),
        "method": word(METHOD, last.method if last else None),
        "until": purpose.verdict.until,
    }


def _suppression(held: SuppressionAnswer, *, holds: bool) -> dict[str, Any]:
    return {"one": held, "reason": word(REASON, held.reason), "holds": holds}


def _entry(entry: ConsentAnswer) -> dict[str, Any]:
    return {
        "one": entry,
        "said": word(CONSENT, entry.state),
        "method": word(METHOD, entry.method),
        "proof": [(name, drawn(value)) for name, value in (entry.proof or {}).items()],
    }
