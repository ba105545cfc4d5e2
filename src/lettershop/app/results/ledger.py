"""The rows of a send as columns, and who they are about."""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from django.db import connection

from lettershop.app.freezing.lots import HOLDOUT
from lettershop.app.freezing.screening import CAP
from lettershop.campaigns.definition import Unit
from lettershop.campaigns.results.rows import Bits, Ints, Letters, Texts
from lettershop.engines.duckdb.naming import contacts_by_identity
from lettershop.engines.duckdb.store import Store

_ROWS: Final = """
SELECT id, contact, account, state, reason, bounce_class, variant, provider, planned_at, settled_at
FROM delivery_message WHERE send_id = %s ORDER BY id
"""


def letters(store: Store, send: int, unit: Unit) -> Letters:
    """All rows of the send. `unit`: what was drawn; somebody without an account is their own."""
    columns = _columns(send)
    names, accounts = columns[1], columns[2]
    known = contacts_by_identity(store, {*names})
    planned, settled = _numbers(columns[8]), _numbers(columns[9])
    state, reason = _texts(columns[3]), _texts(columns[4])
    at_once = _bits((state == "suppressed") & (planned == settled))
    return Letters(
        id=_numbers(columns[0]),
        state=state,
        reason=reason,
        bounce_class=_texts(columns[5]),
        variant=_texts(columns[6]),
        provider=_texts(columns[7]),
        contact=_numbers(known.get(name, -1) for name in names),
        unit=_units(names, accounts if unit == "account" else names),
        held=_bits((state == "suppressed") & (reason == HOLDOUT)),
        meant=~at_once,
        treated=~at_once | _bits([str(one).startswith(CAP) for one in reason]),
    )


def _columns(send: int) -> list[list[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [send])
        rows = cursor.fetchall()
    return [[*column] for column in zip(*rows, strict=True)] if rows else [[] for _ in range(10)]


def _units(names: list[str], units: list[str]) -> Ints:
    """Numbered from 0. Identities and group ids may be the same words: a tab tells them apart."""
    seen: dict[str, int] = {}
    said = (unit or f"\t{name}" for name, unit in zip(names, units, strict=True))
    return _numbers(seen.setdefault(one, len(seen)) for one in said)


def _numbers(values: Iterable[int]) -> Ints:
    return np.fromiter(values, np.int64)


def _texts(values: list[str]) -> Texts:
    found = np.empty(len(values), np.object_)
    found[:] = values
    return found


def _bits(found: Any) -> Bits:
    return np.asarray(found, np.bool_)
