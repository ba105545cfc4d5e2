"""Consent, suppression, and the one question; a person's export and erasure."""

from typing import Annotated, Any

import msgspec
from django.http import HttpRequest
from ninja import Path, Query, Router

from lettershop.access.audit import audit
from lettershop.app.compliance import Compliance
from lettershop.app.running import running
from lettershop.compliance import consent as consents, optin, suppression, unsubscribe as leaving
from lettershop.compliance.consent import ConsentAnswer, NewConsent
from lettershop.compliance.optin import Confirmed
from lettershop.compliance.person import Erasure, PersonExport
from lettershop.compliance.question import Question, Verdict
from lettershop.compliance.suppression import NewSuppression, SuppressionAnswer
from lettershop.compliance.unsubscribe import Unsubscribed
from lettershop.compliance.words import EVERYTHING, Method, SuppressionReason
from lettershop.model.clock import parse_instant
from lettershop.web.api import asked
from lettershop.web.api.auth import principal_of
from lettershop.web.api.bodies import WAIT, read_body
from lettershop.web.api.operations import operation
from lettershop.web.api.paging import USUAL, Cursor, Int64, Limit, Page, cut, read_cursor

router = Router()
MOST = 1_000
Text = Annotated[str, msgspec.Meta(max_length=200)]
Mailbox = Annotated[str, msgspec.Meta(min_length=3, max_length=320)]
Number = Annotated[int, Path(description="the number of a suppression", ge=1, le=2**63 - 1)]


class SuppressionsPage(Page[SuppressionAnswer], frozen=True):
    """Suppressions, newest first; next is the cursor of the following page, null on the last."""


class SuppressBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`scope`: all, stream:NAME or topic:NAME. `expires`: ISO 8601 with a zone; "" for never."""

    address: Mailbox
    scope: Text = EVERYTHING
    reason: SuppressionReason = "manual"
    source: Text = "api"
    note: Annotated[str, msgspec.Meta(max_length=2_000)] = ""
    expires: Text = ""


class Suppressed(msgspec.Struct, frozen=True):
    """`new`: whether it was not in force before. All of the address, undone ones too."""

    new: bool
    suppressions: list[SuppressionAnswer]


class LiftBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`force`: also of a complaint or an erased person; owners only."""

    why: Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
    force: bool = False


class Questions(msgspec.Struct, frozen=True):
    """Up to 1,000; `counting`: each letter allowed counts for the caps of those after it."""

    questions: Annotated[list[Question], msgspec.Meta(min_length=1, max_length=MOST)]
    counting: bool = False


class Verdicts(msgspec.Struct, frozen=True):
    """One per question, in their order."""

    items: list[Verdict]


class Consents(msgspec.Struct, frozen=True):
    """All that somebody said, in order."""

    items: list[ConsentAnswer]


class ConsentBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`at`: when they said it, ISO 8601 with a zone; default: now. `proof`: what shows it."""

    address: Mailbox
    purpose: Text
    method: Method = "single"
    source: Text
    at: Text = ""
    wording: Text = ""
    proof: dict[str, str] = {}


class OptInToken(msgspec.Struct, frozen=True):
    """For the link in the letter you send; it holds for seven days."""

    token: str


class ConfirmBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    token: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    source: Text = "link"
    proof: dict[str, str] = {}


class UnsubscribeBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`objection`: to all marketing, for good."""

    address: Mailbox
    scope: Text = EVERYTHING
    source: Text = "api"
    objection: bool = False
    proof: dict[str, str] = {}


@operation(router, "GET", "/suppressions", answer=SuppressionsPage)
def list_suppressions(
    request: HttpRequest,
    q: Annotated[str, Query(description="part of an address, or a reason")] = "",
    all: Annotated[bool, Query(description="also undone and expired ones")] = False,
    limit: Limit = USUAL,
    cursor: Cursor = "",
) -> Page[SuppressionAnswer]:
    """Who gets no letters, newest first."""
    place = read_cursor(request, cursor, tuple[Int64])
    before, now = (place[0] if place else None), running().clock.now()
    found = suppression.listed(at=now, limit=limit + 1, before=before, question=q, all_=all)
    return cut(request, [(one, (one.id,)) for one in found], limit)


@operation(router, "POST", "/suppressions", answer=Suppressed, body=SuppressBody)
def add_suppression(request: HttpRequest) -> Suppressed:
    """Send no more letters to an address, from now on; once more changes nothing."""
    said, desk = read_body(request, SuppressBody), _desk()
    new = NewSuppression(
        address=said.address,
        scope=said.scope,
        reason=said.reason,
        source=said.source,
        note=said.note,
        expires_at=_instant(said.expires),
    )
    added = desk.suppress(new, principal_of(request))
    return Suppressed(added, suppression.of_person(desk.book.hashed(said.address).hash))


