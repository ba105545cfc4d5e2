"""Taking the time."""

import statistics
import time
from collections.abc import Callable

REPEATS = 3


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def median_seconds(work: Callable[[], object], repeats: int = REPEATS) -> float:
    return statistics.median(seconds(work) for _ in range(repeats))
