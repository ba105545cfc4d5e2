"""Records that are linked to a contact or account: deals, subscriptions, tickets, orders."""

import msgspec

from lettershop.app.shown import Value, typed
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb.cards import account_cards, contact_cards, linked_records
from lettershop.engines.duckdb.entries import Side

MOST = 100
"""Records of one kind that a page shows."""


class Linked(msgspec.Struct, frozen=True, kw_only=True):
    """`values` in the order of the kind's fields, None where nothing is known. `contact`: identity,
    `account`: group id; `known_since`: ms."""

    id: str
    contact: str | None
    account: str | None
    deleted: bool
    known_since: int
    values: tuple[tuple[str, Value | None], ...]


class Records(msgspec.Struct, frozen=True, kw_only=True):
    """Of one kind. `more`: there are others than these."""

    kind: str
    fields: tuple[str, ...]
    records: tuple[Linked, ...]
    more: bool


def records(shop: Workspace, side: Side, number: int) -> list[Records]:
    """Kinds of which something is linked to it, with those known last first."""
    found = []
    for info in shop.store.catalog().records.values():
        rows = linked_records(shop.store, info, side, number, MOST + 1)
        if not rows:
            continue
        contacts = contact_cards(
            shop.store, sorted({r.contact for r in rows if r.contact is not None})
        )
        accounts = account_cards(
            shop.store, sorted({r.account for r in rows if r.account is not None})
        )
        made = []
        for row in rows[:MOST]:
            values = typed(row.values, info.fields)
            made.append(
                Linked(
                    id=row.id,
                    contact=None if row.contact is None else contacts[row.contact].identity,
                    account=None if row.account is None else accounts[row.account].account,
                    deleted=row.deleted,
                    known_since=row.known_since,
                    values=tuple((name, values.get(name)) for name in info.fields),
                )
            )
        found.append(
            Records(
                kind=info.kind,
                fields=tuple(info.fields),
                records=tuple(made),
                more=len(rows) > MOST,
            )
        )
    return found
