"""Copies the facts about a few contacts and accounts into a database beside the stored one."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import duckdb

from lettershop.engines.duckdb.compose import sql, union_all
from lettershop.engines.duckdb.schema import history_of
from lettershop.language.tree import Subject
from lettershop.model.catalog import Catalog


class Needs(NamedTuple):
    """What definitions ask for, as far as copying goes."""

    events: frozenset[str] | None
    """None: anything."""
    kinds: frozenset[str]
    """Of records."""
    salts: frozenset[str]
    fields: frozenset[str]
    """Whose history matters, whatever they are fields of."""
    circles: int
    """How many times people are counted, one around the other at the most."""
    by_account: bool
    """Whether events of accounts matter, whoever did them."""
    recorded: Mapping[str, Subject]
    """Segments whose transitions matter, and whom they consist of."""


class Around(NamedTuple):
    """Dense ids of everybody a definition can speak about when it is asked of one subject."""

    contacts: list[int]
    accounts: list[int]


_MAP: Final[dict[Subject, str]] = {
    "contact": "contact_map",
    "account": "account_map",
    "people": "people_map",
}
_WHOLE: Final = ("fields", "field_values", "rates", "salts")
"""Small tables that are copied as they are."""


class Copy:
    """Tables of the same names and columns in the attached database `db`, with dense ids of their
    own: arrays are as long as the largest id. What is of somebody who is not here is of nobody."""

    def __init__(self, con: duckdb.DuckDBPyConnection, db: str, catalog: Catalog) -> None:
        self._con, self._db, self._catalog = con, db, catalog
        self._maps = {
            "contacts": sql("{db}.contact_map", db=db),
            "accounts": sql("{db}.account_map", db=db),
            "pairs": sql("{db}.people_map", db=db),
        }

    def place(self, subject: Subject, subject_id: int) -> int:
        """The dense id a subject has here, -1 where it is not."""
        asked = sql("SELECT new FROM {db}.{map} WHERE old = $of", db=self._db, map=_MAP[subject])
        found = self._con.execute(asked, {"of": subject_id}).fetchall()
        return int(found[0][0]) if found else -1

    def make(self, around: Around, wanted: Needs) -> None:
        self._con.execute("BEGIN")
        self._map("contact_map", "contacts", around.contacts)
        self._map("account_map", "accounts", around.accounts)
        self._of_subjects(wanted.fields)
        self._of_pairs()
        kinds = [kind for kind in self._catalog.records.values() if kind.kind in wanted.kinds]
        self._run("CREATE TABLE {db}.record_kinds AS FROM record_kinds LIMIT 0")
        for kind in kinds:
            self._records(kind.kind, kind.table)
        for name in _WHOLE:
            self._run("CREATE TABLE {db}.{t} AS FROM {t}", t=name)
        self._run("CREATE TABLE {db}.events AS FROM events LIMIT 0")
        for info in self._catalog.events.values():
            if wanted.events is None or info.name in wanted.events:
                self._events(info.name, info.table, by_account=wanted.by_account)
        self._transitions(wanted.recorded)
        self._meta({f"record:{kind.kind}": history_of(kind.table) for kind in kinds})
        self._con.execute("COMMIT")

    def _run(self, template: str, bound: Mapping[str, object] = {}, /, **parts: str) -> None:
        self._con.execute(sql(template, db=self._db, **self._maps, **parts), dict(bound))

    def _map(self, name: str, wide: str, ids: list[int]) -> None:
        """old, new: dense ids there and here."""
        self._run(
            "CREATE TABLE {db}.{name} AS SELECT id AS old, row_number() OVER (ORDER BY id) - 1"
            " AS new FROM {wide} WHERE id IN (SELECT unnest($ids::BIGINT[]))",
            {"ids": ids},
            name=name,
            wide=wide,
        )

    def _of_subjects(self, fields: Iterable[str]) -> None:
        for wide, side in (("contacts", "contact"), ("accounts", "account")):
            parts = {"wide": wide, "history": f"{side}_history", "m": self._maps[wide]}
            self._run(
                "CREATE TABLE {db}.{wide} AS SELECT t.* REPLACE (m.new AS id)"
                " FROM {wide} t JOIN {m} m ON t.id = m.old",
                **parts,
            )
            self._run(
                "CREATE TABLE {db}.{history} AS SELECT t.* REPLACE (m.new AS subject)"
                " FROM {history} t JOIN {m} m ON t.subject = m.old"
                " WHERE key IN (SELECT unnest($fields::VARCHAR[])) ORDER BY t.rowid",
                {"fields": [*fields, "@deleted"]},
                **parts,
            )

    def _of_pairs(self) -> None:
        self._run(
            "CREATE TABLE {pairs} AS SELECT p.id AS old, row_number() OVER (ORDER BY p.id) - 1"
            " AS new FROM people p JOIN {contacts} c ON p.contact = c.old"
            " JOIN {accounts} a ON p.account = a.old"
        )
        for name, key in (("people", "id"), ("people_history", "pair")):
            self._run(
                "CREATE TABLE {db}.{t} AS SELECT t.* REPLACE (m.new AS {key}, c.new AS contact,"
                " a.new AS account) FROM {t} t JOIN {pairs} m ON t.{key} = m.old"
                " JOIN {contacts} c ON t.contact = c.old JOIN {accounts} a ON t.account = a.old",
                t=name,
                key=key,
            )

    def _records(self, kind: str, table: str) -> None:
        """Those that are, or ever were, of somebody who is here."""
        parts = {"t": table, "h": history_of(table)}
        self._run(
            "CREATE TABLE {db}.{t} AS SELECT t.* REPLACE (c.new AS contact, a.new AS account)"
            " FROM {t} t LEFT JOIN {contacts} c ON t.contact = c.old"
            " LEFT JOIN {accounts} a ON t.account = a.old"
            " WHERE t.id IN (SELECT subject FROM {h} WHERE"
            " (key = '@contact' AND ref IN (SELECT old FROM {contacts}))"
            " OR (key = '@account' AND ref IN (SELECT old FROM {accounts})))"
            " OR c.new IS NOT NULL OR a.new IS NOT NULL",
            **parts,
        )
        self._run(
            "CREATE TABLE {db}.{h} AS SELECT h.* REPLACE (CASE h.key WHEN '@contact' THEN c.new"
            " WHEN '@account' THEN a.new END AS ref) FROM {h} h"
            " LEFT JOIN {contacts} c ON h.ref = c.old LEFT JOIN {accounts} a ON h.ref = a.old"
            " WHERE h.subject IN (SELECT id FROM {db}.{t}) ORDER BY h.rowid",
            **parts,
        )
        self._run(
            "INSERT INTO {db}.record_kinds SELECT $kind, $table, count(*) FROM {db}.{t}",
            {"kind": kind, "table": table},
            **parts,
        )

    def _events(self, name: str, table: str, *, by_account: bool) -> None:
        """The rows of an event, and what the catalog says of them here."""
        parts = {"t": table, **self._maps}
        theirs = sql("SELECT * FROM {t} WHERE contact IN (SELECT old FROM {contacts})", **parts)
        if by_account:  # not by OR, which no join can answer
            accounts = sql(
                "SELECT * FROM {t} WHERE account IN (SELECT old FROM {accounts})"
                " AND (contact IS NULL OR contact NOT IN (SELECT old FROM {contacts}))",
                **parts,
            )
            theirs = union_all([theirs, accounts])
        self._run(
            "CREATE TABLE {db}.{t} AS SELECT e.* REPLACE (c.new AS contact, a.new AS account)"
            " FROM ({theirs}) e LEFT JOIN {contacts} c ON e.contact = c.old"
            " LEFT JOIN {accounts} a ON e.account = a.old",
            t=table,
            theirs=theirs,
        )
        self._run(
            "INSERT INTO {db}.events SELECT $name, $table, count(*), min(ts), max(ts),"
            " max(greatest(ts, received_at)) FROM {db}.{t}",
            {"name": name, "table": table},
            t=table,
        )

    def _transitions(self, recorded: Mapping[str, Subject]) -> None:
        self._run("CREATE TABLE {db}.transitions AS FROM transitions LIMIT 0")
        for segment, subject in recorded.items():
            self._run(
                "INSERT INTO {db}.transitions SELECT t.* REPLACE (m.new AS subject)"
                " FROM transitions t JOIN {db}.{map} m ON t.subject = m.old"
                " WHERE t.segment = $segment ORDER BY t.id",
                {"segment": segment},
                map=_MAP[subject],
            )

    def _meta(self, records: dict[str, str]) -> None:
        """From when on the wide tables are right, as far as these few are concerned."""
        histories = {"contact": "contact_history", "account": "account_history"}
        histories |= {"membership": "people_history"} | records
        self._run("CREATE TABLE {db}.meta (key VARCHAR, value VARCHAR)")
        for scope, history in histories.items():
            self._run(
                "INSERT INTO {db}.meta SELECT $key, v::VARCHAR FROM"
                " (SELECT max(greatest(ts, received_at)) AS v FROM {db}.{h}) WHERE v IS NOT NULL",
                {"key": f"last_visible:{scope}"},
                h=history,
            )
