"""The data that decides: DATA-1 to DATA-5."""

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Final

from lettershop.campaigns.preflight.findings import (
    fails,
    holds,
    letters,
    listed,
    not_asked,
    percent,
)
from lettershop.campaigns.said import Check

MUCH: Final = 0.10
"""Share of the recipients that may also be in other sends of these days."""
FEW_PEOPLE: Final = 20
"""A change by so many is none, however small the audience is."""


def fresh(read: Sequence[str], late: Mapping[str, str]) -> Check:
    """DATA-1. `read`: events that segments and letters read; `late`: of those not heard of, why."""
    if not read:
        return not_asked("DATA-1", "neither the segments nor the letters read events")
    if late:
        return fails("DATA-1", "; ".join(late.values()), about=late)
    one = len(read) == 1
    return holds(
        "DATA-1", f"“{read[0]}” came in lately" if one else f"all {len(read)} events came in"
    )


def certain(reasons: Mapping[str, Sequence[str]]) -> Check:
    """DATA-2. `reasons`: of each uncertain segment of the audience, why."""
    if not reasons:
        return holds("DATA-2", "everything that the audience hangs on is known")
    said = "; ".join(f"“{name}”: {', '.join(why)}" for name, why in reasons.items())
    return fails("DATA-2", said, about=reasons)


def size(
    audience: int, earlier: Sequence[int], guard: int, segments: tuple[int, int] = (0, 0)
) -> Check:
    """DATA-3. `earlier`: audiences of sends to the same segments; `guard`: percent, the setting
    size_guard. `segments`: where there were none, members of the segments a week before and now."""
    if not audience:
        fix = "choose segments that have members"
        return fails(
            "DATA-3", "nobody is in the audience", about=["nobody"], level="block", fix=fix
        )
    then, now = segments
    if not earlier and not (then and now):
        said = f"{audience:,} people; nothing was sent to these segments before"
        return not_asked("DATA-3", said)
    usual = median(earlier) if earlier else audience * then / now
    told = f"usually {usual:,.0f}" if earlier else f"a week ago {usual:,.0f} by the same segments"
    said = f"{audience:,} people, {told}"
    changed = abs(audience - usual)
    if changed > FEW_PEOPLE and changed > usual * guard / 100:
        about = "more" if audience > usual else "fewer"
        return fails("DATA-3", f"{said}: over {guard} % {about}", audience, about=[about])
    return holds("DATA-3", said)


def overlap(shared: Mapping[str, int], people: int, whole: int, examples: Sequence[str]) -> Check:
    """DATA-4. `shared`: by name of the other send; `people`: of `whole` letters."""
    if not people:
        return holds("DATA-4", "no recipient is in another send of these days")
    said = f"{people:,} of {letters(whole)} ({percent(people, whole)}): {listed(Counter(shared))}"
    if people > MUCH * whole:
        return fails("DATA-4", said, people, examples=examples, about=shared)
    return holds("DATA-4", said, people, examples=examples)


def proved(
    locked: Sequence[str], broken: Mapping[str, int], whole: int, examples: Sequence[str], hint: str
) -> Check:
    """DATA-5. `locked`: why letters may not go to segments; `broken`: why letters could not be
    made, of `whole`; `hint`: what to do about the first."""
    if broken:
        people = sum(broken.values())
        said = f"{people:,} of {letters(whole)} cannot be made: {listed(Counter(broken))}"
        return fails("DATA-5", said, people, examples=examples, about=broken)
    if locked:
        return fails("DATA-5", "; ".join(locked), about=locked, fix=hint)
    if not whole:
        return not_asked("DATA-5", "there is no letter to be made")
    return holds("DATA-5", f"all {letters(whole)} were made, and are proved", whole)
