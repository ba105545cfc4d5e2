"""Short words of the builder, and the count as the page shows it."""

from collections.abc import Iterator
from typing import Final

import msgspec
from django.utils.translation import gettext_lazy as _

from lettershop.app.building import Counted, Said
from lettershop.language.tree import Node
from lettershop.language.walk import walk
from lettershop.model.errors import LettershopError
from lettershop.segments.uncertain import Reason
from lettershop.web.pages.segments.building.drawing import DrawnGroup, DrawnRow
from lettershop.web.pages.segments.building.labels import Words

SUBJECTS: Final[Words] = {
    "contact": _("Contacts"),
    "account": _("Accounts"),
    "people": _("People in accounts"),
}
MODES: Final[Words] = {
    "dynamic": _("Dynamic: members enter and leave by themselves"),
    "add_only": _("Add only: members enter and never leave"),
    "static": _("Static: filled once, when it is published"),
}
MOST: Final = 3
"""Columns of the sample."""
NAMES: Final = ("name", "email", "identity", "account")
"""How a member is called: the first of these that is known."""


class Sample(msgspec.Struct, frozen=True):
    """A member: how they are called, their id, address, and what the condition asks about."""

    who: str
    id: str
    email: str
    cells: tuple[object, ...]


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """The count as it is drawn; with `error` it could not be made; neither: the condition is not
    finished."""

    found: Counted | None = None
    columns: tuple[str, ...] = ()
    sample: tuple[Sample, ...] = ()
    error: LettershopError | None = None

    @property
    def uncertain(self) -> tuple[Reason, ...]:
        return () if self.found is None else self.found.uncertain


def numbers(found: Counted, told: Said) -> Numbers:
    """The sample shows what the condition asks about."""
    columns = _asked_about(found, told)
    sample = tuple(
        Sample(
            who=str(next((row[n] for n in NAMES if row.get(n)), "–")),
            id=str(row.get("identity") or row.get("account") or ""),
            email=str(row.get("email") or ""),
            cells=tuple(row[column] for column in columns),
        )
        for row in found.sample
    )
    return Numbers(found=found, columns=columns, sample=sample)


def _asked_about(found: Counted, told: Said) -> tuple[str, ...]:
    nodes: Iterator[Node] = walk(told.tree) if told.tree is not None else iter(())
    named = [str(getattr(node, "field", "")) for node in nodes]
    usual = ("title", "industry", "plan")
    wanted = dict.fromkeys([*(name for name in named if name not in NAMES), *usual])
    return tuple(name for name in wanted if name in found.columns)[:MOST]


def flat(group: DrawnGroup) -> Iterator[DrawnRow]:
    """All rows, those inside of others too."""
    for part in group.parts:
        if isinstance(part, DrawnGroup):
            yield from flat(part)
            continue
        yield part
        if part.inner is not None:
            yield from flat(part.inner)
