"""What a template was, is, and would be once it is published."""

from typing import Final
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lettershop.app.letter_publishing import letter_change, publish_letter
from lettershop.app.running import running
from lettershop.app.template_answers import (
    TemplateVersionAnswer,
    template_version,
    template_versions as versions_of,
)
from lettershop.app.templating import file_diff
from lettershop.model.errors import DefinitionError, LettershopError, NotFound
from lettershop.web.pages.content.states import CAMPAIGN, COLOURS, STATES
from lettershop.web.pages.content.texts import said
from lettershop.web.pages.roles import principal
from lettershop.web.pages.telling import tell

LONGEST_NOTE: Final = 2_000


def template_changes(request: HttpRequest, name: str) -> HttpResponse:
    """What publishing would change, who sends it, and all versions."""
    return _page(request, name)


def publish_template(request: HttpRequest, name: str) -> HttpResponse:
    expected = said(request.POST, "fingerprint", 100)
    note = said(request.POST, "note", LONGEST_NOTE)
    try:
        with running().engine.read() as workspace:
            number = publish_letter(workspace, name, expected, note, principal(request))
    except NotFound as error:
        raise Http404 from error
    except LettershopError as error:
        return _page(request, name, error)
    if number is None:
        tell(request, _("“%(name)s” is not in force any more.") % {"name": name})
        return redirect("/content")
    text = _("Version %(number)s of “%(name)s” is in force.")
    tell(request, text % {"number": number, "name": name})
    return redirect(f"/content/{quote(name)}/-/changes")


def template_version_page(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """What a version said, and what it changed of the one before."""
    try:
        found, rows = template_version(name, number), versions_of(name)
        before = next((row.number for row in rows if row.number < number), None)
        former = {} if before is None else template_version(name, before).files
    except (NotFound, OverflowError) as error:
        raise Http404 from error
    known = {
        "name": name,
        "found": found,
        "before": before,
        "files": sorted(found.files.items()),
        "diff": lined(file_diff(former, found.files)),
        "states": STATES,
        "colours": COLOURS,
    }
    return render(request, "content/version.html", known)


def _page(request: HttpRequest, name: str, error: LettershopError | None = None) -> HttpResponse:
    rows, change, wrong = _versions(name), None, error
    try:
        with running().engine.read() as workspace:
            change = letter_change(workspace, name)
    except NotFound as missing:
        raise Http404 from missing
    except DefinitionError as unreadable:
        wrong = error or unreadable
    known = {
        "name": name,
        "tab": "changes",
        "found": change,
        "diff": lined(change.change.diff) if change and change.change else [],
        "rows": rows,
        "findings": change.findings if change else getattr(wrong, "findings", ()),
        "error": error if error and not isinstance(error, DefinitionError) else None,
        "states": STATES,
        "colours": COLOURS,
        "campaigns": CAMPAIGN,
    }
    return render(request, "content/changes.html", known, status=400 if error else 200)


def _versions(name: str) -> list[TemplateVersionAnswer]:
    try:
        return versions_of(name)
    except NotFound:
        return []


def lined(diff: str) -> list[tuple[str, str]]:
    """Each line of a difference with its kind: `file`, `place`, `add`, `gone`, `same`."""
    return [(_kind(line), line) for line in diff.splitlines()]


def _kind(line: str) -> str:
    if line.startswith(("--- ", "+++ ")):
        return "file"
    return {"@": "place", "+": "add", "-": "gone"}.get(line[:1], "same")
