"""Staged facts -> tables, in the caller's transaction.

duplicates and rows that cannot be taken go       apply_events, conflicts
names become dense ids, and fields                identify, names
traits, deletions, links -> history, wide tables  apply_traits, traits
memberships -> people; whose events were it       people, spells
events into the table of their name               apply_events
what the catalog shows                            learn, listing
"""

from collections.abc import Sequence

import duckdb
import msgspec

from lettershop.engines.duckdb import (
    apply_events,
    apply_traits,
    conflicts,
    identify,
    listing,
    names,
    people,
    spells,
)
from lettershop.engines.duckdb.compose import sql
from lettershop.engines.duckdb.conflicts import Refused
from lettershop.engines.duckdb.learn import Learned
from lettershop.engines.duckdb.stage import Stage
from lettershop.engines.duckdb.store import Store


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """What a load did. `rows` were taken; `wrong` counts ill-typed values per (scope, field)."""

    rows: int = 0
    duplicates: int = 0
    contacts: int = 0
    accounts: int = 0
    pairs: int = 0
    records: int = 0
    wrong: dict[tuple[str, str], int] = {}
    refused: tuple[Refused, ...] = ()


def apply(store: Store, stage: Stage) -> Applied:
    """Move one filled stage into the tables, in the caller's transaction; drops the stage."""
    return apply_all(store, [stage])


def apply_all(
    store: Store, stages: Sequence[Stage], *, leaders: dict[str, str] | None = None
) -> Applied:
    """Move several stages whose `row`s number their facts together, in order of arrival.

    `leaders`: given when `screening` has set aside duplicate events and conflicting contacts.
    """
    if not stages:
        return Applied()
    con, learned = store.con, Learned(store.con)
    refused: list[Refused] = []
    duplicates = 0
    for stage in stages:
        if stage.sort == "event":
            refused += apply_events.refuse_names(con, stage)
            if leaders is None:
                duplicates += apply_events.drop_duplicates(con, stage)
            apply_events.remember_ids(con, stage)
    refused += conflicts.join_identities(con, stages, leaders)
    contacts = identify.contacts(con, stages)
    names.name_contacts(con, stages, learned)
    accounts = identify.accounts(con, stages)
    if accounts:
        names.name_accounts(con, stages, learned)
    pairs, records = _apply_subjects(store, stages, learned)
    rows = sum(_finish(store, stage, learned) for stage in stages)
    learned.settle()
    listing.settle(con)
    _clean_up(con)
    return Applied(
        rows=rows,
        duplicates=duplicates,
        contacts=contacts,
        accounts=accounts,
        pairs=pairs,
        records=records,
        wrong=learned.wrong(),
        refused=tuple(sorted(refused, key=lambda r: r.row)),
    )


def _apply_subjects(store: Store, stages: Sequence[Stage], learned: Learned) -> tuple[int, int]:
    con = store.con
    pairs = records = 0
    listed: list[listing.Listed] = []
    people.begin(con)
    for stage in stages:
        match stage.sort:
            case "contact" | "account":
                listed += apply_traits.apply_subjects(con, stage, learned)
            case "membership":
                pairs += people.apply_memberships(con, stage)
            case "record":
                new, more = apply_traits.apply_records(con, stage, learned)
                records += new
                listed += more
            case "event":
                pass
    listing.list_values(con, listed)
    people.refresh(con, learned)
    spells.reattribute(con)
    return pairs, records


def _finish(store: Store, stage: Stage, learned: Learned) -> int:
    """Move events, note from when on the scope's facts count, drop the stage; returns its rows."""
    con = store.con
    rows, visible, first, last = con.execute(
        sql(
            'SELECT count(*), max(greatest(ts, received_at)), min("row"), max("row") FROM {s}',
            s=stage.table,
        )
    ).fetchall()[0]
    if not rows:
        pass
    elif stage.sort == "event":
        apply_events.apply_events(con, stage, learned, learned.next_seq - first)
        learned.next_seq += last - first + 1
    else:
        scope = f"record:{stage.kind}" if stage.sort == "record" else stage.sort
        learned.saw(scope, max(visible, stage.import_time) if stage.undated else visible)
    con.execute(sql("DROP TABLE {s}", s=stage.table))
    return int(rows)


def _clean_up(con: duckdb.DuckDBPyConnection) -> None:
    """Drop what the load left behind: after a big one it fills much memory."""
    left = con.execute(
        "SELECT table_name FROM duckdb_tables()"
        " WHERE temporary AND starts_with(table_name, 'load_')"
    ).fetchall()
    con.execute(";".join(sql("DROP TABLE {t}", t=table) for (table,) in left))
