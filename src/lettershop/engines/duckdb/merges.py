"""Contacts that became one: recorded when it happens, listed, and taken back."""

from collections.abc import Sequence

import duckdb
import msgspec

from lettershop.engines.duckdb import handover, identify, people, spells
from lettershop.engines.duckdb.compose import sql
from lettershop.engines.duckdb.learn import Learned
from lettershop.engines.duckdb.store import Store
from lettershop.engines.duckdb.who import Merge
from lettershop.model.errors import NotFound, UsageError

_COLUMNS = (
    "id",
    "at",
    "message_id",
    "survivor",
    "absorbed",
    "identity",
    "absorbed_identity",
    "identities",
    "undone_at",
)


class Merged(msgspec.Struct, frozen=True, kw_only=True):
    """A merge as it is stored (`schema.py`). Times are milliseconds."""

    id: int
    at: int
    message_id: str
    survivor: int | None
    absorbed: int | None
    identity: str
    absorbed_identity: str
    identities: tuple[str, ...]
    undone_at: int | None


def record(con: duckdb.DuckDBPyConnection, merges: Sequence[Merge]) -> None:
    """Note what a walk has merged, once the new contacts have their numbers (`load_new`)."""
    if not merges:
        return
    con.execute(
        "INSERT INTO merges SELECT (SELECT count(*) FROM merges) + nth, m.at, m.message_id,"
        " coalesce(m.survivor, n.id), m.absorbed, m.identity, m.absorbed_identity, m.identities,"
        " NULL FROM (SELECT unnest(range(1, len($at) + 1)) AS nth, unnest($at) AS at,"
        " unnest($message_id) AS message_id, unnest($survivor::BIGINT[]) AS survivor,"
        " unnest($absorbed::BIGINT[]) AS absorbed, unnest($identity) AS identity,"
        " unnest($absorbed_identity) AS absorbed_identity,"
        " unnest($identities, max_depth := 1) AS identities) AS m"
        " LEFT JOIN load_new AS n ON n.identity = m.identity ORDER BY nth",
        {
            "at": [m.fact.at for m in merges],
            "message_id": [m.fact.message_id for m in merges],
            "survivor": [m.survivor_id for m in merges],
            "absorbed": [m.absorbed_id for m in merges],
            "identity": [m.survivor for m in merges],
            "absorbed_identity": [m.absorbed for m in merges],
            "identities": [list(m.identities) for m in merges],
        },
    )


def merges(
    store: Store, *, contact: int | None = None, before: int | None = None, most: int = 50
) -> list[Merged]:
    """The newest first: those of one contact (dense id) that are not undone, or all; `before`
    that number, for the next page."""
    rows = store.con.execute(
        sql(
            "SELECT {columns} FROM merges WHERE ($before IS NULL OR id < $before)"
            " AND ($contact IS NULL OR undone_at IS NULL AND identity IN"
            " (SELECT identity FROM identities WHERE contact = $contact))"
            " ORDER BY id DESC LIMIT $most",
            columns=[sql("{c}", c=c) for c in _COLUMNS],
        ),
        {"before": before, "contact": contact, "most": most},
    ).fetchall()
    return [_merged(row) for row in rows]


def undo(store: Store, merge_id: int, at: int) -> Merged:
    """Take a merge back, in a transaction: the identities the absorbed contact had then, and all
    that was said of them before and since, are its own again; the two are kept apart from now on.

    Raises NotFound `merge.unknown`; UsageError `merge.undone` when that was done before.
    """
    with store.transaction():
        found = _find(store.con, merge_id)
        _take_back(store.con, found)
        con, learned = store.con, Learned(store.con)
        people.begin(con)
        con.execute("CREATE OR REPLACE TEMP TABLE load_identified (id BIGINT)")
        handover.hand_over(con, learned)
        people.refresh(con, learned)
        spells.reattribute(con)
        learned.settle()
        con.execute(
            "INSERT INTO kept_apart VALUES ($a, $b)",
            {"a": found.identity, "b": found.absorbed_identity},
        )
        con.execute("UPDATE merges SET undone_at = $at WHERE id = $id", {"at": at, "id": merge_id})
        handover.clean_up(con)
    return msgspec.structs.replace(found, undone_at=at)


def _find(con: duckdb.DuckDBPyConnection, merge_id: int) -> Merged:
    row = con.execute(
        sql("SELECT {c} FROM merges WHERE id = $id", c=[sql("{c}", c=c) for c in _COLUMNS]),
        {"id": merge_id},
    ).fetchone()
    if row is None:
        raise NotFound(
            "merge.unknown",
            f"there is no merge number {merge_id}",
            hint="lettershop contact merges lists them",
        )
    found = _merged(row)
    if found.undone_at is not None:
        raise UsageError("merge.undone", f"merge number {merge_id} was undone before")
    return found


def _take_back(con: duckdb.DuckDBPyConnection, merge: Merged) -> None:
    """Fill `load_handed` and move the identities: those the absorbed contact had which are still
    with the one that led it (others went elsewhere when another merge was undone)."""
    absorbed = merge.absorbed
    if absorbed is None:
        absorbed = identify.revive(con, merge.absorbed_identity)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE load_handed AS SELECT i.number, i.contact AS was,"
        " $absorbed::BIGINT AS contact FROM identities AS i JOIN identities AS l"
        " ON l.contact = i.contact WHERE l.identity = $leader"
        " AND i.identity IN (SELECT unnest($identities))",
        {
            "absorbed": absorbed,
            "leader": merge.absorbed_identity,
            "identities": list(merge.identities),
        },
    )
    handover.identities(con)


def _merged(row: tuple[object, ...]) -> Merged:
    return msgspec.convert(dict(zip(_COLUMNS, row, strict=True)), Merged)
