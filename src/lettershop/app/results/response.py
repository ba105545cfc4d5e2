"""What came back for many sends at once, in numbers only; and of one send hour by hour, link by
link. The whole answer with its intervals is report.py's."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from lettershop.app.results.facts import (
    CLICK,
    COMPLAINT,
    REPLY,
    UNSUBSCRIBE,
    column_of,
    text_of,
)
from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.store import Store
from lettershop.model.clock import DAY, HOUR

What = Literal["clicked", "replied", "unsubscribed", "complained"]
EVENTS: Final[Mapping[What, str]] = {
    "clicked": CLICK,
    "replied": REPLY,
    "unsubscribed": UNSUBSCRIBE,
    "complained": COMPLAINT,
}
HOURLY: Final = 3 * DAY
"""Courses that are no longer are told by the hour, others by the day."""


class Responses(msgspec.Struct, frozen=True, kw_only=True):
    """Letters of a send that led to it at least once; clicks by people only."""

    clicked: int = 0
    replied: int = 0
    unsubscribed: int = 0
    complained: int = 0


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """`at`: ms, the hour or day begins; `count`: letters to which it happened first then."""

    what: What
    at: int
    count: int


class LinkClicks(msgspec.Struct, frozen=True, kw_only=True):
    """`number`: of the link in its letter; people, and letters in which only machines followed."""

    number: int
    people: int
    machines: int


def responses(store: Store, keys: Sequence[str]) -> Mapping[str, Responses]:
    """By key of the send; each has an answer."""
    counts: dict[str, dict[str, int]] = {key: {} for key in keys}
    for what, event in EVENTS.items():
        asked = _asked(store, event, "SELECT {send}, count(DISTINCT {message})", "GROUP BY 1")
        for key, count in store.con.execute(asked, {"keys": [*keys]}).fetchall() if asked else ():
            counts[key][what] = count
    return {key: Responses(**found) for key, found in counts.items()}


def course(store: Store, key: str, start: int, now: int) -> list[Step]:
    """When each letter first led to it, from `start` on (ms), by hour or by day."""
    every = HOUR if now - start <= HOURLY else DAY
    found: list[Step] = []
    for what, event in EVENTS.items():
        asked = _asked(store, event, "SELECT {message} AS m, min(ts) AS first", "GROUP BY 1")
        if asked is None:
            continue
        rows = store.con.execute(
            sql(
                "SELECT $start + ((first - $start) // $every) * $every AS at, count(*)"
                " FROM ({firsts}) WHERE first BETWEEN $start AND $now GROUP BY 1 ORDER BY 1",
                firsts=asked,
            ),
            {"keys": [key], "start": start, "every": every, "now": now},
        ).fetchall()
        found += [Step(what=what, at=int(at), count=count) for at, count in rows]
    return found


def clicks_by_link(store: Store, key: str) -> Mapping[int, LinkClicks]:
    """By number of the link, of those that anybody or anything followed."""
    info = store.catalog().events.get(CLICK)
    link = column_of(info, "link_id", "number")
    send, message = column_of(info, "send", "text"), column_of(info, "message", "number")
    if info is None or link is None or send is None or message is None:
        return {}
    asked = sql(
        "SELECT CAST(link AS BIGINT), count(*) FILTER (human), count(*) FILTER (NOT human) FROM"
        " (SELECT {link} AS link, {message}, bool_or(coalesce({grade} = 'human', false)) AS human"
        " FROM {table} WHERE {send} = $key AND {link} IS NOT NULL GROUP BY 1, 2) GROUP BY 1",
        link=link,
        message=message,
        grade=text_of(info, "grade"),
        table=info.table,
        send=send,
    )
    rows: list[Any] = store.con.execute(asked, {"key": key}).fetchall()
    return {
        number: LinkClicks(number=number, people=people, machines=machines)
        for number, people, machines in rows
    }


def _asked(store: Store, event: str, select: str, group: str) -> Sql | None:
    """Of the sends $keys; of clicks those by people. None where nothing like it was ever told."""
    info = store.catalog().events.get(event)
    send, message = column_of(info, "send", "text"), column_of(info, "message", "number")
    if info is None or send is None or message is None:
        return None
    human = sql("{grade} = 'human'", grade=text_of(info, "grade"))
    return sql(
        f"{select} FROM {{table}} WHERE list_contains($keys, {{send}}) AND {{human}} {group}",
        send=send,
        message=message,
        table=info.table,
        human=human if event == CLICK else Sql("true"),
    )
