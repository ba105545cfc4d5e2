"""Traits of one contact or account: what they are, since when, where from, what they were."""

import re
from typing import Any, Final, Literal

import msgspec

from lettershop.app.portrait.shelf import derived_fields
from lettershop.app.shown import shown
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb.entries import Side
from lettershop.engines.duckdb.written import Write, writes
from lettershop.model.values import ValueType
from lettershop.profile.hygiene.written import FIELDS as HYGIENE

Origin = Literal["api", "rules", "hygiene", "file", "call"]
"""Where a value came from: the API or a page, a derived trait, address hygiene, an imported file,
a call of a source."""
MOST: Final = 2_000
"""Writes of one subject that are read."""
EARLIER: Final = 20
IDENTITY: Final = frozenset({"user_id", "email", "id"})
"""Fields that say who somebody is: changed by naming them, not by hand."""
_FILE: Final = re.compile(r"[0-9a-f]{16}:\d+")


class Was(msgspec.Struct, frozen=True):
    """A value that was given at a time (ms); None: it was taken away."""

    at: int
    value: Any
    origin: Origin


class Trait(msgspec.Struct, frozen=True, kw_only=True):
    """`value` as it is shown; None: known once, not any more. `since`: ms, since when it is that;
    `earlier`: what it was before, the newest first. `fixed`: not to be changed by hand."""

    name: str
    type: ValueType
    value: Any
    since: int | None
    origin: Origin
    earlier: tuple[Was, ...]
    fixed: bool


def traits(shop: Workspace, side: Side, number: int) -> list[Trait]:
    """All that were ever said of it, by name."""
    catalog = shop.store.catalog()
    fields = catalog.account if side == "account" else catalog.contact
    ours = derived_fields(shop, side) | (set(HYGIENE) if side == "contact" else set()) | IDENTITY
    said: dict[str, list[Was]] = {}
    for write in writes(shop.store, side, number, MOST):
        known = said.setdefault(write.key, [])
        was = _was(write, fields[write.key].type)
        if known and known[-1].value == was.value:
            known[-1] = was  # it was that already
        else:
            known.append(was)
    return [
        Trait(
            name=name,
            type=fields[name].type,
            value=was[0].value,
            since=was[0].at,
            origin=was[0].origin,
            earlier=tuple(was[1 : EARLIER + 1]),
            fixed=name in ours,
        )
        for name, was in sorted(said.items())
    ]


def origin_of(message_id: str) -> Origin:
    """By the message id of the fact that wrote it."""
    sort = message_id.partition(":")[0]
    if sort == "trait":
        return "rules"
    if sort == "address":
        return "hygiene"
    if sort == "api":
        return "api"
    return "file" if _FILE.fullmatch(message_id) else "call"


def _was(write: Write, kind: ValueType) -> Was:
    return Was(write.at, shown(write.value, kind), origin_of(write.message_id))
