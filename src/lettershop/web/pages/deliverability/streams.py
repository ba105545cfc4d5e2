"""Streams, and the providers that take their letters."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from lettershop.app.deliverability.pools import PoolAnswer, known_providers, pools
from lettershop.app.deliverability.rates import DAYS, rates
from lettershop.app.deliverability.streams import StreamAnswer, streams
from lettershop.app.preflight.domains import leaves
from lettershop.app.running import running
from lettershop.compliance.policy import read_policy
from lettershop.compliance.rules import Quiet
from lettershop.model.errors import LettershopError
from lettershop.web.pages.deliverability.said import (
    BASES,
    CLASSES,
    ENCRYPTION,
    provider,
    titled,
    word,
)


def mail_streams(request: HttpRequest) -> HttpResponse:
    server = running()
    with server.engine.read() as workspace:
        came = rates(workspace.store, server.clock.now())
        policy, findings = read_policy(workspace.path)
        sender = workspace.settings.sender
    known = {
        "tab": "streams",
        "days": DAYS,
        "sender": sender,
        "streams": [_stream(one) for one in streams(policy, came)],
        "findings": [one for one in findings if one.level == "error"],
    }
    return render(request, "deliverability/streams.html", known)


def providers(request: HttpRequest) -> HttpResponse:
    path = running().engine.workspace.path
    try:
        described = known_providers(path)
    except LettershopError:  # the part says it
        described = {}
    more = [
        (name, one, word(ENCRYPTION, one.encryption)) for name, one in sorted(described.items())
    ]
    return render(request, "deliverability/providers.html", _pools() | {"described": more})


def providers_part(request: HttpRequest) -> HttpResponse:
    """What changes while letters leave."""
    return render(request, "deliverability/pools.html", _pools())


def _pools() -> dict[str, Any]:
    server = running()
    workspace = server.engine.workspace
    found = pools(workspace.path, workspace.settings, server.clock.now())
    office = server.office
    return {
        "tab": "providers",
        "found": found,
        "pools": [(provider(one.name), one) for one in found.items],
        "moving": any(_moves(one) for one in found.items),
        "leaves": leaves(workspace.settings),
        "senders": office.senders.alive if office else 0,
        "problem": office.senders.problem() if office else "",
    }


def _moves(one: PoolAnswer) -> bool:
    return bool(one.minute) or (one.waiting > 0)


def _stream(one: StreamAnswer) -> dict[str, Any]:
    language = get_language() or "en"
    return {
        "it": one,
        "purposes": [
            (titled(each.titles, language, each.name), word(BASES, each.basis))
            for each in one.purposes
        ],
        "topics": [titled(each.titles, language, each.name) for each in one.topics],
        "quiet": _hours(one.stream.quiet) if one.stream and one.stream.quiet else "",
        "classes": CLASSES,
    }


def _hours(quiet: Quiet) -> str:
    """`20:00–08:00`; "" where whole days alone are quiet."""
    if quiet.start == quiet.end:
        return ""
    start, end = (f"{at // 60:02}:{at % 60:02}" for at in (quiet.start, quiet.end))
    return f"{start}–{end}"
