"""Whose event was it: the times at which a contact was an active member of exactly one account.

Membership facts and deletions of a pair, in their order, switch it on and off. Summing the
switches of a contact over time gives the number of its accounts at each moment, and where that is
one, the sum of account ids is the account.
"""

import duckdb

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.touched import touch


def sole_accounts(con: duckdb.DuckDBPyConnection, contacts: str) -> bool:
    """Make `load_sole(contact, account, start, stop)`, start <= ts < stop, for the `contact`s of
    a table; False when none of them ever had an account."""
    con.execute(_SOLE.replace("load_asked", contacts))
    return bool(con.execute("SELECT count(*) FROM load_sole").fetchall()[0][0])


_SOLE = """
CREATE OR REPLACE TEMP TABLE load_sole AS
WITH pairs AS (
    SELECT id AS pair, contact, account FROM people SEMI JOIN load_asked USING (contact)
), facts AS (
    SELECT pair, contact, account, ts, received_at, message_id, rowid AS nth, joined AS on_
    FROM people_history SEMI JOIN pairs USING (pair)
    UNION ALL
    SELECT p.pair, p.contact, p.account, h.ts, h.received_at, h.message_id,
        9223372036854775807, false
    FROM pairs AS p JOIN contact_history AS h ON h.subject = p.contact
    WHERE h.key = '@deleted' AND h.flag
    UNION ALL
    SELECT p.pair, p.contact, p.account, h.ts, h.received_at, h.message_id,
        9223372036854775807, false
    FROM pairs AS p JOIN account_history AS h ON h.subject = p.account
    WHERE h.key = '@deleted' AND h.flag
), states AS (  -- after all facts of one instant; a deletion of equal order comes last
    SELECT pair, contact, account, ts,
        arg_max(on_, (received_at, message_id, nth)) AS on_
    FROM facts GROUP BY pair, contact, account, ts
), switches AS (
    SELECT contact, account, ts,
        on_::INTEGER - lag(on_, 1, false) OVER (PARTITION BY pair ORDER BY ts)::INTEGER AS step
    FROM states
), steps AS (
    SELECT contact, ts, sum(step) AS step, sum(step * account) AS account
    FROM switches WHERE step <> 0 GROUP BY contact, ts
), sums AS (
    SELECT contact, ts AS start,
        lead(ts, 1, 9223372036854775807) OVER by_time AS stop,
        sum(step) OVER by_time AS members, sum(account) OVER by_time AS account
    FROM steps WINDOW by_time AS (PARTITION BY contact ORDER BY ts)
)
SELECT contact, account::BIGINT AS account, start, stop FROM sums WHERE members = 1
"""


def reattribute(con: duckdb.DuckDBPyConnection) -> None:
    """Settle again the accounts of stored events that state none, for contacts in `load_moved`."""
    tables = [
        row[0] for row in con.execute("SELECT table_name FROM events WHERE rows > 0").fetchall()
    ]
    if not tables or not con.execute("SELECT count(*) FROM load_moved").fetchall()[0][0]:
        return
    con.execute(
        "CREATE OR REPLACE TEMP TABLE load_asked AS SELECT DISTINCT contact FROM load_moved"
    )
    sole_accounts(con, "load_asked")
    for table in tables:
        row = con.execute(
            sql(
                "CREATE OR REPLACE TEMP TABLE load_reattributed AS"
                " SELECT e.rowid AS place, e.contact, e.account AS was, o.account FROM {table} AS e"
                " JOIN load_asked USING (contact) LEFT JOIN load_sole AS o"
                " ON o.contact = e.contact AND e.ts >= o.start AND e.ts < o.stop"
                " WHERE NOT e.account_stated AND e.account IS DISTINCT FROM o.account",
                table=table,
            )
        ).fetchone()
        if row and row[0]:
            touch(con, _REATTRIBUTED)
            con.execute(
                sql(
                    "UPDATE {table} SET account = x.account FROM load_reattributed AS x"
                    " WHERE {table}.rowid = x.place",
                    table=table,
                )
            )


_REATTRIBUTED = Sql(
    "SELECT 'contact' AS sort, contact AS subject FROM load_reattributed"
    " UNION ALL SELECT 'account', was FROM load_reattributed"
    " UNION ALL SELECT 'account', account FROM load_reattributed"
)
