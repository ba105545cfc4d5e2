"""Refreshes that somebody asks for beside a running server: done by the keeper, one by one."""

import threading
from collections.abc import Callable
from typing import Final, Literal

import msgspec

from lettershop.app.answers import Failure, failure
from lettershop.app.refreshing.told import Refreshed
from lettershop.model.errors import LettershopError, NotFound

EngineName = Literal["duckdb", "spark"]
KEPT: Final = 20
"""Orders that are remembered after they were done."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """None: as the settings say."""

    engine: EngineName | None = None
    spark: str | None = None


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A refresh that was asked for: waiting, running (`doing` says what), done or failed."""

    id: int
    state: Literal["waiting", "running", "done", "failed"]
    doing: str = ""
    answer: Refreshed | None = None
    error: Failure | None = None


Doing = Callable[[Wish, Callable[[str], None]], Refreshed]


class Orders:
    """In memory only: whoever asked and did not wait has lost nothing, the schedule goes on."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._orders: dict[int, Order] = {}
        self._wishes: dict[int, Wish] = {}
        self._last = 0

    def ask(self, wish: Wish) -> Order:
        with self._guard:
            self._last += 1
            self._wishes[self._last] = wish
            self._orders[self._last] = order = Order(id=self._last, state="waiting")
            for old in [n for n in self._orders if n <= self._last - KEPT]:
                if self._orders[old].state in ("done", "failed"):
                    del self._orders[old]
        return order

    def order(self, number: int) -> Order:
        """NotFound `refresh.unknown`."""
        with self._guard:
            if number not in self._orders:
                hint = "only the last ones of this process are remembered"
                raise NotFound("refresh.unknown", f"no refresh has the number {number}", hint=hint)
            return self._orders[number]

    def carry_out(self, do: Doing) -> bool:
        """Does what was asked first; False when nothing was. What fails is told to whoever asked,
        and raised when it is no error of ours."""
        with self._guard:
            number = min(self._wishes, default=None)
            if number is None:
                return False
            wish = self._wishes.pop(number)
            self._orders[number] = Order(id=number, state="running")
        try:
            answer = do(wish, lambda doing: self._doing(number, doing))
        except LettershopError as error:
            self._set(Order(id=number, state="failed", error=failure(error)))
        except BaseException as error:
            unknown = LettershopError("refresh.failed", f"{type(error).__name__}: {error}")
            self._set(Order(id=number, state="failed", error=failure(unknown)))
            raise
        else:
            self._set(Order(id=number, state="done", answer=answer))
        return True

    def _doing(self, number: int, doing: str) -> None:
        self._set(Order(id=number, state="running", doing=doing))

    def _set(self, order: Order) -> None:
        with self._guard:
            self._orders[order.id] = order
