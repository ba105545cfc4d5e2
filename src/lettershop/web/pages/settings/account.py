"""One's own account: password, how pages are shown, where one is signed in."""

from collections.abc import Mapping
from typing import Final

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy, ngettext, override
from django.views.decorators.debug import sensitive_post_parameters

from lettershop.access.sessions import end_other_sessions, sessions_of
from lettershop.access.throttle import attempt, succeeded
from lettershop.access.users import set_choices, set_password
from lettershop.app.settings import zones
from lettershop.model.errors import LettershopError, UsageError
from lettershop.web.pages.choices import THEMES, language_of, zone_of
from lettershop.web.pages.roles import principal, who
from lettershop.web.pages.settings.people import ROLE_WORDS
from lettershop.web.pages.telling import Undo, tell

COLOURS: Final[Mapping[str, Promise]] = {
    "auto": gettext_lazy("as the browser has it"),
    "light": gettext_lazy("light"),
    "dark": gettext_lazy("dark"),
}


def own_account(request: HttpRequest) -> HttpResponse:
    return _form(request)


@sensitive_post_parameters()
def change_password(request: HttpRequest) -> HttpResponse:
    """Needs the present password, throttled as signing in is; ends all other sessions."""
    user, ip = who(request), request.META.get("REMOTE_ADDR") or ""
    if seconds := attempt(user.email, ip):
        said = _("Too many failed tries. Wait %(seconds)s seconds.") % {"seconds": seconds}
        response = _form(request, said, 429)
        response["Retry-After"] = str(seconds)
        return response
    if not user.check_password(request.POST.get("present", "")):
        return _form(request, _("The present password is not right."), 400)
    succeeded(user.email, ip)
    new = request.POST.get("new", "")
    if new != request.POST.get("again", ""):
        return _form(request, _("The two new passwords are not the same."), 400)
    try:
        set_password(user, new, by=principal(request))
    except LettershopError as error:
        return _form(request, error.message, 400)
    update_session_auth_hash(request, user)
    tell(request, _("Your password is changed; you are signed out everywhere else."))
    return redirect("/account")


def change_choices(request: HttpRequest) -> HttpResponse:
    """Language, time zone and colours; what is left empty is as the browser says."""
    user = who(request)
    before = {"language": user.language, "zone": user.zone, "theme": user.theme or "auto"}
    language, zone = request.POST.get("language", ""), request.POST.get("zone", "").strip()
    theme = request.POST.get("theme", "auto")
    try:
        if language and language not in dict(settings.LANGUAGES):
            raise UsageError("account.language", _("This language is not there."))
        if zone and zone not in zones():
            hint = _("a name such as Europe/Berlin; empty for the browser's")
            said = _("“%(zone)s” is not a time zone.") % {"zone": zone[:60]}
            raise UsageError("account.zone", said, hint=hint)
        if theme not in THEMES:
            raise UsageError("account.theme", _("These colours are not there."))
    except UsageError as error:
        return _form(request, error, 400)
    set_choices(
        user,
        language=language,
        zone=zone,
        theme="" if theme == "auto" else theme,
        by=principal(request),
    )
    with override(language_of(request)):
        tell(request, _("Pages are shown as you chose."), undo=Undo("/account/choices", before))
    return redirect("/account")


def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere else."""
    count = end_other_sessions(who(request), request.session.session_key, by=principal(request))
    said = ngettext(
        "Signed out in %(count)s other browser.", "Signed out in %(count)s other browsers.", count
    )
    tell(request, said % {"count": count})
    return redirect("/account")


def _form(request: HttpRequest, error: object = "", status: int = 200) -> HttpResponse:
    user = who(request)
    known = {
        "error": error,
        "role": ROLE_WORDS[user.role],
        "languages": settings.LANGUAGES,
        "colours": COLOURS,
        "chosen_theme": user.theme or "auto",
        "zones": sorted(zones()),
        "zone_now": zone_of(request),
        "sessions": sessions_of(user, request.session.session_key),
    }
    return render(request, "settings/account.html", known, status=status)
