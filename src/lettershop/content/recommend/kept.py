"""Answers kept by what was asked, as far as there is room: letters ask in parts, and for each part
again what may be chosen by market, city and stock."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Final, Generic, TypeVar

import numpy as np

from lettershop.planning.frame import Bits

ROOM: Final = 256 * 1024 * 1024
"""Bytes of answers that are kept; the one that was used last is kept in any case."""

Answer = TypeVar("Answer")


class Kept(Generic[Answer]):
    """The answers that were used last. Two threads that ask at once may both work it out."""

    def __init__(self, room: int = ROOM) -> None:
        self._room, self._held, self._lock = room, 0, threading.Lock()
        self._answers: OrderedDict[Hashable, tuple[Answer, int]] = OrderedDict()

    def get(
        self, key: Hashable, make: Callable[[], Answer], size: Callable[[Answer], int]
    ) -> Answer:
        """`size`: of an answer in bytes."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key][0]
        made = make()
        with self._lock:
            if key not in self._answers:
                self._answers[key] = made, size(made)
                self._held += size(made)
            while self._held > self._room and len(self._answers) > 1:
                self._held -= self._answers.popitem(last=False)[1][1]
        return made


def size_of(matrix: Any) -> int:
    """Bytes of a sparse matrix."""
    return int(matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes)


def digest(allowed: Bits) -> bytes:
    """Sixteen bytes that say which items are allowed."""
    return hashlib.blake2b(np.packbits(allowed).tobytes(), digest_size=16).digest()
