"""One contact as a page shows it: who they are, their accounts, and what they are a member of."""

from collections.abc import Mapping
from typing import Any

import duckdb
import msgspec
from pyroaring import BitMap

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.store import Store
from lettershop.model.errors import NotFound
from lettershop.model.facts import Traits


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account the contact is an active member of."""

    id: int
    account: str
    role: str | None


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """The values are the current ones, of all facts loaded; missing ones are left out."""

    id: int
    identity: str
    identities: tuple[str, ...]
    traits: Traits
    accounts: tuple[Account, ...]
    segments: tuple[str, ...]
    """Names of the contact segments that hold the contact."""


class Profiles:
    """Looks contacts up by dense id. It reads the state of the moment it was made: what has been
    loaded since is seen by a new one."""

    def __init__(self, store: Store) -> None:
        self._con = store.con
        self._fields = store.catalog().contact
        columns = [sql("{c}", c=info.column) for info in self._fields.values()]
        self._contact = sql(
            "SELECT {columns} FROM contacts WHERE id = $id AND id <= $id",
            columns=[Sql("identity"), *columns],
        )

    def profile(self, contact: int, memberships: Mapping[str, BitMap]) -> Profile:
        """NotFound `contact.unknown` when there is no such contact."""
        found = self._con.execute(self._contact, {"id": contact}).fetchone()
        if found is None:
            raise NotFound("contact.unknown", f"there is no contact number {contact}")
        values = zip(self._fields, found[1:], strict=True)
        return Profile(
            id=contact,
            identity=found[0],
            identities=(),
            traits={name: value for name, value in values if value is not None},
            accounts=(),
            segments=tuple(name for name, ids in memberships.items() if contact in ids),
        )
