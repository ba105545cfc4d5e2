"""Signing in and out."""

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters

from lettershop.access.models import User
from lettershop.access.throttle import attempt, succeeded

LONGEST_PASSWORD = 1_000


@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _try(request)
    if isinstance(request.user, User):
        return HttpResponseRedirect(_after(request))
    return _form(request)


def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("/login")


def _try(request: HttpRequest) -> HttpResponse:
    email, password = request.POST.get("email", "").strip(), request.POST.get("password", "")
    ip = request.META.get("REMOTE_ADDR") or ""
    seconds = attempt(email, ip)
    if seconds:
        message = f"Too many failed tries. The next one is possible in {_duration(seconds)}."
        response = _form(request, message, status=429)
        response["Retry-After"] = str(seconds)
        return response
    usable = len(password) <= LONGEST_PASSWORD and "\0" not in email + password
    found = authenticate(request, username=email.lower(), password=password) if usable else None
    if found is None:
        return _form(request, "This address and password do not belong together.", status=400)
    succeeded(email, ip)
    login(request, found)
    return HttpResponseRedirect(_after(request))


def _form(request: HttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    known = {"error": error, "email": request.POST.get("email", ""), "next": _after(request)}
    return render(request, "login.html", known, status=status)


def _after(request: HttpRequest) -> str:
    """Where to go then: an address of ours or the first page."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if ours and wanted.startswith("/") else "/"


def _duration(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} seconds"
    return f"{-(-seconds // 60)} minutes"
