"""The audit trail: who did what, and whether anybody changed it since."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import msgspec
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from lettershop.access.audit import verify
from lettershop.access.models import AuditEntry
from lettershop.model.sheets import harmless

SHOWN: Final = 50
MOST_ROWS: Final = 100_000
"""Of the file."""


class Wanted(msgspec.Struct, frozen=True):
    """What to show only; "" for everything. Days as `2026-03-02`, in the viewer's zone."""

    who: str = ""
    what: str = ""
    target: str = ""
    since: str = ""
    until: str = ""

    def __bool__(self) -> bool:
        return any(msgspec.structs.astuple(self))


def audit_trail(request: HttpRequest) -> HttpResponse:
    wanted = _wanted(request)
    found = _entries(wanted)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    entries = list(found[: SHOWN + 1])
    query = request.GET.copy()
    query.pop("check", None)
    if len(entries) > SHOWN:
        query["before"] = str(entries[SHOWN - 1].pk)
    known = {
        "wanted": wanted,
        "entries": [(entry, _details(entry)) for entry in entries[:SHOWN]],
        "later": "?" + query.urlencode() if len(entries) > SHOWN else "",
        "people": AuditEntry.objects.order_by("who").values_list("who", flat=True).distinct(),
        "things": AuditEntry.objects.order_by("what").values_list("what", flat=True).distinct(),
        "checked": verify(_word(request, "head")) if "check" in request.GET else None,
        "noted": _word(request, "head"),
    }
    return render(request, "settings/trail.html", known)


def audit_csv(request: HttpRequest) -> HttpResponse:
    out = io.StringIO()
    rows = _rows(_entries(_wanted(request))[:MOST_ROWS])
    csv.writer(out).writerows(map(harmless, row) for row in rows)
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response


def _rows(entries: "QuerySet[AuditEntry]") -> Iterator[tuple[object, ...]]:
    yield ("number", "at", "who", "kind", "what", "target", "details", "hash")
    for one in entries.iterator(2_000):
        at = one.at.astimezone(UTC).isoformat(timespec="milliseconds")
        yield (one.pk, at, one.who, one.kind, one.what, one.target, _details(one), one.hash)


def _entries(wanted: Wanted) -> "QuerySet[AuditEntry]":
    found = AuditEntry.objects.all()
    if wanted.who:
        found = found.filter(who=wanted.who)
    if wanted.what:
        found = found.filter(what=wanted.what)
    if wanted.target:
        found = found.filter(target__icontains=wanted.target)
    if since := _midnight(wanted.since):
        found = found.filter(at__gte=since)
    if until := _midnight(wanted.until):
        found = found.filter(at__lt=until + timedelta(days=1))
    return found


def _wanted(request: HttpRequest) -> Wanted:
    return Wanted(*(_word(request, name) for name in Wanted.__struct_fields__))


def _word(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\0", "").strip()[:200]


def _midnight(text: str) -> datetime | None:
    """The beginning of a day in the viewer's zone; None for what is no day."""
    try:
        day = date.fromisoformat(text)
        if not 1980 <= day.year <= 2200:
            return None
        return datetime.combine(day, time(), timezone.get_current_timezone())
    except ValueError:
        return None


def _details(entry: AuditEntry) -> str:
    return json.dumps(entry.details, ensure_ascii=False) if entry.details else ""
