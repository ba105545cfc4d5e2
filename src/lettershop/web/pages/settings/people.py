"""Users, for owners."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from lettershop.access.models import AuditEntry, User
from lettershop.access.principal import ROLES, Role
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
from lettershop.web.pages.telling import Undo, tell

TRAIL: Final = 10
"""Entries of the audit trail on the page."""
ROLE_WORDS: Final[dict[Role, Promise]] = {
    "viewer": gettext_lazy("viewer"),
    "editor": gettext_lazy("editor"),
    "owner": gettext_lazy("owner"),
}
ABOUT_PEOPLE: Final = "user."


def people(request: HttpRequest) -> HttpResponse:
    return _page(request)


def add_person(request: HttpRequest) -> HttpResponse:
    """A user with a random password, shown in the answer and never again."""
    try:
        role = role_named(request.POST.get("role", ""))
        user, password = create_user(request.POST.get("email", ""), role, by=principal(request))
    except LettershopError as error:
        return _page(request, error=error)
    shown = _("The password of %(person)s") % {"person": user.email}
    return _page(request, shown=shown, secret=password)


def change_person(request: HttpRequest, user: int) -> HttpResponse:
    """One of: another role, a new random password, disable, enable."""
    found, by = get_object_or_404(User, pk=user), principal(request)
    back, named = f"/settings/people/{user}/change", {"person": found.email}
    try:
        match request.POST.get("do"):
            case "role":
                before = found.role
                set_role(found, role_named(request.POST.get("role", "")), by=by)
                said = _("%(person)s is %(role)s now.")
                named["role"] = str(ROLE_WORDS[found.role])
                tell(request, said % named, undo=Undo(back, {"do": "role", "role": before}))
            case "password":
                password = set_password(found, by=by)
                shown = _("The new password of %(person)s") % named
                return _page(request, shown=shown, secret=password)
            case "disable":
                deactivate(found, by=by)
                said = _("%(person)s can no longer sign in.") % named
                tell(request, said, undo=Undo(back, {"do": "enable"}))
            case "enable":
                activate(found, by=by)
                tell(request, _("%(person)s can sign in again.") % named)
            case _:
                raise UsageError("user.change", "this change is not known")
    except LettershopError as error:
        return _page(request, error=error)
    return redirect("/settings/people")


def _page(
    request: HttpRequest,
    *,
    error: LettershopError | None = None,
    shown: str = "",
    secret: str = "",
) -> HttpResponse:
    """`secret` with the words `shown` above it: the only time it is seen."""
    known = {
        "users": User.objects.order_by("-active", "email"),
        "trail": AuditEntry.objects.filter(what__startswith=ABOUT_PEOPLE)[:TRAIL],
        "roles": {role: ROLE_WORDS[role] for role in ROLES},
        "error": error,
        "typed": request.POST if error else {},
        "shown": shown,
        "secret": secret,
    }
    return render(request, "settings/people.html", known, status=400 if error else 200)
