"""What there is to set, each with how it is."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lettershop.access.models import Token, User
from lettershop.app.changing.present import present, waiting
from lettershop.app.running import running
from lettershop.model.errors import LettershopError
from lettershop.segments.webhooks import webhooks
from lettershop.web.pages.settings.groups import GROUPS
from lettershop.web.pages.settings.labels import LABELS


def settings_overview(request: HttpRequest) -> HttpResponse:
    server = running()
    workspace = server.engine.workspace
    error, later = None, list[str]()
    try:
        later = waiting(present(workspace.path, workspace.settings).values())
    except LettershopError as problem:
        error = problem
    hooks = webhooks()
    newest = server.backups.kept()[:1]
    known = {
        "groups": GROUPS,
        "later": [LABELS[name] for name in later],
        "error": error,
        "settings": workspace.settings,
        "folder": workspace.path.name,
        "people": User.objects.filter(active=True).count(),
        "tokens": Token.objects.filter(revoked__isnull=True).count(),
        "hooks": len(hooks),
        "stopped": sum(not hook.enabled for hook in hooks),
        "backup": newest[0] if newest else None,
    }
    return render(request, "settings/overview.html", known)
