"""Identities change hands: when contacts merge, and when a merge is taken back.

Every stored fact keeps the number of the identity it was said of (`named`), and belongs to the
contact that identity belongs to. So both ways are one: some identities get another contact, and
everything said of them goes along. `load_handed(number, was, contact)` says which; all of a load
are handed over together. A contact that is left without identities is a tombstone: known to nobody,
in nothing, its id never used again.
"""

import duckdb

from lettershop.engines.duckdb import traits
from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.learn import Learned
from lettershop.engines.duckdb.schema import CONTACT_COLUMNS, VALUE_COLUMN, history_of
from lettershop.engines.duckdb.touched import touch
from lettershop.engines.duckdb.traits import CONTACTS, Column, Target


def of_absorbed(con: duckdb.DuckDBPyConnection) -> bool:
    """Give all identities of the contacts in `load_absorbed` to those that hold them now."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE load_handed AS SELECT i.number, i.contact AS was, l.contact"
        " FROM identities AS i JOIN load_absorbed AS a ON a.id = i.contact"
        " JOIN identities AS l ON l.identity = a.leader"
    )
    return identities(con)


def identities(con: duckdb.DuckDBPyConnection) -> bool:
    """Give the identities in `load_handed` to their new contacts; whether there were any."""
    row = con.execute(
        "UPDATE identities SET contact = h.contact FROM load_handed AS h"
        " WHERE identities.number = h.number"
    ).fetchone()
    return bool(row and row[0])


def hand_over(con: duckdb.DuckDBPyConnection, learned: Learned) -> None:
    """Everything said of the identities in `load_handed` follows them, after `identities` and
    `people.begin`. The contacts themselves exist."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE load_hands AS"
        " SELECT was AS id FROM load_handed UNION SELECT contact FROM load_handed"
    )
    touch(con, _HANDS)
    since = _contacts(con)
    _events(con, since)
    _values(con, learned)
    _memberships(con)
    _links(con)


_HANDS = Sql(
    "SELECT 'contact' AS sort, id AS subject FROM load_hands UNION ALL"
    " SELECT 'account', account FROM people WHERE contact IN (SELECT id FROM load_hands)"
)
"""The contacts, and the accounts they are or were in: pairs may be emptied, so that nothing would
lead from the contact to the account. What accounts did is the same, whoever did it."""


def clean_up(con: duckdb.DuckDBPyConnection) -> None:
    """Drop the temporary tables of a load: after a big one they fill much memory."""
    left = con.execute(
        "SELECT table_name FROM duckdb_tables()"
        " WHERE temporary AND starts_with(table_name, 'load_')"
    ).fetchall()
    con.execute(";".join(sql("DROP TABLE {t}", t=table) for (table,) in left))


def _contacts(con: duckdb.DuckDBPyConnection) -> int:
    """Settle since when the contacts are known and which are tombstones; the number of the first
    event that can be theirs."""
    con.execute(
        "UPDATE contacts SET known_since = x.known, identified_since = x.identified,"
        " merged = CASE WHEN x.known IS NULL THEN coalesce(x.goes_to, merged) END,"
        " since_seq = least(since_seq, x.since) FROM ("
        " SELECT h.id, any_value(t.contact) AS goes_to, any_value(f.since) AS since,"
        " min(i.seen) AS known,"
        " min(i.seen) FILTER (NOT starts_with(i.identity, 'anon:')) AS identified"
        " FROM load_hands AS h LEFT JOIN identities AS i ON i.contact = h.id"
        " LEFT JOIN (SELECT was, any_value(contact) AS contact FROM load_handed GROUP BY was) AS t"
        " ON t.was = h.id"
        " LEFT JOIN (SELECT l.contact, min(c.since_seq) AS since FROM load_handed AS l"
        " JOIN contacts AS c ON c.id = l.was GROUP BY l.contact) AS f ON f.contact = h.id"
        " GROUP BY h.id) AS x WHERE contacts.id = x.id"
    )
    row = con.execute(
        "SELECT min(since_seq) FROM contacts SEMI JOIN load_handed ON contacts.id = was"
    ).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def _events(con: duckdb.DuckDBPyConnection, since: int) -> None:
    """Events older than the contacts are not even looked at."""
    tables = con.execute("SELECT table_name FROM events WHERE rows > 0").fetchall()
    for (table,) in tables:
        con.execute(
            sql(
                "UPDATE {t} SET contact = h.contact FROM load_handed AS h"
                " WHERE {t}.named = h.number AND {t}.seq >= $since",
                t=table,
            ),
            {"since": since},
        )


