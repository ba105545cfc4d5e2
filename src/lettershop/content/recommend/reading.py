"""Interactions out of the store: events that name items, by one query for each event's table."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from lettershop.content.recommend.interactions import (
    BOUGHT,
    RETURNED,
    VIEWED,
    Interactions,
    joined,
)
from lettershop.content.recommend.traits import Codes, market_codes
from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.run import define_functions
from lettershop.engines.duckdb.store import Store
from lettershop.model.catalog import EventInfo, FieldInfo
from lettershop.model.values import fold

QUANTITY: Final = "quantity"
"""The property, or the key beside the item's in a list of objects, that says how many; else 1."""


class Mention(Protocol):
    """An event that names items (content/catalog/definition.py). `item`: a property with one id or
    a list of ids, or `products[].product_id` for a list of objects."""

    @property
    def event(self) -> str: ...
    @property
    def item(self) -> str: ...


def interactions(
    store: Store,
    ids: Sequence[str],
    as_of: int,
    *,
    bought: Sequence[Mention] = (),
    viewed: Sequence[Mention] = (),
    returned: Sequence[Mention] = (),
) -> Interactions:
    """What the events say of the items with these ids, as far as it is known at `as_of`: what
    happened and was received by then. Ids are compared without regard to case and to spaces around;
    what names no item is left out, and so is a quantity that is no number above 0.

    `market`: the setting `market_field` of the contact, else of the account, at `as_of`.
    """
    codes = market_codes(store, store.settings.market_field, as_of)
    kinds = ((bought, BOUGHT), (viewed, VIEWED), (returned, RETURNED))
    with _items(store, ids):
        parts = [
            _read(store, info, mention, kind, as_of, codes)
            for mentions, kind in kinds
            for mention in mentions
            if (info := store.catalog().events.get(mention.event)) is not None
        ]
    return joined(parts, codes.names)


@contextmanager
def _items(store: Store, ids: Sequence[str]) -> Iterator[None]:
    """The view `recommend_items(said, plain, item)` of this connection: what names an item in texts
    and, of ids in digits, in properties that are numbers (`007` is 7 there)."""
    define_functions(store)
    said = [fold(one) for one in ids]
    short = [one.lstrip("0") or "0" if one.isdecimal() else one for one in said]
    taken, often = set(said), Counter(short)
    plain = [
        new if new not in taken and often[new] == 1 else old
        for new, old in zip(short, said, strict=True)
    ]
    rows: dict[str, npt.NDArray[Any]] = {
        "said": np.array(said, object),
        "plain": np.array(plain, object),
        "item": np.arange(len(ids), dtype=np.int32),
    }
    store.con.register("recommend_items", rows)
    try:
        yield
    finally:
        store.con.unregister("recommend_items")


class _Named(NamedTuple):
    """`lines`: SELECT of an event's rows with `said` and `quantity`, one per item."""

    lines: Sql
    column: str
    """Of `recommend_items` to compare with."""
    values: dict[str, str]


def _read(
    store: Store, info: EventInfo, mention: Mention, kind: int, as_of: int, codes: Codes
) -> Interactions:
    prefix, nested, key = mention.item.partition("[].")
    named = _nested(info, prefix, key) if nested else _plain(info, mention.item)
    asked = sql(
        "WITH lines AS ({lines}) SELECT coalesce(contact, -1)::INTEGER AS contact,"
        " coalesce(account, -1)::INTEGER AS account, ts, seq, i.item,"
        " coalesce(l.quantity, 1)::DOUBLE AS quantity"
        " FROM lines AS l JOIN recommend_items AS i ON i.{column} = folded(l.said)"
        " WHERE coalesce(l.quantity, 1) > 0 AND coalesce(l.quantity, 1) < 'inf'::DOUBLE"
        " ORDER BY seq, i.item",
        lines=named.lines,
        column=named.column,
    )
    found: dict[str, Any] = store.con.execute(asked, {**named.values, "as_of": as_of}).fetchnumpy()
    columns = {name: np.ma.filled(values, 0) for name, values in found.items()}
    contact, account = columns["contact"], columns["account"]
    return Interactions(
        contact=contact,
        account=account,
        item=columns["item"],
        ts=columns["ts"],
        quantity=columns["quantity"],
        kind=np.full(len(contact), kind, np.int8),
        market=codes.of(contact, account),
        event=columns["seq"],
        markets=codes.names,
    )


_KNOWN: Final = Sql("WHERE ts <= $as_of AND received_at <= $as_of")
_WHO: Final = Sql("contact, account, ts, seq")


def _nested(info: EventInfo, prefix: str, key: str) -> _Named:
    """Lists of objects are kept in `rest`, under the whole dotted name."""
    lines = sql(
        "SELECT {who}, json_extract_string(line, $key) AS said,"
        " TRY_CAST(json_extract_string(line, $quantity) AS DOUBLE) AS quantity FROM (SELECT {who},"
        " unnest(TRY_CAST(json_extract(rest, $list) AS JSON[])) AS line FROM {table} {known})",
        who=_WHO,
        table=info.table,
        known=_KNOWN,
    )
    inner, _, _ = key.rpartition(".")
    amount = f"{inner}.{QUANTITY}" if inner else QUANTITY
    values = {"list": _pointer([prefix]), "key": _pointer(key.split("."))}
    return _Named(lines, "said", {**values, "quantity": _pointer(amount.split("."))})


def _plain(info: EventInfo, item: str) -> _Named:
    """A property with one id or several; values of another type than its own are in `rest`."""
    field, quantity = info.properties.get(item), info.properties.get(QUANTITY)
    number = field is not None and field.type == "number"
    amount = Sql("1")
    if quantity is not None and quantity.type == "number":
        amount = sql("{c}", c=quantity.column)
    lines = sql(
        "SELECT {who}, unnest(coalesce({own}, TRY_CAST(json_extract(rest, $list) AS VARCHAR[]),"
        " [json_extract_string(rest, $list)])) AS said, {amount} AS quantity FROM {table} {known}",
        who=_WHO,
        own=Sql("NULL") if field is None else _texts(field),
        amount=amount,
        table=info.table,
        known=_KNOWN,
    )
    return _Named(lines, "plain" if number else "said", {"list": _pointer([item])})


def _texts(field: FieldInfo) -> Sql:
    """The values of a property as a list of texts, NULL where there is none."""
    match field.type:
        case "text":
            return sql("CASE WHEN {c} IS NOT NULL THEN [{c}] END", c=field.column)
        case "list":
            return sql("{c}", c=field.column)
        case "number":
            return sql(
                "CASE WHEN {c} IS NOT NULL THEN [rtrim(rtrim({c}::VARCHAR, '0'), '.')] END",
                c=field.column,
            )
        case _:
            return Sql("NULL")


def _pointer(names: Sequence[str]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in names)
