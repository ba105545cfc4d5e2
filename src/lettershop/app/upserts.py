"""Contacts, accounts and records written by name: what is there is changed, the rest is new.

Each item is checked by itself; one that cannot be taken is refused with its place, the others are
loaded together in one transaction. A fact is dated at `at`, by default now; of two about the same
field the later one wins, and what is sent later of two at one time.
"""

import time
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from lettershop.app.items import (
    AccountUpsert,
    AnyItem,
    ContactUpsert,
    RecordUpsert,
    Said,
    facts_of,
    record_kind,
)
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb import rows
from lettershop.engines.duckdb.apply import Applied
from lettershop.engines.duckdb.who import Refused
from lettershop.ingest.calls.who import Names
from lettershop.ingest.kept import Kept, forget_facts, keep_facts
from lettershop.model.errors import InputError, LettershopError
from lettershop.model.facts import AnyFact

MOST: Final = 1_000
"""Items of one request."""


class RefusedItem(msgspec.Struct, frozen=True, kw_only=True):
    """`index` counts from 0; `where` is the JSON path of the mistake; one item is a list of it."""

    index: int
    code: str
    message: str
    where: str
    hint: str = ""


class Upserted(msgspec.Struct, frozen=True, kw_only=True):
    """`received` = `new` + `changed` + refused. `changed` were there before, even if all they were
    told is what they said already. `notes`: taken, but not everything it says."""

    received: int
    new: int
    changed: int
    refused: list[RefusedItem] = []
    notes: list[RefusedItem] = []


class _Taken(msgspec.Struct, frozen=True):
    """The facts of the items that can be taken, and the item each fact is of."""

    facts: list[AnyFact]
    items: list[int]
    refused: list[RefusedItem]


def upsert_contacts(shop: Workspace, items: Sequence[Any]) -> Upserted:
    """Write up to MOST contacts, given as decoded JSON. Inside `Engine.write`.

    InputError `items.number` for none or too many; when all are refused, that of the first.
    """
    return _upsert(shop, items, ContactUpsert)


def upsert_accounts(shop: Workspace, items: Sequence[Any]) -> Upserted:
    """The same with accounts."""
    return _upsert(shop, items, AccountUpsert)


def upsert_records(shop: Workspace, kind: str, items: Sequence[Any]) -> Upserted:
    """The same with records of a kind; InputError `record.kind` for what cannot be one."""
    return _upsert(shop, items, RecordUpsert, record_kind(kind))


def _upsert(
    shop: Workspace, items: Sequence[Any], kind: type[AnyItem], record: str = ""
) -> Upserted:
    if not 0 < len(items) <= MOST:
        raise InputError("items.number", f"send 1 to {MOST:,} items, not {len(items):,}", where="$")
    taken = _take(shop, items, kind, record)
    applied = _load(shop, taken.facts) if taken.facts else Applied()
    refused = sorted([*taken.refused, *_about(taken, applied.refused)], key=_index)
    new = {
        ContactUpsert: applied.contacts,
        AccountUpsert: applied.accounts,
        RecordUpsert: applied.records,
    }[kind]
    written = len(items) - len({item.index for item in refused})
    if not written:
        first, more = refused[0], len(items) - 1
        message = first.message + (f" (and {more:,} more items, each refused)" if more else "")
        raise InputError(first.code, message, where=first.where, hint=first.hint)
    return Upserted(
        received=len(items),
        new=min(new, written),
        changed=written - min(new, written),
        refused=refused,
        notes=_about(taken, applied.notes),
    )


def _about(taken: _Taken, found: Sequence[Refused]) -> list[RefusedItem]:
    """What the store says of facts, said of their items."""
    return [
        RefusedItem(
            index=taken.items[one.row],
            code=one.code,
            message=one.message,
            where=f"$[{taken.items[one.row]}]",
        )
        for one in found
    ]


def _index(item: RefusedItem) -> int:
    return item.index


def _take(shop: Workspace, items: Sequence[Any], kind: type[AnyItem], record: str) -> _Taken:
    taken = _Taken([], [], [])
    now, order, names = shop.clock.now(), _later(), Names(shop.settings)
    for index, raw in enumerate(items):
        said = Said(now=now, message_id=f"api:{order:020}:{index:04}", names=names, kind=record)
        try:
            facts = list(facts_of(msgspec.convert(raw, kind), said))
        except msgspec.ValidationError as error:
            message, _, at = str(error).partition(" - at `")
            place = at.rstrip("`").removeprefix("$.")
            taken.refused.append(_refused(index, InputError("item.shape", message, where=place)))
        except LettershopError as error:
            taken.refused.append(_refused(index, error))
        else:
            taken.facts.extend(facts)
            taken.items.extend([index] * len(facts))
    return taken


def _refused(index: int, error: LettershopError) -> RefusedItem:
    where = f"$[{index}].{error.where}" if error.where else f"$[{index}]"
    return RefusedItem(
        index=index, code=error.code, message=error.message, where=where, hint=error.hint
    )


def _load(shop: Workspace, facts: list[AnyFact]) -> Applied:
    """Load the facts, kept before for `rebuild`; nothing is kept of what could not be loaded."""
    if not shop.settings.keep_imports:
        return rows.load(shop.store, facts)
    after = int(shop.store.meta("intake_seq") or 0)
    data, now = shop.path / "data", shop.clock.now()
    number = keep_facts(data, Kept(at=now, after=after, name="api"), facts)
    try:
        return rows.load(shop.store, facts)
    except BaseException:
        forget_facts(data, now, number)
        raise


_last = 0


def _later() -> int:
    """Nanoseconds that only grow, so that what is said later orders later. Inside one writer."""
    global _last
    _last = max(time.time_ns(), _last + 1)
    return _last
