"""Rows from a form: every control is named `PATH__NAME`, every group and row says its kind."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from lettershop.web.pages.segments.building.kinds import KINDS
from lettershop.web.pages.segments.building.places import Place
from lettershop.web.pages.segments.building.rows import (
    INNER,
    TOP,
    Group,
    Joint,
    Part,
    Row,
    Unfinished,
)

MARK: Final = "__"
DEEPEST: Final = 30
"""Groups in groups that are read at all: pages never draw as many."""

Fields = Mapping[str, Mapping[str, str]]
"""By path the values said of it."""


def read(form: Mapping[str, str]) -> Group | None:
    """The outermost group; None: the form says nothing of rows."""
    fields: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for name, value in form.items():
        path, mark, control = name.rpartition(MARK)
        if mark and path.startswith(TOP):
            fields[path][control] = value
    return _group(fields, TOP, 0) if TOP in fields else None


def _group(fields: Fields, path: str, depth: int) -> Group:
    own = fields.get(path, {})
    parts: list[Part] = []
    while depth < DEEPEST and (below := f"{path}-{len(parts)}") in fields:
        kind = fields[below].get("kind", "")
        if kind not in KINDS:
            parts.append(_group(fields, below, depth + 1))
        else:
            parts.append(_row(fields, below, kind, depth + 1))
    joint: Joint = "any" if own.get("joint") == "any" else "all"
    return Group(joint=joint, parts=tuple(parts), negated=own.get("not") == "1")


def _row(fields: Fields, path: str, kind: str, depth: int) -> Row:
    own = {n: v.strip("\r\n") for n, v in fields[path].items() if n not in ("kind", "not")}
    inner = _group(fields, f"{path}-{INNER}", depth)
    return Row(kind=kind, values=own, inner=inner, negated=fields[path].get("not") == "1")


def settled(group: Group, place: Place) -> Group:
    """Where another field was chosen, an operator that fits it."""
    parts: list[Part] = []
    for part in group.parts:
        if isinstance(part, Group):
            parts.append(settled(part, place))
            continue
        kind = KINDS[part.kind]
        values = kind.settle(part.values, place)
        within = inner_place(kind.key, values, place)
        inner = part.inner if part.inner is None or within is None else settled(part.inner, within)
        parts.append(Row(kind=part.kind, values=values, inner=inner, negated=part.negated))
    return Group(joint=group.joint, parts=tuple(parts), negated=group.negated)


def inner_place(kind: str, values: Mapping[str, str], place: Place) -> Place | None:
    """Where the inner rows of a row stand; None: it has none."""
    try:
        return KINDS[kind].inner(values, place)
    except Unfinished:
        return None
