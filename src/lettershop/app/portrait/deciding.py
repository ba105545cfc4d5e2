"""Consent and suppression said by hand, on a contact's page: written down with who said it."""

from typing import Final, Literal

from django.db import transaction

from lettershop.access.audit import audit
from lettershop.access.principal import Principal
from lettershop.app.compliance import Compliance
from lettershop.compliance import consent, unsubscribe as leaving
from lettershop.compliance.consent import NewConsent
from lettershop.compliance.suppression import NewSuppression, of_person
from lettershop.compliance.words import EVERYTHING, METHODS
from lettershop.model.errors import InputError

SOURCE: Final = "page"
Why = Literal["manual", "unsubscribe", "objection"]
WHYS: Final[tuple[Why, ...]] = ("manual", "unsubscribe", "objection")
"""We decided so; they asked for it; they object to all marketing."""


def give(
    desk: Compliance,
    by: Principal,
    address: str,
    purpose: str,
    *,
    method: str,
    at: int | None,
    source: str,
    evidence: str,
) -> None:
    """They agreed. InputError `consent.method`, and as `consent.record`."""
    chosen = next((known for known in METHODS if known == method), None)
    if chosen is None:
        hint = ", ".join(METHODS)
        raise InputError("consent.method", f"“{method[:40]}” is no way to agree", hint=hint)
    new = NewConsent(
        address=address,
        purpose=purpose,
        method=chosen,
        at=at,
        source=source.strip() or SOURCE,
        proof=_proof(evidence),
    )
    with transaction.atomic():
        consent.record(desk.book, desk.policy, new, by=by.name, at=desk.clock.now())
        audit(by, "consent.give", desk.named(address), purpose=purpose)


def withdraw(desk: Compliance, by: Principal, address: str, purpose: str, evidence: str) -> None:
    """They take back what they agreed to, for one purpose."""
    new = NewConsent(
        address=address,
        purpose=purpose,
        state="withdrawn",
        source=SOURCE,
        proof=_proof(evidence),
    )
    with transaction.atomic():
        consent.find_purpose(desk.policy, purpose)
        consent.record(desk.book, desk.policy, new, by=by.name, at=desk.clock.now())
        audit(by, "consent.withdraw", desk.named(address), purpose=purpose)


def stop(
    desk: Compliance, by: Principal, address: str, *, scope: str, why: str, note: str
) -> int | None:
    """No more letters, from now on; the number of the suppression that can be undone simply, None
    where nothing is new or it is theirs. InputError `suppression.why`, `suppression.scope`."""
    now, proof = desk.clock.now(), _proof(note)
    if why not in WHYS:
        raise InputError("suppression.why", "say why: we decided so, or they asked for it")
    if why == "manual":
        new = NewSuppression(address=address, scope=scope, source=SOURCE, note=note)
        return _newest(desk, address) if desk.suppress(new, by) else None
    with transaction.atomic():
        if why == "objection":
            leaving.object_to(desk.book, desk.policy, address, source=SOURCE, proof=proof, at=now)
        else:
            leaving.unsubscribe(
                desk.book, desk.policy, address, scope=scope, source=SOURCE, proof=proof, at=now
            )
        audit(by, "consent.withdraw", desk.named(address), scope=scope or EVERYTHING, why=why)
    return None


def again(desk: Compliance, by: Principal, address: str, scope: str) -> int:
    """It was a slip: what was written down as their leaving a moment ago is undone."""
    now = desk.clock.now()
    with transaction.atomic():
        ended = leaving.resubscribe(
            desk.book, desk.policy, address, scope=scope, source="undo", at=now
        )
        audit(by, "consent.undo", desk.named(address), scope=scope)
    return ended


def lift(desk: Compliance, by: Principal, number: int, why: str, *, force: bool) -> str:
    """End a suppression; its scope. `force`, for owners: also of a complaint or an erasure."""
    if force:
        by.require("owner")
    return desk.lift(number, by, why, force=force).scope


def _newest(desk: Compliance, address: str) -> int:
    return of_person(desk.book.hashed(address).hash)[0].id


def _proof(said: str) -> dict[str, str]:
    return {"note": said.strip()[:2_000]} if said.strip() else {}
