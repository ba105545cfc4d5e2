"""What came back of the letters of the last days, by stream and by the provider that takes them.

Letters are counted from the ledger, by when they were tried; answers from the facts, by when they
came, and only those about letters of ours. Test letters are left out.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from django.db import connection

from lettershop.app.results.facts import (
    BOUNCE,
    COMPLAINT,
    UNSUBSCRIBE,
    column_of,
    text_of,
)
from lettershop.delivery.models import Message
from lettershop.delivery.said import FAULT
from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.store import Store
from lettershop.model.clock import DAY

DAYS: Final = 30
MOST: Final = 50_000
"""Answers of one sort that are told apart by provider: the newest."""
MANY: Final = 5_000
"""Rows asked for at a time."""
SOFT: Final = ("full", "temporary", "auto_reply")
"""Classes that may pass: they do not count as bounced."""
_LETTERS: Final = """
SELECT d.stream, m.provider, m.state, m.bounce_class, count(*)
FROM delivery_message m JOIN delivery_send d ON d.id = m.send_id
WHERE m.attempted_at >= %s AND m.attempted_at <= %s AND d.kind <> 'test'
    AND m.state IN ('accepted', 'refused', 'unknown')
GROUP BY d.stream, m.provider, m.state, m.bounce_class
"""
Place = tuple[str, str]
"""(stream, provider)"""


class Rates(msgspec.Struct, frozen=True, kw_only=True):
    """Letters: `tried` ended in some way, `accepted` were taken (or perhaps were), `bounced` for
    good, at once or later; `ours`: of them, because of what we are or do."""

    tried: int = 0
    accepted: int = 0
    bounced: int = 0
    ours: int = 0
    complained: int = 0
    unsubscribed: int = 0

    def __add__(self, other: "Rates") -> "Rates":
        mine, theirs = msgspec.structs.astuple(self), msgspec.structs.astuple(other)
        names = self.__struct_fields__
        return Rates(**dict(zip(names, map(sum, zip(mine, theirs, strict=True)), strict=True)))


class Came(msgspec.Struct, frozen=True, kw_only=True):
    """The same letters three times: all, by stream, by provider ("" where it is not known)."""

    total: Rates
    streams: Mapping[str, Rates]
    providers: Mapping[str, Rates]


def rates(store: Store, now: int, days: int = DAYS) -> Came:
    """Of the last `days` days. The records must be connected."""
    since = now - days * DAY
    found: dict[Place, Rates] = {}
    for place, one in (*_letters(since, now), *_answers(store, since, now)):
        found[place] = found.get(place, Rates()) + one
    return Came(
        total=_sum(found.values()),
        streams=_by(found, 0),
        providers=_by(found, 1),
    )


def _by(found: Mapping[Place, Rates], part: int) -> Mapping[str, Rates]:
    names = sorted({place[part] for place in found})
    return {
        name: _sum(one for place, one in found.items() if place[part] == name) for name in names
    }


def _sum(rates: Iterable[Rates]) -> Rates:
    total = Rates()
    for one in rates:
        total += one
    return total


def _letters(since: int, now: int) -> Iterator[tuple[Place, Rates]]:
    with connection.cursor() as cursor:
        cursor.execute(_LETTERS, [since, now])
        rows = cursor.fetchall()
    for stream, provider, state, kind, count in rows:
        refused = state == "refused"
        hard = refused and kind not in SOFT
        yield (
            (stream, provider),
            Rates(
                tried=count,
                accepted=0 if refused else count,
                bounced=count if hard else 0,
                ours=count if refused and FAULT.get(kind) == "ours" else 0,
            ),
        )


def _answers(store: Store, since: int, now: int) -> Iterator[tuple[Place, Rates]]:
    told = {name: _messages(store, name, since, now) for name in (BOUNCE, COMPLAINT, UNSUBSCRIBE)}
    places = _places({row for rows in told.values() for row, _ in rows})
    for name, rows in told.items():
        count: Counter[tuple[Place, bool]] = Counter(
            (places[row], ours) for row, ours in rows if row in places
        )
        for (place, ours), number in count.items():
            yield place, _came(name, number, ours=ours)


def _came(name: str, number: int, *, ours: bool) -> Rates:
    if name == BOUNCE:
        return Rates(bounced=number, ours=number if ours else 0)
    if name == COMPLAINT:
        return Rates(complained=number)
    return Rates(unsubscribed=number)


def _messages(store: Store, name: str, since: int, now: int) -> Sequence[tuple[int, bool]]:
    """(row of the ledger, whether the fault is ours) of each letter with such a fact. Of bounces
    those that came later, and count: the ledger has the others."""
    info = store.catalog().events.get(name)
    message = column_of(info, "message", "number")
    if info is None or message is None:
        return []
    later, values = Sql("true"), dict[str, Any](since=since, now=now, most=MOST)
    if name == BOUNCE:
        later = sql(
            "{during} IS DISTINCT FROM 'sending'"
            " AND NOT coalesce(list_contains($soft, {kind}), false)",
            during=text_of(info, "during"),
            kind=text_of(info, "bounce_class"),
        )
        values["soft"] = [*SOFT]
    asked = sql(
        "SELECT CAST({message} AS BIGINT) AS row, bool_or({fault} IS NOT DISTINCT FROM 'ours')"
        " FROM {table} WHERE ts BETWEEN $since AND $now AND {message} IS NOT NULL AND {later}"
        " GROUP BY row ORDER BY max(ts) DESC LIMIT $most",
        message=message,
        fault=text_of(info, "fault"),
        table=info.table,
        later=later,
    )
    return [(int(row), bool(ours)) for row, ours in store.con.execute(asked, values).fetchall()]


def _places(rows: set[int]) -> dict[int, Place]:
    known: dict[int, Place] = {}
    for some in batched(sorted(rows), MANY):
        real = Message.objects.filter(id__in=some).exclude(send__kind="test")
        named = real.values_list("id", "send__stream", "provider")
        known |= {number: (stream, provider) for number, stream, provider in named}
    return known


def batched(rows: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (rows[at : at + size] for at in range(0, len(rows), size))
