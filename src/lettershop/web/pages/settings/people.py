"""Users, for owners; the API tokens are on the same page (tokens.py)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from lettershop.access.models import AuditEntry, Token, User
from lettershop.access.principal import ROLES
from lettershop.access.users import (
    activate,
    create_user,
    deactivate,
    role_named,
    set_password,
    set_role,
)
from lettershop.model.errors import LettershopError, UsageError
from lettershop.web.pages.roles import principal

TRAIL = 20
"""Entries of the audit trail on the page."""


def show(request: HttpRequest) -> HttpResponse:
    return people_page(request)


def add(request: HttpRequest) -> HttpResponse:
    """A user with a random password, shown in the answer and never again."""
    try:
        role = role_named(request.POST.get("role", ""))
        user, password = create_user(request.POST.get("email", ""), role, by=principal(request))
    except LettershopError as error:
        return people_page(request, error=error)
    return people_page(request, shown=f"The password of {user.email}", secret=password)


def change(request: HttpRequest, user: int) -> HttpResponse:
    """One of: another role, a new random password, disable, enable."""
    found, by = get_object_or_404(User, pk=user), principal(request)
    try:
        match request.POST.get("do"):
            case "role":
                set_role(found, role_named(request.POST.get("role", "")), by=by)
                messages.success(request, f"{found.email} is {found.role} now.")
            case "password":
                password = set_password(found, by=by)
                shown = f"The new password of {found.email}"
                return people_page(request, shown=shown, secret=password)
            case "disable":
                deactivate(found, by=by)
                messages.success(request, f"{found.email} can no longer sign in.")
            case "enable":
                activate(found, by=by)
                messages.success(request, f"{found.email} can sign in again.")
            case _:
                raise UsageError("user.change", "this change is not known")
    except LettershopError as error:
        return people_page(request, error=error)
    return redirect("/settings/people")


def people_page(
    request: HttpRequest,
    *,
    error: LettershopError | None = None,
    shown: str = "",
    secret: str = "",
) -> HttpResponse:
    """`secret` with the words `shown` above it: the only time it is seen."""
    known = {
        "users": User.objects.order_by("-active", "email"),
        "tokens": Token.objects.order_by("revoked", "name"),
        "trail": AuditEntry.objects.all()[:TRAIL],
        "roles": ROLES,
        "error": error,
        "typed": request.POST if error else {},
        "shown": shown,
        "secret": secret,
    }
    return render(request, "settings/people.html", known, status=400 if error else 200)
