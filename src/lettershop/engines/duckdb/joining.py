"""Several identities said in one breath: they are joined, if nothing forbids it (`who.py`).

Facts are walked in order of arrival, since what an identity belongs to depends on who spoke
first. Only identities that some fact joins to others take part, so this stays small. What the walk
found is left in `load_joint(identity, leader)`, new identities, and `load_absorbed(id, leader)`,
stored contacts that are from now on the one that another identity leads.
"""

from collections.abc import Iterable, Sequence

import duckdb
import numpy as np

from lettershop.engines.duckdb.compose import Sql, sql, union_all
from lettershop.engines.duckdb.identify import place
from lettershop.engines.duckdb.stage import Stage
from lettershop.engines.duckdb.who import Heard, Refused, Walk
from lettershop.model.settings import Settings

_CONTACTS = (
    "SELECT i.identity, i.contact, c.identity FROM identities AS i"
    " JOIN contacts AS c ON c.id = i.contact WHERE i.contact IN"
    " (SELECT contact FROM identities WHERE identity IN ({asked})) ORDER BY i.number"
)


def begin(con: duckdb.DuckDBPyConnection, settings: Settings, asked: Sql) -> Walk:
    """A walk that knows the contacts of the identities which a query gives."""
    walk = Walk(settings, con.execute("SELECT a, b FROM kept_apart").fetchall())
    walk.store_holds(con.execute(sql(_CONTACTS, asked=asked)).fetchall())
    return walk


def note(con: duckdb.DuckDBPyConnection, walk: Walk) -> None:
    """Make `load_joint` and `load_absorbed` from what a walk found."""
    con.execute("CREATE OR REPLACE TEMP TABLE load_joint (identity VARCHAR, leader VARCHAR)")
    con.execute("CREATE OR REPLACE TEMP TABLE load_absorbed (id BIGINT, leader VARCHAR)")
    joint, absorbed = walk.joint(), walk.absorbed()
    if joint:
        columns = {"identity": list(joint), "leader": list(joint.values())}
        with Registered(con, "load_found", **columns):
            con.execute("INSERT INTO load_joint SELECT identity, leader FROM load_found")
    if absorbed:
        numbers = np.fromiter(absorbed, np.int64, len(absorbed))
        with Registered(con, "load_found", id=numbers, leader=list(absorbed.values())):
            con.execute("INSERT INTO load_absorbed SELECT id, leader FROM load_found")


def join_stages(
    con: duckdb.DuckDBPyConnection, stages: Sequence[Stage], settings: Settings
) -> Walk:
    """Walk the facts of stages; what may not be joined is taken out of their `also`. The notes of
    the walk are about rows."""
    walk = Walk(settings)
    note(con, walk)
    contacts = [(i, s) for i, s in enumerate(stages) if s.sort == "contact"]
    if not contacts:
        return walk
    _find_groups(con, contacts)
    _find_involved(con, stages)
    if _all_new_and_apart(con, settings):
        con.execute("INSERT INTO load_joint FROM load_involved")
        return walk
    walk = begin(con, settings, Sql("SELECT identity FROM load_involved"))
    _walk_groups(con, walk)
    note(con, walk)
    if walk.notes:
        _take_out(con, [stage for _, stage in contacts], walk)
    return walk


def _find_groups(con: duckdb.DuckDBPyConnection, contacts: Sequence[tuple[int, Stage]]) -> None:
    """`load_groups`: identities said together, if they are not one contact already."""
    groups = (
        sql(
            "SELECT {at} AS place, identity, also, {heard} AS heard, message_id FROM {t}"
            " WHERE len(also) > 0",
            at=place(i),
            heard=Sql(str(stage.import_time)) if stage.undated else Sql("received_at"),
            t=stage.table,
        )
        for i, stage in contacts
    )
    con.execute(
        sql(
            "CREATE OR REPLACE TEMP TABLE load_groups AS SELECT min(place) AS place, identity,"
            " list_prepend(identity, also) AS ids, arg_min(heard, place) AS heard,"
            " arg_min(message_id, place) AS message_id FROM ({groups}) GROUP BY identity, ids",
            groups=union_all(groups),
        )
    )
    con.execute(
        "DELETE FROM load_groups WHERE place IN (SELECT place"
        " FROM (SELECT place, unnest(ids) AS identity FROM load_groups)"
        " LEFT JOIN identities USING (identity) GROUP BY place"
        " HAVING count(contact) = count(*) AND min(contact) = max(contact))"
    )


