"""Rows of lists: what a contact, an account or a membership is called, for a page of dense ids."""

from collections.abc import Sequence
from typing import Any

import msgspec

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.entries import Side
from lettershop.engines.duckdb.search import ACCOUNT, FULL, PARTS, name_fields
from lettershop.engines.duckdb.store import Store
from lettershop.model.catalog import FieldInfo, RecordInfo
from lettershop.model.facts import Traits


class ContactCard(msgspec.Struct, frozen=True, kw_only=True):
    """`identity` is the first the contact was known by; `name` what its name fields say."""

    id: int
    identity: str
    known_since: int
    identified: bool
    deleted: bool
    identities: tuple[str, ...]
    name: str | None

    def first(self, sort: str) -> str | None:
        """The first known identity of a sort (`user`, `email`, `anon`), without the sort."""
        start = sort + ":"
        return next((i[len(start) :] for i in self.identities if i.startswith(start)), None)


class AccountCard(msgspec.Struct, frozen=True, kw_only=True):
    """`people` counts active members."""

    id: int
    account: str
    name: str | None
    known_since: int
    deleted: bool
    people: int


class PersonCard(msgspec.Struct, frozen=True, kw_only=True):
    """A membership; `joined` is when the first fact says so."""

    contact: int
    account: int
    role: str | None
    joined: int | None
    active: bool


def contact_cards(store: Store, ids: Sequence[int]) -> dict[int, ContactCard]:
    if not ids:
        return {}
    name = _called(store)
    wanted: dict[str, Any] = {"ids": list(ids)}
    named: dict[int, list[str]] = {number: [] for number in ids}
    for contact, identity in store.con.execute(
        "SELECT contact, identity FROM identities WHERE contact IN (SELECT unnest($ids))"
        " ORDER BY number",
        wanted,
    ).fetchall():
        named[contact].append(identity)
    rows = store.con.execute(
        sql(
            "SELECT id, identity, known_since, identified_since IS NOT NULL,"
            " coalesce(deleted, false), {name}"
            " FROM contacts WHERE id IN (SELECT unnest($ids))",
            name=name,
        ),
        wanted,
    ).fetchall()
    return {
        number: ContactCard(
            id=number,
            identity=identity,
            known_since=known_since,
            identified=identified,
            deleted=deleted,
            identities=tuple(named[number]),
            name=called or None,
        )
        for number, identity, known_since, identified, deleted, called in rows
    }


def _called(store: Store) -> Sql:
    """The full name, else first and last name; a blank text when there is neither."""
    known = store.catalog().contact
    full = [sql("nullif(trim({c}), '')", c=f.column) for f in name_fields(known, FULL)]
    parts = [sql("nullif(trim({c}), '')", c=f.column) for f in name_fields(known, PARTS)]
    joined = sql("concat_ws(' ', NULL, {parts})", parts=parts) if parts else Sql("''")
    return sql("coalesce({all})", all=[*full, joined])


def account_cards(store: Store, ids: Sequence[int]) -> dict[int, AccountCard]:
    if not ids:
        return {}
    field = name_fields(store.catalog().account, ACCOUNT[:1])
    wanted: dict[str, Any] = {"ids": list(ids)}
    people = dict(
        store.con.execute(
            "SELECT account, count(*) FROM people"
            " WHERE active AND account IN (SELECT unnest($ids)) GROUP BY account",
            wanted,
        ).fetchall()
    )
    rows = store.con.execute(
        sql(
            "SELECT id, identity, {name}, known_since, coalesce(deleted, false)"
            " FROM accounts WHERE id IN (SELECT unnest($ids))",
            name=sql("{c}", c=field[0].column) if field else Sql("NULL"),
        ),
        wanted,
    ).fetchall()
    return {
        number: AccountCard(
            id=number,
            account=account,
            name=name,
            known_since=known_since,
            deleted=deleted,
            people=people.get(number, 0),
        )
        for number, account, name, known_since, deleted in rows
    }


def accounts_of(store: Store, contact: int) -> list[PersonCard]:
    """All memberships of a contact, active ones first, in the order of joining."""
    return _people(store, sql("{c} = $of ORDER BY active DESC, joined, id", c="contact"), contact)


