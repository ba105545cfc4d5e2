"""Several identities said in one breath: they join one contact, or the fact is refused.

Facts are walked in order of arrival, since what an identity belongs to depends on who spoke
first. Only identities that some fact joins to others take part, so this stays small.
"""

from collections.abc import Iterable, Sequence

import duckdb
import msgspec
import numpy as np

from lettershop.engines.duckdb.compose import Sql, sql, union_all
from lettershop.engines.duckdb.identify import place
from lettershop.engines.duckdb.stage import Stage


class Refused(msgspec.Struct, frozen=True):
    """A fact that was not loaded, and why. `row` is the row of its stage."""

    row: int
    code: str
    message: str


def walk(owners: dict[str, str], facts: Iterable[tuple[int, tuple[str, ...]]]) -> dict[int, str]:
    """Walk (row, identities) in order of arrival; returns the message per conflicting row.

    `owners` maps identities to the one their contact is led by; it grows with the walk.
    """
    conflicts: dict[int, str] = {}
    for row, ids in facts:
        known = {i: owners[i] for i in ids if i in owners}
        leaders = set(known.values())
        if len(leaders) > 1:
            conflicts[row] = "these belong to different contacts: " + ", ".join(known)
            continue
        leader = leaders.pop() if leaders else ids[0]
        owners.update(dict.fromkeys(ids, leader))
    return conflicts


def join_identities(
    con: duckdb.DuckDBPyConnection, stages: Sequence[Stage], leaders: dict[str, str] | None = None
) -> list[Refused]:
    """Fill `load_joint(identity, leader)` and take the conflicting rows out of the stages.

    With `leaders` that has been done before; they are only noted.
    """
    con.execute("CREATE OR REPLACE TEMP TABLE load_joint (identity VARCHAR, leader VARCHAR)")
    if leaders is not None:
        _note(con, leaders)
        return []
    contacts = [(i, s.table) for i, s in enumerate(stages) if s.sort == "contact"]
    if not contacts:
        return []
    _find_groups(con, contacts, stages)
    if _all_new_and_apart(con):
        con.execute("INSERT INTO load_joint FROM load_involved")
        return []
    conflicts = _walk_groups(con)
    return [r for _, t in contacts for r in _take_out(con, t, conflicts)] if conflicts else []


def _find_groups(
    con: duckdb.DuckDBPyConnection,
    contacts: Sequence[tuple[int, str]],
    stages: Sequence[Stage],
) -> None:
    """`load_groups`: identities said together; `load_involved`: all of those, each with the first
    of its group; `load_alone`: where they are mentioned by themselves."""
    groups = (
        sql("SELECT {at} AS place, identity, also FROM {t} WHERE len(also) > 0", at=place(i), t=t)
        for i, t in contacts
    )
    con.execute(
        sql(
            "CREATE OR REPLACE TEMP TABLE load_groups AS SELECT min(place) AS place, identity,"
            " list_prepend(identity, also) AS ids FROM ({groups}) GROUP BY identity, ids",
            groups=union_all(groups),
        )
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE load_involved AS"
        " SELECT unnest(ids) AS identity, identity AS leader FROM load_groups"
    )
    con.execute(
        sql(
            "CREATE OR REPLACE TEMP TABLE load_alone AS SELECT identity, min(place) AS place"
            " FROM ({mentions}) SEMI JOIN load_involved USING (identity) GROUP BY identity",
            mentions=union_all(_alone(stages)),
        )
    )


def _all_new_and_apart(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether no identity is in two groups, known, or (unless it leads) mentioned alone, too: the
    usual first import."""
    rows, different, alone, known = con.execute(
        "SELECT count(*), count(DISTINCT identity), (SELECT count(*) FROM load_alone"
        " JOIN load_involved AS i USING (identity) WHERE identity <> i.leader),"
        " (SELECT count(*) FROM identities SEMI JOIN load_involved USING (identity))"
        " FROM load_involved"
    ).fetchall()[0]
    return bool(rows == different and not alone and not known)


def _walk_groups(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, ...], str]:
    """Fill `load_joint`; returns the message per conflicting group of identities."""
    owners = dict(
        con.execute(
            "SELECT identities.identity, first.identity FROM identities SEMI JOIN load_involved"
            " USING (identity) JOIN contacts AS first ON first.id = contact"
        ).fetchall()
    )
    groups = {
        row: tuple(ids) for row, ids in con.execute("SELECT place, ids FROM load_groups").fetchall()
    }
    alone = con.execute("SELECT place, identity FROM load_alone").fetchall()
    facts = [*groups.items(), *((row, (identity,)) for row, identity in alone)]
    conflicts = walk(owners, sorted(facts))
    _note(con, owners)
    return {groups[row]: why for row, why in conflicts.items()}


def _note(con: duckdb.DuckDBPyConnection, leaders: dict[str, str]) -> None:
    if leaders:
        columns = {"identity": list(leaders), "leader": list(leaders.values())}
        with Registered(con, "load_leaders", **columns):
            con.execute("INSERT INTO load_joint SELECT identity, leader FROM load_leaders")


def _alone(stages: Sequence[Stage]) -> Iterable[Sql]:
    for i, stage in enumerate(stages):
        match stage.sort:
            case "contact":
                yield sql(
                    "SELECT identity, {at} AS place FROM {t} WHERE coalesce(len(also), 0) = 0",
                    at=place(i),
                    t=stage.table,
                )
            case "account":
                continue
            case _:
                yield sql(
                    "SELECT contact AS identity, {at} AS place FROM {t} WHERE contact IS NOT NULL",
                    at=place(i),
                    t=stage.table,
                )


def _take_out(
    con: duckdb.DuckDBPyConnection, table: str, conflicts: dict[tuple[str, ...], str]
) -> list[Refused]:
    found = con.execute(
        sql(
            'SELECT "row", list_prepend(identity, also) FROM {t} WHERE len(also) > 0',
            t=table,
        )
    ).fetchall()
    refused = [
        Refused(row, "identity.conflict", conflicts[tuple(ids)])
        for row, ids in found
        if tuple(ids) in conflicts
    ]
    with Registered(con, "load_refused", row=np.array([r.row for r in refused], np.int64)):
        con.execute(sql('DELETE FROM {t} WHERE "row" IN (SELECT "row" FROM load_refused)', t=table))
    return refused


class Registered:
    """Columns readable as a table inside the `with`."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, name: str, **columns: "list[str] | np.ndarray"
    ) -> None:
        self.con, self.name = con, name
        self.columns = {
            key: np.array(values, dtype=object) if isinstance(values, list) else values
            for key, values in columns.items()
        }

    def __enter__(self) -> None:
        self.con.register(self.name, self.columns)

    def __exit__(self, *_: object) -> None:
        self.con.unregister(self.name)