@operation(router, "POST", "/suppressions/{number}/lift", answer=SuppressionAnswer, body=LiftBody)
def lift_suppression(request: HttpRequest, number: Number) -> SuppressionAnswer:
    """Undo a suppression, with a reason that is kept."""
    said, by = read_body(request, LiftBody), principal_of(request)
    if said.force:
        by.require("owner")
    return _desk().lift(number, by, said.why, force=said.force)


@operation(router, "POST", "/may-send", answer=Verdicts, body=Questions)
def may_send(request: HttpRequest) -> Verdicts:
    """May letters go to these addresses now? With every reason, and until when."""
    said, desk = read_body(request, Questions), _desk()
    found = desk.gate.may_send_many(said.questions, desk.clock.now(), counting=said.counting)
    return Verdicts(found)


@operation(router, "GET", "/consents", answer=Consents)
def list_consents(
    request: HttpRequest, address: Annotated[str, Query(description="an e-mail address")]
) -> Consents:
    """Everything somebody said about purposes, in order, with source and proof."""
    return Consents(consents.history(_desk().book.hashed(address)))


@operation(router, "POST", "/consents", answer=Consents, body=ConsentBody)
def give_consent(request: HttpRequest) -> Consents:
    """Write down that somebody agreed. It ends no suppression and no objection."""
    said, desk, by = read_body(request, ConsentBody), _desk(), principal_of(request)
    consents.record(desk.book, desk.policy, _new(said), by=by.name, at=desk.clock.now())
    audit(by, "consent.give", desk.named(said.address), purpose=said.purpose)
    return Consents(consents.history(desk.book.hashed(said.address)))


@operation(router, "POST", "/consents/request", answer=OptInToken, body=ConsentBody, secret=True)
def request_consent(request: HttpRequest) -> OptInToken:
    """Begin a double opt-in: the token belongs into the link of the letter you send."""
    said, desk, by = read_body(request, ConsentBody), _desk(), principal_of(request)
    now = desk.clock.now()
    return OptInToken(optin.request(desk.book, desk.policy, _new(said), by=by.name, at=now))


@operation(router, "POST", "/consents/confirm", answer=Confirmed, body=ConfirmBody)
def confirm_consent(request: HttpRequest) -> Confirmed:
    """They followed the link: consent is given. Once more changes nothing."""
    said, desk = read_body(request, ConfirmBody), _desk()
    now = desk.clock.now()
    return optin.confirm(
        desk.book, desk.policy, said.token, proof=said.proof, source=said.source, at=now
    )


@operation(router, "POST", "/unsubscribes", answer=Unsubscribed, body=UnsubscribeBody)
def unsubscribe(request: HttpRequest) -> Unsubscribed:
    """They want no more: effective at once, and consent that it covers is withdrawn."""
    said, desk, by = read_body(request, UnsubscribeBody), _desk(), principal_of(request)
    how: dict[str, Any] = {"source": said.source, "proof": said.proof, "at": desk.clock.now()}
    if said.objection:
        done = leaving.object_to(desk.book, desk.policy, said.address, **how)
    else:
        done = leaving.unsubscribe(desk.book, desk.policy, said.address, scope=said.scope, **how)
    audit(by, "consent.withdraw", desk.named(said.address), scope=done.scope)
    return done


@operation(router, "POST", "/persons/{path:who}/erase", answer=Erasure)
def erase_person(request: HttpRequest, who: asked.Who) -> Erasure:
    """Forget a person (GDPR 17): never mailed again; what remains is listed."""
    desk = _desk()
    with running().engine.write(wait=WAIT) as shop:
        return desk.erase(shop, who, principal_of(request))


@operation(router, "GET", "/persons/{path:who}", answer=PersonExport)
def export_person(request: HttpRequest, who: asked.Who) -> PersonExport:
    """Everything that is held about a person (GDPR 15)."""
    desk = _desk()
    with running().engine.read() as shop:
        return desk.export(shop, who, principal_of(request))


def _desk() -> Compliance:
    server = running()
    workspace = server.engine.workspace
    return Compliance(workspace.path, workspace.settings, clock=server.clock)


def _new(said: ConsentBody) -> NewConsent:
    return NewConsent(
        address=said.address,
        purpose=said.purpose,
        method=said.method,
        source=said.source,
        wording=said.wording,
        at=_instant(said.at),
        proof=said.proof,
    )


def _instant(text: str) -> int | None:
    return parse_instant(text) if text else None
