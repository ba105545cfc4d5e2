"""Finding contacts and accounts by what people type: a scan, ranked.

Every word of the question must be found in some name, address, id or company of a contact. The
best match of the worst word decides the rank: the whole value (0), its beginning (1), the beginning
of a word in it (2), anywhere (3). Words are compared folded, as in the segment language.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from lettershop.engines.duckdb.compose import Sql, sql, union_all
from lettershop.engines.duckdb.store import Store
from lettershop.model.catalog import FieldInfo, Fields
from lettershop.model.values import fold

WORDS = 5
"""Words of a question that are looked for; more are ignored."""

FULL = ("name", "fullname", "displayname")
PARTS = ("firstname", "lastname")
PERSON = (*FULL, *PARTS, "company", "companyname")
ACCOUNT = ("name", "domain", "website")
"""Fields that hold names, without case, `_` and `.`."""

Place = tuple[int, int]
"""Where a row is in the list: rank, dense id. Without a question the rank is 0."""

_BETWEEN = Sql("'@.-_+/'")


class Found(msgspec.Struct, frozen=True):
    """A contact or account of the list."""

    rank: int
    id: int

    @property
    def place(self) -> Place:
        return (self.rank, self.id)


def contacts(
    store: Store, question: str, *, limit: int, after: Place | None, anonymous: bool
) -> list[Found]:
    """Live contacts: the best matches first, then (and without a question) the last known first.

    A merged contact is found as the one it became. `anonymous`: also people without address or id.
    """
    known = Sql("" if anonymous else " AND c.identified_since IS NOT NULL")
    living = sql("NOT coalesce(c.deleted, false) AND c.merged IS NULL{known}", known=known)
    names = list(_contact_names(store))
    return _found(store, question, "contacts", living, names, limit=limit, after=after)


def accounts(store: Store, question: str, *, limit: int, after: Place | None) -> list[Found]:
    """Live accounts, by id, name and domain."""
    living = Sql("NOT coalesce(c.deleted, false)")
    names = list(_account_names(store))
    return _found(store, question, "accounts", living, names, limit=limit, after=after)


def name_fields(fields: Fields, wanted: tuple[str, ...]) -> list[FieldInfo]:
    """The text fields that hold names, in the order of `wanted`."""
    plain = {i.name.lower().replace("_", "").replace(".", ""): i for i in fields.values()}
    return [plain[name] for name in wanted if name in plain and plain[name].type == "text"]


def _found(
    store: Store,
    question: str,
    table: str,
    living: Sql,
    names: list[Sql],
    *,
    limit: int,
    after: Place | None,
) -> list[Found]:
    words = fold(question).split()[:WORDS]
    asked: dict[str, Any] = {"limit": limit}
    asked |= {f"w{i}": word for i, word in enumerate(words)}
    rank = Sql("r.rank" if words else "0")
    onwards = Sql("")
    if after is not None:
        asked |= {"rank": after[0], "id": after[1]}
        onwards = sql(" AND ({r} > $rank OR {r} = $rank AND c.id < $id)", r=rank)
    ranked = Sql("")
    if words:
        ranked = sql(" JOIN ({ranks}) AS r ON r.id = c.id", ranks=_ranks(words, names))
    rows = store.con.execute(
        sql(
            "SELECT {rank}, c.id FROM {table} AS c{ranked} WHERE {living}{onwards}"
            " ORDER BY 1, 2 DESC LIMIT $limit",
            rank=rank,
            table=table,
            ranked=ranked,
            living=living,
            onwards=onwards,
        ),
        asked,
    ).fetchall()
    return [Found(rank, number) for rank, number in rows]


def _ranks(words: list[str], names: list[Sql]) -> Sql:
    """(id, rank) of whoever has every word; one scan of each name per word."""
    hits = [
        sql(
            "SELECT id, {i} AS word, CASE WHEN v = {w} THEN 0 WHEN starts_with(v, {w}) THEN 1"
            " WHEN contains(' ' || translate(v, {between}, '      '), ' ' ||"
            " translate({w}, {between}, '      ')) THEN 2 ELSE 3 END AS rank"
            " FROM ({names}) WHERE contains(v, {w})",
            i=Sql(str(i)),
            w=Sql(f"$w{i}"),
            between=_BETWEEN,
            names=name,
        )
        for i, _ in enumerate(words)
        for name in names
    ]
    return sql(
        "SELECT id, max(rank) AS rank FROM (SELECT id, word, min(rank) AS rank FROM ({hits})"
        " GROUP BY id, word) GROUP BY id HAVING count(*) = {n}",
        hits=union_all(hits),
        n=Sql(str(len(words))),
    )


def _contact_names(store: Store) -> Iterator[Sql]:
    """(id, v): what contacts are called, folded; their accounts too."""
    yield Sql(
        "SELECT contact AS id, lower(substr(identity, strpos(identity, ':') + 1)) AS v"
        " FROM identities"
    )
    for field in name_fields(store.catalog().contact, PERSON):
        yield sql("SELECT id, lower({c}) AS v FROM contacts", c=field.column)
    for name in _account_names(store):
        yield sql(
            "SELECT p.contact AS id, a.v FROM people AS p JOIN ({name}) AS a ON a.id = p.account"
            " WHERE p.active",
            name=name,
        )


def _account_names(store: Store) -> Iterator[Sql]:
    yield Sql("SELECT id, lower(identity) AS v FROM accounts")
    for field in name_fields(store.catalog().account, ACCOUNT):
        yield sql("SELECT id, lower({c}) AS v FROM accounts", c=field.column)
