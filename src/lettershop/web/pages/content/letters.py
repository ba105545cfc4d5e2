"""Letters: the list of templates, and one of them as anybody gets it; content_proofs.py proves."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from lettershop.app.letters import Letters
from lettershop.app.running import running
from lettershop.app.seeds import send_test
from lettershop.content.preview.dark import dark
from lettershop.content.preview.inert import POLICY, inert
from lettershop.model.errors import LettershopError, NotFound
from lettershop.web.middleware import HEADERS
from lettershop.web.pages.content import views
from lettershop.web.pages.content.asked import TABS, Asked, address, asked_of
from lettershop.web.pages.roles import principal

CSP = "Content-Security-Policy"
FRAMING = f"{HEADERS[CSP]}; frame-src 'self'"
"""The page may show what this server says in a frame, nothing from elsewhere."""

PROOFS = 5
"""Proofs of a template that its page names."""


def show(request: HttpRequest) -> HttpResponse:
    with running().engine.read() as workspace:
        known = {"lines": views.lines(Letters(workspace, principal(request)))}
    return render(request, "content/list.html", known)


def letter(request: HttpRequest, name: str) -> HttpResponse:
    """A template's page: the letter of somebody, beside what was proved of everybody's."""
    return letter_page(request, name, asked_of(request.GET))


def letter_page(
    request: HttpRequest, name: str, asked: Asked, error: LettershopError | None = None
) -> HttpResponse:
    try:
        with running().engine.read() as workspace:
            known = _known(Letters(workspace, principal(request)), name, asked)
    except NotFound as missing:
        raise Http404 from missing
    said = error or known["shown_error"]
    known |= {"error": said, "tabs": TABS}
    response = render(request, "content/letter.html", known, status=400 if error else 200)
    response[CSP] = FRAMING
    return response


def frame(request: HttpRequest, name: str) -> HttpResponse:
    """The letter's HTML and nothing else, for the sandboxed frame of the page."""
    asked = asked_of(request.GET)
    try:
        with running().engine.read() as workspace:
            found = views.previewed(Letters(workspace, principal(request)), name, asked)
    except LettershopError as error:
        raise Http404 from error
    if found.fate != "letter":
        raise Http404
    html = dark(found.html) if asked.dark else found.html
    response = HttpResponse(inert(html))
    response[CSP] = POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Referrer-Policy"] = "no-referrer"
    return response


def test_letter(request: HttpRequest, name: str) -> HttpResponse:
    """Send what the page shows to the seeds."""
    asked = asked_of(request.POST)
    try:
        with running().engine.read() as workspace:
            letters = Letters(workspace, principal(request))
            sent = send_test(letters, views.previewed(letters, name, asked))
    except NotFound as error:
        return _absent(request, name, asked, error)
    except LettershopError as error:
        return letter_page(request, name, asked, error)
    for one in sent:
        messages.success(request, f"Sent to {one.to}: {one.where}")
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
