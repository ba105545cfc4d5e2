"""API tokens, for owners."""

from datetime import timedelta
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from lettershop.access.models import Token
from lettershop.access.principal import ROLES
from lettershop.access.tokens import create_token, revoke_token
from lettershop.access.users import role_named
from lettershop.model.errors import LettershopError, UsageError
from lettershop.web.pages.roles import principal
from lettershop.web.pages.settings.people import ROLE_WORDS
from lettershop.web.pages.telling import tell

LONGEST_DAYS: Final = 3_650


def tokens(request: HttpRequest) -> HttpResponse:
    return _page(request)


def add_token(request: HttpRequest) -> HttpResponse:
    """A token whose secret is shown in the answer and never again."""
    try:
        days = _days(request.POST.get("days", ""))
        expires = timezone.now() + timedelta(days=days) if days else None
        role = role_named(request.POST.get("role", ""))
        name = request.POST.get("name", "")
        token, secret = create_token(name, role, principal(request), expires)
    except LettershopError as error:
        return _page(request, error=error)
    shown = _("The API token “%(name)s”") % {"name": token.name}
    return _page(request, shown=shown, secret=secret)


def revoke_one_token(request: HttpRequest, token: int) -> HttpResponse:
    """After a question: a revoked token comes back to nobody."""
    found = get_object_or_404(Token, pk=token)
    if request.method != "POST":
        return _sure(request, found)
    try:
        revoke_token(found.name, by=principal(request))
    except LettershopError as error:
        return _page(request, error=error)
    tell(request, _("The token “%(name)s” opens nothing any more.") % {"name": found.name})
    return redirect("/settings/tokens")


def _sure(request: HttpRequest, token: Token) -> HttpResponse:
    text = _(
        "The program that uses it is turned away from now on. This cannot be taken back; a new"
        " token can be made at any time."
    )
    known: dict[str, object] = {
        "title": _("Revoke the token “%(name)s”") % {"name": token.name},
        "text": text,
        "address": f"/settings/tokens/{token.pk}/revoke",
        "fields": {},
        "action": _("Revoke the token"),
        "back": "/settings/tokens",
        "number": None,
    }
    return render(request, "confirm.html", known)


def _page(
    request: HttpRequest,
    *,
    error: LettershopError | None = None,
    shown: str = "",
    secret: str = "",
) -> HttpResponse:
    known = {
        "tokens": Token.objects.order_by("revoked", "name"),
        "roles": {role: ROLE_WORDS[role] for role in ROLES},
        "error": error,
        "typed": request.POST if error else {},
        "shown": shown,
        "secret": secret,
    }
    return render(request, "settings/tokens.html", known, status=400 if error else 200)


def _days(text: str) -> int:
    """Days until a token runs out; 0, when nothing was typed, for never."""
    text = text.strip()
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= LONGEST_DAYS):
        message = f"“{text[:20]}” is not a number of days from 1 to {LONGEST_DAYS}"
        raise UsageError("token.days", message)
    return int(text)
