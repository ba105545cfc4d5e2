"""What has been learned about the data: which fields and events exist, and of what type.

The catalog is what `check` compares definitions with, what the sentence builder offers, and what
the planner reads table and column names from.
"""

from collections.abc import Iterator, Mapping

import msgspec

from lettershop.model.values import ValueType


class FieldInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One field of contacts, accounts, memberships, a record kind, or one property of an event.

    `known` and `wrong` count stored values and values that were not of the field's type.
    `values` are its most frequent values, when there are few enough to list (at most 50).
    `currency` names the sibling field that holds this amount's currency, `currencies` what was
    seen in it: a money field. A constant currency has `currency=""` and one entry.
    """

    name: str
    type: ValueType
    column: str
    known: int = 0
    wrong: int = 0
    values: tuple[str, ...] = ()
    currency: str | None = None
    currencies: tuple[str, ...] = ()


Fields = Mapping[str, FieldInfo]


class EventInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One event name: the table that holds its rows and what is known of its properties.

    `last_visible` is the latest max(ts, received_at) of its rows: at any later `as_of` every row
    counts, which lets a query leave that question out.
    """

    name: str
    table: str
    rows: int = 0
    first_ts: int | None = None
    last_ts: int | None = None
    last_visible: int | None = None
    properties: Fields = {}


class RecordInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of record: its wide table and fields."""

    kind: str
    table: str
    rows: int = 0
    fields: Fields = {}


class Catalog(msgspec.Struct, frozen=True, kw_only=True):
    contact: Fields = {}
    account: Fields = {}
    membership: Fields = {}
    records: Mapping[str, RecordInfo] = {}
    events: Mapping[str, EventInfo] = {}
    rates: tuple[tuple[str, str], ...] = ()
    """(from, to) currency pairs for which exchange rates are stored."""
    last_visible: Mapping[str, int] = {}
    """Per scope (`contact`, `membership`, `record:deal`): the latest max(ts, received_at) of its
    facts. At or after it the wide tables of current values are right."""

    def newest(self) -> int | None:
        """The time of the newest event, or None when there is none."""
        return max((e.last_ts for e in self.events.values() if e.last_ts is not None), default=None)

    def everything(self) -> Iterator[tuple[str, FieldInfo]]:
        """(scope, field) of all fields; scopes read `contact`, `record:deal`, `event:Signed In`."""
        groups: dict[str, Fields] = {
            "contact": self.contact,
            "account": self.account,
            "membership": self.membership,
            **{f"record:{r.kind}": r.fields for r in self.records.values()},
            **{f"event:{e.name}": e.properties for e in self.events.values()},
        }
        for scope, fields in groups.items():
            for info in fields.values():
                yield scope, info
