"""A workspace without a server, and what is said in it about addresses. The clock moves by hand."""

import re
from pathlib import Path
from typing import Any

from lettershop.app import Workspace
from lettershop.app.addresses import bring_up_to_date
from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import DAY, FixedClock
from lettershop.model.facts import ContactFact, EventFact, MembershipFact

MONDAY = "2026-03-02T09:00Z"


class Shop:
    """A workspace without a server, and what is said in it; `addresses` are by user id."""

    def __init__(self, folder: Path) -> None:
        self.clock = FixedClock(MONDAY)
        self.space = Workspace.open(Workspace.init(folder), clock=self.clock, environ={})
        self._said = 0

    def said_now(self) -> dict[str, Any]:
        self._said += 1
        now = self.clock.now()
        return {"ts": now, "received_at": now, "message_id": f"m{self._said}"}

    def contacts(self, **addresses: str | None) -> None:
        facts = [
            ContactFact(contact=f"user:{who}", traits={"email": address}, **self.said_now())
            for who, address in addresses.items()
        ]
        load(self.space.store, facts)

    def event(self, who: str, name: str, times: int = 1, **properties: Any) -> None:
        contact = f"user:{who}"
        facts = [
            EventFact(contact=contact, name=name, properties=properties, **self.said_now())
            for _ in range(times)
        ]
        load(self.space.store, facts)

    def membership(self, who: str, account: str, *, joined: bool) -> None:
        contact = f"user:{who}"
        fact = MembershipFact(contact=contact, account=account, joined=joined, **self.said_now())
        load(self.space.store, [fact])

    def days(self, count: int) -> None:
        self.clock.advance(count * DAY)

    def states(self) -> dict[str, str | None]:
        """User id -> state, after everything due was done."""
        bring_up_to_date(self.space)
        return self.field("address_state")

    def field(self, name: str) -> dict[str, Any]:
        column = self.space.store.catalog().contact[name].column
        assert re.fullmatch(r"\w+", column)
        rows = self.space.store.con.execute(
            f"SELECT user_id, {column} FROM contacts WHERE merged IS NULL"  # noqa: S608
        ).fetchall()
        return dict(rows)

    def writes(self, field: str = "address_state") -> int:
        query = "SELECT count(*) FROM contact_history WHERE key = $key"
        return int(self.space.store.con.execute(query, {"key": field}).fetchall()[0][0])
