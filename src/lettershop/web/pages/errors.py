"""Plain pages for what went wrong; they never say what happened inside."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def refused(request: HttpRequest, needed: str) -> HttpResponse:
    return _page(request, 403, "Not yours to do", f"This needs the role {needed}. Ask an owner.")


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    text = "The form was too old, or came from elsewhere. Go back, load the page again and repeat."
    return _page(request, 403, "This form cannot be used", text)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 400, "This cannot be read", "The request does not make sense here.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 403, "Not yours to do", "Ask an owner of the workspace.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 404, "Nothing here", "There is no page at this address.")


def broken(request: HttpRequest) -> HttpResponse:
    text = "Something broke on our side. It is in the server's log; try again in a moment."
    nobody: dict[str, object] = {"user": None, "messages": ()}  # to ask who it is may be what broke
    return _page(request, 500, "That went wrong", text, nobody)


def _page(
    request: HttpRequest, status: int, title: str, text: str, more: dict[str, object] | None = None
) -> HttpResponse:
    known = {"status": status, "title": title, "text": text} | (more or {})
    return render(request, "error.html", known, status=status)
