"""The list of all segments."""

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from lettershop.app.segment_pages.listing import SegmentList, SegmentRow, segment_list
from lettershop.web.pages.segments import asked
from lettershop.web.pages.segments.said import EVERYTHING
from lettershop.web.pages.segments.segment import segments_read

SORTS: Final[dict[str, tuple[Any, Callable[[SegmentRow], Any]]]] = {
    "title": (_("Name"), lambda row: (row.title.casefold(), row.name)),
    "size": (_("Size"), lambda row: (-(row.size or -1), row.name)),
    "moved": (_("Moved most in 7 days"), lambda row: (-(row.entered + row.left), row.name)),
    "changed": (_("Changed last"), lambda row: (-(row.published_at or 0), row.name)),
}
SUBJECTS: Final = ("", "contact", "account", "people")
ONLY: Final = ("", "waiting", "uncertain", "broken")


def segments(request: HttpRequest) -> HttpResponse:
    with segments_read() as found:
        everything = segment_list(found)
    query = request.GET
    chosen = {
        "q": asked.text(query, "q"),
        "subject": asked.one_of(query, "subject", SUBJECTS),
        "only": asked.one_of(query, "only", ONLY),
        "place": asked.one_of(query, "place", ("", *everything.places())),
        "partition": asked.one_of(query, "partition", _partitions(everything)),
        "sort": asked.one_of(query, "sort", tuple(SORTS)),
    }
    rows = [row for row in everything.rows if _fits(row, chosen)]
    rows.sort(key=SORTS[chosen["sort"]][1])
    known = {
        "all": everything,
        "rows": rows,
        "chosen": chosen,
        "sorts": [(key, says) for key, (says, _key) in SORTS.items()],
        **EVERYTHING,
    }
    return render(request, "segments/list.html", known)


def _partitions(everything: SegmentList) -> tuple[str, ...]:
    return ("", *(family.name for family in everything.partitions))


def _fits(row: SegmentRow, chosen: dict[str, str]) -> bool:
    words = chosen["q"].casefold().split()
    said = f"{row.name} {row.title} {row.description} {row.sentence} {row.partition or ''}"
    return (
        all(word in said.casefold() for word in words)
        and chosen["subject"] in ("", row.subject)
        and chosen["place"] in ("", row.place)
        and chosen["partition"] in ("", row.partition)
        and _only(row, chosen["only"])
    )


def _only(row: SegmentRow, which: str) -> bool:
    match which:
        case "waiting":
            return row.waits
        case "uncertain":
            return bool(row.uncertain)
        case "broken":
            return bool(row.findings)
        case _:
            return True
