"""Results put together: the whole campaign, then by segment, variant and provider."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np

from lettershop.campaigns.definition import Campaign, Comparison, Measure
from lettershop.campaigns.experiments.verdict import Arm, Verdict, compare
from lettershop.campaigns.results import tally, wording
from lettershop.campaigns.results.effect import effect
from lettershop.campaigns.results.rows import Answers, Bits, Letters, Reached
from lettershop.campaigns.results.said import Effect, Group, Results, Sort
from lettershop.model.clock import DAY, format_instant


class Known(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """All that results are made from. `now`, `frozen`: ms. `left`: when the last letter had left,
    None while some are still to. `pixel`: opens were counted. `segments`: name -> (n,) who was in
    it when the audience was frozen. `goal` is None where the campaign has none, or it cannot be
    asked any more: `note` says why."""

    campaign: Campaign
    sends: tuple[int, ...]
    now: int
    frozen: int
    left: int | None
    pixel: bool
    letters: Letters
    answers: Answers
    goal: Reached | None
    note: str
    segments: Mapping[str, Bits]


def results(known: Known) -> Results:
    everybody = np.ones(len(known.letters.id), np.bool_)
    delivery = tally.delivery(known.letters, known.answers, everybody)
    response = tally.response(known.letters, known.answers, everybody, pixel=known.pixel)
    whole = _effect(known, everybody)
    comparison = _compared(known)
    said = [*wording.first(delivery, response), *(whole.said if whole else ())]
    said += [known.note] if known.note else []
    return Results(
        campaign=known.campaign.name,
        title=known.campaign.title,
        as_of=format_instant(known.now),
        frozen_at=format_instant(known.frozen),
        sends=known.sends,
        delivery=delivery,
        response=response,
        effect=whole,
        comparison=comparison,
        groups=tuple(_groups(known)),
        said=(*said, *([comparison.said] if comparison else [])),
    )


def _effect(known: Known, chosen: Bits) -> Effect | None:
    if known.goal is None:
        return None
    return effect(known.letters, known.goal, chosen, known.campaign.unit)


def _groups(known: Known) -> Iterator[Group]:
    for name, members in known.segments.items():
        yield _group(known, "segment", name, members)
    variants, providers = known.letters.variant, known.letters.provider
    for name in _names(variants):
        yield _group(known, "variant", name, variants == name, against_all=True)
    for name in _names(providers):
        yield _group(known, "provider", name, providers == name)


def _names(column: np.ndarray[tuple[int], np.dtype[np.object_]]) -> Sequence[str]:
    """Where they are told apart at all."""
    found = sorted({str(one) for one in column})
    return [name for name in found if name] if len(found) > 1 or found[:1] != [""] else []


def _group(
    known: Known, sort: Sort, name: str, chosen: Bits, *, against_all: bool = False
) -> Group:
    """`against_all`: those held out got no variant, and are compared with each."""
    own = chosen & ~known.letters.held if against_all else chosen
    compared = own | known.letters.held if against_all else chosen
    return Group(
        sort=sort,
        name=name,
        delivery=tally.delivery(known.letters, known.answers, own),
        response=tally.response(known.letters, known.answers, own, pixel=known.pixel),
        effect=_effect(known, compared),
    )


def _compared(known: Known) -> Verdict | None:
    """At the stated moment; what came later is left out then."""
    comparison, letters = known.campaign.compare, known.letters
    if comparison is None or (comparison.measure == "goal" and known.goal is None):
        return None
    ends = _ends(known, comparison)
    reached = _reached(known, comparison.measure, known.now + 1 if ends is None else ends)
    arms = []
    for variant in known.campaign.letters:
        of = (letters.variant == variant.name) & letters.meant
        units = letters.unit[of] if known.campaign.unit == "account" else None
        arms.append(Arm(variant.name, reached[of], units))
    return compare(comparison, arms, known.now, ends)


def _ends(known: Known, comparison: Comparison) -> int | None:
    if known.left is None:
        return None
    ends = known.left + comparison.days * DAY
    goal = known.campaign.goal
    if comparison.measure == "goal" and goal is not None:
        return max(ends, known.frozen + goal.days * DAY)
    return ends


def _reached(known: Known, measure: Measure, ends: int) -> Bits:
    match measure:
        case "human_click":
            return known.answers.clicked_at < ends
        case "reply":
            return known.answers.replied_at < ends
        case "goal":
            assert known.goal is not None  # noqa: S101  (asked before)
            return known.goal.reached
