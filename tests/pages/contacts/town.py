"""A small town of people for the pages: some are ordinary, one is called like an attack."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from opened_shop import NOW, Shop

from lettershop.app.keeping import Keeper
from lettershop.app.publishing import Publisher
from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import DAY, parse_instant
from lettershop.model.facts import (
    AccountFact,
    ContactFact,
    EventFact,
    MembershipFact,
    RecordFact,
)

AT = parse_instant(NOW) - 30 * DAY
EVIL = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"
CONSENT = """
[purpose.newsletter]
title = { en = "News", de = "Neues" }
basis = "consent"
wording = "2026-01"

[purpose.invoice]
basis = "contract"
stream = "transactional"

[topic.events]
title = "Events near you"
"""
TRAITS = """
[[score]]
name = "engagement"
title = "How warm"
minimum = 0
maximum = 100

[[score.rule]]
name = "pro"
when = 'plan = "pro"'
points = 40

[[score.rule]]
name = "visits"
when = 'did "Page Viewed"'
points = 10
half_life = "14 days"
per = "event"
cap = 30

[[interest]]
name = "interests"
threshold = 4
top = 2
tags = ["Rail"]

[[interest.sign]]
event = "Page Viewed"
property = "product"
points = 4

[[score]]
name = "health"
subject = "account"

[[score.rule]]
name = "in-use"
when = 'has at least 1 people who (did "Page Viewed" within last 60 days)'
points = 50
"""
SEGMENTS = """
[[segment]]
name = "pros"
title = "On the pro plan"
where = 'plan = "pro"'

[[segment]]
name = "readers"
where = 'did "Page Viewed" at least 1 times within last 60 days'

[[segment]]
name = "big"
subject = "account"
where = 'employees > 100'
"""


def furnish(folder: Path) -> None:
    """The definitions of the town, into the folder of a new workspace."""
    for place, text in (
        ("consent.toml", CONSENT),
        ("traits/all.toml", TRAITS),
        ("segments/all.toml", SEGMENTS),
    ):
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def facts() -> Iterator[Any]:
    """Ann of Acme is a pro who reads; Bo is somebody; the third is dangerous to show."""
    at: dict[str, Any] = {"ts": AT, "received_at": AT}
    ann = {"name": "Ann Lee", "plan": "free", "country": "DE", "site": "https://ann.example/x"}
    yield ContactFact(
        **at, message_id="c1", contact="user:U1", also=("email:ann@example.com",), traits=ann
    )
    later = {"ts": AT + DAY, "received_at": AT + DAY}
    yield ContactFact(**later, message_id="c1b", contact="user:U1", traits={"plan": "pro"})
    yield ContactFact(**at, message_id="c2", contact="email:bo@example.com", traits={"name": "Bo"})
    evil = {"name": EVIL, "plan": "pro", "site": "javascript:alert(3)", EVIL: EVIL}
    yield ContactFact(**at, message_id="c3", contact="user:a/b c", traits=evil)
    yield AccountFact(
        **at, message_id="a1", account="acme", traits={"name": "Acme Inc", "employees": 120}
    )
    yield AccountFact(**at, message_id="a2", account=EVIL, traits={"name": EVIL})
    for number, (who, account) in enumerate((("user:U1", "acme"), ("user:a/b c", EVIL))):
        yield MembershipFact(
            **at, message_id=f"m{number}", contact=who, account=account, role="admin"
        )
    for number in range(3):
        moment = AT + (20 + number) * DAY
        yield EventFact(
            ts=moment,
            received_at=moment,
            message_id=f"e{number}",
            contact="user:U1",
            name="Page Viewed",
            properties={"product": "Rail", "url": "https://shop.example/rail"},
        )
    yield EventFact(
        **at,
        message_id="e9",
        contact="user:a/b c",
        name="Page Viewed",
        properties={"product": EVIL, "url": "javascript:alert(4)", EVIL: EVIL},
    )
    yield RecordFact(
        **at,
        message_id="r1",
        kind="deal",
        id="D1",
        contact="user:U1",
        account="acme",
        traits={"stage": "won", "amount": 1200, "link": "javascript:alert(5)"},
    )


def fill(shop: Shop) -> None:
    with shop.engine.write() as workspace:
        load(workspace.store, [*facts()], types={("account", "employees"): "number"})


def publish(shop: Shop) -> None:
    """Put the folder in force, and keep it current until nothing moves any more."""
    Publisher(shop.engine.workspace, shop.principal("editor")).apply()
    keeper = Keeper(shop.engine, shop.clock, shop.running.streams)
    for _ in range(20):
        if not keeper.step():
            return
    raise AssertionError("it never comes to rest")
