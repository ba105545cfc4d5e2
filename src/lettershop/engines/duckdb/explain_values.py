"""What the small copy (aside.py) holds: the times and dates that conditions look at."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from lettershop.engines.dense.asking import filled
from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.schema import history_of
from lettershop.engines.duckdb.store import Store
from lettershop.language.tree import Condition
from lettershop.planning.calendar import EPOCH, zone_or_none
from lettershop.planning.metrics import FieldScope, Grain, Rows
from lettershop.planning.moments import Seen, ZonesInUse
from lettershop.planning.sources import KEYS, Context, event_rows, event_tables

_LATE = 250_000_000_000_000
"""An instant after all facts."""


class Point(NamedTuple):
    """A time (milliseconds) or, with `is_date`, a date (days since 1970)."""

    at: int
    is_date: bool


class Values:
    """Reads the copy; everything at any time, whatever `as_of`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._catalog = store.catalog()
        settings = store.settings
        self.zones = ZonesInUse(self._zones(), settings.timezone)
        self._context = Context(self._catalog, settings, _LATE, (settings.timezone,), {})

    def visible(self) -> Iterator[int]:
        """When each trait, membership and record came to count, and everybody became known."""
        tables = ["contact_history", "account_history", "people_history"]
        tables += [history_of(kind.table) for kind in self._catalog.records.values()]
        for table in tables:
            yield from self._numbers(sql("SELECT greatest(ts, received_at) FROM {t}", t=table))
        yield from self.known_since("contact")
        yield from self.known_since("account")
        yield from self._numbers(Sql("SELECT identified_since FROM contacts"))

    def known_since(self, side: str) -> list[int]:
        return self._numbers(sql("SELECT known_since FROM {t}", t=f"{side}s"))

    def written(self, scope: FieldScope, field: str) -> list[int]:
        """The times at which a field was written."""
        if scope == "membership":
            return self._numbers(Sql("SELECT ts FROM people_history"))
        asked = sql("SELECT ts FROM {h} WHERE key = $key", h=f"{scope}_history")
        return self._numbers(asked, key=field)

    def field(self, scope: FieldScope, field: str) -> Iterator[Point]:
        """The times and dates that were ever written to a field."""
        if scope == "membership":
            yield from (Point(at, False) for at in self.written(scope, field))
        else:
            yield from self._points(f"{scope}_history", field)

    def record_field(self, kind: str, field: str) -> Iterator[Point]:
        info = self._catalog.records.get(kind)
        if info is not None:
            yield from self._points(history_of(info.table), field)

    def property(self, rows: Rows, field: str) -> Iterator[Point]:
        """The times and dates events have in a property."""
        for info, _ in event_tables(rows, self._context):
            known = info.properties.get(field)
            if known is not None and known.type in ("time", "date"):
                asked = sql("SELECT DISTINCT {c} FROM {t}", c=known.column, t=info.table)
                for (value,) in self._store.con.execute(asked).fetchall():
                    yield from _point(value)

    def recorded(self, segment: str) -> list[tuple[int, int]]:
        """When each transition of a segment came true, and when it was detected."""
        return self._store.con.execute(
            "SELECT effective_at, detected_at FROM transitions WHERE segment = $segment",
            {"segment": segment},
        ).fetchall()

    def rate_days(self) -> list[int]:
        """Days since 1970 from which exchange rates count."""
        rows = self._store.con.execute("SELECT DISTINCT day FROM rates").fetchall()
        return [row[0].toordinal() - EPOCH for row in rows]

    def events(
        self, names: tuple[str, ...], where: Condition | None, grain: Grain
    ) -> list[list[Seen]]:
        """The events of those names for which `where` holds: of each subject apart, as told."""
        query = event_rows(Rows(names, None, where), grain, self._context, ordered=True)
        if query is None:
            return []
        found = self._store.fetch(query)
        keys = [filled(found[key], 0).tolist() for key in KEYS[grain]]
        times = filled(found["ts"], 0).tolist(), filled(found["received_at"], 0).tolist()
        by_subject: dict[tuple[int, ...], list[Seen]] = defaultdict(list)
        for *who, ts, received in zip(*keys, *times, strict=True):
            by_subject[tuple(who)].append(Seen(ts, max(ts, received)))
        return [*by_subject.values()]

    def _points(self, history: str, field: str) -> Iterator[Point]:
        asked = sql('SELECT DISTINCT "at", day FROM {h} WHERE key = $key', h=history)
        for at, day in self._store.con.execute(asked, {"key": field}).fetchall():
            yield from _point(at)
            yield from _point(day)

    def _zones(self) -> list[str]:
        """The workspace's, and all that subjects ever named."""
        own = self._store.settings.timezone
        rows = self._store.con.execute(
            "SELECT text FROM contact_history WHERE key = $key"
            " UNION SELECT text FROM account_history WHERE key = $key",
            {"key": self._store.settings.timezone_field},
        ).fetchall()
        named = (zone_or_none(row[0]) for row in rows if row[0] is not None)
        return list(dict.fromkeys([own, *(zone for zone in named if zone is not None)]))

    def _numbers(self, asked: Sql, **bound: str) -> list[int]:
        rows = self._store.con.execute(asked, bound).fetchall()
        return [row[0] for row in rows if row[0] is not None]


def _point(value: int | date | None) -> Iterator[Point]:
    match value:
        case None:
            return
        case date():
            yield Point(value.toordinal() - EPOCH, True)
        case int():
            yield Point(value, False)
