"""consent.toml on a page: what is in force, and another text, checked before it is."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, ngettext

from lettershop.app.changing.deciding import (
    Checked,
    change_consent,
    check_consent,
    consent_text,
    former_consent,
    version_of,
)
from lettershop.app.running import running
from lettershop.compliance.policy import LIMIT
from lettershop.model.errors import DefinitionError, InputError, LettershopError
from lettershop.web.pages.roles import principal
from lettershop.web.pages.telling import Undo, tell


def consent_policy(request: HttpRequest) -> HttpResponse:
    folder = running().engine.workspace.path
    text = consent_text(folder)
    return _page(request, text, version_of(text), check_consent(folder, text))


def check_policy(request: HttpRequest) -> HttpResponse:
    """What the text would change; a part for the page, or the page without scripts."""
    text, seen = _text(request), request.POST.get("seen", "")
    checked = check_consent(running().engine.workspace.path, text)
    if "HX-Request" in request.headers:
        return render(request, "settings/consent_part.html", {"checked": checked})
    return _page(request, text, seen, checked)


def save_policy(request: HttpRequest) -> HttpResponse:
    text, seen = _text(request), request.POST.get("seen", "")
    folder = running().engine.workspace.path
    try:
        if len(text) > LIMIT:
            raise InputError("consent.too_large", _("The text is larger than 1 MB."))
        version = change_consent(folder, text, principal(request), seen=seen)
    except DefinitionError:
        return _page(request, text, seen, check_consent(folder, text), status=400)
    except LettershopError as error:
        checked = check_consent(folder, text)
        return _page(request, text, seen, checked, error=error, status=400)
    undo = Undo("/settings/consent/undo", {"version": version})
    tell(request, _("consent.toml is changed; it holds from now on."), undo=undo)
    return redirect("/settings/consent")


def undo_policy(request: HttpRequest) -> HttpResponse:
    """The text from before, whatever somebody else has written since: that is kept as well."""
    folder = running().engine.workspace.path
    try:
        text = former_consent(folder, request.POST.get("version", ""))
        seen = version_of(consent_text(folder))
        version = change_consent(folder, text, principal(request), seen=seen)
    except LettershopError as error:
        tell(request, error.message, mood="bad")
        return redirect("/settings/consent")
    undo = Undo("/settings/consent/undo", {"version": version})
    tell(request, _("consent.toml is as it was before."), undo=undo)
    return redirect("/settings/consent")


def _text(request: HttpRequest) -> str:
    return request.POST.get("text", "").replace("\0", "")


def _page(
    request: HttpRequest,
    text: str,
    seen: str,
    checked: Checked,
    *,
    error: LettershopError | None = None,
    status: int = 200,
) -> HttpResponse:
    policy = checked.policy
    known = {
        "text": text,
        "seen": seen,
        "checked": checked,
        "purposes": policy.purposes.values(),
        "topics": policy.topics.values(),
        "streams": [
            {
                "name": stream.name,
                "transactional": stream.transactional,
                "caps": [_cap(cap.letters, cap.days) for cap in stream.caps],
                "account_day": stream.account_day,
                "quiet": stream.quiet,
            }
            for stream in policy.streams.values()
        ],
        "error": error,
    }
    return render(request, "settings/consent.html", known, status=status)


def _cap(letters: int, days: int) -> str:
    said = ngettext("%(letters)s letter", "%(letters)s letters", letters) % {"letters": letters}
    span = ngettext("in %(days)s day", "in %(days)s days", days) % {"days": days}
    return f"{said} {span}"
