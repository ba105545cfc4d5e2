"""One's own password."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from lettershop.access.throttle import attempt, succeeded
from lettershop.access.users import set_password
from lettershop.model.errors import LettershopError
from lettershop.web.pages.roles import principal, who


def show(request: HttpRequest) -> HttpResponse:
    return _form(request)


@sensitive_post_parameters()
def change_password(request: HttpRequest) -> HttpResponse:
    """Needs the present password, throttled as signing in is; ends all other sessions."""
    user, ip = who(request), request.META.get("REMOTE_ADDR") or ""
    if seconds := attempt(user.email, ip):
        response = _form(request, f"Too many failed tries. Wait {seconds} seconds.", 429)
        response["Retry-After"] = str(seconds)
        return response
    if not user.check_password(request.POST.get("present", "")):
        return _form(request, "The present password is not right.", 400)
    succeeded(user.email, ip)
    new = request.POST.get("new", "")
    if new != request.POST.get("again", ""):
        return _form(request, "The two new passwords are not the same.", 400)
    try:
        set_password(user, new, by=principal(request))
    except LettershopError as error:
        return _form(request, error.message, 400)
    update_session_auth_hash(request, user)
    messages.success(request, "Your password is changed; you are signed out everywhere else.")
    return redirect("/account")


def _form(request: HttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    return render(request, "settings/account.html", {"error": error}, status=status)
