"""What all tabs of a segment's page share: which segment, and what stands above the tabs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lettershop.app.running import running
from lettershop.app.segment_pages.standing import Segments, Standing
from lettershop.model.errors import DefinitionError, LettershopError, NotFound
from lettershop.web.pages.segments.said import EVERYTHING


class Tab(msgspec.Struct, frozen=True):
    """`address` follows the segment's; `kept`: only segments in force have it; `sound`: those that
    are broken have not."""

    key: str
    says: Promise
    kept: bool = False
    sound: bool = True

    @property
    def address(self) -> str:
        return f"/{self.key}" if self.key else ""


TABS: Final = (
    Tab("", _("Overview"), sound=False),
    Tab("members", _("Members")),
    Tab("history", _("Size"), kept=True),
    Tab("changes", _("Entered and left"), kept=True),
    Tab("overlap", _("Overlap")),
    Tab("apart", _("What sets them apart")),
    Tab("explain", _("Explain")),
    Tab("pins", _("Pins"), kept=True),
)


@contextmanager
def segments_read() -> Iterator[Segments]:
    """Http404 for what is not there, of everything that is asked inside."""
    try:
        with running().engine.read() as workspace:
            yield Segments(workspace)
    except NotFound as missing:
        raise Http404 from missing


def above(segments: Segments, name: str, tab: str) -> dict[str, object]:
    """What the templates above the tabs draw. NotFound for an unknown name."""
    one = segments.standing(name)
    return {
        "segment": one,
        "size": segments.size(name),
        "tabs": [entry for entry in TABS if _has(one, entry)],
        "tab": tab,
        "base": f"segments/{name}",
        **EVERYTHING,
    }


def _has(one: Standing, entry: Tab) -> bool:
    return not (entry.kept and not one.in_force) and not (entry.sound and broken(one))


def shown(
    request: HttpRequest,
    template: str,
    known: dict[str, object],
    error: LettershopError | None = None,
) -> HttpResponse:
    if error is not None:
        known = {**known, "error": error, "findings": findings_of(error)}
    return render(request, f"segments/{template}.html", known, status=400 if error else 200)


def findings_of(error: LettershopError) -> list[object]:
    return [*error.findings] if isinstance(error, DefinitionError) else []


def broken(one: Standing) -> bool:
    """Nothing can be asked of who is in it."""
    return one.state == "broken"
