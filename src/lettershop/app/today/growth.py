"""How many contacts and accounts there are, and how many of them are new."""

from typing import Any

import msgspec

from lettershop.app.today.days import QUARTER, Days
from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.store import Store
from lettershop.model.clock import DAY

_CONTACTS = Sql("contacts WHERE NOT coalesce(deleted, false) AND merged IS NULL")
_ACCOUNTS = Sql("accounts WHERE NOT coalesce(deleted, false)")


class Grown(msgspec.Struct, frozen=True, kw_only=True):
    """Of those there are now: how many became known in the last 7 and 30 days; `days`: how many
    were known at the end of each day of the period."""

    now: int
    week: int
    month: int
    days: tuple[int, ...]


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    contacts: Grown
    accounts: Grown


def growth(store: Store, days: Days) -> Growth:
    return Growth(contacts=_grown(store, _CONTACTS, days), accounts=_grown(store, _ACCOUNTS, days))


def _grown(store: Store, table: Sql, days: Days) -> Grown:
    now = days.until
    since = min(days.starts[0], now - 30 * DAY)
    values: dict[str, Any] = {"quarter": QUARTER, "since": since, "now": now}
    rows = store.con.execute(
        sql(
            "SELECT CASE WHEN known_since >= $since THEN known_since // $quarter END AS quarter,"
            " count(*), count(*) FILTER (known_since > $now - $week),"
            " count(*) FILTER (known_since > $now - $month)"
            " FROM {table} AND (known_since IS NULL OR known_since <= $now) GROUP BY 1",
            table=table,
        ),
        values | {"week": 7 * DAY, "month": 30 * DAY},
    ).fetchall()
    total = sum(count for _, count, _, _ in rows)
    new = days.sums(
        (at * QUARTER for at, *_ in rows if at is not None),
        (count for at, count, *_ in rows if at is not None),
    )
    return Grown(
        now=total,
        week=sum(week for *_, week, _ in rows),
        month=sum(month for *_, month in rows),
        days=_known(total, new),
    )


def _known(total: int, new: tuple[int, ...]) -> tuple[int, ...]:
    """Backwards from today."""
    known = [total]
    for came in reversed(new[1:]):
        known.append(known[-1] - came)
    return tuple(reversed(known))
