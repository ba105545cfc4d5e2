"""What the pages of a campaign draw: rows and shares, ready for templates that only show."""

from collections.abc import Sequence
from typing import Final

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lettershop.app.campaigning.reach import Reach
from lettershop.app.workspace import Workspace
from lettershop.campaigns.reading import MOST_VARIANTS
from lettershop.campaigns.said import FreezeReport
from lettershop.web.pages.campaigns import choices, said
from lettershop.web.pages.campaigns.choices import Choice, Offered, Template
from lettershop.web.pages.campaigns.fields import USUAL, Fields, VariantFields
from lettershop.web.pages.campaigns.sheet import Sheet

LETTERS: Final = "ABCDEFGHIJ"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """`share`: of the whole, 0 to 1. `code`: what it is called in the records."""

    says: str
    count: int
    share: float
    code: str = ""
    good: bool = False


class SegmentRow(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    title: str
    size: int | None
    included: bool
    excluded: bool


MEASURES: Final[tuple[tuple[str, Promise], ...]] = (
    ("", _("Do not compare")),
    ("human_click", _("Human clicks")),
    ("reply", _("Replies")),
    ("goal", _("The goal")),
)


def composed(
    workspace: Workspace, sheet: Sheet, offered: Offered, found: Reach
) -> dict[str, object]:
    """What the form and what stands beside it show."""
    fields, zone = sheet.fields, workspace.settings.timezone
    at, at_zone = choices.shown_at(fields.at, zone)
    return {
        "sheet": sheet,
        "fields": fields,
        "offered": offered,
        "segments": segment_rows(fields, offered),
        "chosen": chosen(fields, offered),
        "variants": variant_rows(fields),
        "streams": _usual(offered.streams, "marketing"),
        "reach": found,
        "held_out": held_out(fields, found.left),
        "at": at,
        "at_zone": at_zone,
        "zones": choices.zones(zone),
        "workspace_zone": zone,
        "usual": USUAL,
        "measures": MEASURES,
        "of": {step: sheet.of(step) for step in ("audience", "content", "schedule", "results")},
        "others": sheet.of(""),
    }


def segment_rows(fields: Fields, offered: Offered) -> list[SegmentRow]:
    return [
        SegmentRow(
            name=one.name,
            title=one.title,
            size=one.size,
            included=one.name in fields.include,
            excluded=one.name in fields.exclude,
        )
        for one in offered.segments
    ]


def chosen(fields: Fields, offered: Offered) -> list[Template]:
    """The letters that are chosen now."""
    names = [one.content for one in fields.variants] if fields.several else [fields.content]
    known = {one.name: one for one in offered.templates}
    return [known[name] for name in dict.fromkeys(names) if name in known]


def variant_rows(fields: Fields) -> list[VariantFields]:
    """Those there are, and room for two, or for one more."""
    rows = [*fields.variants]
    room = min(MOST_VARIANTS, max(2, len(rows) + 1))
    for place in range(len(rows), room):
        rows.append(VariantFields(name=LETTERS[place % len(LETTERS)]))
    return rows


def held_out(fields: Fields, people: int) -> int:
    """About how many; 0 for what is no share."""
    try:
        share = float(fields.holdout or 0)
    except ValueError:
        return 0
    return round(people * share / 100) if 0 < share <= 50 else 0


def whom_rows(report: FreezeReport) -> list[Row]:
    """The audience: who gets a letter, then who does not and why, the most first."""
    total = max(1, report.audience)
    rows = sorted(report.rows.items(), key=lambda one: (one[0] != "", -one[1], one[0]))
    return [
        Row(
            says=said.reason(code) if code else str(_("get a letter")),
            count=count,
            share=count / total,
            code=code,
            good=not code,
        )
        for code, count in rows
    ]


def _usual(found: Sequence[Choice], usual: str) -> list[Choice]:
    """With what applies when nothing is said."""
    return [Choice("", f"{usual} ({_('usual')})"), *found]
