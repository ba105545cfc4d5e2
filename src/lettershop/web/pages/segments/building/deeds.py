"""What the buttons of rows do: add, remove, move, negate. Groups in, groups out.

A deed reads `VERB:PATH` or `add:PATH:KIND`; whatever is not there any more is left as it is.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from lettershop.web.pages.segments.building.kinds import KINDS
from lettershop.web.pages.segments.building.places import Place
from lettershop.web.pages.segments.building.reading import inner_place
from lettershop.web.pages.segments.building.rows import INNER, TOP, Group, Joint, Part, Row

VERBS: Final = ("add", "group", "remove", "negate", "up", "down")
Change = Callable[[Part, Place], Part]
Steps = list[str]


class Done(msgspec.Struct, frozen=True):
    """`focus`: the id of what should have the focus now."""

    group: Group
    focus: str


def done(group: Group, place: Place, deed: str) -> Done:
    """The group after a deed."""
    verb, _, rest = deed.partition(":")
    path, _, kind = rest.partition(":")
    steps = path.split("-")
    if verb not in VERBS or steps[0] != TOP:
        return Done(group, "")
    match verb:
        case "add" | "group":
            return _add(group, place, steps[1:], kind if verb == "add" else "")
        case "negate":
            return Done(_changed(group, steps[1:], place, _negated), f"{path}__negate")
        case _:
            return _arranged(group, place, steps, verb)


def _add(group: Group, place: Place, steps: Steps, kind: str) -> Done:
    """A new row at the end of a group, or a group with an empty row of the usual kind."""
    added: list[int] = []

    def change(part: Part, there: Place) -> Part:
        if not isinstance(part, Group) or (kind and kind not in KINDS):
            return part
        row = fresh(kind or "test", there)
        other: Joint = "any" if part.joint == "all" else "all"
        new: Part = row if kind else Group(joint=other, parts=(row,))
        added.append(len(part.parts))
        return msgspec.structs.replace(part, parts=(*part.parts, new))

    found = _changed(group, steps, place, change)
    if not added:
        return Done(group, "")
    path = "-".join([TOP, *steps, str(added[0]), *(() if kind else ("0",))])
    return Done(found, f"{path}__first")


def fresh(kind: str, place: Place) -> Row:
    """A new row of a kind, unfinished where somebody has to choose."""
    return Row(kind=kind, values=KINDS[kind].fresh(place), inner=Group())


def _arranged(group: Group, place: Place, steps: Steps, verb: str) -> Done:
    """Remove or move one part of its group."""
    if len(steps) < 2 or not steps[-1].isdecimal():
        return Done(group, "")
    above, at = steps[:-1], int(steps[-1][:6])
    to = {"up": at - 1, "down": at + 1}.get(verb, at)

    def change(part: Part, there: Place) -> Part:
        if not isinstance(part, Group) or not 0 <= at < len(part.parts):
            return part
        parts = [*part.parts]
        moved = parts.pop(at)
        if verb != "remove":
            parts.insert(max(0, min(to, len(parts))), moved)
        return msgspec.structs.replace(part, parts=tuple(parts))

    found = _changed(group, above[1:], place, change)
    parent = "-".join(above)
    focus = f"{parent}__add" if verb == "remove" else f"{parent}-{max(0, to)}__{verb}"
    return Done(found, focus)


def _negated(part: Part, there: Place) -> Part:
    return msgspec.structs.replace(part, negated=not part.negated)


def _changed(group: Group, steps: Steps, place: Place, change: Change) -> Group:
    """The group with one part of it changed."""
    found = _walk(group, steps, place, change)
    return found if isinstance(found, Group) else group


def _walk(part: Part, steps: Steps, place: Place, change: Change) -> Part:
    if not steps:
        return change(part, place)
    first, rest = steps[0], steps[1:]
    if isinstance(part, Row):
        within = inner_place(part.kind, part.values, place)
        if first != INNER or part.inner is None or within is None:
            return part
        inner = _walk(part.inner, rest, within, change)
        return msgspec.structs.replace(part, inner=inner)
    if not first.isdecimal() or int(first[:6]) >= len(part.parts):
        return part
    parts = [*part.parts]
    parts[int(first[:6])] = _walk(parts[int(first[:6])], rest, place, change)
    return msgspec.structs.replace(part, parts=tuple(parts))
