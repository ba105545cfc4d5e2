"""How a viewer reads: language, time zone, colours. Chosen on the page of one's account; else the
browser's language and zone, and the workspace's zone where no script has told the browser's."""

from collections.abc import Callable
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from lettershop.access.models import User
from lettershop.app.running import workspace_zone
from lettershop.app.settings import zones

COOKIE: Final = "zone"
"""Set by static/frame.js: the browser's time zone."""
THEMES: Final = ("auto", "light", "dark")

Answer = Callable[[HttpRequest], HttpResponseBase]


class Choices:
    """After authentication. Language and zone hold for this request only."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(("/api/", "/static/")):
            return self.get_response(request)
        language = language_of(request)
        with translation.override(language), timezone.override(ZoneInfo(zone_of(request))):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response


def language_of(request: HttpRequest) -> str:
    user = _user(request)
    if user is not None and user.language in dict(settings.LANGUAGES):
        return user.language
    return translation.get_language_from_request(request)


def zone_of(request: HttpRequest) -> str:
    user = _user(request)
    told = request.COOKIES.get(COOKIE, "").replace("%2F", "/")
    for zone in (user.zone if user else "", told, workspace_zone()):
        if zone in zones():
            return zone
    return "UTC"


def theme_of(request: HttpRequest) -> str:
    user = _user(request)
    return user.theme if user is not None and user.theme in THEMES else "auto"


def _user(request: HttpRequest) -> User | None:
    user = getattr(request, "user", None)
    return user if isinstance(user, User) else None
