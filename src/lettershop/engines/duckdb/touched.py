"""Notes, in the transaction that does it, whose *earlier* facts a load has changed: what is kept
up to date from new rows alone would never hear of it (`changes.py` reads the notes).

sort `contact`, `account`      rows changed hands: everything about the subject is asked again
sort `known <wide table>`      the subject was known earlier than we thought
"""

import duckdb

from lettershop.engines.duckdb.compose import Sql, sql

KNOWN = "known "


def touch(con: duckdb.DuckDBPyConnection, rows: Sql) -> int:
    """Note the rows (sort, subject) of a query, in any order; how many there were."""
    row = con.execute(
        sql(
            "INSERT INTO touched SELECT (SELECT count(*) FROM touched) + row_number() OVER () - 1,"
            " sort, subject FROM (SELECT DISTINCT sort, subject FROM ({rows})"
            " WHERE subject IS NOT NULL)",
            rows=rows,
        )
    ).fetchone()
    return int(row[0]) if row else 0


def touch_known(con: duckdb.DuckDBPyConnection, table: str, subjects: Sql) -> int:
    """Note the `subject`s of a query as known earlier; `table` is their wide table."""
    row = con.execute(
        sql(
            "INSERT INTO touched SELECT (SELECT count(*) FROM touched) + row_number() OVER () - 1,"
            " $sort, subject FROM (SELECT DISTINCT subject FROM ({subjects}))",
            subjects=subjects,
        ),
        {"sort": KNOWN + table},
    ).fetchone()
    return int(row[0]) if row else 0
