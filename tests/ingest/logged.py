"""A log in memory and a database beside it: what the loader stands between."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from lettershop.engines.duckdb.refusals import KeptRefusal, refusals
from lettershop.engines.duckdb.store import Store
from lettershop.ingest.loader import Loader, Step
from lettershop.ingest.log.request import Request
from lettershop.ingest.seen import Seen
from lettershop.model.clock import parse_instant
from lettershop.model.settings import Settings

NOON = parse_instant("2026-03-02T12:00:00Z")


class Logged:
    """`store`, `log` and `loader`; `seen` and `counts` are what the loader told."""

    def __init__(self, store: Store, settings: Settings | None = None) -> None:
        self.store, self.requests = store, list[Request]()
        self.seen: list[Seen] = []
        self.counts: Counter[str] = Counter()
        self.settings = settings or Settings()
        self.loader = self.restarted()

    def restarted(self) -> Loader:
        self.loader = Loader(self, self, self.settings, self.told)
        return self.loader

    def told(self, seen: list[Seen], counts: Counter[str]) -> None:
        self.seen += seen
        self.counts += counts

    # --- the two the loader needs ---------------------------------------------------------------

    @contextmanager
    def write(self) -> Iterator["Logged"]:
        yield self

    def after(self, seq: int, most_bytes: int) -> list[Request]:
        found: list[Request] = []
        for request in self.requests[seq:]:
            found.append(request)
            most_bytes -= len(request.body)
            if most_bytes <= 0:
                break
        return found

    # --- what tests say -------------------------------------------------------------------------

    def send(self, body: Any, call: str = "batch", at: int = NOON, source: str = "site") -> None:
        """Append a request; `body` is JSON as bytes, or will be."""
        raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
        seq = len(self.requests) + 1
        self.requests.append(Request(seq=seq, received_at=at, source=source, call=call, body=raw))

    def load(self, *calls: Any, **more: Any) -> Step:
        """Send the calls as one batch, and load it."""
        self.send({"batch": list(calls)}, **more)
        return self.loader.step()

    def refused(self) -> list[KeptRefusal]:
        return refusals(self.store, 1000)[::-1]

    def codes(self) -> list[str]:
        return [refusal.code for refusal in self.refused()]

    def rows(self, query: str) -> Sequence[tuple[Any, ...]]:
        return self.store.con.execute(query).fetchall()

    def events(self, name: str, *columns: str) -> list[tuple[Any, ...]]:
        """The values of the properties, in order of arrival."""
        table = dict(self.rows("SELECT name, table_name FROM events"))[name]
        asked = ", ".join(f'"{column}"' for column in columns) or "message_id"
        return [*self.rows(f'SELECT {asked} FROM "{table}" ORDER BY seq')]  # noqa: S608
