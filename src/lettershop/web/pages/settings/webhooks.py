"""Webhooks: addresses that are told who entered and left segments, and how they answer."""

import re
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lettershop.app.running import running
from lettershop.app.webhooks import add_webhook, enable_webhook, remove_webhook
from lettershop.model.errors import LettershopError, NotFound
from lettershop.segments import webhooks as records
from lettershop.segments.models_streams import Webhook
from lettershop.web.pages.roles import principal
from lettershop.web.pages.telling import tell

SHOWN: Final = 50


def webhooks(request: HttpRequest) -> HttpResponse:
    return _page(request)


def add_one_webhook(request: HttpRequest) -> HttpResponse:
    """Its signing secret is shown in the answer and never again."""
    server, said = running(), request.POST
    names = [n for n in re.split(r"[\s,]+", said.get("segments", "").replace("\0", "")) if n]
    try:
        hook, secret = add_webhook(
            said.get("name", "").strip(),
            said.get("url", "").strip()[:2_000],
            names,
            (),
            settings=server.engine.workspace.settings,
            by=principal(request),
            at=server.clock.now(),
        )
    except LettershopError as error:
        return _page(request, error=error)
    return _page(request, made=hook, secret=secret)


def one_webhook(request: HttpRequest, name: str) -> HttpResponse:
    hook = _hook(name)
    text = request.GET.get("before", "")
    before = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    found = records.deliveries(hook, SHOWN + 1, before)
    later = f"?before={found[SHOWN - 1].pk}" if len(found) > SHOWN else ""
    known = {"hook": hook, "deliveries": found[:SHOWN], "later": later}
    return render(request, "settings/webhook.html", known)


def test_webhook(request: HttpRequest, name: str) -> HttpResponse:
    hook = _hook(name)
    sent = running().webhooks.test(hook.name)
    if sent.outcome == "delivered":
        said = _("%(name)s answered %(status)s in %(ms)s ms.")
        told = {"name": name, "status": sent.status, "ms": sent.milliseconds}
        tell(request, said % told)
    else:
        said = _("%(name)s did not take the test message: %(message)s")
        told = {"name": name, "message": sent.message or sent.status}
        tell(request, said % told, mood="bad")
    return redirect(f"/settings/webhooks/{name}")


def enable_one_webhook(request: HttpRequest, name: str) -> HttpResponse:
    _hook(name)
    enable_webhook(name, by=principal(request))
    tell(request, _("%(name)s is tried again now, from where it stopped.") % {"name": name})
    return redirect(f"/settings/webhooks/{name}")


def remove_one_webhook(request: HttpRequest, name: str) -> HttpResponse:
    """After a question: its secret comes back to nobody."""
    hook = _hook(name)
    if request.method != "POST":
        return _sure(request, hook)
    remove_webhook(name, by=principal(request), at=running().clock.now())
    tell(request, _("%(name)s is told nothing any more.") % {"name": name})
    return redirect("/settings/webhooks")


def _sure(request: HttpRequest, hook: Webhook) -> HttpResponse:
    text = _(
        "It hears of nobody who enters or leaves a segment from now on. This cannot be taken back:"
        " a new one has another signing secret, and begins with what happens after it was made."
    )
    known: dict[str, object] = {
        "title": _("Remove the webhook %(name)s") % {"name": hook.name},
        "text": text,
        "address": f"/settings/webhooks/{hook.name}/remove",
        "fields": {},
        "action": _("Remove it"),
        "back": f"/settings/webhooks/{hook.name}",
        "number": None,
    }
    return render(request, "confirm.html", known)


def _hook(name: str) -> Webhook:
    try:
        return records.find_webhook(name)
    except NotFound:
        raise Http404 from None


def _page(
    request: HttpRequest,
    *,
    error: LettershopError | None = None,
    made: Webhook | None = None,
    secret: str = "",
) -> HttpResponse:
    known = {
        "hooks": records.webhooks(),
        "error": error,
        "typed": request.POST if error else {},
        "made": made,
        "secret": secret,
    }
    return render(request, "settings/webhooks.html", known, status=400 if error else 200)
