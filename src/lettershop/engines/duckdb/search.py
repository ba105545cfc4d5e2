"""Finding contacts and accounts by what people type: a scan, ranked.

Every word of the question must be found in some name, address, id or company of a contact. The
best match of the worst word decides the rank: the whole value (0), its beginning (1), the beginning
of a word in it (2), anywhere (3). Words are compared folded, as in the segment language.
"""

from collections.abc import Iterator
from typing import Any, Literal, assert_never

import msgspec

from lettershop.engines.duckdb.compose import Sql, sql, union_all
from lettershop.engines.duckdb.entries import Side
from lettershop.engines.duckdb.store import Store
from lettershop.model.catalog import FieldInfo, Fields
from lettershop.model.values import fold

WORDS = 5
"""Words of a question that are looked for; more are ignored."""
SHORT = 2
"""Characters of a word that very many have in them."""

FULL = ("name", "fullname", "displayname")
PARTS = ("firstname", "lastname")
PERSON = (*FULL, *PARTS, "company", "companyname")
ACCOUNT = ("name", "domain", "website")
"""Fields that hold names, without case, `_` and `.`."""

Way = Literal["next", "back", "any"]
Place = tuple[int, int]
"""Where a row is in the list: rank, dense id. Without a question the rank is 0."""

EVERYBODY = Sql("")
_CONTAINS, _BEGINS = "contains(v, {w})", "starts_with(v, {w})"
_BETWEEN = Sql("'@.-_+/'")


class Found(msgspec.Struct, frozen=True):
    """A contact or account of the list."""

    rank: int
    id: int

    @property
    def place(self) -> Place:
        return (self.rank, self.id)


def contacts(
    store: Store,
    question: str,
    *,
    limit: int,
    after: Place | None,
    anonymous: bool,
    only: Sql = EVERYBODY,
) -> list[Found]:
    """Live contacts: the best matches first, then (and without a question) the last known first.

    A merged contact is found as the one it became. `anonymous`: also people without address or id.
    `only`: a further condition on `c.id` (activity.only_among).
    """
    where = sql("{living}{only}", living=living("contact", anonymous=anonymous), only=only)
    names = list(_contact_names(store))
    return _found(store, question, "contacts", where, names, limit=limit, after=after)


def accounts(
    store: Store, question: str, *, limit: int, after: Place | None, only: Sql = EVERYBODY
) -> list[Found]:
    """Live accounts, by id, name and domain."""
    where = sql("{living}{only}", living=living("account"), only=only)
    names = list(_account_names(store))
    return _found(store, question, "accounts", where, names, limit=limit, after=after)


def neighbour(store: Store, here: int | None, way: Way, seed: int = 0) -> int | None:
    """The contact after or before one in the list of all, or any of them (`seed` says which). At an
    end, and beside nobody, it goes on at the other; None where there is nobody."""
    everybody = sql("FROM contacts AS c WHERE {living}", living=living("contact"))
    match way:
        case "next":
            choice = "coalesce(max(c.id) FILTER (c.id < $here), max(c.id))"
        case "back":
            choice = "coalesce(min(c.id) FILTER (c.id > $here), min(c.id))"
        case "any":
            choice = "arg_min(c.id, hash(c.id, $here))"
        case _:
            assert_never(way)
    asked = {"here": seed if way == "any" else here}
    question = sql("SELECT {choice} {everybody}", choice=Sql(choice), everybody=everybody)
    found = store.con.execute(question, asked).fetchone()
    return None if found is None else found[0]


def living(side: Side, *, anonymous: bool = False) -> Sql:
    """The condition on a row `c` of contacts or accounts that it is listed."""
    if side == "account":
        return Sql("NOT coalesce(c.deleted, false)")
    known = Sql("" if anonymous else " AND c.identified_since IS NOT NULL")
    return sql("NOT coalesce(c.deleted, false) AND c.merged IS NULL{known}", known=known)


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
    if not words:
        return _page(store, table, Sql(""), living, asked, after)
    if all(len(word) <= SHORT for word in words):
        # Nearly everybody has them somewhere; who begins with them comes first, and mostly enough.
        first = sql(" JOIN ({ranks}) AS r ON r.id = c.id", ranks=_ranks(words, names, _BEGINS))
        found = _page(store, table, first, living, asked, after)
        if len(found) == limit:
            return found
    ranked = sql(" JOIN ({ranks}) AS r ON r.id = c.id", ranks=_ranks(words, names, _CONTAINS))
    return _page(store, table, ranked, living, asked, after)


def _page(
    store: Store,
    table: str,
    ranked: Sql,
    living: Sql,
    asked: dict[str, Any],
    after: Place | None,
) -> list[Found]:
    """`ranked`: joins `r`, who is found at which rank; nothing for everybody."""
    rank = Sql("r.rank" if ranked else "0")
    onwards, where = Sql(""), dict(asked)
    if after is not None:
        where |= {"rank": after[0], "id": after[1]}
        onwards = sql(" AND ({r} > $rank OR {r} = $rank AND c.id < $id)", r=rank)
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
        where,
    ).fetchall()
    return [Found(rank, number) for rank, number in rows]


def _ranks(words: list[str], names: list[Sql], among: str) -> Sql:
    """(id, rank) of whoever has every word; one scan of each name per word. `among`: the condition
    on a value `v` and a word `w`."""
    hits = [
        sql(
            "SELECT id, {i} AS word, CASE WHEN v = {w} THEN 0 WHEN starts_with(v, {w}) THEN 1"
            " WHEN contains(' ' || translate(v, {between}, '      '), ' ' ||"
            " translate({w}, {between}, '      ')) THEN 2 ELSE 3 END AS rank"
            " FROM ({names}) WHERE {among}",
            i=Sql(str(i)),
            w=Sql(f"$w{i}"),
            between=_BETWEEN,
            names=name,
            among=sql(among, w=Sql(f"$w{i}")),
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
