"""`matched.<property>`: per recipient the value that made a same-value condition true."""

from decimal import Decimal
from typing import Any, assert_never

import numpy as np
import numpy.typing as npt

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.evaluate import Evaluation
from lettershop.engines.duckdb.store import Store
from lettershop.model.clock import from_ms
from lettershop.model.values import ValueType
from lettershop.planning.frame import Ids, Ints
from lettershop.planning.matched import SameValue, matched, matched_type
from lettershop.planning.sources import KEYS

Values = npt.NDArray[np.object_]
_FEW = "matched_subject"


def matched_values(found: Evaluation, asked: SameValue, contacts: Ids, accounts: Ids) -> Values:
    """(n,) for n recipients, by dense id of the contact and of the account (-1: none): text, int,
    Decimal, bool, date or datetime (UTC); None where no value reaches the count.

    Ask right after the evaluation: it uses the tables made for its moment.
    """
    subjects = accounts if asked.grain == "account" else contacts
    query = matched(asked, _FEW, found.context)
    kind = matched_type(asked, found.context)
    if query is None or kind is None:
        return np.full(len(contacts), None, np.object_)
    _set_aside(found.store, subjects)
    rows = found.store.con.execute(query.sql("duckdb", copy=False)).fetchall()
    values = np.fromiter((*(plain(row[-1], kind) for row in rows), None), np.object_)
    columns = len(KEYS[asked.grain])
    ids = np.array([row[:columns] for row in rows], np.int64).reshape(-1, columns)
    if asked.grain == "pair":
        width = int(max(accounts.max(initial=0), ids[:, 1].max(initial=0))) + 1
        wanted = np.where(accounts < 0, -1, contacts.astype(np.int64) * width + accounts)
        return values[_places(ids[:, 0] * width + ids[:, 1], wanted)]
    return values[_places(ids[:, 0], subjects.astype(np.int64))]


def _set_aside(store: Store, subjects: Ids) -> None:
    """A temporary table of those asked about."""
    ids = np.unique(subjects[subjects >= 0]).astype(np.int64)
    store.con.register("matched_rows", {"id": ids})
    try:
        made = sql(
            "CREATE OR REPLACE TEMP TABLE {t} AS {rows}",
            t=_FEW,
            rows=Sql("SELECT id FROM matched_rows"),
        )
        store.con.execute(made)
    finally:
        store.con.unregister("matched_rows")


def _places(keys: Ints, wanted: Ints) -> Ints:
    """Where each wanted key stands among `keys` (each once); their number where it does not."""
    if not len(keys):
        return np.zeros(len(wanted), np.int64)
    order = np.argsort(keys)
    at = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
    return np.where(keys[order][at] == wanted, order[at], len(keys))


def plain(value: Any, kind: ValueType) -> Any:
    """A stored value as letters have it: whole numbers int, others Decimal; times aware."""
    match kind:
        case "number":
            number = Decimal(value)
            return int(number) if number == number.to_integral_value() else number.normalize()
        case "time":
            return from_ms(int(value))
        case "text" | "boolean" | "date" | "list" | "location":
            return value
        case _:
            assert_never(kind)
