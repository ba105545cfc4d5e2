"""What a refresh looks out for besides rows: whose definitions' fields were written, and whether
anything changed that no step can follow."""

from collections.abc import Iterable
from typing import NamedTuple

from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import Definition
from lettershop.language.node import Node
from lettershop.language.tree import Events, People, Sequence
from lettershop.language.walk import walk
from lettershop.model.catalog import Catalog, FieldInfo
from lettershop.model.settings import Settings

Shape = tuple[object, ...]


class Wanted(NamedTuple):
    """What definitions speak of: names of fields and events, and whether of any event."""

    fields: frozenset[str]
    events: frozenset[str]
    anything: bool


def wanted(definitions: Iterable[Definition], settings: Settings) -> Wanted:
    """Names of everything the definitions look at."""
    nodes = [node for d in definitions for node in walk(d.where)]
    fields = {_bare(name) for node in nodes for name in _fields(node)}
    return Wanted(
        frozenset(fields | {"grade", settings.timezone_field}),
        frozenset(name for node in nodes for name in _events(node)),
        any(isinstance(node, Events) and not node.names for node in nodes),
    )


def shape(store: Store, said: Wanted) -> Shape:
    """Everything about the data that a plan of these definitions is made from: types, columns and
    currencies of their fields, tables of their events, rates. Another shape, another plan."""
    catalog, fields = store.catalog(), said.fields
    found: list[object] = []
    for info in catalog.events.values():
        if said.anything or info.name in said.events:
            found.append((info.name, info.table, info.rows > 0))
            found += [_said(i) for name, i in info.properties.items() if name in fields]
    for scope in (catalog.contact, catalog.account, catalog.membership):
        found.append(tuple(_said(info) for name, info in scope.items() if name in fields))
    for record in catalog.records.values():
        told = tuple(_said(info) for name, info in record.fields.items() if name in fields)
        found.append((record.kind, record.table, told))
    found.append(_rates(store, catalog))
    return tuple(found)


def _rates(store: Store, catalog: Catalog) -> object:
    if not catalog.rates:
        return ()
    return tuple(store.con.execute("SELECT * FROM rates ORDER BY ALL").fetchall())


def _said(info: FieldInfo) -> Shape:
    """With the siblings that hold the currency of an amount, whatever they are called."""
    return info.name, info.type, info.column, info.currency, info.currencies


def _fields(node: Node) -> Iterable[str]:
    """Names of fields and properties a node speaks of."""
    for key in ("field", "same", "different"):
        value = getattr(node, key, None)
        if isinstance(value, str):
            yield value
    if isinstance(node, People) and node.roles:
        yield "role"


def _events(node: Node) -> Iterable[str]:
    match node:
        case Events(names=names):
            yield from names
        case Sequence(steps=steps, without=without):
            yield from without
            for step in steps:
                yield from step.names
        case _:
            return


def _bare(path: str) -> str:
    return path.removeprefix("account.").removeprefix("membership.")
