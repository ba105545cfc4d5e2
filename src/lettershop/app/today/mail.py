"""What was sent, and what came back: letters and answers of the last days, from the facts, whoever
sent them."""

from typing import Final

import msgspec

from lettershop.app.results.facts import (
    BOUNCE,
    CLICK,
    COMPLAINT,
    REPLY,
    UNSUBSCRIBE,
    text_of,
)
from lettershop.app.today.days import Days, per_day
from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.store import Store
from lettershop.model.catalog import EventInfo

SENT: Final = "Email Sent"
DELIVERED: Final = "Email Delivered"
WEEK: Final = 7
MONTH: Final = 30


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """`days`: on each day, the oldest first. `week`, `month`: in the last 7 and 30 of them;
    `before`: in the 7 before these."""

    days: tuple[int, ...]

    @property
    def week(self) -> int:
        return sum(self.days[-WEEK:])

    @property
    def before(self) -> int:
        return sum(self.days[-2 * WEEK : -WEEK])

    @property
    def month(self) -> int:
        return sum(self.days[-MONTH:])


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """`sent`: letters that left us; `delivered`: that somebody has told us have arrived; `clicked`:
    clicks of humans, as far as that can be told (delivery/tracking); `bounced`: of any class but
    out-of-office answers."""

    sent: Counted
    delivered: Counted
    clicked: Counted
    replied: Counted
    unsubscribed: Counted
    complained: Counted
    bounced: Counted

    @property
    def anything(self) -> bool:
        return any(one.month for one in msgspec.structs.astuple(self))


def mail(store: Store, days: Days) -> Mail:
    """`days`: 30 or more."""
    return Mail(
        sent=_counted(store, SENT, days),
        delivered=_counted(store, DELIVERED, days),
        clicked=_counted(store, CLICK, days),
        replied=_counted(store, REPLY, days),
        unsubscribed=_counted(store, UNSUBSCRIBE, days),
        complained=_counted(store, COMPLAINT, days),
        bounced=_counted(store, BOUNCE, days),
    )


def _counted(store: Store, name: str, days: Days) -> Counted:
    info = store.catalog().events.get(name)
    found = per_day(store, info, days, where=_where(info)) if info else {}
    return Counted(days=found.get("", (0,) * len(days.starts)))


def _where(info: EventInfo) -> Sql:
    if info.name == CLICK:
        return sql("{grade} = 'human'", grade=text_of(info, "grade"))
    if info.name == BOUNCE:
        kind = text_of(info, "bounce_class")
        return sql("{kind} IS DISTINCT FROM 'auto_reply'", kind=kind)
    return Sql("true")
