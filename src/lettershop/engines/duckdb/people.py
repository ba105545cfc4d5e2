"""Memberships: the pairs of contact and account, their history, and what they are now."""

import duckdb

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.learn import Learned
from lettershop.engines.duckdb.stage import Stage
from lettershop.model.clock import ALWAYS

_ORDER = Sql("(ts, received_at, message_id)")
_LATEST = Sql("(ts, received_at, message_id, rowid)")


def begin(con: duckdb.DuckDBPyConnection) -> None:
    """`load_moved(contact)` collects whose memberships changed by a join, a leave or a deletion."""
    con.execute("CREATE OR REPLACE TEMP TABLE load_moved (contact BIGINT)")


def apply_memberships(con: duckdb.DuckDBPyConnection, stage: Stage) -> int:
    """Add the stage's membership facts; returns the number of new pairs."""
    con.execute(
        sql(
            'CREATE OR REPLACE TEMP TABLE load_member AS SELECT s."row", c.id AS contact, c.number,'
            " a.id AS account, s.joined, s.role, s.ts, s.received_at, s.message_id"
            " FROM {stage} AS s JOIN load_contact AS c ON c.identity = s.contact"
            ' JOIN load_account AS a ON a.identity = s.account ORDER BY s."row"',
            stage=stage.table,
        )
    )
    row = con.execute(
        "INSERT INTO people (id, contact, account, active)"
        ' SELECT (SELECT count(*) FROM people) + row_number() OVER (ORDER BY min("row")) - 1,'
        " contact, account, false FROM load_member ANTI JOIN people USING (contact, account)"
        " GROUP BY contact, account"
    ).fetchone()
    if stage.undated:
        _redate(con, stage.import_time)
    con.execute(
        "INSERT INTO people_history SELECT p.id, m.contact, m.account, m.joined, m.role, m.ts,"
        " m.received_at, m.message_id, m.number FROM load_member AS m JOIN people AS p"
        ' USING (contact, account) ORDER BY m."row"'
    )
    con.execute("INSERT INTO load_moved SELECT DISTINCT contact FROM load_member")
    return int(row[0]) if row else 0


def note_deletions(
    con: duckdb.DuckDBPyConnection, sort: str, located: str, learned: Learned
) -> None:
    """The contacts whose memberships a deletion or re-creation in the located stage touches."""
    row = con.execute(
        sql("SELECT max(greatest(ts, received_at)) FROM {l} WHERE deleted IS NOT NULL", l=located)
    ).fetchone()
    if row is None or row[0] is None:
        return
    learned.saw("membership", row[0])
    if sort == "contact":
        con.execute(
            sql(
                "INSERT INTO load_moved SELECT subject FROM {l} WHERE deleted IS NOT NULL",
                l=located,
            )
        )
    else:
        con.execute(
            sql(
                "INSERT INTO load_moved SELECT p.contact FROM people AS p SEMI JOIN"
                " (FROM {l} WHERE deleted IS NOT NULL) AS l ON l.subject = p.account",
                l=located,
            )
        )


def refresh(con: duckdb.DuckDBPyConnection, learned: Learned) -> None:
    """Bring `people` up to date for the contacts that moved or became identified."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE load_pairs AS SELECT id AS pair, contact, account"
        " FROM people WHERE contact IN (SELECT contact FROM load_moved"
        " UNION ALL SELECT id FROM load_identified)"
    )
    if not con.execute("SELECT count(*) FROM load_pairs").fetchall()[0][0]:
        return
    con.execute(
        sql(
            "UPDATE people SET active = x.active, role = x.role, joined = x.joined FROM ("
            " SELECT m.pair, m.role, m.joined, m.is_in AND NOT c.deleted AND NOT a.deleted"
            " AND c.identified_since IS NOT NULL"
            " AND (cd.last IS NULL OR cd.last < m.last)"
            " AND (ad.last IS NULL OR ad.last < m.last) AS active"
            " FROM load_pairs AS p"
            " JOIN (SELECT pair, arg_max_null(joined, {latest}) AS is_in,"
            " arg_max_null(role, {latest}) AS role, max({order}) AS last,"
            " min(ts) FILTER (joined) AS joined"
            " FROM people_history SEMI JOIN load_pairs USING (pair) GROUP BY pair) AS m"
            " USING (pair)"
            " JOIN contacts AS c ON c.id = p.contact JOIN accounts AS a ON a.id = p.account"
            " LEFT JOIN ({contacts}) AS cd ON cd.subject = p.contact"
            " LEFT JOIN ({accounts}) AS ad ON ad.subject = p.account"
            ") AS x WHERE people.id = x.pair",
            order=_ORDER,
            latest=_LATEST,
            contacts=_last_deletion("contact_history"),
            accounts=_last_deletion("account_history"),
        )
    )
    row = con.execute(
        "SELECT max(greatest(c.known_since, c.identified_since, a.known_since))"
        " FROM load_pairs AS p JOIN contacts AS c ON c.id = p.contact"
        " JOIN accounts AS a ON a.id = p.account"
    ).fetchone()
    learned.saw("membership", row[0] if row else None)


def _last_deletion(history: str) -> Sql:
    return sql(
        "SELECT subject, max({order}) AS last FROM {history}"
        " WHERE key = '@deleted' AND flag GROUP BY subject",
        order=_ORDER,
        history=history,
    )


def _redate(con: duckdb.DuckDBPyConnection, import_time: int) -> None:
    con.execute(
        "UPDATE load_member SET ts = $now, received_at = $now WHERE ts = $always"
        " AND EXISTS (FROM people_history AS h WHERE h.contact = load_member.contact"
        " AND h.account = load_member.account AND (h.joined <> load_member.joined"
        " OR h.role IS DISTINCT FROM load_member.role))",
        {"now": import_time, "always": ALWAYS},
    )
