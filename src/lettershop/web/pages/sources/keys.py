"""Sources: what sends us facts, and the write keys they send with."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from lettershop.access.keys import create_key, create_source, find_source, revoke_key
from lettershop.access.models import SOURCE_KINDS, Source
from lettershop.app.connecting import address, connecting_lines
from lettershop.app.running import running
from lettershop.model.errors import LettershopError
from lettershop.web.pages.roles import principal


def show(request: HttpRequest) -> HttpResponse:
    return _page(request)


def add(request: HttpRequest) -> HttpResponse:
    """A source; for an owner with its first key, shown in the answer and never again."""
    name, kind = request.POST.get("name", "").strip(), request.POST.get("kind", "website")
    try:
        source = create_source(name, kind, by=principal(request))
    except LettershopError as error:
        return _page(request, error=error)
    if not principal(request).may("owner"):
        messages.success(request, f"{name} is added; an owner can make its write key.")
        return redirect("/sources")
    _, secret = create_key(source, by=principal(request))
    return _page(request, made=source, secret=secret)


def new_key(request: HttpRequest, name: str) -> HttpResponse:
    try:
        source = find_source(name)
    except LettershopError as error:
        return _page(request, error=error)
    _, secret = create_key(source, by=principal(request))
    return _page(request, made=source, secret=secret)


def revoke(request: HttpRequest, name: str) -> HttpResponse:
    try:
        key = revoke_key(request.POST.get("prefix", ""), source=name, by=principal(request))
    except LettershopError as error:
        return _page(request, error=error)
    messages.success(request, f"The key {key.prefix}… of {name} opens nothing any more.")
    return redirect("/sources")


def _page(
    request: HttpRequest,
    *,
    error: LettershopError | None = None,
    made: Source | None = None,
    secret: str = "",
) -> HttpResponse:
    lines = connecting_lines(address(running().engine.workspace.settings), secret)
    website = made is not None and made.kind == "website"
    known = {
        "sources": Source.objects.prefetch_related("keys"),
        "kinds": SOURCE_KINDS,
        "error": error,
        "typed": request.POST if error else {},
        "made": made,
        "secret": secret,
        "lines": sorted(lines, key=lambda way: (way.title == "Website") != website),
    }
    return render(request, "sources/sources.html", known, status=400 if error else 200)
