"""How many messages a provider gets a day while we are new to it."""

from collections.abc import Mapping

import msgspec

from lettershop.delivery.providers.knowledge import Plan
from lettershop.model.clock import DAY
from lettershop.model.errors import NotFound


class WarmUp(msgspec.Struct, frozen=True):
    """`start`: ms; its UTC day is day 1."""

    plan: Plan
    start: int

    def limit(self, now: int) -> int | None:
        """Of the UTC day of `now`, for each provider; None: no limit. Before the start 0."""
        day = now // DAY - self.start // DAY
        if day < 0:
            return 0
        return self.plan.days[day] if day < len(self.plan.days) else None


def warm_up(plans: Mapping[str, Plan], name: str, start: int) -> WarmUp:
    """NotFound `warmup.unknown`."""
    if name not in plans:
        message = f"there is no warm-up plan “{name}”"
        raise NotFound("warmup.unknown", message, hint=", ".join(sorted(plans)))
    return WarmUp(plans[name], start)
