"""Backups: those that there are, and one more."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lettershop import __version__
from lettershop.app.running import running
from lettershop.model.errors import LettershopError
from lettershop.web.pages.roles import principal
from lettershop.web.pages.telling import tell


def backups(request: HttpRequest) -> HttpResponse:
    return render(request, "settings/backups.html", _known())


def backups_part(request: HttpRequest) -> HttpResponse:
    return render(request, "settings/backups_part.html", _known())


def make_one_backup(request: HttpRequest) -> HttpResponse:
    try:
        running().backups.begin(principal(request), __version__)
    except LettershopError as error:
        tell(request, error.message, mood="bad")
    return redirect("/settings/backups")


def cancel_backup(request: HttpRequest) -> HttpResponse:
    running().backups.cancel()
    tell(request, _("The backup is not made; nothing of it is left."), mood="note")
    return redirect("/settings/backups")


def _known() -> dict[str, object]:
    server = running()
    making = server.backups.making
    settings = server.engine.workspace.settings
    return {
        "kept": server.backups.kept(),
        "making": making,
        "megabytes": (making.done // 1_000_000, max(1, making.total // 1_000_000)),
        "outside": bool(settings.records),
    }
