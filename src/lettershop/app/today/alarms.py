"""What is wrong, in one shape: since when, and where it is mended."""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from lettershop.app.deliverability.judging import Colour

Code = Literal[
    "segment.uncertain",  # hangs on events that are not heard of
    "segment.broken",  # a definition of the folder cannot be used
    "partition.overlap",  # members of a partition share people
    "feed.silent",
    "pull.failed",
    "refusals",  # far more than usual
    "bounces",  # of the last day: many, or surely more than usual
    "campaign.stopped",  # by its stop rules, or by what came back
    "campaign.problem",
    "server",  # a check of the running server fails: loader, senders, log, records
    "backup.old",
]
ORDER: Final[tuple[Colour, ...]] = ("bad", "warn")


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """`code` with `values` says it in words (the doors do), `text` adds what is known in English.
    `about`: of which segment, event, campaign. `since`: ms, None where it is not known."""

    code: Code
    colour: Colour
    about: str = ""
    address: str
    since: int | None = None
    values: Mapping[str, float] = {}
    text: str = ""


def in_order(alarms: list[Alarm]) -> list[Alarm]:
    """The worst first, and of these what began last."""
    return sorted(alarms, key=lambda one: (ORDER.index(one.colour), -(one.since or 0)))
