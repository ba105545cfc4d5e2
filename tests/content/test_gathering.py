"""Whom a letter goes to, as whom they read it, and which block they see: told as stories."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import pytest
from engines.telling import company, did, joins, leaves, person

from lettershop.content.audience import Audience
from lettershop.content.gathering import as_kept, gather, gather_one
from lettershop.content.gathering_blocks import MOST, check_blocks
from lettershop.content.letter import Block
from lettershop.engines.duckdb.refresh.refresher import Refresher
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.language import parse
from lettershop.language.definition import Default, Definition, Mode
from lettershop.language.tree import Subject
from lettershop.model.clock import parse_instant
from lettershop.model.errors import DefinitionError, NotFound, UsageError
from lettershop.model.facts import AnyFact
from lettershop.planning.keep import Keep, Pin

NOON = parse_instant("2025-06-15T12:00Z")


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(None) as found:
        found.con.execute("SET threads = 1")
        yield found


def segment(
    name: str, text: str, subject: Subject = "contact", mode: Mode = "dynamic", **defaults: Any
) -> Definition:
    said = tuple(Default(key, value) for key, value in sorted(defaults.items()))
    where = parse(text).tree
    return Definition(name=name, subject=subject, where=where, mode=mode, defaults=said)


def block(name: str, *conditions: str, line: int = 1) -> Block:
    return Block(name=name, conditions=conditions, line=line)


def read_as(store: Store, audience: Audience) -> list[str]:
    """`ann`, or `ann at acme`, by name."""
    contacts = store.contact_names(audience.contacts.tolist())
    accounts = store.account_names(a for a in audience.accounts.tolist() if a >= 0)
    pairs = zip(audience.contacts.tolist(), audience.accounts.tolist(), strict=True)
    return sorted(contacts[c] + (f" at {accounts[a]}" if a >= 0 else "") for c, a in pairs)


def seen(store: Store, audience: Audience, number: int = 0) -> dict[str, int]:
    """Name of the contact -> what they see of a block."""
    names = store.contact_names(audience.contacts.tolist())
    rows = zip(audience.contacts.tolist(), audience.shown[:, number].tolist(), strict=True)
    return {names[contact]: shown for contact, shown in rows}


def known(store: Store, audience: Audience, name: str) -> dict[str, Any]:
    """Name of the contact -> their matched value."""
    names = store.contact_names(audience.contacts.tolist())
    return dict(
        zip(map(names.get, audience.contacts.tolist()), audience.matched[name], strict=True)
    )


def told(store: Store, *facts: AnyFact) -> Store:
    load(store, facts)
    return store


OFFERS = block(
    "offers",
    'city in ("Berlin", "Potsdam")',
    'city = "London"',
    "location within 100 km of (40.71, -74.0)",
)


def test_the_travel_case(store: Store) -> None:
    """Offers from where somebody departs; who flies to one place again and again is told so."""
    told(
        store,
        person("ann", city="Berlin"),
        person("bob", city=" berlin "),
        person("cy", city="London"),
        person("dot", location={"lat": 40.7, "lon": -73.9}),
        person("eve"),
        person("fay", city="Lisbon"),
        *(did("ann", "Flight Booked", f"2025-0{n}-01", destination="Rome") for n in (1, 2, 3)),
        *(did("ann", "Flight Booked", f"2025-05-0{n}", destination="Oslo") for n in (1, 2, 3, 4)),
        *(did("cy", "Flight Booked", f"2025-05-0{n}", destination="Rome") for n in (1, 2, 3)),
        did("cy", "Flight Booked", "2025-06-01", destination="ROME"),
        *(did("dot", "Flight Booked", f"2024-05-0{n}", destination="Rome") for n in (1, 2, 3, 4)),
    )
    often = 'did "Flight Booked" at least 3 times with the same destination within last 1 year'
    travellers = segment("travellers", f"everyone and ({often} or everyone)", city="Berlin")
    found = gather(store, [travellers], "travellers", [OFFERS], NOON)

    assert seen(store, found) == {"ann": 0, "bob": 0, "cy": 1, "dot": 2, "eve": 3, "fay": 3}
    assert known(store, found, "destination") == {
        "ann": "Oslo",
        "bob": None,
        "cy": "ROME",  # as it was spelled last
        "dot": None,  # more than a year ago
        "eve": None,
        "fay": None,
    }
    assert found.defaults == {"city": "Berlin"}
    assert (found.segment, found.as_of, len(found)) == ("travellers", NOON, 6)


SEVERAL: Sequence[AnyFact] = (
    company("acme", employees=20, plan="pro"),
    company("zoo", employees=500, plan="free"),
    company("old", employees=900, plan="pro"),
    joins("ann", "acme", "2020-01-01"),
    joins("ann", "zoo", "2021-01-01"),
    joins("ann", "old", "2019-01-01"),
    leaves("ann", "old", "2024-01-01"),
    joins("bob", "zoo", "2022-01-01"),
    joins("bob", "acme", "2022-01-01"),
    person("cy", plan="pro"),
)


def test_the_account_of_a_letter_is_the_one_that_makes_the_sentence_true(store: Store) -> None:
    """`account.…` in a block is about that same account."""
    told(store, *SEVERAL)
    big, pro = segment("big", "account.employees > 100"), segment("all", "everyone")
    blocks = [block("size", "account.employees > 100", "account.employees > 10")]
    found = gather(store, [big, pro], "big", blocks, NOON)
    assert read_as(store, found) == ["ann at zoo", "bob at zoo"]
    assert seen(store, found) == {"ann": 0, "bob": 0}

    everybody = gather(store, [big, pro], "all", blocks, NOON)  # the one joined first, or by id
    assert read_as(store, everybody) == ["ann at acme", "bob at acme", "cy"]
    assert seen(store, everybody) == {"ann": 1, "bob": 1, "cy": 2}


def test_people_in_accounts_get_a_letter_for_each_account(store: Store) -> None:
    told(store, *SEVERAL)
    people = segment("people", 'account.plan = "pro" or account.plan = "free"', "people")
    found = gather(store, [people], "people", [block("b", 'account.plan = "free"')], NOON)
    assert read_as(store, found) == ["ann at acme", "ann at zoo", "bob at acme", "bob at zoo"]
    by_pair = dict(
        zip(zip(found.contacts, found.accounts, strict=True), found.shown[:, 0], strict=True)
    )
    zoo = store.account_id("zoo")
    assert all(shown == (0 if account == zoo else 1) for (_, account), shown in by_pair.items())


def test_letters_do_not_go_to_accounts(store: Store) -> None:
    told(store, *SEVERAL)
    with pytest.raises(UsageError, match="of accounts") as refused:
        gather(store, [segment("pros", 'plan = "pro"', "account")], "pros", [], NOON)
    assert refused.value.code == "audience.accounts"
    with pytest.raises(NotFound, match="“prose”") as unknown:
        gather(store, [segment("pros", 'plan = "pro"')], "prose", [], NOON)
    assert "“pros”" in unknown.value.hint


def test_blocks_ask_about_segments_and_the_same_text_once(store: Store) -> None:
    told(store, *SEVERAL, person("dot", plan="pro"))
    shop = [segment("pros", 'plan = "pro"'), segment("unused", 'in segment "nobody knows"')]
    blocks = [
        block("a", 'in segment "pros"'),
        block("b", 'plan = "free"', ' in segment "pros" ', "everyone"),
        block("c"),
    ]
    found = gather(store, shop, segment("", "everyone"), blocks, NOON)
    assert seen(store, found, 0) == {"ann": 1, "bob": 1, "cy": 0, "dot": 0}
    assert seen(store, found, 1) == {"ann": 2, "bob": 2, "cy": 1, "dot": 1}
    assert seen(store, found, 2) == {"ann": 0, "bob": 0, "cy": 0, "dot": 0}
    assert found.shown.dtype.itemsize == 1


def test_modes_and_pins_count(store: Store) -> None:
    """Dot was put in by hand and Cy kept out; Ann was in when the list was made."""
    told(store, *SEVERAL, person("dot"), person("ann", plan="pro"))
    static = segment("list", 'plan = "pro"', mode="static")
    pins = (Pin(store.contact_id("cy"), False), Pin(store.contact_id("dot"), True))
    keeps = [Keep(definition=static, pins=pins)]
    refresher = Refresher(store.settings)
    refresher.persist(store, refresher.compute(store, keeps, NOON))
    told(store, person("bob", "2025-06-16", plan="pro"), person("ann", "2025-06-16", plan="free"))
    later = parse_instant("2025-06-17")

    kept = gather(store, [static], "list", [], later, adjust=as_kept(store, keeps))
    assert read_as(store, kept) == ["ann at acme", "dot"]
    assert read_as(store, gather(store, [static], "list", [], later)) == ["bob at acme", "cy"]


def test_matched_values_of_segments_it_refers_to_and_of_blocks(store: Store) -> None:
    told(
        store,
        person("ann"),
        person("bob"),
        *(did("ann", "Ordered", f"2025-06-0{n}", sku="A1", price=2.50) for n in (1, 2)),
        *(did("ann", "Viewed", f"2025-06-0{n}", sku="B2") for n in (1, 2, 3)),
        *(did("bob", "Viewed", f"2025-06-0{n}", sku="C3") for n in (1, 2, 3)),
        *(did("bob", "Ordered", f"2025-06-0{n}", price=3) for n in (1, 2)),
    )
    buyers = segment("buyers", 'did "Ordered" at least 2 times with the same sku')
    not_viewers = 'not (did "Viewed" at least 9 times with the same sku)'
    audience = segment("all", f'(in segment "buyers" or everyone) and {not_viewers}')
    viewed = block("viewed", 'did "Viewed" at least 3 times with the same sku')
    price = block("price", 'did "Ordered" at least 2 times with the same price')
    found = gather(store, [buyers, audience], "all", [viewed, price], NOON)
    assert known(store, found, "sku") == {"ann": "A1", "bob": "C3"}
    assert known(store, found, "price") == {"ann": Decimal("2.5"), "bob": 3}
    some = gather(store, [buyers, audience], "all", [viewed, price], NOON, wanted=["price"])
    assert [*some.matched] == ["price"]
    nobody = segment("nobody", 'did "Never" at least 2 times with the same sku or everyone')
    assert known(store, gather(store, [nobody], "nobody", [], NOON), "sku")["ann"] is None


def test_a_preview_is_of_one_contact_and_account(store: Store) -> None:
    told(store, *SEVERAL, person("anon:1"), person("dot", deleted=True))
    big = segment("big", "account.employees > 100", price=12.5, count=2, yes=True)
    size = [block("size", "account.employees > 100", "account.employees > 10")]
    ann, cy = store.contact_id("ann"), store.contact_id("cy")
    acme = store.account_id("acme")

    def preview(contact: int, account: int | None, name: str | None = None) -> Audience:
        return gather_one(store, [big], size, contact, account, NOON, segment=name)

    assert read_as(store, preview(ann, None)) == ["ann at acme"]
    assert read_as(store, preview(ann, None, "big")) == ["ann at zoo"]
    assert seen(store, preview(ann, acme, "big")) == {"ann": 1}
    assert read_as(store, preview(cy, None, "big")) == [
        "cy"
    ]  # not a member: a preview all the same
    assert preview(cy, None, "big").defaults == {"count": 2, "price": Decimal("12.5"), "yes": True}
    for contact, account, code in (
        (cy, acme, "audience.account"),
        (ann, store.account_id("old"), "audience.account"),
        (ann, -1, "audience.account"),
        (store.contact_id("dot"), None, "audience.contact"),
        (store.contact_id("anon:1"), None, "audience.contact"),
        (10_000, None, "audience.contact"),
        (-1, None, "audience.contact"),
    ):
        with pytest.raises(NotFound) as refused:
            preview(contact, account)
        assert refused.value.code == code


FILE = """+++
subject = "Hi"
+++
<p>{% block offers %}
  {% when citty = "Berlin" %}…
  {% when account.employees >> 3 %}…{% when in segment "accounts" %}…
  {% when city = "Paris" %}…{% default %}…{% endblock %}
{% block more %}{% when citty = "Berlin" %}{% default %}{% endblock %}
"""


def test_conditions_are_checked_where_they_stand(store: Store) -> None:
    told(store, person("ann", city="Berlin"), company("acme", employees=3))
    blocks = [
        block(
            "offers",
            'citty = "Berlin"',
            "account.employees >> 3",
            'in segment "accounts"',
            'city = "Paris"',
            line=4,
        ),
        block("more", 'citty = "Berlin"', line=8),
    ]
    subjects: dict[str, Subject] = {"accounts": "account"}
    found = check_blocks(blocks, store.catalog(), subjects, "offers.mjml", FILE)
    places = [f"{f.span.line}:{f.span.column} {f.code}" for f in found if f.span]
    assert places == [
        "5:11 field.unknown",
        "6:30 language.syntax",
        "6:56 segment.subject",
        "7:18 value.unknown",
        "8:25 field.unknown",
    ]
    assert {f.source for f in found} == {"offers.mjml"}
    assert "“offers”, when 1" in found[0].message
    lines = [f.span.line for f in check_blocks(blocks, store.catalog(), subjects) if f.span]
    assert lines == [4, 4, 4, 4, 8]


def test_what_cannot_be_read_is_refused_at_once(store: Store) -> None:
    told(store, person("ann"))
    bad = [block("a", "city = ", line=3), block("b", *["everyone"] * (MOST + 1), line=9)]
    with pytest.raises(DefinitionError) as refused:
        gather(store, [], segment("", "everyone"), bad, NOON)
    lines = [(f.code, f.span.line) for f in refused.value.findings if f.span]
    assert lines == [("language.incomplete", 3), ("block.too_many", 9)]
    with pytest.raises(DefinitionError, match="nobody"):
        gather(store, [], segment("", "everyone"), [block("a", 'in segment "nobody"')], NOON)


def test_nobody_is_an_audience_too(store: Store) -> None:
    told(store, did("ann", "Ordered", "2025-06-01", sku="A1"))
    subjects: tuple[Subject, ...] = ("contact", "people")
    for subject in subjects:
        text = 'did "Ordered" at least 9 times with the same sku'
        audience = segment("none", text, subject)
        found = gather(store, [], audience, [block("a", "everyone"), block("b")], NOON)
        assert (len(found), found.shown.shape) == (0, (0, 2))
        assert found.matched["sku"].shape == (0,)
