"""Results in sentences, with figures no finer than they are known."""

from collections.abc import Iterator
from math import floor, log10
from typing import Final

from lettershop.campaigns.results.said import Delivery, Difference, Effect, Response

NO_HOLDOUT: Final = (
    "Nobody was held out: how many would have reached the goal anyway cannot be known."
)
NOBODY: Final = "Everybody was held out: there is nothing to compare with."
DRAWN: Final = (
    "All who were to get a letter when the audience was frozen count, whether it arrived or not;"
    " who could not have been written to anyway is in neither group."
)


def too_small(people: int, least: int) -> str:
    cannot = f"what the campaign caused cannot be said with fewer than {least}"
    return f"Only {people:,} held out: {cannot}."


def few_accounts(accounts: int, least: int) -> str:
    return (
        f"Whole accounts were drawn, and one side has only {accounts}: what the campaign caused"
        f" cannot be said with fewer than {least}."
    )


def effect(found: Effect, why: str) -> Iterator[str]:
    """`why`: it cannot be said."""
    when = f"so far, at {found.until}" if found.so_far else f"until {found.until}"
    treated = found.treated
    share = f"{treated.reached:,} of {treated.people:,}"
    yield f"{share} reached the goal ({treated.rate:.2%}), {when}."
    if why:
        yield why
        return
    if found.held_out and found.rate and found.caused:
        yield _compared(found.held_out.rate, found.rate)
        if found.rate.sure:
            yield _people(found.caused)
    if treated.revenue is not None:
        yield from _revenue(found)
    yield DRAWN
    if found.so_far:
        yield "The window is still open: these figures are not the last."


def _compared(without: float, rate: Difference) -> str:
    points, (low, high) = _points(rate), _ends(rate, 100)
    said = f"Of those held out {without:.2%} did: {points} (95 %: {low} to {high})"
    return f"{said}." if rate.sure else f"{said}, which can be chance."


def _points(rate: Difference) -> str:
    value = honest(abs(rate.value) * 100, (rate.high - rate.low) * 50)
    return f"{value} points {'more' if rate.value >= 0 else 'fewer'} with the campaign"


def _people(caused: Difference) -> str:
    low, high = _ends(caused, 1)
    value = honest(abs(caused.value), (caused.high - caused.low) / 2)
    if caused.value >= 0:
        return f"About {value} people did it because of the campaign (95 %: {low} to {high})."
    return f"About {value} people did not do it because of the campaign (95 %: {low} to {high})."


def _revenue(found: Effect) -> Iterator[str]:
    unit = f" {found.currency}" if found.currency else ""
    if found.revenue is None or found.revenue_caused is None:
        yield f"Revenue: {found.treated.revenue:,.2f}{unit}; too few bought to compare it."
        return
    low, high = _ends(found.revenue_caused, 1)
    value = honest(
        found.revenue_caused.value, (found.revenue_caused.high - found.revenue_caused.low) / 2
    )
    said = f"Revenue because of the campaign: {value}{unit} (95 %: {low} to {high})"
    yield f"{said}." if found.revenue_caused.sure else f"{said}, which can be chance."


def first(delivery: Delivery, response: Response) -> Iterator[str]:
    """What a marketer should know before all else."""
    yield (
        f"{delivery.planned:,} planned: {delivery.accepted:,} accepted,"
        f" {delivery.refused:,} refused, {delivery.suppressed:,} suppressed,"
        f" {delivery.failed:,} failed, {delivery.unknown:,} unknown"
        f"{f', {delivery.open:,} open' if delivery.open else ''}."
    )
    if response.letters:
        human, machine = response.clicked.human, response.clicked.machine
        yield (
            f"{human.people:,} people followed a link ({human.rate:.2%})"
            f"{f'; in {machine:,} more letters only machines did' if machine else ''}."
        )


def honest(value: float, half_width: float) -> str:
    """No finer than a tenth of what it is uncertain by: 187.3 ± 128 is 190."""
    if half_width <= 0:
        return f"{value:,.10g}"
    digits = 1 - floor(log10(half_width))
    rounded = round(value, digits) + 0.0
    return f"{rounded:,.{max(0, digits)}f}"


def _ends(found: Difference, scale: float) -> tuple[str, str]:
    width = (found.high - found.low) / 2 * scale
    return honest(found.low * scale, width), honest(found.high * scale, width)
