"""A segment's own page, its members, and the file of them."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from lettershop.access.audit import audit
from lettershop.app.segment_pages.alike import alike
from lettershop.app.segment_pages.listing import DAYS
from lettershop.app.segment_pages.members import all_members, member_page
from lettershop.app.segment_pages.standing import Segments, Standing
from lettershop.app.shop import LocalShop
from lettershop.engines.duckdb.size_days import size_days
from lettershop.language.tree import Subject
from lettershop.model.errors import LettershopError
from lettershop.segments.waiting import waiting
from lettershop.web.pages.roles import principal
from lettershop.web.pages.segments import asked
from lettershop.web.pages.segments.segment import above, broken, segments_read, shown

A_FEW: Final = 5
ROWS: Final = 50


def segment(request: HttpRequest, name: str) -> HttpResponse:
    """What it says, how large it is, what moved, what is like it."""
    with segments_read() as segments:
        known = above(segments, name, "")
        one = segments.standing(name)
        known |= _about(segments, one)
    return shown(request, "overview", known)


def _about(segments: Segments, one: Standing) -> dict[str, object]:
    name = one.name
    family = segments.partition(one.definition.partition or "")
    days = size_days(segments.workspace.store, segments.at, DAYS).get(name)
    kept = segments.is_kept(name)
    shop = LocalShop(segments.workspace)
    return {
        "current": segments.version_row(name),
        "uncertain": segments.uncertain([name]).get(name, ()),
        "drafts": [draft for draft in waiting() if draft.segment == name],
        "family": family,
        "days": days if kept else None,
        "day": _grown(days.sizes, 1) if days else None,
        "week": _grown(days.sizes, 7) if days else None,
        "universe": len(segments.universe(one.subject)),
        "used_by": _users(segments, name),
        "uses": _uses(segments, name),
        "alike": alike(segments, name)[:A_FEW] if kept else [],
        "changes": shop.changes(name, A_FEW) if name in segments.kept else [],
    }


def _grown(sizes: tuple[int, ...], days: int) -> int | None:
    return sizes[-1] - sizes[-1 - days] if days < len(sizes) else None


def _users(segments: Segments, name: str) -> list[Standing]:
    """Segments that refer to it; members of its partition do so by nature."""
    family = segments.standing(name).definition.partition
    return [
        segments.standing(other)
        for other in segments.published
        if other != name
        and name in segments.references(other)
        and not (family and segments.published[other].definition.partition == family)
    ]


def _uses(segments: Segments, name: str) -> list[Standing]:
    family = segments.standing(name).definition.partition
    found = [other for other in sorted(segments.references(name)) if other in segments.names()]
    others = (segments.standing(other) for other in found)
    return [one for one in others if not (family and one.definition.partition == family)]


def members(request: HttpRequest, name: str) -> HttpResponse:
    typed, columns = asked.text(request.GET, "q"), request.GET.getlist("column")[:100]
    offset = asked.number(request.GET, "from", 0)
    with segments_read() as segments:
        known = above(segments, name, "members")
        if broken(segments.standing(name)):
            return shown(request, "members", known)
        page = member_page(segments, name, typed=typed, columns=columns, offset=offset, limit=ROWS)
        subject = segments.standing(name).subject
    known |= {
        "page": page,
        "q": typed,
        "size": page.size,
        "rows": [(_address(subject, row), _who(subject, row), row) for row in page.rows],
        "last": page.offset + len(page.rows),
        "earlier": max(0, offset - ROWS) if offset else None,
        "later": offset + ROWS if page.more else None,
    }
    return shown(request, "members", known)


def _address(subject: Subject, row: dict[str, Any]) -> str:
    """The page of a contact or account."""
    kind, key = ("accounts", "account") if subject == "account" else ("contacts", "identity")
    return f"/{kind}/{row[key]}"


def _who(subject: Subject, row: dict[str, Any]) -> str:
    """As explanations and pins name a member."""
    match subject:
        case "account":
            return str(row["account"])
        case "people":
            return f"{row['identity']}/{row['account']}"
        case "contact":
            return str(row["identity"])


def members_csv(request: HttpRequest, name: str) -> HttpResponseBase:
    """All members and all their traits; who took them along is audited."""
    with TemporaryDirectory(prefix="lettershop-") as folder:
        path = Path(folder) / "members.csv"
        try:
            with segments_read() as segments:
                found = all_members(segments, name)
                found.to_csv(path, for_people=True)
        except LettershopError as error:
            return HttpResponse(str(error), status=400, content_type="text/plain; charset=utf-8")
        audit(principal(request), "segment.export", f"segment:{name}"[:254], rows=len(found))
        file = path.open("rb")  # readable until it is closed, though the folder goes
    response = FileResponse(file, as_attachment=True, filename=f"{name}.csv")
    response["Content-Type"] = "text/csv; charset=utf-8"
    response["X-Total-Count"] = str(len(found))
    return response
