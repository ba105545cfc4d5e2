"""Events put straight into the tables, as the loader would leave them but many times quicker: the
long part of a history, and the new events of a moment.

Kept up: the tables of the events, what the catalog knows of them, and the next sequence number.
The names and properties have been learned already, from events that were imported.
"""

import duckdb

from bench.data import EVENT, HAPPENED, PERSON, RANDOM, START, Size, properties, slots
from lettershop.engines.duckdb import spells
from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.store import Store

ROWS_AT_ONCE = 5_000_000

_ARRIVED = Sql("$as_of - ((1 - (i - $first) / ($last - $first)::DOUBLE) * $span)::BIGINT")
_MOSTLY_AT_ONCE = sql(
    "{arrived} - (CASE WHEN u(i, 52, $seed) < 0.01 THEN u(i, 53, $seed) * 3600000 ELSE 0 END)"
    "::BIGINT",
    arrived=_ARRIVED,
)
"""One in a hundred live events is up to an hour late."""

# The one account each contact is in, and from when to when it is the only one.
_PEOPLE = """
CREATE OR REPLACE TEMP TABLE bench_people AS
SELECT substr(i.identity, 7)::BIGINT AS number, i.contact, i.number AS named,
    s.account, s.start, s.stop
FROM identities AS i LEFT JOIN load_sole AS s ON s.contact = i.contact
WHERE starts_with(i.identity, 'user:u')
"""

_DRAWN = """
CREATE OR REPLACE TEMP TABLE bench_drawn AS
WITH drawn AS (
    SELECT i, {event} AS event, {person} AS person, {when} AS ts FROM range($first, $last) AS r(i)
)
SELECT list_position($names, event)::SMALLINT AS kind, i + $offset AS seq, ts,
    {received} AS received_at, p.contact, p.named,
    CASE WHEN ts >= p.start AND ts < p.stop THEN p.account END AS account, {properties}
FROM drawn AS d JOIN bench_people AS p ON p.number = d.person
"""


class Traffic:
    """A store that is fed by hand. Its contacts are those of `bench.data`."""

    def __init__(self, store: Store, size: Size) -> None:
        self.store, self.size = store, size
        con = store.con
        con.execute("SET enable_progress_bar = false")
        con.execute(RANDOM)
        con.execute(
            "CREATE OR REPLACE TEMP TABLE bench_asked AS SELECT id AS contact FROM contacts"
        )
        spells.sole_accounts(con, "bench_asked")
        con.execute(_PEOPLE)
        con.execute("DROP TABLE load_sole; DROP TABLE bench_asked")
        self._next = int(store.meta("next_seq") or 0)

    def history(self) -> None:
        """The events of `bench.data` that have not been imported, to the last."""
        for first in range(self._next, self.size.events, ROWS_AT_ONCE):
            last = min(first + ROWS_AT_ONCE, self.size.events)
            when = {"start": START, "events": self.size.events}
            happened = sql("epoch_ms({happened})", happened=Sql(HAPPENED))
            self._put(first, last, happened, Sql("ts"), when)
        self.store.con.execute("CHECKPOINT")

    def live(self, count: int, as_of: int, seconds: float) -> None:
        """New events of the last seconds before `as_of`, received until then."""
        first = self._next
        when = {"as_of": as_of, "span": seconds * 1000}
        self._put(first, first + count, _MOSTLY_AT_ONCE, _ARRIVED, when)

    def _put(
        self, first: int, last: int, when: Sql, received: Sql, asked: dict[str, object]
    ) -> None:
        con, catalog = self.store.con, self.store.catalog()
        names = [*catalog.events]
        asked |= {"contacts": self.size.contacts, "seed": self.size.seed, "names": names}
        asked |= {"slots": slots(), "first": first, "last": last, "offset": self._next - first}
        drawn = sql(
            _DRAWN,
            event=Sql(EVENT),
            person=Sql(PERSON),
            when=when,
            received=received,
            properties=properties(),
        )
        con.execute(drawn, asked)
        with self.store.transaction():
            for kind, info in enumerate(catalog.events.values(), 1):
                columns = [p.column for p in info.properties.values()]
                _move(con, kind, info.table, columns)
            _count(con, names)
            self._next += last - first
            self.store.set_meta("next_seq", str(self._next))
        con.execute("DROP TABLE bench_drawn")


def _move(con: duckdb.DuckDBPyConnection, kind: int, table: str, columns: list[str]) -> None:
    con.execute(
        sql(
            "INSERT INTO {t} BY NAME SELECT seq, ts, received_at, contact, account,"
            " false AS account_stated, 'bench:' || seq AS message_id, named{columns}"
            " FROM bench_drawn WHERE kind = $kind",
            t=table,
            columns=Sql("".join(sql(", {c}", c=column) for column in columns)),
        ),
        {"kind": kind},
    )


def _count(con: duckdb.DuckDBPyConnection, names: list[str]) -> None:
    con.execute(
        "UPDATE events SET rows = events.rows + d.rows, first_ts = least(events.first_ts, d.first),"
        " last_ts = greatest(events.last_ts, d.last),"
        " last_visible = greatest(events.last_visible, d.visible)"
        " FROM (SELECT $names[kind] AS name, count(*) AS rows, min(ts) AS first, max(ts) AS last,"
        " max(greatest(ts, received_at)) AS visible FROM bench_drawn GROUP BY kind) AS d"
        " WHERE d.name = events.name",
        {"names": names},
    )
