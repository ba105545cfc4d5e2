"""Asks sources for many recipients: every address once, several at a time, never for long.

A host that has failed FAILURES times in a row rests for REST seconds: a system that is down costs
a campaign seconds, not hours. Whatever goes wrong ends as the source's fallback, or as a missing
value with the policy of the template; never as an empty place in a letter.
"""

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Literal, TypeAlias

import httpx
import msgspec

from lettershop.content.outside.addresses import address
from lettershop.content.outside.answers import Wrong, nested, read
from lettershop.content.template import Outside
from lettershop.outgoing.get import Trouble, get

AT_ONCE: Final = 8
"""Requests under way at the same time."""
REMEMBERED: Final = 50_000
"""Answers kept."""
FAILED_FOR: Final = 30.0
"""Seconds that a failure is remembered, unless the source's cache is shorter."""
FAILURES: Final = 5
REST: Final = 30.0

Failure: TypeAlias = Trouble | Literal["wrong", "unaddressed", "resting"]
"""`wrong`: not as the schema says; `unaddressed`: a value its address needs is missing; `resting`:
not asked, because its host has just failed again and again."""


class Told(msgspec.Struct, frozen=True):
    """What a source said: its values, or why not."""

    values: Mapping[str, Any] | None
    failure: Failure | None = None
    message: str = ""


class SourceReport(msgspec.Struct, frozen=True, kw_only=True):
    """How it went with one source: for so many `recipients`, so many requests `asked`. `failed`:
    the recipients without an answer, by reason, with one `message` of each."""

    name: str
    recipients: int
    asked: int
    failed: Mapping[str, int]
    messages: Mapping[str, str]


class Fetcher:
    """Safe to share between threads; close it when done. `hosts`: the setting `fetch_hosts`."""

    def __init__(self, hosts: Sequence[str], seconds: Callable[[], float] = time.monotonic) -> None:
        self._hosts, self._seconds = tuple(hosts), seconds
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="outside")
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, str], tuple[float, Told]] = OrderedDict()
        self._row: Counter[str] = Counter()
        self._rest: dict[str, float] = {}
        self._recipients: Counter[str] = Counter()
        self._asked: Counter[str] = Counter()
        self._failed: dict[str, Counter[str]] = {}
        self._messages: dict[str, dict[str, str]] = {}

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def fetch(
        self, name: str, source: Outside, values: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any] | None]:
        """Per recipient the values of the source, else its fallback, else None."""
        wanted = [address(source, one) for one in values]
        urls = list(dict.fromkeys(url for url in wanted if url is not None))
        answers = self._pool.map(lambda url: self._told(name, source, url), urls)
        told = dict(zip(urls, answers, strict=True))
        nobody = Told(None, "unaddressed", "a value that its address needs is missing")
        each = [nobody if url is None else told[url] for url in wanted]
        self._count(name, each)
        spare = None if source.fallback is None else nested(source.fallback)
        return [dict(one.values) if one.values is not None else spare for one in each]

    def reports(self) -> list[SourceReport]:
        """Since it was made, by source."""
        with self._lock:
            return [
                SourceReport(
                    name=name,
                    recipients=self._recipients[name],
                    asked=self._asked[name],
                    failed=dict(self._failed.get(name, {})),
                    messages=dict(self._messages.get(name, {})),
                )
                for name in self._recipients
            ]

    def _told(self, name: str, source: Outside, url: str) -> Told:
        key, now = (url, repr(source.schema)), self._seconds()
        with self._lock:
            known = self._known.get(key)
            if known is not None and known[0] > now:
                return known[1]
        host = httpx.URL(url).netloc.decode("ascii", "replace") if len(url) < 2_000 else ""
        if self._rest.get(host, 0.0) > now:
            return Told(None, "resting", f"{host} has failed {FAILURES} times in a row")
        told = self._ask(name, source, url)
        self._remember(key, host, source, told)
        return told

    def _ask(self, name: str, source: Outside, url: str) -> Told:
        with self._lock:
            self._asked[name] += 1
        got = get(url, self._hosts, source.timeout)
        if got.trouble is not None:
            return Told(None, got.trouble, got.message)
        try:
            return Told(read(got.body, source.schema))
        except Wrong as problem:
            return Told(None, "wrong", str(problem))

    def _remember(self, key: tuple[str, str], host: str, source: Outside, told: Told) -> None:
        lasting = float(source.cache) if told.failure is None else min(source.cache, FAILED_FOR)
        now = self._seconds()
        with self._lock:
            self._known[key] = now + lasting, told
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
            if told.failure in ("slow", "down", "status"):
                self._row[host] += 1
                if self._row[host] >= FAILURES:
                    self._rest[host] = now + REST
                    self._row[host] = 0
            elif told.failure is None:
                self._row[host] = 0

    def _count(self, name: str, each: Sequence[Told]) -> None:
        with self._lock:
            self._recipients[name] += len(each)
            for told in each:
                if told.failure is not None:
                    self._failed.setdefault(name, Counter())[told.failure] += 1
                    self._messages.setdefault(name, {}).setdefault(told.failure, told.message)