def people_of(
    store: Store, account: int, *, limit: int, after: tuple[int, int] | None
) -> list[PersonCard]:
    """Active members of an account, in the order of joining, after (joined, contact)."""
    more = Sql("account = $of AND active")
    if after is not None:
        more = sql("{m} AND (joined, contact) > ($joined, $contact)", m=more)
    where = sql("{m} ORDER BY joined, contact LIMIT $limit", m=more)
    asked = {"limit": limit}
    if after is not None:
        asked |= {"joined": after[0], "contact": after[1]}
    return _people(store, where, account, asked)


def _people(
    store: Store, where: Sql, of: int, asked: dict[str, int] | None = None
) -> list[PersonCard]:
    rows = store.con.execute(
        sql("SELECT contact, account, role, joined, active FROM people WHERE {w}", w=where),
        {"of": of, **(asked or {})},
    ).fetchall()
    return [
        PersonCard(contact=contact, account=account, role=role, joined=joined, active=active)
        for contact, account, role, joined, active in rows
    ]


class RecordRow(msgspec.Struct, frozen=True, kw_only=True):
    """The current links and field values of a record."""

    contact: int | None
    account: int | None
    deleted: bool
    known_since: int
    values: Traits


def record_row(store: Store, info: RecordInfo, name: str) -> RecordRow | None:
    """The record with that id of its own."""
    row = store.con.execute(
        sql(
            "SELECT contact, account, coalesce(deleted, false), known_since{columns}"
            " FROM {table} WHERE identity = $name",
            columns=Sql("".join(sql(", {c}", c=f.column) for f in info.fields.values())),
            table=info.table,
        ),
        {"name": name},
    ).fetchone()
    if row is None:
        return None
    contact, account, deleted, known_since, *values = row
    return RecordRow(
        contact=contact,
        account=account,
        deleted=deleted,
        known_since=known_since,
        values=dict(zip(info.fields, values, strict=True)),
    )


def account_values(store: Store, number: int) -> Traits:
    """The current traits of an account; missing ones are None."""
    fields = store.catalog().account
    if not fields:
        return {}
    row = store.con.execute(
        sql(
            "SELECT {columns} FROM accounts WHERE id = $id",
            columns=[sql("{c}", c=field.column) for field in fields.values()],
        ),
        {"id": number},
    ).fetchone()
    return dict(zip(fields, row or (), strict=True))


def values_of(
    store: Store, side: Side, ids: Sequence[int], fields: Sequence[FieldInfo]
) -> dict[int, Traits]:
    """The current values of some fields of contacts or accounts, by dense id and field name."""
    if not ids or not fields:
        return {}
    rows = store.con.execute(
        sql(
            "SELECT id, {columns} FROM {table} WHERE id IN (SELECT unnest($ids))",
            columns=[sql("{c}", c=field.column) for field in fields],
            table=f"{side}s",
        ),
        {"ids": list(ids)},
    ).fetchall()
    names = [field.name for field in fields]
    return {number: dict(zip(names, values, strict=True)) for number, *values in rows}


def first_accounts(store: Store, contacts: Sequence[int]) -> dict[int, int]:
    """The account that each of the contacts joined first, of those it is active in."""
    if not contacts:
        return {}
    rows = store.con.execute(
        "SELECT contact, arg_min(account, (coalesce(joined, 0), account)) FROM people"
        " WHERE active AND contact IN (SELECT unnest($ids)) GROUP BY contact",
        {"ids": list(contacts)},
    ).fetchall()
    return dict(rows)


class LinkedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record that is linked to a contact or account now."""

    id: str
    contact: int | None
    account: int | None
    deleted: bool
    known_since: int
    values: Traits


def linked_records(
    store: Store, info: RecordInfo, side: Side, subject: int, limit: int
) -> list[LinkedRecord]:
    """Of one kind, those known last first; deleted ones at the end."""
    rows = store.con.execute(
        sql(
            "SELECT identity, contact, account, coalesce(deleted, false) AS gone, known_since"
            "{columns} FROM {table} WHERE {side} = $subject"
            " ORDER BY gone, known_since DESC, identity LIMIT $limit",
            columns=Sql("".join(sql(", {c}", c=f.column) for f in info.fields.values())),
            table=info.table,
            side=side,
        ),
        {"subject": subject, "limit": limit},
    ).fetchall()
    return [
        LinkedRecord(
            id=name,
            contact=contact,
            account=account,
            deleted=gone,
            known_since=since,
            values=dict(zip(info.fields, values, strict=True)),
        )
        for name, contact, account, gone, since, *values in rows
    ]
