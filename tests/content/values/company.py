"""A small company, and what letters can say of its people."""

from collections.abc import Iterator, Mapping
from typing import Any

from lettershop.content.values.needs import Surroundings
from lettershop.engines.duckdb.store import Store
from lettershop.model.clock import parse_instant
from lettershop.model.facts import (
    AccountFact,
    AnyFact,
    ContactFact,
    EventFact,
    MembershipFact,
    RecordFact,
)

from .asking import audience, known, template

NOW = "2026-03-02T09:00Z"
ANN, BOB, CY = "user:ann", "user:bob", "email:cy@nowhere.example"


class Told:
    """Facts with the times at which they are said."""

    def __init__(self) -> None:
        self.number = 0

    def at(self, when: str = "2026-01-10T08:00Z") -> dict[str, Any]:
        self.number += 1
        instant = parse_instant(when)
        return {"ts": instant, "received_at": instant, "message_id": f"m{self.number}"}


def company() -> Iterator[AnyFact]:
    told = Told()
    yield AccountFact(
        **told.at(),
        account="acme",
        traits={
            "name": "Acme",
            "city": "Hamburg",
            "owner": "Mara.Lind@example.com ",
            "timezone": "America/New_York",
            "address": {"street": "Main St. 1", "zip": "20095"},
        },
    )
    yield AccountFact(**told.at(), account="zoo", traits={"name": "Zoo", "city": "Essen"})
    yield ContactFact(
        **told.at(),
        contact=ANN,
        also=("email:ann@acme.example",),
        traits={
            "first_name": "Ann",
            "city": "Berlin",
            "score": 12.5,
            "seats": 3,
            "language": "de-AT",
            "timezone": "Europe/Berlin",
            "created_at": "2025-07-01T22:30:00Z",
            "birthday": "1990-06-15",
            "interests": ["hr", "payroll"],
            "vip": False,
            "location": {"lat": 52.5, "lon": 13},
            "address": {"street": "Side St. 2"},
        },
    )
    yield ContactFact(
        **told.at(),
        contact=BOB,
        traits={"first_name": "  ", "created_at": "2025-07-01T22:30:00Z", "owner": "kim"},
    )
    yield ContactFact(**told.at(), contact=CY, traits={"first_name": "Cy"})
    yield MembershipFact(**told.at(), contact=ANN, account="acme", role="admin")
    yield MembershipFact(**told.at(), contact=ANN, account="zoo", role="user")
    yield MembershipFact(**told.at(), contact=BOB, account="acme")
    for day, who, total, extra in (
        ("2026-02-01", ANN, 40, {}),
        ("2026-02-03", ANN, 99.9, {"products": [{"name": "Desk", "price": 49.95}, {"name": " "}]}),
        ("2026-02-02", BOB, 7, {}),
    ):
        yield EventFact(
            **told.at(f"{day}T12:00Z"),
            name="Order Completed",
            contact=who,
            account="acme",
            properties={"total": total, "note": None if who == ANN else "gift", **extra},
        )
    deals = (("d1", 100, "won", None), ("d2", 900, "open", None), ("d3", 500, "open", ANN))
    for record, amount, stage, who in deals:
        yield RecordFact(
            **told.at(),
            kind="deal",
            id=record,
            account=None if who else "acme",
            contact=who,
            traits={"amount": amount, "stage": stage},
        )


def read(
    store: Store,
    who: str,
    account: str | None,
    names: str,
    data: Mapping[str, Any] | None = None,
    around: Surroundings | None = None,
    as_of: str = NOW,
    **more: Any,
) -> dict[str, Any]:
    whom = audience(store, [(who, account)], parse_instant(as_of), **more)
    return known(store, template(data), names, whom, around)[1][0]
