"""Timelines as answers: what happened, newest first, each entry of one of four kinds."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias, assert_never

import msgspec

from lettershop.app.shown import plain
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb import timeline
from lettershop.engines.duckdb.cards import account_cards, contact_cards
from lettershop.engines.duckdb.entries import Entry, Place, Side
from lettershop.engines.duckdb.timeline import Wanted
from lettershop.model.clock import format_instant


class _Entry(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """`ts` is when it happened, `received_at` when it was received."""

    ts: str
    received_at: str
    message_id: str


class EventEntry(_Entry, frozen=True, kw_only=True, tag="event"):
    """`stated`: the sender named the account; else it is the contact's only one at that time."""

    name: str
    contact: str | None
    account: str | None
    stated: bool
    properties: dict[str, Any]


class TraitsEntry(_Entry, frozen=True, kw_only=True, tag="traits"):
    """What one fact said; null where it ended a value. `deleted` is null where it says nothing."""

    traits: dict[str, Any]
    deleted: bool | None


class MembershipEntry(_Entry, frozen=True, kw_only=True, tag="membership"):
    """The contact joined the account, or left it (`joined` false)."""

    contact: str
    account: str
    joined: bool
    role: str | None


class RecordEntry(_Entry, frozen=True, kw_only=True, tag="record"):
    """What one fact said about a record (`record` is its kind); links are null where it said
    nothing of them."""

    record: str
    id: str
    contact: str | None
    account: str | None
    fields: dict[str, Any]
    deleted: bool | None


AnyEntry: TypeAlias = EventEntry | TraitsEntry | MembershipEntry | RecordEntry


class _Names(NamedTuple):
    """What dense ids are called: contacts, accounts, and records by kind."""

    contacts: dict[int, str]
    accounts: dict[int, str]
    records: dict[tuple[str, int], str]


def happened(shop: Workspace, side: Side, who: str, wanted: Wanted) -> list[tuple[AnyEntry, Place]]:
    """The entries of a contact or account, with their places. NotFound for an unknown one."""
    number = shop.subject_id(side, who)
    return _told(shop, side, timeline.timeline(shop.store, side, number, wanted))


def all_events(shop: Workspace, wanted: Wanted) -> list[tuple[AnyEntry, Place]]:
    """The newest events of everybody, of one name or of every name."""
    return _told(shop, "contact", timeline.events(shop.store, wanted))


def _told(shop: Workspace, side: Side, entries: Sequence[Entry]) -> list[tuple[AnyEntry, Place]]:
    names = _names(shop, entries)
    return [(_entry(shop, side, entry, names), entry.place) for entry in entries]


def _entry(shop: Workspace, side: Side, entry: Entry, names: _Names) -> AnyEntry:
    catalog = shop.store.catalog()
    contact = None if entry.contact is None else names.contacts.get(entry.contact)
    account = None if entry.account is None else names.accounts.get(entry.account)
    links: dict[str, Any] = {"contact": contact, "account": account}
    match entry.kind:
        case "event":
            properties = plain(entry.values, catalog.events[entry.name].properties)
            properties |= dict(entry.rest)
            more: dict[str, Any] = {
                "name": entry.name,
                "stated": entry.stated,
                "properties": properties,
            }
            return EventEntry(**_said(entry), **links, **more)
        case "traits":
            fields = catalog.contact if side == "contact" else catalog.account
            traits = plain(entry.values, fields)
            return TraitsEntry(**_said(entry), traits=traits, deleted=entry.flag)
        case "membership":
            joined = bool(entry.flag)
            return MembershipEntry(**_said(entry), **links, joined=joined, role=entry.role)
        case "record":
            written = plain(entry.values, catalog.records[entry.name].fields)
            known = {"record": entry.name, "id": names.records[entry.name, entry.number]}
            return RecordEntry(**_said(entry), **links, **known, fields=written, deleted=entry.flag)
        case _:
            assert_never(entry.kind)


def _said(entry: Entry) -> dict[str, Any]:
    return {
        "ts": format_instant(entry.ts),
        "received_at": format_instant(entry.received_at),
        "message_id": entry.message_id,
    }


def _names(shop: Workspace, entries: Iterable[Entry]) -> _Names:
    contacts = {e.contact for e in entries if e.contact is not None}
    accounts = {e.account for e in entries if e.account is not None}
    records: dict[str, set[int]] = {}
    for entry in entries:
        if entry.kind == "record":
            records.setdefault(entry.name, set()).add(entry.number)
    return _Names(
        {n: c.identity for n, c in contact_cards(shop.store, sorted(contacts)).items()},
        {n: a.account for n, a in account_cards(shop.store, sorted(accounts)).items()},
        {
            (kind, number): name
            for kind, numbers in records.items()
            for number, name in timeline.record_names(shop.store, kind, sorted(numbers)).items()
        },
    )
