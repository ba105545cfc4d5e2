"""Traits of contacts or accounts in bulk: markets, firmographics, interests."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from lettershop.content.audience import Audience
from lettershop.engines.dense.snapshot import current_tables
from lettershop.engines.duckdb.compose import sql
from lettershop.engines.duckdb.run import define_functions
from lettershop.engines.duckdb.store import Store
from lettershop.model.catalog import FieldInfo, Fields
from lettershop.planning.frame import Ids
from lettershop.planning.metrics import FieldValue

Side = Literal["contact", "account"]


class _Place(NamedTuple):
    side: Side
    field: str
    info: FieldInfo
    table: str


class Codes(NamedTuple):
    """The market of contacts and accounts by dense id, as index into `names` (folded), -1 where
    there is none; the last slot of each is nobody's."""

    contact: Ids
    account: Ids
    names: tuple[str, ...]

    def of(self, contact: Ids, account: Ids) -> Ids:
        """Of the contact, else of the account."""
        own = self.contact[np.where(contact < len(self.contact), contact, -1)]
        theirs = self.account[np.where(account < len(self.account), account, -1)]
        return np.where(own >= 0, own, theirs).astype(np.int32)


def traits_of(
    store: Store, side: Side, fields: Sequence[str], as_of: int
) -> dict[str, npt.NDArray[np.object_]]:
    """Field -> (ids,) its value at `as_of` by dense id: text, float, tuple of texts (of a list) or
    None. Fields that nobody has, and those of other types, are left out."""
    found = {}
    for _, field, info, table in _places(store, [side], fields, as_of):
        if info.type not in ("text", "number", "list"):
            continue
        asked = sql("SELECT id, {c} FROM {t} WHERE {c} IS NOT NULL", c=info.column, t=table)
        rows = store.con.execute(asked).fetchall()
        values = np.full(max((row[0] for row in rows), default=-1) + 1, None, object)
        for number, value in rows:
            values[number] = _plain(value)
        found[field] = values
    return found


def market_codes(store: Store, field: str, as_of: int) -> Codes:
    """The markets of all contacts and accounts at `as_of`, by a text field of theirs."""
    define_functions(store)
    sides: tuple[Side, Side] = ("contact", "account")
    places = {place.side: place for place in _places(store, sides, [field], as_of)}
    names: set[str] = set()
    for _, _, info, table in places.values():
        if info.type == "text":
            asked = sql("SELECT DISTINCT folded({c}) FROM {t}", c=info.column, t=table)
            names |= {row[0] for row in store.con.execute(asked).fetchall() if row[0]}
    ordered = sorted(names)
    contact, account = (_codes(store, places.get(side), ordered) for side in sides)
    return Codes(contact, account, tuple(ordered))


def markets_of(codes: Codes, audience: Audience) -> list[str | None]:
    """(n,) the market of each recipient, as `rank_with` wants it."""
    found = codes.of(audience.contacts, audience.accounts)
    return [codes.names[code] if code >= 0 else None for code in found]


def _codes(store: Store, place: _Place | None, names: Sequence[str]) -> Ids:
    if place is None or place.info.type != "text" or not names:
        return np.full(1, -1, np.int32)
    asked = sql(
        "SELECT id, list_position($names, folded({c})) AS code FROM {t} WHERE {c} IS NOT NULL",
        c=place.info.column,
        t=place.table,
    )
    rows: dict[str, Any] = store.con.execute(asked, {"names": [*names]}).fetchnumpy()
    ids = rows["id"]
    codes = np.full(int(ids.max(initial=-1)) + 2, -1, np.int32)
    codes[ids] = np.ma.filled(rows["code"], 0) - 1
    return codes


def _places(store: Store, sides: Sequence[Side], fields: Sequence[str], as_of: int) -> list[_Place]:
    """Where the values of those fields that exist stand at `as_of`. Good until it is called again:
    the tables are made for the occasion where something is known that was not known then."""
    catalog = store.catalog()
    known: Mapping[Side, Fields] = {"contact": catalog.contact, "account": catalog.account}
    there = [(side, field) for side in sides for field in fields if field in known[side]]
    if not there:
        return []
    wanted = [FieldValue(scope=side, field=field) for side, field in there]
    tables = current_tables(store, catalog, wanted, as_of, store.settings.timezone_field)
    return [_Place(side, field, known[side][field], tables[side]) for side, field in there]


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value
    return tuple(value) if isinstance(value, list) else float(value)
