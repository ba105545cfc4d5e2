"""Who gets no letters: looked for, added, undone with a reason, taken along as a file."""

from datetime import UTC, datetime, time, timedelta
from io import StringIO
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lettershop.access.audit import audit
from lettershop.app.compliance import Compliance
from lettershop.app.running import running
from lettershop.compliance.lists import export_list
from lettershop.compliance.policy import read_policy
from lettershop.compliance.suppression import (
    NewSuppression,
    SuppressionAnswer,
    in_force_count,
    listed,
    numbered,
    of_person,
)
from lettershop.compliance.words import (
    EVERYTHING,
    FORCED,
    REASONS as CODES,
    SuppressionReason,
    stream_scope,
    topic_scope,
)
from lettershop.model.clock import to_ms
from lettershop.model.errors import InputError, LettershopError, NotFound, UsageError
from lettershop.web.pages.deliverability import asked
from lettershop.web.pages.deliverability.said import REASONS, scope, word
from lettershop.web.pages.roles import principal, who
from lettershop.web.pages.telling import Undo, tell

SHOWN: Final = 50
PLACE: Final = "/deliverability/suppressions"
BY_HAND: Final[tuple[SuppressionReason, ...]] = (
    "manual",
    "unsubscribe",
    "objection",
    "complaint",
    "bounce",
)
"""Reasons that a form offers; lists and erasure have ways of their own."""


def suppressions(request: HttpRequest) -> HttpResponse:
    return _page(request)


def suppress_address(request: HttpRequest) -> HttpResponse:
    said = request.POST
    try:
        new = NewSuppression(
            address=asked.text(said, "address", 400),
            scope=said.get("scope", "") or EVERYTHING,
            reason=_reason(said.get("reason", "") or "manual"),
            source="page",
            note=asked.text(said, "note", 500),
            expires_at=_until(said.get("until", "")),
        )
        desk = _desk()
        added = desk.suppress(new, principal(request))
    except LettershopError as error:
        return _page(request, error)
    if not added:
        tell(request, _("%(who)s was suppressed already.") % {"who": new.address}, mood="note")
        return redirect(f"{PLACE}?q={_quoted(new.address)}")
    text = _("%(who)s gets no more letters.") % {"who": new.address}
    number = of_person(desk.book.hashed(new.address).hash)[0].id
    undo = Undo(f"{PLACE}/{number}/lift", {"why": _("added by mistake"), "sure": "1"})
    tell(request, text, undo=undo if new.reason not in FORCED else None)
    return redirect(PLACE)


def lift_suppression(request: HttpRequest, number: int) -> HttpResponse:
    """A reason is asked for and kept. What a complaint or an erasure means is said first, and an
    owner alone may undo it."""
    try:
        one = numbered(number)
    except NotFound:
        raise Http404 from None
    forced = one.reason in FORCED
    may = not forced or who(request).principal.may("owner")
    error: LettershopError | None = None
    if request.method == "POST" and may:
        try:
            return _lifted(request, one, forced=forced)
        except LettershopError as wrong:
            error = wrong
    known = {
        "tab": "suppressions",
        "one": one,
        "may": may,
        "forced": forced,
        "reason": word(REASONS, one.reason),
        "scope": scope(one.scope),
        "why": asked.text(request.POST, "why", 500),
        "error": error,
    }
    status = 400 if error else 403 if request.method == "POST" and not may else 200
    return render(request, "deliverability/lift.html", known, status=status)


def suppressions_file(request: HttpRequest) -> HttpResponse:
    """Everything in force as CSV; who took it along is audited."""
    held = StringIO(newline="")
    rows = export_list(held, at=running().clock.now())
    audit(principal(request), "suppression.export", "page", rows=rows)
    response = HttpResponse(held.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="suppressions.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _lifted(request: HttpRequest, one: SuppressionAnswer, *, forced: bool) -> HttpResponse:
    if request.POST.get("sure") != "1":
        hint = _("tick that you know what it means")
        raise UsageError("suppression.sure", _("This has to be confirmed"), hint=hint)
    why = asked.text(request.POST, "why", 500)
    _desk().lift(one.id, principal(request), why, force=forced)
    text = _("The suppression of %(who)s is undone; others of the address may remain.")
    undo = None
    if one.address is not None and one.reason in CODES and one.reason != "erased":
        fields = {"address": one.address, "scope": one.scope, "reason": one.reason}
        undo = Undo(f"{PLACE}/add", fields | {"note": one.note, "until": one.expires_at or ""})
    tell(request, text % {"who": one.address or one.hash[:16]}, undo=undo)
    return redirect(PLACE)


def _page(request: HttpRequest, error: LettershopError | None = None) -> HttpResponse:
    server, query = running(), request.GET
    wanted, everything = asked.text(query, "q"), asked.flag(query, "all")
    before, now = asked.number(query, "before"), server.clock.now()
    rows = listed(at=now, limit=SHOWN + 1, before=before, question=wanted, all_=everything)
    policy, _findings = read_policy(server.engine.workspace.path)
    scopes = [EVERYTHING, *map(stream_scope, policy.streams), *map(topic_scope, policy.topics)]
    known = {
        "tab": "suppressions",
        "rows": [(one, word(REASONS, one.reason), scope(one.scope)) for one in rows[:SHOWN]],
        "total": in_force_count(now),
        "wanted": wanted,
        "everything": everything,
        "before": before,
        "later": rows[SHOWN - 1].id if len(rows) > SHOWN else None,
        "scopes": [(one, scope(one)) for one in scopes],
        "reasons": [(code, word(REASONS, code)) for code in BY_HAND],
        "typed": request.POST if error else {},
        "error": error,
    }
    return render(request, "deliverability/suppressions.html", known, status=400 if error else 200)


def _reason(said: str) -> SuppressionReason:
    for code in CODES:
        if code == said and code != "erased":
            return code
    raise InputError("suppression.reason", f"“{said[:40]}” is not a reason", where="reason")


def _until(said: str) -> int | None:
    """The end of a day (UTC) as a form says it, or an instant; None for nothing said."""
    if not said:
        return None
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        message = f"“{said[:40]}” is not a date"
        raise InputError("suppression.until", message, where="until") from None
    if found.tzinfo is None:
        found = datetime.combine(found.date() + timedelta(days=1), time(), UTC)
    return to_ms(found)


def _quoted(address: str) -> str:
    return address.replace("+", "%2B").replace("&", "%26").replace("#", "%23")


def _desk() -> Compliance:
    server = running()
    workspace = server.engine.workspace
    return Compliance(workspace.path, workspace.settings, clock=server.clock)
