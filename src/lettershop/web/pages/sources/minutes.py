"""Events per minute as bars for an inline SVG: numbers only, the template draws."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec
from django.utils import timezone
from django.utils.translation import gettext as _

from lettershop.app.live import Rates
from lettershop.model.clock import MINUTE, from_ms
from lettershop.web.pages.sources.said import OUTCOMES

WIDTH: Final = 720
HEIGHT: Final = 120
GAP: Final = 2
ROUND: Final = (1, 2, 5)


class Part(msgspec.Struct, frozen=True):
    """A rectangle of a bar; `outcome` is its class in the style sheet."""

    outcome: str
    y: float
    height: float


class Bar(msgspec.Struct, frozen=True):
    """One minute, drawn from below: loaded, duplicate, refused. `says` is its tooltip."""

    x: float
    width: float
    parts: tuple[Part, ...]
    says: str


class Chart(msgspec.Struct, frozen=True):
    """`top` is what the upper line stands for, `sums` the whole hour by outcome."""

    bars: tuple[Bar, ...]
    top: int
    sums: dict[str, int]
    start: datetime
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def says(self) -> str:
        """For those who do not see it."""
        said = _("Events per minute in the last %(minutes)s minutes: %(told)s")
        return said % {"minutes": len(self.bars), "told": _told(self.sums)}


def chart_of(rates: Rates) -> Chart:
    columns = {"loaded": rates.loaded, "duplicate": rates.duplicate, "refused": rates.refused}
    minutes = list(zip(*columns.values(), strict=True))
    top = round_up(max((sum(minute) for minute in minutes), default=0))
    step = WIDTH / max(len(minutes), 1)
    bars = []
    for n, minute in enumerate(minutes):
        at = timezone.localtime(from_ms(rates.start + n * MINUTE))
        counts = dict(zip(columns, minute, strict=True))
        some = {outcome: count for outcome, count in counts.items() if count}
        says = f"{at:%H:%M %Z}: {_told(some) or _('nothing')}"
        bars.append(Bar(round(n * step, 1), round(step - GAP, 1), _stacked(counts, top), says))
    sums = {outcome: sum(column) for outcome, column in columns.items()}
    return Chart(tuple(bars), top, sums, from_ms(rates.start))


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {OUTCOMES[outcome]}" for outcome, count in counts.items())


def round_up(count: int) -> int:
    """The next of 1, 2, 5, 10, 20, 50, …; at least 5, so that one event is not a tower."""
    size = 1
    while True:
        for step in ROUND:
            if step * size >= max(count, 5):
                return step * size
        size *= 10


def _stacked(counts: dict[str, int], top: int) -> tuple[Part, ...]:
    """What is there at all is at least a pixel high."""
    parts, below = [], 0.0
    for outcome, count in counts.items():
        if count:
            height = max(1.0, round(count / top * HEIGHT, 1))
            below += height
            parts.append(Part(outcome, round(HEIGHT - below, 1), height))
    return tuple(parts)
