"""One record as an answer."""

import msgspec

from lettershop.app.shown import Value, typed
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb import cards
from lettershop.engines.duckdb.lookup import account_names
from lettershop.model.clock import format_instant
from lettershop.model.errors import NotFound


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """The current fields and links of a record."""

    kind: str
    id: str
    contact: str | None
    account: str | None
    fields: dict[str, Value]
    deleted: bool
    known_since: str


def record(shop: Workspace, kind: str, name: str) -> Record:
    """The record of that kind and id. NotFound `record.unknown`, `record.unknown_kind`."""
    info = shop.store.catalog().records.get(kind)
    if info is None:
        known = ", ".join(shop.store.catalog().records) or "there are none yet"
        message = f"there are no records of kind “{kind}”"
        raise NotFound("record.unknown_kind", message, hint=f"known kinds: {known}")
    row = cards.record_row(shop.store, info, name)
    if row is None:
        raise NotFound("record.unknown", f"there is no {kind} “{name}”")
    contacts = [] if row.contact is None else [row.contact]
    accounts = [] if row.account is None else [row.account]
    people = cards.contact_cards(shop.store, contacts)
    return Record(
        kind=kind,
        id=name,
        contact=next((c.identity for c in people.values()), None),
        account=next(iter(account_names(shop.store.con, accounts).values()), None),
        fields=typed(row.values, info.fields),
        deleted=row.deleted,
        known_since=format_instant(row.known_since),
    )
