"""What is much: shares of letters beside the lines that providers and preflight draw.

Google and Yahoo want fewer than 0.10 % complaints and refuse senders who reach 0.30 %
(support.google.com/mail/answer/81126); of bounces, 2 % is a sign of old lists, 5 % of worse.
"""

from typing import Final, Literal

import msgspec

from lettershop.campaigns.preflight.figures import LEAST, OURS, STOP, TARGET, TOO_MANY, WARN
from lettershop.model.rates import Count, wilson

Colour = Literal["good", "warn", "bad", "unknown"]
ORDER: Final[tuple[Colour, ...]] = ("bad", "warn", "good", "unknown")
"""The worst first; what is not known says nothing either way."""

Measured = Literal["complaints", "bounces", "ours"]
LINES: Final[dict[Measured, tuple[float, float]]] = {
    "complaints": (TARGET, STOP),
    "bounces": (WARN, TOO_MANY),
    "ours": (OURS, OURS),
}
"""Above the first it is yellow, above the second red; preflight (OPS-2 to OPS-5, OPS-7) as well."""


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """`part` of `whole` letters. `low`, `high`: where the true share lies, with 95 % certainty
    (Wilson). `sure`: the whole of it is on one side of the line it is judged by. `unknown`: fewer
    than 100 letters, too few to say."""

    part: int
    whole: int
    share: float | None = None
    low: float | None = None
    high: float | None = None
    colour: Colour = "unknown"
    sure: bool = False


def judged(part: int, whole: int, measured: Measured) -> Judged:
    if whole < 1:
        return Judged(part=part, whole=whole)
    count = Count(min(part, whole), whole)
    low, high = wilson(count)
    colour, line = _coloured(count.rate, measured)
    return Judged(
        part=part,
        whole=whole,
        share=count.rate,
        low=low,
        high=high,
        colour=colour if whole >= LEAST else "unknown",
        sure=whole >= LEAST and (high <= line if colour == "good" else low > line),
    )


def _coloured(rate: float, measured: Measured) -> tuple[Colour, float]:
    """With the line that decides."""
    warn, bad = LINES[measured]
    if rate > bad:
        return "bad", bad
    return ("warn", warn) if rate > warn else ("good", warn)


def worst(*colours: Colour) -> Colour:
    return min(colours, key=ORDER.index, default="unknown")
