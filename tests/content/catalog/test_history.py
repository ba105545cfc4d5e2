"""From what accounts bought to what their people are shown, with real facts and records."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opened_shop import Shop, open_shop

from lettershop.access.audit import LOCAL
from lettershop.app.catalogs import Choices, import_catalogs
from lettershop.app.surroundings import chooser
from lettershop.content.catalog.assortment import load_assortment
from lettershop.content.template import Items, Template, Variant
from lettershop.content.values.needs import Recipient
from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import DAY
from lettershop.model.facts import AnyFact, ContactFact, EventFact

DEFINITION = """
file = "goods.csv"
currency = "EUR"
interest = "interests"
[[bought]]
event = "Order Completed"
item = "products[].product_id"
"""
GOODS = """id,title,city,price,tags,published_at
P1,Printer,Berlin,100,,2026-01-01
P2,Ink,Berlin,10,office,2026-01-02
P3,Ink,Hamburg,11,office,2026-01-03
P4,Chair,Berlin,50,,2026-01-04
P5,Lamp,Hamburg,20,,2026-01-05
"""
BOUGHT = {"ann": ["P1"], "bob": ["p1 ", "P2"], "cid": ["P1", "P2", "P3"], "dee": ["P1", "P2"]}


def facts(now: int) -> Iterator[AnyFact]:
    for number, (name, items) in enumerate(BOUGHT.items()):
        at: dict[str, Any] = {"ts": now - DAY * (9 - number), "received_at": now - DAY}
        who = f"user:{name}"
        interests = {"interests": ["Office", "garden"]} if name == "ann" else {"city": "x"}
        yield ContactFact(**at, message_id=f"c{name}", contact=who, traits=interests)
        products = [{"product_id": item, "quantity": 1} for item in items]
        yield EventFact(
            **at,
            message_id=f"e{name}",
            name="Order Completed",
            contact=who,
            properties={"products": products},
        )


@pytest.fixture
def shop(tmp_path: Path, empty_records: Path) -> Iterator[Shop]:
    with open_shop(tmp_path / "shop", empty_records) as opened:
        folder = opened.path / "catalog"
        folder.mkdir(exist_ok=True)
        (folder / "goods.toml").write_text(DEFINITION, "utf-8")
        (folder / "goods.csv").write_text(GOODS, "utf-8")
        now = opened.clock.now()
        with opened.engine.write() as workspace:
            load(workspace.store, facts(now))
            imported = import_catalogs(
                opened.path, workspace.settings, (), Choices(), by=LOCAL, at=now
            )
            assert [report.new for report in imported] == [5]
        yield opened


def shown(shop: Shop, source: Items, names: list[str], cities: list[str]) -> list[list[str]]:
    variant = Variant(
        language="", subject="s", preheader="", markup="html", body="", line=1, source="c/a.html"
    )
    template = Template(name="a", variants=(variant,), data={"goods": source})
    with shop.engine.read() as workspace:
        store = workspace.store
        people = [
            Recipient(
                place=place,
                contact=store.contact_id(f"user:{name}"),
                account=-1,
                identity=f"user:{name}",
                email=None,
                language=None,
            )
            for place, name in enumerate(names)
        ]
        made = chooser(workspace, template, shop.clock.now(), load_assortment)
        assert made is not None
        values = [{"contact": {"city": city}} for city in cities]
        return [[i["id"] for i in one] for one in made.choose("goods", source, people, values)]


def test_what_goes_with_what_was_bought_from_the_readers_city(shop: Shop) -> None:
    """Ann has a printer: others bought ink with it, each from where they are. What is best
    in Hamburg is not lost among the best of all; places left over are filled with what is new."""
    source = Items(
        catalog="goods",
        choose=("bought_together", "newest"),
        limit=2,
        match={"city": "contact.city"},
        exclude=("bought", "out_of_stock"),
    )
    found = shown(shop, source, ["ann", "ann", "cid"], ["berlin", "Hamburg", "Berlin"])
    assert found == [["P2", "P4"], ["P3", "P5"], ["P4"]]


def test_new_in_my_interests_then_the_cheapest(shop: Shop) -> None:
    source = Items(catalog="goods", choose=("new_in_my_interests", "cheapest"), limit=3)
    found = shown(shop, source, ["ann", "bob"], ["", ""])
    assert found == [["P3", "P2", "P5"], ["P2", "P3", "P5"]]
