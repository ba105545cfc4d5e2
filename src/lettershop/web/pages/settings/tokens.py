"""API tokens, for owners; they are shown on the page of people."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from lettershop.access.models import Token
from lettershop.access.tokens import create_token, revoke_token
from lettershop.access.users import role_named
from lettershop.model.errors import LettershopError, UsageError
from lettershop.web.pages.roles import principal
from lettershop.web.pages.settings.people import people_page

LONGEST_DAYS = 3_650


def add(request: HttpRequest) -> HttpResponse:
    """A token whose secret is shown in the answer and never again."""
    try:
        days = _days(request.POST.get("days", ""))
        expires = timezone.now() + timedelta(days=days) if days else None
        role = role_named(request.POST.get("role", ""))
        name = request.POST.get("name", "")
        token, secret = create_token(name, role, principal(request), expires)
    except LettershopError as error:
        return people_page(request, error=error)
    return people_page(request, shown=f"The API token “{token.name}”", secret=secret)


def revoke(request: HttpRequest, token: int) -> HttpResponse:
    found = get_object_or_404(Token, pk=token)
    try:
        revoke_token(found.name, by=principal(request))
    except LettershopError as error:
        return people_page(request, error=error)
    messages.success(request, f"The token “{found.name}” opens nothing any more.")
    return redirect("/settings/people")


def _days(text: str) -> int:
    """Days until a token runs out; 0, when nothing was typed, for never."""
    text = text.strip()
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= LONGEST_DAYS):
        message = f"“{text[:20]}” is not a number of days from 1 to {LONGEST_DAYS}"
        raise UsageError("token.days", message)
    return int(text)
