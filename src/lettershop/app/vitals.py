"""How the server is: figures for monitoring, and what stands in the way of being ready."""

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

import msgspec


class Vital(msgspec.Struct, frozen=True, kw_only=True):
    """One figure. `name` in Prometheus style with its unit (`…_seconds`, `…_bytes`, `…_total`)."""

    name: str
    help: str
    value: float
    kind: Literal["gauge", "counter"] = "gauge"
    labels: Mapping[str, str] = {}


Source = Callable[[], Iterable[Vital]]
Check = Callable[[], str]
"""What is wrong, in words; empty when all is well."""


class Vitals:
    """Parts of the server add their figures and checks when they are wired together."""

    def __init__(self) -> None:
        self._sources: list[Source] = []
        self._checks: dict[str, Check] = {}
        self._notes: dict[str, Check] = {}

    def add(self, source: Source) -> None:
        self._sources.append(source)

    def check(self, name: str, check: Check) -> None:
        self._checks[name] = check

    def note(self, name: str, check: Check) -> None:
        """Something that people should know of, and that keeps nobody from taking requests."""
        self._notes[name] = check

    def figures(self) -> list[Vital]:
        return [vital for source in self._sources for vital in source()]

    def problems(self) -> dict[str, str]:
        """Check by check; empty when the server is ready. A check that fails is a problem."""
        return _said(self._checks)

    def notes(self) -> dict[str, str]:
        """What else is wrong, check by check."""
        return _said(self._notes)


def _said(checks: Mapping[str, Check]) -> dict[str, str]:
    found = {}
    for name, check in checks.items():
        try:
            problem = check()
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
        if problem:
            found[name] = problem
    return found
