"""A template's page: its letter as anybody gets it, beside what was proved of everybody's."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lettershop.app.letters import Letters
from lettershop.app.running import running
from lettershop.app.seeds import send_test
from lettershop.content.preview.dark import dark
from lettershop.content.preview.inert import POLICY, inert
from lettershop.model.errors import LettershopError, NotFound
from lettershop.web.pages.content import views
from lettershop.web.pages.content.asked import Asked, address, asked_of
from lettershop.web.pages.content.states import FATES, PROOF, TABS
from lettershop.web.pages.roles import principal
from lettershop.web.pages.telling import tell

PROOFS = 5
"""Proofs of a template that its page names."""


def letter(request: HttpRequest, name: str) -> HttpResponse:
    """A template's page: the letter of somebody, beside what was proved of everybody's."""
    return letter_page(request, name, asked_of(request.GET))


def letter_page(
    request: HttpRequest, name: str, asked: Asked, error: LettershopError | None = None
) -> HttpResponse:
    try:
        with running().engine.read() as workspace:
            letters = Letters(workspace, principal(request), running().catalogs)
            known = _known(letters, name, asked)
    except NotFound as missing:
        raise Http404 from missing
    said = error or known["shown_error"]
    known |= {"error": said, "tabs": TABS, "tab": "letter", "states": PROOF, "fates": FATES}
    return render(request, "content/letter.html", known, status=400 if error else 200)


def letter_frame(request: HttpRequest, name: str) -> HttpResponse:
    """The letter's HTML and nothing else, for the sandboxed frame of the page."""
    asked = asked_of(request.GET)
    try:
        with running().engine.read() as workspace:
            letters = Letters(workspace, principal(request), running().catalogs)
            found = views.previewed(letters, name, asked)
    except LettershopError as error:
        raise Http404 from error
    if found.fate != "letter":
        raise Http404
    return framed(dark(found.html) if asked.dark else found.html)


def framed(html: str) -> HttpResponse:
    """A letter as a page of its own, which can do nothing."""
    response = HttpResponse(inert(html))
    response["Content-Security-Policy"] = POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Referrer-Policy"] = "no-referrer"
    return response


def send_test_letter(request: HttpRequest, name: str) -> HttpResponse:
    """Send what the page shows to the seeds."""
    asked = asked_of(request.POST)
    try:
        with running().engine.read() as workspace:
            letters = Letters(workspace, principal(request), running().catalogs)
            sent = send_test(letters, views.previewed(letters, name, asked))
    except NotFound as error:
        return _absent(request, name, asked, error)
    except LettershopError as error:
        return letter_page(request, name, asked, error)
    for one in sent:
        tell(request, _("Sent to %(to)s: %(where)s") % {"to": one.to, "where": one.where})
    return redirect(address("content", name, asked))


def _absent(request: HttpRequest, name: str, asked: Asked, error: NotFound) -> HttpResponse:
    if error.code == "template.unknown":
        raise Http404 from error
    return letter_page(request, name, asked, error)


def _known(letters: Letters, name: str, asked: Asked) -> dict[str, object]:
    """What the page of a template needs. NotFound `template.unknown`."""
    findings = letters.check(name)
    template = None if name in letters.shelf.broken else letters.shelf.named(name)
    proofs = letters.proofs(name, PROOFS)
    newest = views.newest_proof(proofs)
    proof = None if newest is None else letters.proof(newest.id)
    usable = template is not None and all(finding.level != "error" for finding in findings)
    shown = views.shown(letters, name, asked, proof) if usable else views.Shown(asked=asked)
    segment = shown.asked.segment or (proof.segment if proof else "")
    return _of_letter(letters, shown) | {
        "name": name,
        "template": template,
        "usable": usable,
        "findings": views.all_findings(findings, shown),
        "proofs": proofs,
        "proof": proof,
        "classes": views.classes_of(proof, views.CLASSES),
        "segments": views.segments_to_send_to(letters),
        "segment": segment,
        "blocks": views.blocks_of(template) if template else [],
        "sources": views.sources_of(template) if template else [],
        "locked": views.lock_of(letters, name, segment) if usable else None,
    }


def _of_letter(letters: Letters, shown: views.Shown) -> dict[str, object]:
    text, wrong = views.tab_text(letters, shown)
    return {
        "shown": shown,
        "asked": shown.asked,
        "preview": shown.preview,
        "values": views.value_rows(shown),
        "text": text,
        "shown_error": shown.error or wrong,
        "seeds": letters.workspace.settings.seeds,
    }
