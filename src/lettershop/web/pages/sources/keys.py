"""Sources: what sends us facts, how it does, and the write keys it sends with."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lettershop.access.keys import create_key, create_source, find_source, revoke_key
from lettershop.access.models import SOURCE_KINDS, Source
from lettershop.app.connecting import address, connecting_lines
from lettershop.app.running import running
from lettershop.app.sources import DAYS, source_states
from lettershop.model.errors import LettershopError
from lettershop.web.pages.roles import principal
from lettershop.web.pages.sources.said import KINDS
from lettershop.web.pages.telling import tell


def sources(request: HttpRequest) -> HttpResponse:
    return _page(request)


def add_source(request: HttpRequest) -> HttpResponse:
    """A source; for an owner with its first key, shown in the answer and never again."""
    name, kind = request.POST.get("name", "").strip(), request.POST.get("kind", "website")
    try:
        source = create_source(name, kind, by=principal(request))
    except LettershopError as error:
        return _page(request, error=error)
    if not principal(request).may("owner"):
        tell(request, _("%(name)s is added; an owner can make its write key.") % {"name": name})
        return redirect("/sources")
    __, secret = create_key(source, by=principal(request))
    return _page(request, made=source, secret=secret)


def new_source_key(request: HttpRequest, name: str) -> HttpResponse:
    try:
        source = find_source(name)
    except LettershopError as error:
        return _page(request, error=error)
    __, secret = create_key(source, by=principal(request))
    return _page(request, made=source, secret=secret)


def revoke_source_key(request: HttpRequest, name: str) -> HttpResponse:
    """After a question: a revoked key comes back to nobody."""
    prefix = request.POST.get("prefix", "")
    if request.method == "GET":
        return _sure(request, name, request.GET.get("prefix", "")[:100])
    try:
        key = revoke_key(prefix, source=name, by=principal(request))
    except LettershopError as error:
        return _page(request, error=error)
    said = _("The key %(key)s… of %(name)s opens nothing any more.")
    tell(request, said % {"key": key.prefix, "name": name})
    return redirect("/sources")


def _sure(request: HttpRequest, name: str, prefix: str) -> HttpResponse:
    text = _(
        "Whatever still sends with the key %(key)s… is turned away from now on, and what it sends"
        " is lost. This cannot be taken back; a new key can be made at any time."
    )
    known = {
        "title": _("Revoke a key of %(name)s") % {"name": name},
        "text": text % {"key": prefix},
        "address": f"/sources/{name}/revoke",
        "fields": {"prefix": prefix},
        "action": _("Revoke the key"),
        "back": "/sources",
        "number": None,
    }
    return render(request, "confirm.html", known)


def _page(
    request: HttpRequest,
    *,
    error: LettershopError | None = None,
    made: Source | None = None,
    secret: str = "",
) -> HttpResponse:
    server = running()
    lines = connecting_lines(address(server.engine.workspace.settings), secret)
    website = made is not None and made.kind == "website"
    with server.engine.read() as workspace:
        states = source_states(workspace, server.clock.now())
    known = {
        "states": states,
        "days": DAYS,
        "kinds": {kind: KINDS[kind] for kind in SOURCE_KINDS},
        "error": error,
        "typed": request.POST if error else {},
        "made": made,
        "secret": secret,
        "lines": sorted(lines, key=lambda way: (way.title == "Website") != website),
        "tab": "sources",
    }
    return render(request, "sources/sources.html", known, status=400 if error else 200)
