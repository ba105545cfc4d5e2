"""Between the upload of a file and its import: the mapping, the first rows, a dry run."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lettershop.app.drafts import Draft
from lettershop.app.running import running
from lettershop.model.errors import LettershopError, NotFound
from lettershop.web.pages.roles import principal
from lettershop.web.pages.telling import tell


def import_mapping(request: HttpRequest, id: str) -> HttpResponse:
    """GET shows how the file would be read; POST takes another mapping, and does what is asked."""
    draft = _draft(id)
    if request.method != "POST":
        return _page(request, draft)
    try:
        draft = running().drafts.say(id, request.POST.get("mapping", draft.text))
        match request.POST.get("do", ""):
            case "try":
                return _order(request, id, dry_run=True)
            case "import":
                return _order(request, id, dry_run=False)
            case _:
                return redirect(f"/sources/imports/{id}/mapping")
    except LettershopError as error:
        return _page(request, draft, error)


def import_rows(request: HttpRequest, id: str) -> HttpResponse:
    """The part of the page that takes a moment: columns and first rows as they would be read."""
    draft = _draft(id)
    if request.method == "POST":
        try:
            draft = running().drafts.say(id, request.POST.get("mapping", draft.text))
        except LettershopError as error:
            return render(request, "parts/told.html", {"error": error})
    known = {"draft": draft, "looked": running().drafts.look(draft)}
    return render(request, "sources/import_rows.html", known)


def drop_import(request: HttpRequest, id: str) -> HttpResponse:
    """The file is thrown away; whoever wants it back uploads it again."""
    try:
        draft = running().drafts.drop(id)
    except NotFound:
        raise Http404 from None
    except LettershopError as error:
        tell(request, error.message, mood="bad")
        return redirect(f"/sources/imports/{id}")
    tell(request, _("%(file)s is thrown away.") % {"file": draft.name})
    return redirect("/sources/imports")


def _order(request: HttpRequest, id_: str, *, dry_run: bool) -> HttpResponse:
    running().drafts.order(
        id_,
        principal(request).name,
        dry_run=dry_run,
        again=bool(request.POST.get("again")),
        allow_refused=bool(request.POST.get("allow_refused")),
    )
    return redirect(f"/sources/imports/{id_}")


def _page(request: HttpRequest, draft: Draft, error: LettershopError | None = None) -> HttpResponse:
    wanted = "rows" in request.GET  # asked for by browsers without scripts
    looked = running().drafts.look(draft) if wanted else None
    known = {"draft": draft, "looked": looked, "error": error, "tab": "imports"}
    return render(request, "sources/import_mapping.html", known, status=400 if error else 200)


def _draft(id_: str) -> Draft:
    try:
        return running().drafts.find(id_)
    except NotFound:
        raise Http404 from None
