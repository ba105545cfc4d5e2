"""Items as letters get them, and what is said of a letter that asks for what is not there."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from scipy.sparse import csr_array

from lettershop.content.catalog.assortment import Assortment, Assortments
from lettershop.content.catalog.checking import check_items, check_template
from lettershop.content.catalog.chooser import CatalogChooser
from lettershop.content.catalog.definition import Definition
from lettershop.content.catalog.item import Item, Price
from lettershop.content.template import Items, LastEvent, Template, Variant
from lettershop.content.values.needs import Chooser, Recipient
from lettershop.model.clock import parse_instant

from .conftest import NOW, Shop

SHELF = Assortment(
    Definition(name="offers"),
    [
        Item(id="a", title="Ä", fields={"city": "Berlin"}, tags=("hr",)),
        Item(
            id="b",
            prices={"": Price(Decimal("9.90"), "EUR"), "CH": Price(Decimal("11"), "CHF")},
            fields={"city": "Basel"},
            valid_until=parse_instant("2026-04-01T00:00Z"),
        ),
    ],
)


def people(count: int) -> list[Recipient]:
    return [
        Recipient(place=n, contact=n, account=-1, identity=str(n), email=None, language=None)
        for n in range(count)
    ]


def test_letters_get_what_their_variables_match() -> None:
    chooser: Chooser = CatalogChooser(
        {"offers": SHELF}.__getitem__, NOW, zone=ZoneInfo("Europe/Zurich")
    )
    source = Items(
        catalog="offers", match={"city": "contact.city"}, market="contact.country", limit=2
    )
    values: list[dict[str, Any]] = [
        {"contact": {"city": "basel", "country": "ch"}},
        {"contact": {"city": "Basel"}},
        {"contact": {"city": "Berlin"}},  # nothing is priced there
        {"contact": {}},
        {},
    ]
    found = chooser.choose("offers", source, people(5), values)
    assert [[item["id"] for item in one] for one in found] == [["b"], ["b"], [], [], []]
    assert (found[0][0]["price"], found[0][0]["currency"]) == (Decimal("11"), "CHF")
    assert str(found[0][0]["valid_until"]) == "2026-04-01 02:00:00+02:00"
    assert found[1][0]["price"] == Decimal("9.90") and "title" not in found[1][0]


def test_prices_are_those_of_the_market_field_where_a_letter_names_none() -> None:
    chooser = CatalogChooser({"offers": SHELF}.__getitem__, NOW, market_field="land")
    source = Items(catalog="offers", choose=("cheapest",))
    found = chooser.choose("offers", source, people(2), [{"land": "CH"}, {"country": "CH"}])
    assert [[item.get("currency") for item in one] for one in found] == [
        ["CHF", None],
        ["EUR", None],
    ]


class History:
    """Ranks the first item for everybody, which contact 1 has."""

    repeatable = ("due",)

    def ranked(
        self,
        way: str,
        shelf: Assortment,
        recipients: Sequence[Recipient],
        markets: Sequence[str | None],
        *,
        allowed: Any,
        new_only: bool,
        k: int,
    ) -> Any:
        assert new_only and len(markets) == len(recipients)
        return np.where(allowed[:1], 0, -1)[None, :].repeat(len(recipients), axis=0)

    def bought(self, shelf: Assortment, recipients: Sequence[Recipient]) -> csr_array:
        return csr_array([[who.contact == 1, False] for who in recipients])


@pytest.mark.parametrize(
    ("way", "found"), [("together", [["a", "b"], ["b"]]), ("due", [["a", "b"], ["a", "b"]])]
)
def test_history_is_asked_and_what_was_bought_is_left_out(way: str, found: Any) -> None:
    chooser = CatalogChooser({"offers": SHELF}.__getitem__, NOW, History())
    source = Items(catalog="offers", choose=(way, "listed"), exclude=("bought",))
    chosen = chooser.choose("offers", source, people(2), [{}, {}])
    assert [[item["id"] for item in one] for one in chosen] == found


def test_a_letter_is_told_what_the_catalog_does_not_have() -> None:
    asked = Items(
        catalog="offers",
        choose=("bought_together", "viewed_not_bought", "new_in_my_interests"),
        match={"citty": "contact.city", "tags": "contact.interests"},
        where={"city": "Rome", "id": "A"},
        exclude=("bought",),
    )
    found = check_items("deals", asked, SHELF, "content/spring.mjml")
    assert [(f.code, f.level) for f in found] == [
        ("items.unknown_field", "error"),
        ("items.no_such_value", "warning"),
        ("items.no_history", "warning"),
        ("items.no_history", "warning"),
        ("items.no_history", "warning"),
    ]
    assert found[0].hint == "did you mean “city”?"
    assert check_items("x", Items(catalog="offers", market="contact.country"), SHELF, "") == []


def test_a_template_is_told_of_catalogs_that_are_not_there(shop: Shop) -> None:
    variant = Variant(
        language="", subject="s", preheader="", markup="html", body="", line=1, source="c/a.html"
    )
    data = {"deals": Items(catalog="offer"), "order": LastEvent(event="Order Completed")}
    template = Template(name="a", variants=(variant,), data=data)
    shop.write("offers.toml", 'file = "offers.csv"')
    shop.write("offers.csv", "id\n1\n")
    shop.run()
    (finding,) = check_template(template, Assortments().get)
    assert (finding.code, finding.source) == ("items.unknown_catalog", "c/a.html")
    assert "did you mean “offers”" in finding.hint
