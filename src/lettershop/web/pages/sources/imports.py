"""Imports of files: those that were, the one under way, and one more."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lettershop.app.imports import ImportJob
from lettershop.app.running import running
from lettershop.model.clock import parse_instant
from lettershop.model.errors import LettershopError, NotFound
from lettershop.web.api.uploads import send_file
from lettershop.web.pages.roles import principal
from lettershop.web.pages.sources.said import COLOURS, IMPORT_STATES, PHASES
from lettershop.web.pages.telling import tell

SHOWN: Final = 50
MOVING: Final = ("waiting", "running")


def imports(request: HttpRequest, error: LettershopError | None = None) -> HttpResponse:
    server = running()
    known = {
        "jobs": [_drawn(job) for job in server.imports.jobs()[:SHOWN]],
        "drafts": server.drafts.all()[:SHOWN],
        "error": error,
        "tab": "imports",
    }
    return render(request, "sources/imports.html", known, status=400 if error else 200)


def upload_file(request: HttpRequest) -> HttpResponse:
    """A file becomes a draft: next is to look at how it would be read."""
    file = request.FILES.get("file")
    if file is None:
        return imports(request, NotFound("import.no_file", _("Choose a file first.")))
    try:
        draft = running().drafts.begin(
            file.name or "upload", file.chunks(), principal(request).name
        )
    except LettershopError as error:
        return imports(request, error)
    return redirect(f"/sources/imports/{draft.id}/mapping")


def one_import(request: HttpRequest, id: str) -> HttpResponse:
    return render(request, "sources/import.html", _known(id) | {"tab": "imports"})


def import_part(request: HttpRequest, id: str) -> HttpResponse:
    return render(request, "sources/import_part.html", _known(id))


def cancel_import(request: HttpRequest, id: str) -> HttpResponse:
    try:
        job = running().imports.cancel(id)
    except NotFound:
        raise Http404 from None
    except LettershopError as error:
        tell(request, error.message, mood="bad")
    else:
        tell(request, _("%(file)s is cancelled; nothing of it is stored.") % {"file": job.name})
    return redirect(f"/sources/imports/{id}")


def import_refused(request: HttpRequest, id: str) -> HttpResponseBase:
    """The refused rows as CSV: line, code, reason, row."""
    try:
        path = running().imports.refused(id)
        opened = path.open("rb")
    except (NotFound, FileNotFoundError):
        raise Http404 from None
    return send_file(request, opened, f"refused-{id}.csv", "text/csv; charset=utf-8")


def _known(id_: str) -> dict[str, object]:
    server = running()
    try:
        job = server.imports.job(id_)
    except NotFound:
        raise Http404 from None
    drafted = any(draft.id == id_ for draft in server.drafts.all())
    return {**_drawn(job), "drafted": drafted}


def _drawn(job: ImportJob) -> dict[str, object]:
    progress = job.progress
    return {
        "job": job,
        "says": IMPORT_STATES[job.state],
        "colour": COLOURS[job.state],
        "moving": job.state in MOVING,
        "phase": PHASES[progress.phase] if progress else IMPORT_STATES[job.state],
        "at": parse_instant(job.created_at),
        "finished": parse_instant(job.finished_at) if job.finished_at else None,
        "refused_rows": sum(job.report.refused.values()) if job.report else 0,
    }
