"""Values as whole numbers: equal values get equal codes, for as long as the process lives."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from lettershop.engines.duckdb.refresh.tallies import Tallies
from lettershop.model.values import fold
from lettershop.planning.frame import Ints


class Codes:
    """Texts are equal when they fold to the same (model/values.py); they, lists and locations are
    numbered as they appear. Whole numbers, times, days and truths are their own codes."""

    def __init__(self) -> None:
        self._known = _Known()

    def of(self, values: npt.NDArray[Any]) -> Ints:
        """One code per value, all of one type, as DuckDB gives them.

        Raises ValueError where a value is missing, TypeError for floats: numbers come as
        micro-units.
        """
        if np.ma.getmaskarray(values).any():
            raise ValueError("a missing value has no code")
        plain = np.ma.getdata(values)
        match plain.dtype.kind:
            case "i" | "u" | "b":
                return plain.astype(np.int64)
            case "M":
                return plain.astype("datetime64[us]").astype(np.int64)
            case "O" | "U":
                return self._numbered(plain)
            case kind:
                raise TypeError(f"no codes for values of kind {kind}")

    def _numbered(self, values: npt.NDArray[Any]) -> Ints:
        each = values.tolist()
        if not all(isinstance(value, str) for value in each):
            each = [_hashable(value) for value in each]
        return np.fromiter(map(self._known.__getitem__, each), np.int64, len(each))


class _Known(dict[Hashable, int]):
    """Codes by value. A text that is written otherwise than it is compared stands here twice."""

    def __init__(self) -> None:
        super().__init__()
        self._next = 0

    def __missing__(self, value: Hashable) -> int:
        compared = fold(value) if isinstance(value, str) else value
        code = self.get(compared)
        if code is None:
            code, self._next = self._next, self._next + 1
            self[compared] = code
        self[value] = code
        return code


def _hashable(value: object) -> Hashable:
    match value:
        case None | float():
            raise TypeError(f"no code for {value!r}")
        case Mapping():
            return tuple(value.items())
        case list() | np.ndarray():
            return tuple(value)
        case _:
            if not isinstance(value, Hashable):
                raise TypeError(f"no code for {value!r}")
            return value


class Numbers:
    """Any whole numbers of 64 bits as small ones: 0 for the first that came, and so on."""

    def __init__(self) -> None:
        self._places, self._next = Tallies(), 0

    def of(self, values: Ints) -> Ints:
        """One number per value, shape as `values`."""
        different, back = np.unique(values, return_inverse=True)
        places = self._places.counts(different)
        new = np.flatnonzero(places == 0)
        if len(new):
            places[new] = np.arange(self._next + 1, self._next + len(new) + 1)
            self._next += len(new)
            self._places.add(different[new], places[new])
        return (places - 1)[back]
