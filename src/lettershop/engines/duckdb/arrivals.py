"""How many calls came by day (UTC), source and outcome: counted with the calls, in their
transaction, so that `rebuild` counts them again.

    arrivals(day, source, outcome, calls)     `day`: days since 1970
"""

from collections import Counter
from typing import Literal

from lettershop.engines.duckdb.store import Store
from lettershop.model.clock import DAY

Outcome = Literal["loaded", "refused"]
Came = tuple[int, str, Outcome]
"""(day, source, outcome)"""
_TABLE = (
    "CREATE TABLE IF NOT EXISTS arrivals"
    " (day BIGINT, source VARCHAR, outcome VARCHAR, calls BIGINT)"
)


def note_arrivals(store: Store, came: Counter[Came]) -> None:
    """Count some more, in the caller's transaction."""
    if not came:
        return
    if not _is_there(store):
        store.con.execute(_TABLE)
    for (day, source, outcome), calls in came.items():
        told = {"day": day, "source": source, "outcome": outcome, "calls": calls}
        found = store.con.execute(
            "UPDATE arrivals SET calls = calls + $calls"
            " WHERE day = $day AND source = $source AND outcome = $outcome",
            told,
        ).fetchone()
        if not found or not found[0]:
            store.con.execute("INSERT INTO arrivals VALUES ($day, $source, $outcome, $calls)", told)


def arrivals(store: Store, now: int, days: int) -> dict[str, dict[Outcome, list[int]]]:
    """By source and outcome how many came on each of the last `days`, today the last."""
    if not _is_there(store):
        return {}
    today = now // DAY
    rows = store.con.execute(
        "SELECT source, outcome, day, sum(calls)::BIGINT FROM arrivals"
        " WHERE day > $first AND day <= $today GROUP BY ALL",
        {"first": today - days, "today": today},
    ).fetchall()
    found: dict[str, dict[Outcome, list[int]]] = {}
    for source, outcome, day, calls in rows:
        by_day = found.setdefault(source, {"loaded": [0] * days, "refused": [0] * days})
        by_day[outcome][day - today + days - 1] = calls
    return found


def _is_there(store: Store) -> bool:
    found = store.con.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'arrivals'"
    ).fetchone()
    return bool(found and found[0])
