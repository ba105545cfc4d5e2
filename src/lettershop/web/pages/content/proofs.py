"""Proofs: begun, watched while they run, read, and their findings accepted."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lettershop.app.letters import Letters
from lettershop.app.proofs import Asked as Wanted
from lettershop.app.running import running
from lettershop.content.proof import records
from lettershop.content.proof.said import LetterFindingAnswer, LetterProofAnswer
from lettershop.model.errors import LettershopError, NotFound
from lettershop.web.pages.content.asked import asked_of
from lettershop.web.pages.content.letters import letter_page
from lettershop.web.pages.content.states import FATES, PROOF
from lettershop.web.pages.content.texts import said
from lettershop.web.pages.roles import principal
from lettershop.web.pages.telling import Undo, tell

Change: TypeAlias = Callable[[Letters, str, str], LetterProofAnswer]
"""From a key and a reason to the proof as it is then."""

LEVELS = ("error", "warning")
LONGEST = 2_000
"""Characters of a reason."""
CLASSES = 100
"""Classes a page shows, those with the most people."""


def prove_letter(request: HttpRequest, name: str) -> HttpResponse:
    """Begin; the proof's page then shows how far it is."""
    asked = asked_of(request.POST)
    wanted = Wanted(template=name, segment=asked.segment)
    try:
        begun = running().proofs.start(wanted, principal(request))
    except LettershopError as error:
        if error.code == "template.unknown":
            raise Http404 from error
        return letter_page(request, name, asked, error)
    return redirect(f"/proofs/{begun.id}")


def proof(request: HttpRequest, number: int) -> HttpResponse:
    return _page(request, _proof(number))


def proof_progress(request: HttpRequest, number: int) -> HttpResponse:
    """How far it is; when it is done, the page is asked for as a whole."""
    found = _proof(number)
    known = {"proof": found, "cancel": f"/proofs/{number}/cancel"}
    response = render(request, "content/proof_progress.html", known)
    if found.state != "running":
        response["HX-Refresh"] = "true"
    return response


def cancel_proof(request: HttpRequest, number: int) -> HttpResponse:
    _proof(number)
    try:
        records.cancel(number, running().clock.now())
    except LettershopError as error:
        return _page(request, _proof(number), error)
    tell(request, _("It stops at once; what it saw is kept."))
    return redirect(f"/proofs/{number}")


def accept_finding(request: HttpRequest, number: int) -> HttpResponse:
    """Say of a warning, or of all warnings of a class, that it is meant."""
    return _change(
        request, number, lambda letters, key, reason: letters.accept(number, key, reason)
    )


def withdraw_acceptance(request: HttpRequest, number: int) -> HttpResponse:
    """Take that back."""
    return _change(request, number, lambda letters, key, reason: letters.withdraw(number, key))


def _change(request: HttpRequest, number: int, change: Change) -> HttpResponse:
    _proof(number)
    key, reason = said(request.POST, "key", LONGEST), said(request.POST, "reason", LONGEST)
    try:
        with running().engine.read() as workspace:
            found = change(Letters(workspace, principal(request)), key, reason)
    except LettershopError as error:
        return _page(request, _proof(number), error)
    accepted = {one.key for one in found.accepted}
    undo = Undo(f"/proofs/{number}/withdraw", {"key": key}) if key in accepted else None
    tell(request, _told(found), undo=undo)
    return redirect(f"/proofs/{number}")


def _told(proof: LetterProofAnswer) -> str:
    if proof.locked:
        return _("Noted. Sending is still locked: %(reason)s.") % {"reason": proof.locked}
    return _("Noted. Nothing stands in the way of sending any more.")


def _proof(number: int) -> LetterProofAnswer:
    try:
        return records.proof(number, running().clock.now())
    except (NotFound, OverflowError) as error:
        raise Http404 from error


def _page(
    request: HttpRequest, proof: LetterProofAnswer, error: LettershopError | None = None
) -> HttpResponse:
    accepted = {one.key: one for one in proof.accepted}
    found = proof.proved.findings if proof.proved else ()
    every = proof.proved.classes if proof.proved else ()
    known = {
        "proof": proof,
        "cancel": f"/proofs/{proof.id}/cancel",
        "running": proof.state == "running",
        "classes": [(one, accepted.get(one.id)) for one in every[:CLASSES]],
        "beyond": len(every[CLASSES:]),
        "beyond_people": sum(one.count for one in every[CLASSES:]),
        "findings": [(one, accepted.get(one.key), one.key in proof.open) for one in found],
        "warned": _warned(found),
        "states": PROOF,
        "fates": FATES,
        "error": error,
    }
    return render(request, "content/proof.html", known, status=400 if error else 200)


def _warned(findings: Sequence[LetterFindingAnswer]) -> frozenset[str]:
    """Classes of which somebody may say that they are meant."""
    of = {level: {c for f in findings if f.level == level for c in f.classes} for level in LEVELS}
    return frozenset(of["warning"] - of["error"])
