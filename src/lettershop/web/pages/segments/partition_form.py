"""The partition editor: a form that is sent back and forth until it is published."""

from typing import Final, cast

import msgspec
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from lettershop.app.plans import Plan
from lettershop.app.running import running
from lettershop.app.segment_pages.partitions import (
    MOST_ARMS,
    Arm,
    Judged,
    Partitioner,
    PartitionText,
    partition_file,
    partition_text,
)
from lettershop.app.segment_pages.standing import Segments
from lettershop.language.tree import Subject
from lettershop.model.errors import Finding, LettershopError
from lettershop.web.pages.roles import principal
from lettershop.web.pages.segments.planning import drawn, published, revision_of
from lettershop.web.pages.segments.said import EVERYTHING, SUBJECTS
from lettershop.web.pages.segments.segment import segments_read
from lettershop.web.pages.telling import tell

LONGEST: Final = 20_000
EMPTY: Final = PartitionText(name="", arms=(Arm(name=""), Arm(name="")), catch_all="")


class Fields(msgspec.Struct, frozen=True):
    """An arm in the form: where it stands, what is wrong with it, how many it would hold."""

    place: int
    arm: Arm
    findings: tuple[Finding, ...]
    size: int | None
    first: bool
    last: bool


def partition_new(request: HttpRequest) -> HttpResponseBase:
    """A partition there is not yet."""
    if request.method == "POST":
        return _posted(request, "")
    return _form(request, EMPTY, "")


def partition_edit(request: HttpRequest, name: str) -> HttpResponseBase:
    """One that is there; its name and subject stay."""
    with segments_read() as segments:
        said = _known(segments, name)
    if request.method == "POST":
        return _posted(request, name, said.subject)
    return _form(request, said, name)


def _known(segments: Segments, name: str) -> PartitionText:
    family = segments.partition(name)
    if family is None:
        raise Http404
    every = {member: segments.standing(member).definition for member in family.members}
    return partition_text(family, every)


def _posted(request: HttpRequest, name: str, subject: Subject | None = None) -> HttpResponseBase:
    """`do`: what button was pressed: check, publish, add, or up, down, remove with a place."""
    said = read_form(request.POST, name, subject)
    do, _, place = request.POST.get("do", "check").partition(":")
    at = int(place) if place.isascii() and place.isdigit() and len(place) < 5 else -1
    if do in ("add", "up", "down", "remove"):
        return _form(request, rearranged(said, do, at), name)
    if do == "publish":
        return _publish(request, said, name)
    return _checked(request, said, name)


def read_form(form: QueryDict, name: str, subject: Subject | None) -> PartitionText:
    """What was typed; `name` and `subject` of one that is there are not the form's to say."""
    names = form.getlist("arm")[: MOST_ARMS + 1]
    columns = [form.getlist(key) for key in ("arm_title", "arm_description", "arm_text")]

    def cell(column: list[str], at: int) -> str:
        return column[at][:LONGEST].replace("\r\n", "\n") if at < len(column) else ""

    arms = [
        Arm(
            name=arm[:LONGEST].strip(),
            title=cell(columns[0], at).strip(),
            description=cell(columns[1], at).strip(),
            text=cell(columns[2], at),
        )
        for at, arm in enumerate(names)
    ]
    typed = form.get("subject", "")
    return PartitionText(
        name=name or form.get("name", "")[:LONGEST].strip(),
        title=form.get("title", "")[:LONGEST].strip(),
        subject=subject or cast(Subject, typed if typed in SUBJECTS else "contact"),
        arms=tuple(arms),
        catch_all=form.get("catch_all", "")[:LONGEST].strip(),
        catch_all_title=form.get("catch_all_title", "")[:LONGEST].strip(),
    )


def rearranged(said: PartitionText, do: str, at: int) -> PartitionText:
    """With one arm more, one less, or two changed places; as it was where that cannot be."""
    arms = [*said.arms]
    other = at - 1 if do == "up" else at + 1
    if do == "add" and len(arms) < MOST_ARMS:
        arms.append(Arm(name=""))
    elif do == "remove" and 0 <= at < len(arms):
        del arms[at]
    elif do in ("up", "down") and 0 <= at < len(arms) and 0 <= other < len(arms):
        arms[at], arms[other] = arms[other], arms[at]
    return msgspec.structs.replace(said, arms=tuple(arms))


def _checked(
    request: HttpRequest, said: PartitionText, name: str, error: LettershopError | None = None
) -> HttpResponse:
    """The form again, with what is wrong, or who would move."""
    with running().engine.read() as workspace:
        editor = Partitioner(workspace, principal(request))
        judged, plan = editor.judge(said), None
        if judged.sound:
            try:
                plan = editor.plan_of(said)
            except LettershopError as wrong:
                error = error or wrong
        sizes = _sizes(Segments(workspace), said, plan)
    return _form(request, said, name, judged, plan, sizes, error)


def _sizes(segments: Segments, said: PartitionText, plan: Plan | None) -> dict[str, int | None]:
    """How many each would hold: those the plan leaves alone stay as they are kept."""
    if plan is None:
        return {}
    found = {name: segments.size(name) for name in (*(a.name for a in said.arms), said.catch_all)}
    return found | {c.name: c.after for c in plan.changes if c.after is not None}


def _publish(request: HttpRequest, said: PartitionText, name: str) -> HttpResponseBase:
    try:
        with running().engine.read() as workspace:
            applied = Partitioner(workspace, principal(request)).put(
                said,
                revision=revision_of(request),
                allow_size=request.POST.getlist("allow"),
                note=request.POST.get("note", "")[:2_000],
            )
    except LettershopError as error:
        return _checked(request, said, name, error)
    tell(request, published(applied))
    return redirect("partition", name=said.name)


def _form(
    request: HttpRequest,
    said: PartitionText,
    name: str,
    judged: Judged | None = None,
    plan: Plan | None = None,
    sizes: dict[str, int | None] | None = None,
    error: LettershopError | None = None,
) -> HttpResponse:
    known: dict[str, object] = {
        "said": said,
        "name": name,
        "fields": _fields(said, judged, sizes or {}),
        "rest_size": (sizes or {}).get(said.catch_all),
        "whole": judged.whole if judged else (),
        "judged": judged,
        "file": partition_file(said) if plan else "",
        "error": error,
        **EVERYTHING,
    }
    if plan:
        known |= drawn(plan)
    wrong = error is not None or (judged is not None and not judged.sound)
    return render(request, "segments/partition_form.html", known, status=400 if wrong else 200)


def _fields(
    said: PartitionText, judged: Judged | None, sizes: dict[str, int | None]
) -> list[Fields]:
    many = len(said.arms)
    return [
        Fields(
            place=at,
            arm=arm,
            findings=judged.arms[at] if judged else (),
            size=sizes.get(arm.name),
            first=at == 0,
            last=at == many - 1,
        )
        for at, arm in enumerate(said.arms)
    ]
