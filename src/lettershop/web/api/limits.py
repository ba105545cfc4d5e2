"""How often a principal may ask: a token bucket each, in memory.

It protects the server from a script gone wild, not from an attacker: one process serves, so memory
is enough, and a restart forgives.
"""

import math
import threading
from collections.abc import Callable
from time import monotonic
from typing import Final

import msgspec
from django.http import HttpResponse

from lettershop.access.principal import Principal
from lettershop.model.errors import Unavailable

PER_SECOND: Final = 50.0
"""Requests per second a principal may make for ever…"""

BURST: Final = 1_000
"""…and how many at once after a pause."""

MOST_BUCKETS: Final = 10_000


class Allowance(msgspec.Struct, frozen=True):
    """What is left: requests, and seconds until the bucket is full again."""

    limit: int
    remaining: int
    reset: int


class _Bucket(msgspec.Struct):
    left: float
    at: float


class Limits:
    """Buckets by principal. `now` counts seconds, from any origin."""

    def __init__(
        self,
        per_second: float = PER_SECOND,
        burst: int = BURST,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._rate, self._burst, self._now = per_second, burst, now
        self._buckets: dict[str, _Bucket] = {}
        self._guard = threading.Lock()

    def take(self, principal: Principal) -> Allowance:
        """Count one request. Unavailable `request.too_often` when there are none left."""
        with self._guard:
            bucket = self._filled(f"{principal.kind}:{principal.name}")
            if bucket.left < 1:
                wait = math.ceil((1 - bucket.left) / self._rate)
                raise Unavailable(
                    "request.too_often",
                    f"{principal.name} asks more than {self._rate:g} times a second",
                    hint=f"wait {wait} s",
                    retry_after=max(1, wait),
                )
            bucket.left -= 1
            missing = self._burst - bucket.left
            return Allowance(self._burst, int(bucket.left), math.ceil(missing / self._rate))

    def _filled(self, key: str) -> _Bucket:
        now = self._now()
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= MOST_BUCKETS:
                self._forget(now)
            bucket = self._buckets[key] = _Bucket(self._burst, now)
        bucket.left = min(self._burst, bucket.left + (now - bucket.at) * self._rate)
        bucket.at = now
        return bucket

    def _forget(self, now: float) -> None:
        """Full buckets say nothing."""
        full = self._burst / self._rate
        self._buckets = {k: b for k, b in self._buckets.items() if now - b.at < full}


limits = Limits()


def say(response: HttpResponse, allowance: Allowance | None) -> None:
    """The headers of draft-ietf-httpapi-ratelimit-headers."""
    if allowance is None:
        return
    response["RateLimit-Limit"] = str(allowance.limit)
    response["RateLimit-Remaining"] = str(allowance.remaining)
    response["RateLimit-Reset"] = str(allowance.reset)
