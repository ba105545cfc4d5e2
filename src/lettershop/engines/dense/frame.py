"""Reads the universe at a moment into arrays (planning/frame.py says what they mean)."""

from collections.abc import Mapping

import numpy as np
from sqlglot import exp

from lettershop.engines.dense.asking import Asker, filled
from lettershop.planning.frame import Frame, Side
from lettershop.planning.sources import col, table

NEVER = 1 << 62


def build_frame(asker: Asker, tables: Mapping[str, str], as_of: int, zone: str) -> Frame:
    contacts = _side(asker, tables["contact"], as_of, "identified_since")
    accounts = _side(asker, tables["account"], as_of, "known_since")
    names = ("id", "contact", "account", "joined")
    people = asker.fetch(
        exp.select(*(col(n, "p") for n in names))
        .from_(table(tables["membership"], "p"), copy=False)
        .where(col("active", "p"), copy=False)
        .order_by(col("id", "p"), copy=False),
    )
    ids, contact, account, joined = (filled(people[n], 0) for n in names)
    alive = contacts.live[contact] & accounts.live[account]
    member = np.zeros(len(contacts.live), np.bool_)
    member[contact[alive]] = True
    alone = np.flatnonzero(contacts.live & ~member).astype(np.int32)
    nobody = np.full(len(alone), -1, np.int32)
    return Frame(
        as_of,
        zone,
        contacts,
        accounts,
        np.concatenate([contact[alive].astype(np.int32), alone]),
        np.concatenate([account[alive].astype(np.int32), nobody]),
        np.concatenate([ids[alive].astype(np.int32), nobody]),
        np.concatenate([joined[alive].astype(np.int64), np.zeros(len(alone), np.int64)]),
    )


def _side(asker: Asker, source: str, as_of: int, since: str) -> Side:
    names = ("id", "key", "known_since", "deleted", since)
    columns = list(dict.fromkeys(names))
    rows = asker.fetch(
        exp.select(*(col(n, "s") for n in columns)).from_(table(source, "s"), copy=False)
    )
    ids = filled(rows["id"], 0)
    size = int(ids.max()) + 1 if len(ids) else 0
    known = np.full(size + 1, NEVER, np.int64)
    known[ids] = filled(rows["known_since"], NEVER)
    named = np.full(size + 1, NEVER, np.int64)
    named[ids] = filled(rows[since], NEVER)
    deleted = np.zeros(size + 1, np.bool_)
    deleted[ids] = filled(rows["deleted"], 0)
    key = np.zeros(size + 1, np.uint64)
    key[ids] = filled(rows["key"], 0)
    return Side((known <= as_of) & (named <= as_of) & ~deleted, known, key)