def _values(con: duckdb.DuckDBPyConnection, learned: Learned) -> None:
    """Move what was written, and settle anew the last word on those fields."""
    con.execute(
        "SELECT DISTINCT key FROM contact_history WHERE named IN (SELECT x.number"
        " FROM load_handed AS x)"
    )
    keys = {row[0] for row in con.fetchall()}
    if not keys:
        return
    con.execute(
        "UPDATE contact_history SET subject = h.contact FROM load_handed AS h"
        " WHERE contact_history.named = h.number"
    )
    fields = learned.fields("contact", "contacts", CONTACT_COLUMNS, [])
    columns: list[Column] = [
        (key, VALUE_COLUMN[fields[key].type], fields[key].column) for key in keys & {*fields}
    ]
    if "@deleted" in keys:
        columns.append(("@deleted", "flag", "deleted"))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE load_subjects AS SELECT id AS subject FROM load_hands"
    )
    traits.refresh(con, CONTACTS, columns, subjects="load_subjects")


def _memberships(con: duckdb.DuckDBPyConnection) -> None:
    """Move what was said of pairs, and have the contacts' memberships settled anew (`people`)."""
    moved = con.execute(
        "INSERT INTO load_moved SELECT unnest([was, contact]) FROM load_handed"
        " WHERE was IN (SELECT p.contact FROM people AS p)"
        " OR contact IN (SELECT p.contact FROM people AS p)"
    ).fetchone()
    if moved and moved[0]:
        _pairs(con)


def _pairs(con: duckdb.DuckDBPyConnection) -> None:
    """What was said of a pair goes to the other contact's own pair with that account, so that two
    become one. A pair of which nothing is said any more stays as an empty row of nobody."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE load_rows AS SELECT p.rowid AS place, p.pair, h.contact,"
        " p.account FROM people_history AS p JOIN load_handed AS h ON h.number = p.named"
    )
    con.execute(
        "INSERT INTO people (id, contact, account, active)"
        " SELECT (SELECT count(*) FROM people) + row_number() OVER (ORDER BY min(place)) - 1,"
        " contact, account, false FROM load_rows ANTI JOIN people USING (contact, account)"
        " GROUP BY contact, account"
    )
    con.execute(
        "UPDATE people_history SET pair = p.id, contact = p.contact"
        " FROM load_rows AS r JOIN people AS p USING (contact, account)"
        " WHERE people_history.rowid = r.place"
    )
    con.execute(
        "UPDATE people SET contact = NULL, account = NULL, active = false, role = NULL,"
        " joined = NULL WHERE id IN (SELECT pair FROM load_rows)"
        " AND id NOT IN (SELECT pair FROM people_history"
        " WHERE pair IN (SELECT r.pair FROM load_rows AS r))"
    )


def _links(con: duckdb.DuckDBPyConnection) -> None:
    """Records that were linked by the identities."""
    for kind, table in con.execute("SELECT kind, table_name FROM record_kinds").fetchall():
        history = history_of(table)
        con.execute(
            sql(
                "CREATE OR REPLACE TEMP TABLE load_subjects AS SELECT DISTINCT r.subject"
                " FROM {h} AS r WHERE r.named IN (SELECT x.number FROM load_handed AS x)",
                h=history,
            )
        )
        row = con.execute(
            sql(
                "UPDATE {h} SET ref = x.contact FROM load_handed AS x WHERE {h}.named = x.number",
                h=history,
            )
        ).fetchone()
        if row and row[0]:
            target = Target(f"record:{kind}", table, history)
            traits.refresh(con, target, [("@contact", "ref", "contact")], subjects="load_subjects")
