"""Rows ready to draw: controls with their ids, what is found in each, what can be added where."""

from collections.abc import Iterable, Mapping

import msgspec
from django.utils.translation import gettext as _

from lettershop.language.spans import Spans
from lettershop.language.tree import Condition, Duration
from lettershop.language.walk import walk
from lettershop.model.errors import Finding, Span
from lettershop.web.pages.segments.building.controls import Control, select
from lettershop.web.pages.segments.building.grouping import DEEPEST, Built
from lettershop.web.pages.segments.building.kinds import KINDS
from lettershop.web.pages.segments.building.places import Place
from lettershop.web.pages.segments.building.reading import inner_place
from lettershop.web.pages.segments.building.rows import INNER, TOP, Group, Row

Findings = Mapping[str, list[Finding]]
"""By the path of a row; by "" those of no row."""


class DrawnRow(msgspec.Struct, frozen=True, kw_only=True):
    """`missing`: control to what is missing in it. `focus`: the id that gets the focus."""

    path: str
    kind: str
    says: str
    icon: str
    negated: bool
    controls: list[Control]
    findings: list[Finding]
    missing: dict[str, str]
    inner: "DrawnGroup | None"
    inner_says: str
    number: int
    last: bool

    group = False


class DrawnGroup(msgspec.Struct, frozen=True, kw_only=True):
    path: str
    negated: bool
    joint: Control
    parts: list["DrawnRow | DrawnGroup"]
    offers: list[tuple[str, str, str]]
    """Kinds that can be added: key, words, icon."""
    deeper: bool
    """Whether a group can be added."""
    number: int = 0
    last: bool = True

    group = True

    @property
    def top(self) -> bool:
        return self.path == TOP

    @property
    def many(self) -> bool:
        return len(self.parts) > 1


class _Desk(msgspec.Struct, frozen=True):
    findings: Findings
    missing: Mapping[str, Mapping[str, str]]


def draw(group: Group, place: Place, built: Built, findings: Findings) -> DrawnGroup:
    missing: dict[str, dict[str, str]] = {}
    for one in built.wanting:
        missing.setdefault(one.path, {})[one.part] = one.says
    return _group(group, TOP, place, _Desk(findings, missing), 0)


def _group(
    group: Group,
    path: str,
    place: Place,
    desk: _Desk,
    depth: int,
    number: int = 0,
    last: bool = True,
) -> DrawnGroup:
    parts: list[DrawnRow | DrawnGroup] = []
    for n, part in enumerate(group.parts):
        below, end = f"{path}-{n}", n == len(group.parts) - 1
        if isinstance(part, Group):
            parts.append(_group(part, below, place, desk, depth + 1, n, end))
        else:
            parts.append(_row(part, below, place, desk, depth + 1, n, end))
    joints = (("all", _("all of these")), ("any", _("any of these")))
    return DrawnGroup(
        path=path,
        negated=group.negated,
        joint=select({"joint": group.joint}, "joint", _("how these are joined"), joints),
        parts=parts,
        offers=[(k.key, str(k.says), k.icon) for k in KINDS.values() if k.fits(place)],
        deeper=depth < DEEPEST,
        number=number,
        last=last,
    )


def _row(
    row: Row, path: str, place: Place, desk: _Desk, depth: int, number: int, last: bool
) -> DrawnRow:
    kind = KINDS[row.kind]
    within = inner_place(row.kind, row.values, place)
    inner = None
    if within is not None:
        below = f"{path}-{INNER}"
        inner = _group(row.inner or Group(), below, within, desk, depth + 1)
    return DrawnRow(
        path=path,
        kind=row.kind,
        says=str(kind.says),
        icon=kind.icon,
        negated=row.negated,
        controls=kind.controls(row.values, place),
        findings=desk.findings.get(path, []),
        missing=dict(desk.missing.get(path, {})),
        inner=inner,
        inner_says=str(kind.inner_says),
        number=number,
        last=last,
    )


# --- findings on rows ---------------------------------------------------------------------------


def spans_of(made: Mapping[str, Condition]) -> Spans:
    """Everything inside a row's condition stands at the row: a span whose start is its number.
    Inner rows are made before the row they are in, so they have the last word."""
    spans = Spans()
    for number, node in reversed([*enumerate(made.values())]):
        place = Span(number, number, 1, 1)
        for one in walk(node):
            spans.mark(one, place)
            for part in _durations(one):
                spans.mark(part, place)
    return spans


def _durations(node: msgspec.Struct) -> Iterable[Duration]:
    for name in node.__struct_fields__:
        value = getattr(node, name)
        if isinstance(value, Duration):
            yield value


def by_row(findings: Iterable[Finding], made: Mapping[str, Condition]) -> Findings:
    """Findings of a check with `spans_of`, by row."""
    paths = [*made]
    found: dict[str, list[Finding]] = {}
    for one in findings:
        path = paths[one.span.start] if one.span is not None else ""
        found.setdefault(path, []).append(one)
    return found
