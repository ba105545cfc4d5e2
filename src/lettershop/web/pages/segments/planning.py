"""The folder beside what is in force: what publishing would change, and publishing it."""

from difflib import ndiff

import msgspec
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, ngettext

from lettershop.app.plans import Applied, Change, Plan
from lettershop.app.publishing import Publisher
from lettershop.app.running import running
from lettershop.model.errors import LettershopError
from lettershop.web.pages.roles import principal
from lettershop.web.pages.segments.said import EVERYTHING
from lettershop.web.pages.segments.segment import findings_of
from lettershop.web.pages.telling import tell

LONGEST_NOTE = 2_000


class DiffLine(msgspec.Struct, frozen=True):
    """`sign`: “+”, “-” or a blank."""

    sign: str
    text: str


class Drawn(msgspec.Struct, frozen=True):
    """A change with its text line by line."""

    change: Change
    lines: tuple[DiffLine, ...]


def segments_plan(request: HttpRequest) -> HttpResponse:
    """Counted after the page is there."""
    prune = "prune" in request.GET
    if "whole" not in request.GET:
        return render(request, "segments/plan.html", {"waiting": True, "prune": prune})
    return plan_page(request, prune=prune)


def plan_page(
    request: HttpRequest, *, prune: bool, error: LettershopError | None = None
) -> HttpResponse:
    known: dict[str, object] = {"prune": prune, **EVERYTHING}
    try:
        with running().engine.read() as workspace:
            found = Publisher(workspace, principal(request)).plan(prune=prune)
        known |= drawn(found)
    except LettershopError as wrong:
        error = error or wrong
    known |= {"error": error, "findings": findings_of(error) if error else []}
    refused = error is not None and request.method == "POST"
    return render(request, "segments/plan.html", known, status=400 if refused else 200)


def drawn(plan: Plan) -> dict[str, object]:
    """What segments/changes_planned.html draws."""
    return {
        "plan": plan,
        "changes": [Drawn(change, _lines(change)) for change in plan.changes],
        "entering": sum(change.entering for change in plan.changes),
        "leaving": sum(change.leaving for change in plan.changes),
    }


def _lines(change: Change) -> tuple[DiffLine, ...]:
    if change.text_before == change.text_after:
        return ()
    both = ndiff(change.text_before.splitlines(), change.text_after.splitlines())
    return tuple(DiffLine(line[0], line[2:]) for line in both if line[:1] != "?")


def segments_apply(request: HttpRequest) -> HttpResponseBase:
    """Publish what was shown, all of it."""
    prune = "prune" in request.POST
    try:
        with running().engine.read() as workspace:
            applied = Publisher(workspace, principal(request)).apply(
                prune=prune,
                allow_size=request.POST.getlist("allow"),
                revision=revision_of(request),
                fingerprint=request.POST.get("fingerprint"),
                note=request.POST.get("note", "")[:LONGEST_NOTE],
            )
    except LettershopError as error:
        return plan_page(request, prune=prune, error=error)
    tell(request, published(applied))
    return redirect("/segments")


def revision_of(request: HttpRequest) -> int:
    """That of the plan that was shown; one nobody has where the form says none."""
    said = request.POST.get("revision", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 12 else -1


def published(applied: Applied) -> str:
    """What is said after it was done."""
    if applied.plan.empty and not applied.templates:
        return _("Nothing had to be published: all of it is in force.")
    many = len(applied.versions)
    said = ngettext(
        "%(many)s segment is in force in a new version.",
        "%(many)s segments are in force in new versions.",
        many,
    )
    parts = [said % {"many": many}]
    if applied.removed:
        gone = ngettext("%(many)s is removed.", "%(many)s are removed.", len(applied.removed))
        parts.append(gone % {"many": len(applied.removed)})
    if applied.templates:
        made = ngettext("%(many)s letter, too.", "%(many)s letters, too.", len(applied.templates))
        parts.append(made % {"many": len(applied.templates)})
    return " ".join(parts)
