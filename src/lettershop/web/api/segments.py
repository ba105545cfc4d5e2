"""Segments: how many, who, why; and conditions that have no name yet."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import msgspec
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Query, Router

from lettershop.app.answers import Card, Listing, Row, SegmentAnswer
from lettershop.app.explaining import pins_about
from lettershop.app.running import running
from lettershop.app.segment import Overlap
from lettershop.app.shop import LocalShop, chosen_columns
from lettershop.language.tree import Subject
from lettershop.model.clock import format_instant
from lettershop.model.errors import Finding, UsageError
from lettershop.planning.explain import Explanation
from lettershop.web.api.bodies import read_body
from lettershop.web.api.moment import AsOf, moment
from lettershop.web.api.operations import operation
from lettershop.web.api.paging import USUAL, Cursor, Limit, read_cursor, write_cursor
from lettershop.web.api.uploads import send_file

router = Router()
TAG = "segments"
MOST_COMPARED = 100
"""Segments in one overlap."""

Columns = Annotated[list[str], Query(description="Only these columns, in this order.")]
Names = Annotated[list[str], Query(description="The segments to compare.")]


class Condition(msgspec.Struct, frozen=True):
    """A condition as its author writes it, about contacts, accounts, or people in accounts."""

    text: str
    subject: Subject = "contact"
    as_of: str = ""


class PreviewOf(Condition, frozen=True):
    """`sample`: how many members to show; `columns`: only these of them."""

    sample: Annotated[int, msgspec.Meta(ge=0, le=100)] = 10
    columns: tuple[str, ...] = ()


class CheckedText(msgspec.Struct, frozen=True, kw_only=True):
    """`sentence` and `json` (the form programs write) are null when the text cannot be read."""

    findings: tuple[Finding, ...]
    sentence: str | None
    json: Any


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """How many, and some of them, spread evenly over all."""

    segment: SegmentAnswer
    columns: tuple[str, ...]
    sample: tuple[Row, ...]


class MembersPage(msgspec.Struct, frozen=True, kw_only=True):
    """Members by their ids; `size` counts all of them, all pages are of the same moment."""

    size: int
    as_of: str
    columns: tuple[str, ...]
    items: tuple[Row, ...]
    next: str | None = None


class SqlStory(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    as_of: str
    sql: str


@operation(router, "POST", "/conditions/check", answer=CheckedText, body=Condition, tag=TAG)
def check_condition(request: HttpRequest) -> CheckedText:
    """Everything there is to say about a condition, its sentence, and its JSON form."""
    asked = read_body(request, Condition)
    with running().engine.read() as workspace:
        findings, sentence, document = LocalShop(workspace).read(asked.text, asked.subject)
    form = None if document is None else msgspec.Raw(document)
    return CheckedText(findings=findings, sentence=sentence, json=form)


@operation(router, "POST", "/conditions/count", answer=SegmentAnswer, body=Condition, tag=TAG)
def count_condition(request: HttpRequest) -> SegmentAnswer:
    """Whom a condition holds for: how many of how many."""
    asked = read_body(request, Condition)
    with running().engine.read() as workspace:
        return LocalShop(workspace).count(asked.text, asked.subject, moment(asked.as_of))


@operation(router, "POST", "/conditions/preview", answer=Preview, body=PreviewOf, tag=TAG)
def preview_condition(request: HttpRequest) -> Preview:
    """How many a condition holds for, and some of them."""
    asked = read_body(request, PreviewOf)
    at = moment(asked.as_of)
    with running().engine.read() as workspace:
        segment, some = LocalShop(workspace).preview(asked.text, asked.subject, at, asked.sample)
        shown = chosen_columns(some, asked.columns)
    return Preview(segment=segment, columns=shown.columns, sample=shown.members)


@operation(router, "GET", "/segments", answer=Listing)
def segments(request: HttpRequest, as_of: AsOf = "") -> Listing:
    """All segments with their sentences and sizes, and what is wrong with the broken ones."""
    with running().engine.read() as workspace:
        return LocalShop(workspace).listing(moment(as_of))


@operation(router, "GET", "/overlap", answer=Overlap, tag=TAG)
def overlap(request: HttpRequest, names: Names, as_of: AsOf = "") -> Overlap:
    """How many members each two of the segments share."""
    if len(names) > MOST_COMPARED:
        message = f"at most {MOST_COMPARED} segments can be compared"
        raise UsageError("overlap.too_many", message, where="names")
    with running().engine.read() as workspace:
        return LocalShop(workspace).overlap(names, moment(as_of))


@operation(router, "GET", "/segments/{path:name}/members", answer=MembersPage)
def segment_members(
    request: HttpRequest,
    name: str,
    columns: Columns = [],  # noqa: B006  (django-ninja copies it)
    as_of: AsOf = "",
    limit: Limit = USUAL,
    cursor: Cursor = "",
) -> MembersPage:
    """The members of a segment with their current traits."""
    at, after = read_cursor(request, cursor, tuple[int, int]) or (moment(as_of), -1)
    with running().engine.read() as workspace:
        found, last = LocalShop(workspace).members_after(name, at, limit, after)
        page = chosen_columns(found, columns)
    return MembersPage(
        size=page.size,
        as_of=format_instant(at),
        columns=page.columns,
        items=page.members,
        next=None if last is None else write_cursor(request, (at, last)),
    )


@operation(router, "GET", "/segments/{path:name}/members.csv", answer=str, media_type="text/csv")
def segment_members_csv(request: HttpRequest, name: str, as_of: AsOf = "") -> HttpResponseBase:
    """All members of a segment as a CSV file."""
    with TemporaryDirectory(prefix="lettershop-") as folder:
        path = Path(folder) / "members.csv"
        with running().engine.read() as workspace:
            count = LocalShop(workspace).write_members(name, moment(as_of), path)
        file = path.open("rb")  # readable until it is closed, though the folder goes
    response = send_file(request, file, f"{name}.csv", "text/csv; charset=utf-8")
    response["X-Total-Count"] = str(count)
    return response


@operation(router, "GET", "/segments/{path:name}/explain", answer=Explanation)
def explain_segment(
    request: HttpRequest,
    name: str,
    who: Annotated[str, Query(description="A user id or address; an account; CONTACT/ACCOUNT.")],
    as_of: AsOf = "",
) -> Explanation:
    """Why somebody is in the segment or is not, since when, until when, and what would change it:
    every condition, and what decides."""
    with running().engine.read() as workspace:
        return LocalShop(workspace).explain(name, who, moment(as_of), pins_about)


@operation(router, "GET", "/segments/{path:name}/sql", answer=SqlStory)
def segment_sql(request: HttpRequest, name: str, as_of: AsOf = "") -> SqlStory:
    """The queries behind a segment, with comments that say what each is for."""
    at = moment(as_of)
    with running().engine.read() as workspace:
        text = LocalShop(workspace).sql(name, at)
    return SqlStory(name=name, as_of=format_instant(at), sql=text)


@operation(router, "GET", "/segments/{path:name}", answer=Card)
def segment(request: HttpRequest, name: str, as_of: AsOf = "") -> Card:
    """One segment: text, sentence, size, findings, the others of its partition."""
    with running().engine.read() as workspace:
        return LocalShop(workspace).card(name, moment(as_of))
