"""Somebody pinned into a segment of people in accounts leaves the account, and comes back."""

from lettershop.engines.duckdb.refresh.refresher import Refresher
from lettershop.engines.duckdb.refresh.tables import read_memberships
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.language import parse
from lettershop.language.definition import Definition
from lettershop.model.facts import AccountFact, ContactFact, MembershipFact
from lettershop.planning.keep import Keep, Pin

START = 10_000_000


def says(number: int, *, joined: bool) -> MembershipFact:
    at = START + number
    return MembershipFact(
        ts=at, received_at=at, message_id=f"m{number}", contact="user:ann", account="acme",
        joined=joined,
    )  # fmt: skip


def test_a_pin_outlives_the_membership() -> None:
    rule = Definition(name="buyers", subject="people", where=parse('title = "buyer"').tree)
    keeps = [Keep(definition=rule, pins=(Pin(0, True),))]
    at = {"ts": START, "received_at": START}
    with Store.open(None) as store:
        person = ContactFact(**at, message_id="c", contact="user:ann", traits={"title": "other"})
        company = AccountFact(**at, message_id="a", account="acme", traits={"name": "Acme"})
        load(store, [person, company, says(0, joined=True)])
        refresher, found = Refresher(store.settings), []
        for number, joined in ((1, None), (2, False), (3, True)):
            if joined is not None:
                load(store, [says(number, joined=joined)])
            refresher.persist(store, refresher.compute(store, keeps, START + number))
            found.append([*read_memberships(store.con)["buyers"]])
            assert refresher.audit(store, keeps, "buyers") == 0
    assert found == [[0], [], [0]]