def _find_involved(con: duckdb.DuckDBPyConnection, stages: Sequence[Stage]) -> None:
    """`load_involved`: all identities of the groups, each with the first of its group;
    `load_alone`: where they are mentioned by themselves."""
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


def _all_new_and_apart(con: duckdb.DuckDBPyConnection, settings: Settings) -> bool:
    """Whether no identity is in two groups, known, or (unless it leads) mentioned alone, too, and
    no group is beyond a limit: the usual first import."""
    rows, different, alone, known, beyond = con.execute(
        "SELECT count(*), count(DISTINCT identity), (SELECT count(*) FROM load_alone"
        " JOIN load_involved AS i USING (identity) WHERE identity <> i.leader),"
        " (SELECT count(*) FROM identities SEMI JOIN load_involved USING (identity)),"
        " (SELECT count(*) FROM (SELECT leader FROM load_involved GROUP BY leader HAVING"
        " count(*) FILTER (starts_with(identity, 'user:')) > 1"
        " OR count(*) FILTER (starts_with(identity, 'email:')) > $emails"
        " OR count(*) FILTER (starts_with(identity, 'anon:')) > $anonymous))"
        " FROM load_involved",
        {"emails": settings.most_emails, "anonymous": settings.most_anonymous},
    ).fetchall()[0]
    return bool(rows == different and not alone and not known and not beyond)


def _walk_groups(con: duckdb.DuckDBPyConnection, walk: Walk) -> None:
    """Let the walk hear the groups and the single mentions among them, in their order."""
    groups = con.execute("SELECT place, ids, heard, message_id FROM load_groups").fetchall()
    alone = con.execute("SELECT place, identity FROM load_alone").fetchall()
    facts = [Heard(row, tuple(dict.fromkeys(ids)), False, at, m) for row, ids, at, m in groups]
    facts += [Heard(row, (identity,)) for row, identity in alone]
    for fact in sorted(facts, key=lambda f: f.row):
        walk.hear(fact)


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


def _take_out(con: duckdb.DuckDBPyConnection, stages: Sequence[Stage], walk: Walk) -> None:
    """Take the identities that may not be joined out of the rows that say them."""
    places = np.array([n.row for n in walk.notes], np.int64)
    which = np.arange(len(walk.notes), dtype=np.int64)
    with Registered(con, "load_found", place=places, nth=which, identity=walk.left_out):
        con.execute(
            "CREATE OR REPLACE TEMP TABLE load_left_out AS SELECT g.identity, list_slice(ids, 2,"
            " len(ids)) AS also, f.identity AS out, nth FROM load_groups AS g"
            " JOIN load_found AS f USING (place)"
        )
    found: list[Refused] = []
    for stage in stages:
        said = con.execute(
            sql(
                'SELECT s."row", x.nth FROM {t} AS s JOIN load_left_out AS x'
                ' USING (identity, also) ORDER BY s."row", x.nth',
                t=stage.table,
            )
        ).fetchall()
        found += [Refused(row, walk.notes[n].code, walk.notes[n].message) for row, n in said]
        con.execute(
            sql(
                "UPDATE {t} SET also = list_filter({t}.also,"
                " lambda i: NOT list_contains(x.outs, i))"
                " FROM (SELECT identity, also, list(out) AS outs FROM load_left_out"
                " GROUP BY identity, also) AS x"
                " WHERE {t}.identity = x.identity AND {t}.also = x.also",
                t=stage.table,
            )
        )
    walk.notes = found


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
