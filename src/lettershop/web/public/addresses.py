"""The addresses that a process without facts answers itself; everything else is handed over."""

from typing import Final

from django.http import HttpRequest, HttpResponse

from lettershop.web.pages import assets, errors
from lettershop.web.pages.roles import page
from lettershop.web.public import leaving, links
from lettershop.web.public.shown import lost

BEGINNINGS: Final = ("/c/", "/o/", "/u/", "/static/")

PAGES: Final = (
    page("static/<str:name>", assets.asset, "anyone"),
    page("c/<str:token>", links.follow, "anyone"),
    page("o/<str:token>.gif", links.pixel, "anyone"),
    page("u/<str:token>", leaving.leave, "anyone", "GET POST"),
    page("u/<str:token>/topics", leaving.topics, "anyone", "GET POST"),
)

urlpatterns = [*PAGES]


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return lost(request)


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Pages about it need addresses that are not here."""
    text = "The request does not make sense here.\n"
    return HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")


handler400 = handler403 = refused
handler404 = not_found
handler500 = errors.broken
