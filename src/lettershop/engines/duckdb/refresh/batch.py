"""Rows of one event table in arrays: whose they are, when, and what metrics want to know."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from lettershop.engines.dense.asking import filled
from lettershop.planning.frame import Bits, Ints
from lettershop.planning.metrics import Grain

PairSlots = Callable[[Ints, Ints], Ints]


@dataclass(frozen=True)
class Batch:
    """`seen`: from when on a row counts, max(ts, received_at). `flags` and `values` by the names
    the feed gave them; a value is an integer (or a text) and may be masked where missing."""

    seq: Ints
    contact: Ints
    account: Ints
    ts: Ints
    seen: Ints
    flags: Mapping[str, Bits]
    values: Mapping[str, npt.NDArray[Any]]

    def __len__(self) -> int:
        return len(self.seq)

    def of(self, chosen: Bits | Ints) -> "Batch":
        return Batch(
            self.seq[chosen],
            self.contact[chosen],
            self.account[chosen],
            self.ts[chosen],
            self.seen[chosen],
            {name: flag[chosen] for name, flag in self.flags.items()},
            {name: value[chosen] for name, value in self.values.items()},
        )

    def bare(self, value: str | None) -> "Batch":
        """Without flags, and with this value alone."""
        return replace(self, flags={}, values={value: self.values[value]} if value else {})

    def slots(self, grain: Grain, pair_slots: PairSlots) -> Ints:
        """The slot each row counts for; -1: none."""
        return slots_for(grain, self.contact, self.account, pair_slots)


def slots_for(grain: Grain, contact: Ints, account: Ints, pair_slots: PairSlots) -> Ints:
    """The slots of a grain that events of these contacts and accounts count for; -1: none."""
    match grain:
        case "contact":
            return contact
        case "account":
            return account
        case "pair":
            both = (contact >= 0) & (account >= 0)
            found = np.full(len(contact), -1, np.int64)
            found[both] = pair_slots(contact[both], account[both])
            return found


def batch_of(rows: Mapping[str, Any], flags: Mapping[str, str], values: Mapping[str, str]) -> Batch:
    """From the columns of a query; `flags` and `values` map our names to its columns."""
    ts = filled(rows["ts"], 0).astype(np.int64)
    received = filled(rows["received_at"], 0).astype(np.int64)
    return Batch(
        filled(rows["seq"], 0).astype(np.int64),
        filled(rows["contact"], -1).astype(np.int64),
        filled(rows["account"], -1).astype(np.int64),
        ts,
        np.maximum(ts, received),
        {name: filled(rows[column], 0).astype(np.bool_) for name, column in flags.items()},
        {name: rows[column] for name, column in values.items()},
    )


def joined(parts: Sequence[Batch]) -> Batch:
    """One after the other; they are of one feed."""
    first = parts[0]
    if len(parts) == 1:
        return first
    return Batch(
        np.concatenate([part.seq for part in parts]),
        np.concatenate([part.contact for part in parts]),
        np.concatenate([part.account for part in parts]),
        np.concatenate([part.ts for part in parts]),
        np.concatenate([part.seen for part in parts]),
        {name: np.concatenate([p.flags[name] for p in parts]) for name in first.flags},
        {name: _one(tuple(p.values[name] for p in parts)) for name in first.values},
    )


def _one(values: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    plain = np.concatenate([np.ma.getdata(v) for v in values])
    missing = np.concatenate([np.ma.getmaskarray(v) for v in values])
    return np.ma.MaskedArray(plain, missing) if missing.any() else plain
