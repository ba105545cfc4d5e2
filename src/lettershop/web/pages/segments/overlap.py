"""Which segments share members: one beside all others, and all with each other."""

from typing import Any, Final

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from lettershop.app.segment_pages.alike import Alike, Overlaps, alike, overlaps
from lettershop.language.tree import Subject
from lettershop.web.pages.segments import asked
from lettershop.web.pages.segments.said import EVERYTHING
from lettershop.web.pages.segments.segment import above, broken, segments_read, shown

BESIDE: Final = 14
"""Others in the picture beside a segment."""
DRAWN: Final = 40
"""Segments in the picture of all: more cannot be read."""
SUBJECTS: Final[tuple[Subject, ...]] = ("contact", "account", "people")
LONGEST: Final = 28
PAIRS: Final = 30


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two segments that share members."""

    name: str
    title: str
    other: str
    other_title: str
    shared: int
    size: int
    other_size: int

    @property
    def likeness(self) -> float:
        return self.shared / (self.size + self.other_size - self.shared)

    @property
    def of_one(self) -> float:
        return self.shared / self.size

    @property
    def of_other(self) -> float:
        return self.shared / self.other_size


def overlap(request: HttpRequest, name: str) -> HttpResponse:
    """All others of the same subject, the most alike first; the picture comes after the page."""
    with segments_read() as segments:
        known = above(segments, name, "overlap")
        one = segments.standing(name)
        if broken(one):
            return shown(request, "overlap", known)
        others = [found for found in alike(segments, name) if found.shared]
        names = [name, *(found.name for found in others[:BESIDE])]
        drawn = "picture" in request.GET and bool(others)
        picture = overlaps(segments, one.subject, names) if drawn else None
    known |= {
        "others": others,
        "chart": heat_map(picture) if picture else None,
        "subsets": _subsets(others),
    }
    return shown(request, "overlap", known)


def _subsets(others: list[Alike]) -> list[Alike]:
    """Others that lie wholly within it, or it within them."""
    return [one for one in others if one.of_this == 1.0 or one.of_other == 1.0]


def segments_overlap(request: HttpRequest) -> HttpResponse:
    """All segments of a subject with each other."""
    subject = asked.one_of(request.GET, "subject", SUBJECTS)
    with segments_read() as segments:
        found = overlaps(segments, subject)  # type: ignore[arg-type]
    sizes = [found.matrix[i][i] for i in range(len(found.names))]
    order = sorted(range(len(sizes)), key=lambda i: -sizes[i])
    known = {
        "subject": subject,
        "found": found,
        "chart": heat_map(_part(found, order[:DRAWN])) if "picture" in request.GET else None,
        "left_out": max(0, len(order) - DRAWN),
        "pairs": _pairs(found),
        **EVERYTHING,
    }
    return render(request, "segments/overlap_all.html", known)


def _part(found: Overlaps, order: list[int]) -> Overlaps:
    return Overlaps(
        subject=found.subject,
        names=tuple(found.names[i] for i in order),
        titles=tuple(found.titles[i] for i in order),
        matrix=tuple(tuple(found.matrix[i][j] for j in order) for i in order),
    )


def _pairs(found: Overlaps) -> list[Pair]:
    """The pairs that are most alike."""
    pairs = [
        Pair(
            name=found.names[i],
            title=found.titles[i],
            other=found.names[j],
            other_title=found.titles[j],
            shared=found.matrix[i][j],
            size=found.matrix[i][i],
            other_size=found.matrix[j][j],
        )
        for i in range(len(found.names))
        for j in range(i)
        if found.matrix[i][j]
    ]
    return sorted(pairs, key=lambda pair: -pair.likeness)[:PAIRS]


def heat_map(found: Overlaps) -> dict[str, Any]:
    """Of each row's segment, how much is in each column's; darker is more."""
    titles = _different(found.titles)
    values = [
        {
            "row": titles[i],
            "column": titles[j],
            "share": found.matrix[i][j] / found.matrix[i][i] if found.matrix[i][i] else 0.0,
        }
        for i in range(len(titles))
        for j in range(len(titles))
    ]
    axis = {"sort": list(titles), "title": None, "type": "nominal"}
    step = 26 if len(titles) <= BESIDE + 1 else 16
    return {
        "width": {"step": step},
        "height": {"step": step},
        "data": {"values": values},
        "mark": {"type": "rect", "stroke": "currentColor", "strokeOpacity": 0.08},
        "encoding": {
            "y": {"field": "row", **axis, "axis": {"labelLimit": 200}},
            "x": {"field": "column", **axis, "axis": {"labelAngle": -45, "labelLimit": 160}},
            "color": {
                "field": "share",
                "type": "quantitative",
                "title": _("share of the row"),
                "scale": {"domain": [0, 1], "range": ["#206bc410", "#206bc4"]},
                "legend": {"format": ".0%"},
            },
        },
    }


def _different(titles: tuple[str, ...]) -> list[str]:
    """Short, and each another one."""
    found: list[str] = []
    for title in titles:
        short = title if len(title) <= LONGEST else title[: LONGEST - 1] + "…"
        while short in found:
            short += "’"
        found.append(short)
    return found
