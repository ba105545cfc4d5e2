"""What is asked of an engine: SQL trees in, NumPy arrays out."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import numpy.typing as npt
from sqlglot import exp

Array = npt.NDArray[np.generic]
Rows = Mapping[str, Array]
"""Columns of one length, by name; masked arrays where some are NULL."""


class Asker(Protocol):
    """Every tree that is handed over is used up."""

    def fetch(self, sql: exp.Query) -> Rows:
        """The rows of a query."""

    def create(self, name: str, sql: exp.Query) -> None:
        """Makes (or replaces) a temporary table or view from a query."""

    def publish(self, name: str, rows: Rows) -> None:
        """Makes (or replaces) a temporary table from arrays without NULLs."""

    def salt(self, name: str) -> int:
        """The 64-bit salt of a random sample."""


def filled(values: Array, missing: int) -> Array:
    """The values with `missing` for every NULL."""
    return values.filled(missing) if isinstance(values, np.ma.MaskedArray) else values
