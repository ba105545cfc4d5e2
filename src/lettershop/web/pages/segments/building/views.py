"""The builder: a new segment, or another version of one; parts of the page while it is edited."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from lettershop.app.building import Around, around, counted, said
from lettershop.app.running import running
from lettershop.app.workspace import Workspace
from lettershop.model.errors import LettershopError, NotFound
from lettershop.web.pages.segments.building.asked import (
    Asked,
    State,
    asked_from,
    asked_of,
    state_of,
)
from lettershop.web.pages.segments.building.saving import saved
from lettershop.web.pages.segments.building.starting import Start, start_of
from lettershop.web.pages.segments.building.words import MODES, SUBJECTS, Numbers, flat, numbers

SAMPLE = 8
"""Members that are shown."""


def build_segment(request: HttpRequest) -> HttpResponse:
    """A segment that is not there yet."""
    if request.method == "POST":
        return _posted(request, "")
    with running().engine.read() as workspace:
        state = state_of(Asked(), around(workspace))
    return _page(request, state, None)


def edit_segment(request: HttpRequest, name: str) -> HttpResponse:
    """Another version of a segment: from the one in force, or from `?version=`."""
    if request.method == "POST":
        return _posted(request, name)
    with running().engine.read() as workspace:
        known = around(workspace)
        start = _start(workspace, known, name, request.GET.get("version", ""))
        state = state_of(asked_from(start.definition), known)
    return _page(request, state, start)


def count_condition(request: HttpRequest) -> HttpResponse:
    """How many a condition holds, and some of them: the part of the page that counts."""
    if "text_was" not in request.POST:
        return HttpResponse(_("Nothing to count."), status=400, content_type="text/plain")
    asked = asked_of(request.POST)
    with running().engine.read() as workspace:
        found = _numbers(workspace, around(workspace), asked.was, asked)
    return render(request, "segments/build_count.html", {"numbers": found, "asked": asked})


def _posted(request: HttpRequest, name: str) -> HttpResponse:
    """A button or an edit: the page in step again, or a part of it; or a draft."""
    if not {"do", "by", "text"} & request.POST.keys():
        raise Http404  # a form that says nothing
    asked = asked_of(request.POST, name=name)
    with running().engine.read() as workspace:
        known = around(workspace)
        start = _start(workspace, known, name, "") if name else None
        state = state_of(asked, known)
        error: LettershopError | None = None
        if asked.do == "save":
            try:
                return saved(request, workspace, known, state, new=start is None)
            except LettershopError as refused:
                error = refused
        if "HX-Request" in request.headers:
            return _part(request, state)
        found = _numbers(workspace, known, state.asked.text, state.asked)
    return _page(request, state, start, found=found, error=error)


def _start(workspace: Workspace, known: Around, name: str, version: str) -> Start:
    try:
        return start_of(workspace, known, name, version)
    except NotFound as missing:
        raise Http404 from missing


def _numbers(workspace: Workspace, known: Around, text: str, asked: Asked) -> Numbers:
    """The count, or why there is none."""
    told = said(text, asked.subject, known)
    if not told.sound:
        return Numbers()
    name = asked.name if asked.name in known.now.definitions() else ""
    try:
        found = counted(
            workspace,
            known,
            told,
            name=name,
            subject=asked.subject,
            mode=asked.mode,
            sample=SAMPLE,
        )
    except LettershopError as error:
        return Numbers(error=error)
    return numbers(found, told)


def _part(request: HttpRequest, state: State) -> HttpResponse:
    """What an edit changes; the part that counts asks for itself then."""
    known = _known(state) | {"part": True, "told": flat(state.drawn)}
    response = render(request, "segments/build_part.html", known)
    if state.ready:
        response["HX-Trigger-After-Swap"] = "built"
    return response


def _page(
    request: HttpRequest,
    state: State,
    start: Start | None,
    *,
    found: Numbers | None = None,
    error: LettershopError | None = None,
) -> HttpResponse:
    """`found`: the count, where no script asks for it."""
    known = _known(state) | {"start": start, "numbers": found, "error": error}
    return render(request, "segments/build.html", known, status=400 if error else 200)


def _known(state: State) -> dict[str, object]:
    return {
        "state": state,
        "asked": state.asked,
        "said": state.said,
        "group": state.drawn,
        "subjects": SUBJECTS.items(),
        "modes": MODES.items(),
    }
