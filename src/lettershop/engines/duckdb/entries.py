"""The entries of a timeline: from the place of each to what it says."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.schema import VALUE_COLUMN, history_of
from lettershop.engines.duckdb.store import Store
from lettershop.model.catalog import EventInfo, Fields
from lettershop.model.facts import Traits

Kind = Literal["event", "traits", "membership", "record"]
KINDS: tuple[Kind, ...] = ("event", "traits", "membership", "record")
Side = Literal["contact", "account"]
Place = tuple[int, int, str, str, str, int]
"""Where an entry is in a timeline: ts, received_at, message id, kind, name, number. Unique."""

_VALUES = tuple(VALUE_COLUMN.values())
EVERY = Sql("ts, received_at, message_id")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """`name`: of the event or the record kind. `contact`, `account`, `number` are dense ids; the
    number is an event's seq, a membership's account or contact, or a record.

    `values` are as stored (see `model/values.py`), None where a write ended a value; `flag`:
    joined, or deleted; None where the entry does not say.
    """

    ts: int
    received_at: int
    message_id: str
    kind: Kind
    name: str = ""
    number: int = 0
    contact: int | None = None
    account: int | None = None
    stated: bool = False
    role: str | None = None
    flag: bool | None = None
    values: Traits = {}
    rest: Traits = {}

    @property
    def place(self) -> Place:
        return (self.ts, self.received_at, self.message_id, self.kind, self.name, self.number)


def entries_at(
    store: Store, side: Side, subject: int | None, found: Sequence[Place]
) -> list[Entry]:
    """The entries at these places, in their order."""
    entries: dict[Place, Entry] = {}
    groups: dict[tuple[str, str], list[Place]] = {}
    for place in found:
        groups.setdefault((place[3], place[4]), []).append(place)
    for (kind, name), places in groups.items():
        match kind:
            case "event":
                made = _events(store, store.catalog().events[name], places)
            case "traits" if subject is not None:
                fields = store.catalog().contact if side == "contact" else store.catalog().account
                made = _said(store, f"{side}_history", fields, places, subject)
            case "membership" if subject is not None:
                made = _joined(store, side, subject, places)
            case _:
                info = store.catalog().records[name]
                made = _said(store, history_of(info.table), info.fields, places, None)
        entries |= {entry.place: entry for entry in made}
    return [entries[place] for place in found]


def _events(store: Store, event: EventInfo, places: Sequence[Place]) -> Iterator[Entry]:
    columns = [sql("{c}", c=info.column) for info in event.properties.values()]
    rows = store.con.execute(
        sql(
            "SELECT {columns} FROM {table} WHERE seq IN (SELECT unnest($seqs))"
            " AND seq BETWEEN $low AND $high",
            columns=[
                Sql("seq, ts, received_at, message_id, contact, account, account_stated"),
                Sql("rest::JSON::VARCHAR"),
                *columns,
            ],
            table=event.table,
        ),
        _range([place[5] for place in places]),
    ).fetchall()
    for seq, ts, received_at, message_id, contact, account, stated, rest, *values in rows:
        named = zip(event.properties, values, strict=True)
        yield Entry(
            ts=ts,
            received_at=received_at,
            message_id=message_id,
            kind="event",
            name=event.name,
            number=seq,
            contact=contact,
            account=account,
            stated=stated,
            values={name: value for name, value in named if value is not None},
            rest=msgspec.json.decode(rest) if rest else {},
        )


def _said(
    store: Store, history: str, fields: Fields, places: Sequence[Place], subject: int | None
) -> Iterator[Entry]:
    """What one fact each wrote about a subject; the subject is the place's number if not given."""
    rows = store.con.execute(
        sql(
            "SELECT subject, {every}, key, {columns} FROM {history}"
            " WHERE subject IN (SELECT unnest($subjects)) AND ts BETWEEN $first AND $last"
            " ORDER BY rowid",
            every=EVERY,
            columns=[*(sql("{c}", c=c) for c in _VALUES), Sql("ref")],
            history=history,
        ),
        {
            "subjects": [subject] if subject is not None else list({p[5] for p in places}),
            "first": places[-1][0],
            "last": places[0][0],
        },
    ).fetchall()
    facts: dict[tuple[Any, ...], dict[str, Any]] = {}
    for about, ts, received_at, message_id, key, *values in rows:
        number = 0 if subject is not None else about
        said = facts.setdefault((ts, received_at, message_id, number), {})
        said[key] = _written(key, dict(zip((*_VALUES, "ref"), values, strict=True)), fields)
    for place in places:
        yield _fact(place, facts[*place[:3], place[5]])


def _fact(place: Place, said: dict[str, Any]) -> Entry:
    ts, received_at, message_id, kind, name, number = place
    return Entry(
        ts=ts,
        received_at=received_at,
        message_id=message_id,
        kind="record" if kind == "record" else "traits",
        name=name,
        number=number,
        contact=said.get("@contact"),
        account=said.get("@account"),
        flag=said.get("@deleted"),
        values={key: value for key, value in said.items() if not key.startswith("@")},
    )


def _written(key: str, values: Mapping[str, Any], fields: Fields) -> Any:
    if key.startswith("@"):
        return values["flag"] if key == "@deleted" else values["ref"]
    field = fields.get(key)
    return values[VALUE_COLUMN[field.type]] if field else None


def _joined(store: Store, side: Side, subject: int, places: Sequence[Place]) -> Iterator[Entry]:
    rows = store.con.execute(
        sql(
            "SELECT {every}, contact, account, joined, role FROM people_history"
            " WHERE {side} = $subject AND ts BETWEEN $first AND $last ORDER BY rowid",
            every=EVERY,
            side=side,
        ),
        {"subject": subject, "first": places[-1][0], "last": places[0][0]},
    ).fetchall()
    for ts, received_at, message_id, contact, account, joined, role in rows:
        yield Entry(
            ts=ts,
            received_at=received_at,
            message_id=message_id,
            kind="membership",
            number=account if side == "contact" else contact,
            contact=contact,
            account=account,
            flag=joined,
            role=role,
        )


def _range(numbers: list[int]) -> dict[str, Any]:
    return {"seqs": numbers, "low": min(numbers), "high": max(numbers)}
