"""One contact's page: who they are, where they work, what they are a member of."""

from collections.abc import Iterator

import pytest
from pyroaring import BitMap

from lettershop.engines.duckdb.profile import Account, profile
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.model.errors import NotFound
from lettershop.model.facts import AnyFact, ContactFact, MembershipFact


def known(ts: int, user: str, **traits: object) -> ContactFact:
    also = (f"email:{user}@acme.example",)
    return ContactFact(
        ts=ts, received_at=ts, message_id=f"c{ts}", contact=f"user:{user}", also=also, traits=traits
    )


def joins(ts: int, user: str, account: str, *, joined: bool = True) -> MembershipFact:
    return MembershipFact(
        ts=ts,
        received_at=ts,
        message_id=f"m{ts}",
        contact=f"user:{user}",
        account=account,
        joined=joined,
        role="admin" if joined else None,
    )


FACTS: list[AnyFact] = [
    known(1, "ann", title="CEO", score=7),
    known(2, "bob", title="Buyer", phone=None),
    joins(3, "ann", "Zebra"),
    joins(4, "ann", "Acme"),
    joins(5, "bob", "Acme"),
    joins(6, "bob", "Acme", joined=False),
]


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(None) as opened:
        load(opened, FACTS)
        yield opened


def test_a_profile_tells_all_there_is_now(store: Store) -> None:
    ann = store.contact_id("ann")
    found = profile(store, ann, {"chiefs": BitMap([ann]), "others": BitMap([ann + 1])})
    assert found.identity == "user:ann"
    assert found.identities == ("user:ann", "email:ann@acme.example")
    assert found.traits["title"] == "CEO"
    assert found.traits["score"] == 7
    assert [(a.account, a.role) for a in found.accounts] == [("Zebra", "admin"), ("Acme", "admin")]
    assert found.segments == ("chiefs",)


def test_what_is_missing_or_over_is_left_out(store: Store) -> None:
    found = profile(store, store.contact_id("bob"), {})
    assert "phone" not in found.traits
    assert "score" not in found.traits
    assert found.accounts == ()
    assert found.segments == ()


def test_accounts_carry_their_ids(store: Store) -> None:
    found = profile(store, store.contact_id("ann"), {})
    assert found.accounts[0] == Account(id=store.account_id("Zebra"), account="Zebra", role="admin")


def test_nobody_has_no_profile(store: Store) -> None:
    with pytest.raises(NotFound) as error:
        profile(store, 99, {})
    assert error.value.code == "contact.unknown"
