"""Which role a page needs: said where its address is (urls.py), checked before the view runs."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Literal, Protocol
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from lettershop.access.models import User
from lettershop.access.principal import Principal, Role
from lettershop.web.pages.errors import refused

Needed = Role | Literal["anyone"]
View = Callable[..., HttpResponseBase]


class Page(Protocol):
    """A view that knows who may see it, and how it may be asked."""

    needs: Needed
    methods: tuple[str, ...]

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase: ...


def page(route: str, view: View, needs: Needed, methods: str = "GET") -> URLPattern:
    """An address whose view runs for those who may; anonymous visitors are asked to sign in.

    `methods`: "GET", "POST" or both; others are answered with 405.
    """
    allowed = tuple(methods.split())
    named = ["HEAD", *allowed] if "GET" in allowed else [*allowed]
    checked = require_http_methods(named)(view)

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if needs != "anyone":
            user = request.user
            if not isinstance(user, User):
                return _sign_in_first(request)
            if not user.principal.may(needs):
                return refused(request, needs)
        return checked(request, *args, **kwargs)

    guarded.needs, guarded.methods = needs, allowed  # type: ignore[attr-defined]
    return path(route, guarded, name=view.__name__)


def who(request: HttpRequest) -> User:
    """The signed-in user of a page that needs a role."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("this page was declared for anyone")
    return user


def principal(request: HttpRequest) -> Principal:
    return who(request).principal


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    if (
        "HX-Request" in request.headers or request.headers.get("X-Requested-With") == "fetch"
    ):  # the live page's script: no form here
        return HttpResponse("signed out", status=401, content_type="text/plain")
    after = request.get_full_path() if request.method == "GET" else "/"
    return redirect("/login" + ("" if after == "/" else "?" + urlencode({"next": after})))
