"""Plain pages for what went wrong; they never say what happened inside."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext as _

from lettershop import __version__

ALONE: Final = {"user": None, "told": (), "theme": "auto", "version": __version__}


def refused(request: HttpRequest, needed: str) -> HttpResponse:
    text = _("This needs the role %(role)s. Ask an owner.") % {"role": needed}
    return _page(request, 403, _("Not yours to do"), text)


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    text = _("It was too old, or came from elsewhere. Go back, load the page again and repeat.")
    return _page(request, 403, _("This form cannot be used"), text)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    text = _("The request does not make sense here.")
    return _page(request, 400, _("This cannot be read"), text)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 403, _("Not yours to do"), _("Ask an owner of the workspace."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 404, _("Nothing here"), _("There is no page at this address."))


def broken(request: HttpRequest) -> HttpResponse:
    """Without the request: to ask who it is may be what broke."""
    text = _("Something broke on our side. It is in the server's log; try again in a moment.")
    known = {"status": 500, "title": _("That went wrong"), "text": text}
    known |= ALONE | {"language": get_language() or "en"}
    return HttpResponse(render_to_string("error.html", known), status=500)


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    known = {"status": status, "title": title, "text": text}
    return render(request, "error.html", known, status=status)
