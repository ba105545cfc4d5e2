"""Domains that letters are from: what DNS says about them, the lines to add, DKIM keys."""

from typing import Any, Final, get_args

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lettershop.app.deliverability import domains, keys
from lettershop.app.deliverability.doctor import worst_first
from lettershop.app.deliverability.domains import DomainAnswer
from lettershop.app.preflight.domains import leaves
from lettershop.app.running import running
from lettershop.delivery.dkim.keys import Kind, host_name
from lettershop.model.errors import InputError, LettershopError
from lettershop.web.pages.deliverability import asked
from lettershop.web.pages.deliverability.said import COLOURS, KEY_STATES, USES, word
from lettershop.web.pages.roles import principal
from lettershop.web.pages.telling import tell

LONGEST: Final = 253


def sending_domains(request: HttpRequest) -> HttpResponse:
    """The list; with `name` said, that of one domain, ours or not."""
    wanted = asked.text(request.GET, "name", 2 * LONGEST)
    error = None
    if wanted:
        try:
            return redirect(f"/deliverability/domains/{host_name(wanted)}")
        except InputError as wrong:
            error = wrong
    server = running()
    workspace = server.engine.workspace
    found = domains.domains(workspace.path, workspace.settings, server.doctor, server.clock)
    known = {
        "tab": "domains",
        "rows": [(one, word(COLOURS, one.colour), _uses(one)) for one in found],
        "wanted": wanted,
        "leaves": leaves(workspace.settings),
        "error": error,
    }
    return render(request, "deliverability/domains.html", known, status=400 if error else 200)


def sending_domain(request: HttpRequest, domain: str) -> HttpResponse:
    return _page(request, _named(domain))


def domain_checks(request: HttpRequest, domain: str) -> HttpResponse:
    """The part that changes while DNS is asked."""
    return render(request, "deliverability/checks.html", _checked(_found(_named(domain))))


def ask_domain(request: HttpRequest, domain: str) -> HttpResponse:
    name, server = _named(domain), running()
    try:
        server.doctor.ask(name, server.engine.workspace.settings)
    except LettershopError as error:
        return _page(request, name, error)
    return redirect(f"/deliverability/domains/{name}")


def new_dkim_key(request: HttpRequest, domain: str) -> HttpResponse:
    """Asked first: it cannot be taken back, and letters signed with a key that DNS does not know
    are worse than letters without a signature."""
    name, kind = _named(domain), _kind(request)
    if request.method != "POST":
        return _confirm(request, name, kind)
    server = running()
    data = server.engine.workspace.path / "data"
    try:
        made = keys.new_key(data, name, kind, principal(request), server.clock)
    except LettershopError as error:
        return _page(request, name, error)
    text = _("The key %(selector)s is made. Add its line to DNS now.")
    tell(request, text % {"selector": made.selector}, mood="note")
    return redirect(f"/deliverability/domains/{name}")


def _confirm(request: HttpRequest, name: str, kind: Kind) -> HttpResponse:
    if keys.waits(_found(name).keys, kind):
        text = _(
            "The new key signs in two days, so that DNS can say it everywhere first; until then the"
            " present one does. Add its line to DNS at once."
        )
    else:
        text = _(
            "It is the first of its kind for this domain: it signs at once. Add its line to DNS"
            " before the next letter leaves."
        )
    known = {
        "title": _("New %(kind)s key for %(domain)s") % {"kind": kind, "domain": name},
        "text": text,
        "address": f"/deliverability/domains/{name}/key",
        "fields": {"kind": kind},
        "action": _("Make the key"),
        "back": f"/deliverability/domains/{name}",
        "number": None,
    }
    return render(request, "confirm.html", known)


def _page(request: HttpRequest, name: str, error: LettershopError | None = None) -> HttpResponse:
    found = _found(name)
    known = _checked(found) | {
        "tab": "domains",
        "uses": _uses(found),
        "colour_says": word(COLOURS, found.colour),
        "keys": [(one, word(KEY_STATES, one.state)) for one in found.keys],
        "error": error,
    }
    return render(request, "deliverability/domain.html", known, status=400 if error else 200)


def _checked(found: DomainAnswer) -> dict[str, Any]:
    report = found.report
    checks = worst_first(report.checks) if report else []
    return {"domain": found, "report": report, "checks": [*enumerate(checks, 1)]}


def _found(name: str) -> DomainAnswer:
    server = running()
    workspace = server.engine.workspace
    return domains.domain(name, workspace.path, workspace.settings, server.doctor, server.clock)


def _uses(found: DomainAnswer) -> str:
    return ", ".join(word(USES, use) for use in found.uses)


def _kind(request: HttpRequest) -> Kind:
    said = request.POST.get("kind") or request.GET.get("kind") or "rsa"
    return "ed25519" if said == get_args(Kind)[1] else "rsa"


def _named(domain: str) -> str:
    """As DNS has it; 404 for what is no domain."""
    try:
        name = host_name(domain)
    except InputError:
        raise Http404 from None
    if "." not in name:
        raise Http404
    return name
