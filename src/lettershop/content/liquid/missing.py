"""A value that is not there, as it travels through expressions to where somebody would read it."""

from collections.abc import Callable

from liquid import Undefined
from liquid.exceptions import LiquidInterrupt

from lettershop.content.letter import Path
from lettershop.content.template import Fallback, Policy


class Instead(str):
    """A fallback text. Filters that format numbers and times leave it as it is."""

    __slots__ = ()


class Missing(Undefined):
    """Stands for the value at `path`. `instead` is what is said for it where a policy says a
    fallback; filters work on that. `bit` is the outcome “missing” of the variable."""

    __slots__ = ("bit", "instead", "path", "policy")

    def __init__(
        self, path: Path, policy: Policy | None, bit: int = 0, instead: object = None
    ) -> None:
        super().__init__(path[-1] if path else "")
        self.path, self.policy, self.bit = path, policy, bit
        self.instead = Instead(policy.text) if isinstance(policy, Fallback) else instead

    def lifted(self, change: Callable[[object], object]) -> "Missing":
        """A filter on it: still missing, with the filter done to the fallback."""
        if not isinstance(self.policy, Fallback):
            return self
        other = Missing(self.path, self.policy, self.bit)
        other.instead = change(self.instead)
        return other


class Hidden(LiquidInterrupt):
    """Leaves the nearest block out."""


class Skipping(LiquidInterrupt):
    """No letter for this recipient."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
