"""Staged facts -> tables, in the caller's transaction.

duplicates and rows that cannot be taken go       apply_events
who is who, and who became one with whom          joining, who, handover, merges
names become dense ids, and fields                identify, names
traits, deletions, links -> history, wide tables  apply_traits, traits
memberships -> people; whose events were it       people, spells
events into the table of their name               apply_events
what the catalog shows                            learn, listing
"""

from collections.abc import Sequence

import msgspec

from lettershop.engines.duckdb import (
    apply_events,
    apply_traits,
    handover,
    identify,
    joining,
    listing,
    merges,
    names,
    people,
    spells,
)
from lettershop.engines.duckdb.compose import sql
from lettershop.engines.duckdb.learn import Learned
from lettershop.engines.duckdb.stage import Stage
from lettershop.engines.duckdb.store import Store
from lettershop.engines.duckdb.who import Refused, Walk


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """What a load did. `rows` were taken; `wrong` counts ill-typed values per (scope, field);
    `merged` contacts became one with another; `notes` are about rows that were taken, but not in
    all they say (`identity.not_joined`)."""

    rows: int = 0
    duplicates: int = 0
    contacts: int = 0
    accounts: int = 0
    pairs: int = 0
    records: int = 0
    merged: int = 0
    wrong: dict[tuple[str, str], int] = {}
    refused: tuple[Refused, ...] = ()
    notes: tuple[Refused, ...] = ()


def apply(store: Store, stage: Stage) -> Applied:
    """Move one filled stage into the tables, in the caller's transaction; drops the stage."""
    return apply_all(store, [stage])


def apply_all(store: Store, stages: Sequence[Stage], *, walk: Walk | None = None) -> Applied:
    """Move several stages whose `row`s number their facts together, in order of arrival.

    `walk`: given when `screening` has set aside duplicate events and knows who is who.
    """
    if not stages:
        return Applied()
    con, learned = store.con, Learned(store.con)
    refused: list[Refused] = []
    duplicates = 0
    for stage in stages:
        if stage.sort == "event":
            refused += apply_events.refuse_names(con, stage)
            if walk is None:
                duplicates += apply_events.drop_duplicates(con, stage)
            apply_events.remember_ids(con, stage)
    who = _who_is_who(store, stages, walk)
    merging = bool(who.absorbed())
    contacts = identify.contacts(con, stages, learned.next_seq, merging=merging)
    people.begin(con)
    merges.record(con, who.merges)
    if merging:
        handover.hand_over(con, learned)
    names.name_contacts(con, stages, learned)
    accounts = identify.accounts(con, stages)
    if accounts:
        names.name_accounts(con, stages, learned)
    pairs, records = _apply_subjects(store, stages, learned)
    rows = sum(_finish(store, stage, learned) for stage in stages)
    learned.settle()
    listing.settle(con)
    handover.clean_up(con)
    return Applied(
        rows=rows,
        duplicates=duplicates,
        contacts=contacts,
        accounts=accounts,
        pairs=pairs,
        records=records,
        merged=len(who.merges),
        wrong=learned.wrong(),
        refused=tuple(sorted(refused, key=lambda r: r.row)),
        notes=tuple(who.notes),
    )


def _who_is_who(store: Store, stages: Sequence[Stage], walk: Walk | None) -> Walk:
    if walk is None:
        return joining.join_stages(store.con, stages, store.settings)
    joining.note(store.con, walk)
    return walk


def _apply_subjects(store: Store, stages: Sequence[Stage], learned: Learned) -> tuple[int, int]:
    con = store.con
    pairs = records = 0
    listed: list[listing.Listed] = []
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
