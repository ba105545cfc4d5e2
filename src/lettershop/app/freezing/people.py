"""Who the recipients are: what a row and the question whether it may go need besides the letter."""

from collections.abc import Iterator, Sequence
from sys import intern
from typing import Any, Final

import msgspec
import numpy as np

from lettershop.compliance.addresses import LONGEST
from lettershop.content.audience import Audience
from lettershop.content.values.cells import zone_named
from lettershop.delivery.ledger.content import Recipient
from lettershop.engines.dense.snapshot import current_tables
from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.partial import only_these
from lettershop.engines.duckdb.run import define_functions
from lettershop.engines.duckdb.search import FULL, PARTS, name_fields
from lettershop.engines.duckdb.store import Store
from lettershop.model.catalog import FieldInfo, Fields
from lettershop.planning.frame import Ids, Keys
from lettershop.planning.metrics import FieldScope, FieldValue

STATE: Final = "address_state"
"""The field of contacts that address hygiene writes (profile/hygiene/written.py)."""
ACQUIRED: Final = ("acquired", "acquiredfrom", "addresssource", "leadsource", "source")
"""Fields that say how an address was got, without case, `_` and `.`."""
_ROWS: Final = "freezing_rows"


class People(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """n recipients in the order of the audience. `contacts`: identities; `accounts`: group ids, ""
    for none; `addresses`: "" where none is known. `keys`, `account_keys`: (n,), what lots are drawn
    by; of who has no account their own key."""

    ids: Ids
    contacts: Sequence[str]
    accounts: Sequence[str]
    addresses: Sequence[str]
    keys: Keys
    account_keys: Keys
    recipients: Sequence[Recipient]

    def __len__(self) -> int:
        return len(self.contacts)


def read_people(store: Store, audience: Audience) -> People:
    """As they were known at the audience's moment."""
    found = _read(store, audience)
    keys = np.ma.getdata(found["key"]).astype(np.uint64)
    accounts = found["account"].tolist()
    theirs = np.ma.getdata(found["account_key"]).astype(np.uint64)
    return People(
        ids=audience.contacts,
        contacts=found["contact"].tolist(),
        accounts=[account or "" for account in accounts],
        addresses=[_address(said) for said in found["address"].tolist()],
        keys=keys,
        account_keys=np.where([account is None for account in accounts], keys, theirs),
        recipients=[*_recipients(found)],
    )


def _recipients(found: dict[str, Any]) -> Iterator[Recipient]:
    names = ("name", "country", "zone", "account_zone", "hygiene", "acquired")
    columns = [found[name].tolist() for name in names]
    for name, country, own, its, hygiene, acquired in zip(*columns, strict=True):
        yield Recipient(
            name=name or "",
            country=_country(country),
            zone=_zone(own) or _zone(its),
            hygiene=intern(hygiene or ""),
            acquired=intern((acquired or "").strip()),
        )


def _address(said: str | None) -> str:
    """ "" for what is too long to be one."""
    address = (said or "").strip()
    return address if len(address) <= LONGEST else ""


def _country(said: str | None) -> str:
    """ISO 3166, "" for what does not look like it."""
    code = (said or "").strip()
    return intern(code.upper()) if len(code) == 2 and code.isascii() and code.isalpha() else ""


def _zone(said: str | None) -> str:
    return intern(said) if said and zone_named(said) is not None else ""


def _read(store: Store, audience: Audience) -> dict[str, Any]:
    """Columns by place."""
    sides = _sides(store)
    accounts = np.unique(audience.accounts[audience.accounts >= 0])
    define_functions(store)
    only_these(store, np.unique(audience.contacts).astype(np.int64), accounts.astype(np.int64))
    wanted = [FieldValue(scope, info.name) for scope, infos in sides.items() for info in infos]
    zone = store.settings.timezone_field
    tables = current_tables(store, store.catalog(), wanted, audience.as_of, zone, only=True)
    rows = {
        "place": np.arange(len(audience), dtype=np.int64),
        "contact": audience.contacts.astype(np.int64),
        "account": audience.accounts.astype(np.int64),
    }
    store.con.register(_ROWS, rows)
    try:
        asked = sql(
            _QUESTION,
            columns=[*_columns(store)],
            rows=_ROWS,
            contact=tables["contact"],
            account=tables["account"],
        )
        found: dict[str, Any] = store.con.execute(asked).fetchnumpy()
        return found
    finally:
        store.con.unregister(_ROWS)


_QUESTION: Final = (
    "SELECT c.identity AS contact, c.key AS key, a.identity AS account, a.key AS account_key,"
    " {columns} FROM {rows} r LEFT JOIN {contact} c ON c.id = r.contact"
    " LEFT JOIN {account} a ON a.id = r.account ORDER BY r.place"
)


def _columns(store: Store) -> Iterator[Sql]:
    known, settings = store.catalog(), store.settings
    full = [_filled("c", info) for info in name_fields(known.contact, FULL)]
    parts = [_filled("c", info) for info in name_fields(known.contact, PARTS)]
    joined = [sql("nullif(concat_ws(' ', NULL, {parts}), '')", parts=parts)] if parts else []
    country, zone = settings.market_field, settings.timezone_field
    yield _named("address", _texts("c", known.contact, "email"))
    yield _named("name", [*full, *joined])
    yield _named(
        "country", [*_texts("c", known.contact, country), *_texts("a", known.account, country)]
    )
    yield _named("zone", _texts("c", known.contact, zone))
    yield _named("account_zone", _texts("a", known.account, zone))
    yield _named("hygiene", _texts("c", known.contact, STATE))
    acquired = name_fields(known.contact, ACQUIRED)
    yield _named("acquired", [_filled("c", info) for info in acquired])


def _sides(store: Store) -> dict[FieldScope, list[FieldInfo]]:
    """The fields that `_columns` reads."""
    known, settings = store.catalog(), store.settings
    both = (settings.market_field, settings.timezone_field)
    mine = [known.contact.get(name) for name in ("email", STATE, *both)]
    mine += name_fields(known.contact, (*FULL, *PARTS, *ACQUIRED))
    its = [known.account.get(name) for name in both]
    return {
        "contact": [info for info in mine if info is not None],
        "account": [info for info in its if info is not None],
    }


def _texts(table: str, fields: Fields, name: str) -> list[Sql]:
    info = fields.get(name)
    return [_filled(table, info)] if info is not None and info.type == "text" else []


def _filled(table: str, info: FieldInfo) -> Sql:
    """Blank is missing."""
    return sql("nullif(trim({t}.{c}), '')", t=table, c=info.column)


def _named(name: str, values: Sequence[Sql]) -> Sql:
    """The first that is known."""
    return sql(
        "coalesce({values}) AS {name}", values=[*values, Sql("CAST(NULL AS VARCHAR)")], name=name
    )
