"""What a campaign is, as its author says it: `campaigns/NAME.toml` (reading.py) or the API.

title = "Spring offers"
content = "destination-offers"          # a template; or [[variant]] tables to compare
include = ["travellers/active"]         # segments of contacts or people, partition members
exclude = ["open-complaints"]
purpose = "newsletter"                  # of consent.toml
at = "2026-12-01 09:00"                 # in the workspace's zone; "" once it is approved
holdout = 10                            # percent who get nothing, to measure against
hold_minutes = 10                       # to change one's mind
canary = { percent = 5, minutes = 30 }
goal = { where = 'did "Order Completed" within last 14 days', days = 14, revenue = "total" }
"""

from typing import Literal

import msgspec

Unit = Literal["contact", "account"]
Measure = Literal["human_click", "reply", "goal"]
"""What variants are compared on. Never opens: machines open letters."""


class ContentVariant(msgspec.Struct, frozen=True, kw_only=True):
    """`name`: "A"; `content`: a template; `share`: weight among the variants."""

    name: str
    content: str
    share: int = 1


class Canary(msgspec.Struct, frozen=True, kw_only=True):
    """The first `percent` go out, the others wait: for a yes when `minutes` is 0, else until these
    have passed without anything that the stop rules mind."""

    percent: int = 5
    minutes: int = 0


class StopRules(msgspec.Struct, frozen=True, kw_only=True):
    """Percent of letters that were accepted (of bounces: tried). A campaign over one of them pauses
    by itself, once so many letters (`least`) are out that it cannot be chance alone."""

    bounce: float = 5.0
    complaint: float = 0.3
    unsubscribe: float = 2.0
    least: int = 100


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """`where`: a condition of the segment language, true of who has reached it, asked `days` days
    after the audience was frozen. `event`, `revenue`: an event and its property that is summed up
    from the freeze on; "" for no revenue."""

    where: str
    days: int = 14
    event: str = ""
    revenue: str = ""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Of variants, stated beforehand: `measure`, its usual rate `baseline` and the smallest
    difference worth knowing `effect` (both of 1), `alpha`, `power`. It is decided once, `days`
    after the send, and not before."""

    measure: Measure = "human_click"
    baseline: float = 0.05
    effect: float = 0.02
    alpha: float = 0.05
    power: float = 0.8
    days: int = 7


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """`content` or `variants`, not both. `include`: whoever is in one of them, and in none of
    `exclude`. `stream`: of consent.toml. `at`: local date and time, "" for at once. `holdout`:
    percent, 0 to 50. `unit`: holdout and variants are drawn by contact, or whole accounts.
    `pixel`: count opens."""

    name: str
    title: str = ""
    description: str = ""
    content: str = ""
    variants: tuple[ContentVariant, ...] = ()
    include: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    stream: str = "marketing"
    purpose: str = ""
    topic: str = ""
    at: str = ""
    holdout: float = 0.0
    unit: Unit = "contact"
    hold_minutes: int = 0
    canary: Canary | None = None
    stop: StopRules = StopRules()
    goal: Goal | None = None
    compare: Comparison | None = None
    pixel: bool = False
    source: str = ""
    """The file it came from, for findings."""

    @property
    def letters(self) -> tuple[ContentVariant, ...]:
        """Variants; the only letter as one called ""."""
        return self.variants or (ContentVariant(name="", content=self.content),)
