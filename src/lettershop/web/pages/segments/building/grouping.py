"""Tree to rows and back. `tree_of(group_of(tree))` is the tree again, whatever it holds."""

from typing import Final

import msgspec

from lettershop.language import tree as t
from lettershop.language.walk import size
from lettershop.model.errors import DefinitionError
from lettershop.web.pages.segments.building.kinds import KINDS, kind_of
from lettershop.web.pages.segments.building.others import ADVANCED, read_text
from lettershop.web.pages.segments.building.rows import (
    INNER,
    TOP,
    Awkward,
    Group,
    Part,
    Row,
    Unfinished,
)

DEEPEST: Final = 5
"""Groups in groups; what is deeper is drawn as text."""
MOST: Final = 100
"""Conditions; more are drawn as one text."""


class Wanting(msgspec.Struct, frozen=True):
    """A row that is not finished: its path, the control, what is missing."""

    path: str
    part: str
    says: str


class Built(msgspec.Struct, frozen=True):
    """What rows say. `made`: the condition of each row that is finished, by path; `wanting`: those
    that are not, and are left out."""

    tree: t.Condition
    made: dict[str, t.Condition]
    wanting: list[Wanting]


# --- rows of a tree -----------------------------------------------------------------------------


def group_of(tree: t.Condition) -> Group:
    """The outermost group; nobody is left out of an empty one."""
    if size(tree) > MOST:
        return Group(parts=(_text(tree),))
    if isinstance(tree, t.Everyone):
        return Group()
    found = _part(tree, 0)
    return found if isinstance(found, Group) else Group(parts=(found,))


def _inner(tree: t.Condition | None, depth: int) -> Group:
    """What stands in a `where (…)` or `who (…)`."""
    if tree is None:
        return Group()
    found = _part(tree, depth)
    return found if isinstance(found, Group) else Group(parts=(found,))


def _part(node: t.Condition, depth: int) -> Part:
    if depth > DEEPEST:
        return _text(node)
    match node:
        case t.And(parts) if len(parts) > 1:
            return Group(joint="all", parts=tuple(_part(p, depth + 1) for p in parts))
        case t.Or(parts) if len(parts) > 1:
            return Group(joint="any", parts=tuple(_part(p, depth + 1) for p in parts))
        case t.Not(part):
            inner = _part(part, depth + 1)
            if not inner.negated:
                return msgspec.structs.replace(inner, negated=True)
            return Group(parts=(inner,), negated=True)
        case t.And() | t.Or():
            return _text(node)
        case _:
            return _row(node, depth)


def _row(node: t.Condition, depth: int) -> Row:
    if isinstance(node, t.And | t.Or | t.Not):
        raise TypeError("these are groups")
    kind = KINDS[kind_of(node)]
    try:
        values, inside = kind.read(node)
        if kind.write(values, inside) != node:
            return _text(node)
    except (Awkward, Unfinished):
        return _text(node)
    inner = _inner(inside, depth + 1)
    return Row(kind=kind.key, values=values, inner=inner)


def _text(node: t.Condition) -> Row:
    return Row(kind=ADVANCED, values=read_text(node)[0], inner=Group())


# --- tree of rows -------------------------------------------------------------------------------


def tree_of(group: Group) -> Built:
    """What is finished; everyone where nothing is."""
    made: dict[str, t.Condition] = {}
    wanting: list[Wanting] = []
    found = _joined(group, TOP, made, wanting)
    return Built(t.Everyone() if found is None else found, made, wanting)


def _joined(
    group: Group, path: str, made: dict[str, t.Condition], wanting: list[Wanting]
) -> t.Condition | None:
    parts = []
    for number, part in enumerate(group.parts):
        below = f"{path}-{number}"
        if isinstance(part, Group):
            found = _joined(part, below, made, wanting)
        else:
            found = _condition(part, below, made, wanting)
        if found is not None:
            parts.append(found)
    if not parts:
        return None
    joined = parts[0]
    if len(parts) > 1:
        joined = t.And(tuple(parts)) if group.joint == "all" else t.Or(tuple(parts))
    return t.Not(joined) if group.negated else joined


def _condition(
    row: Row, path: str, made: dict[str, t.Condition], wanting: list[Wanting]
) -> t.Condition | None:
    inside = None
    if row.inner is not None:
        inside = _joined(row.inner, f"{path}-{INNER}", made, wanting)
    try:
        found = KINDS[row.kind].write(row.values, inside)
    except Unfinished as missing:
        wanting.append(Wanting(path, missing.part, missing.says))
        return None
    except DefinitionError as error:  # pragma: no cover - texts are read as Unfinished
        wanting.append(Wanting(path, "text", error.findings[0].message))
        return None
    made[path] = found
    return t.Not(found) if row.negated else found
