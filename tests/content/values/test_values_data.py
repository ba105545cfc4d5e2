"""Events, records, and what others bring: items, outside data, links."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from msgspec import structs

from lettershop.content.template import Events, Items, LastEvent, Outside, Records
from lettershop.content.values.needs import Recipient, Surroundings
from lettershop.content.values.source import Source
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.model.clock import parse_instant
from lettershop.model.settings import Settings

from .asking import audience, known, reads, template
from .company import ANN, BOB, CY, NOW, company, read


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store.open(None, settings=Settings(timezone="UTC")) as opened:
        load(opened, company())
        yield opened


# --- events and records ---------------------------------------------------------------------------


def test_the_last_order_with_its_products(store: Store) -> None:
    data = {"order": LastEvent(event="Order Completed")}
    assert read(store, ANN, "acme", "order", data)["order"] == {
        "name": "Order Completed",
        "at": datetime(2026, 2, 3, 13, tzinfo=ZoneInfo("Europe/Berlin")),
        "total": Decimal("99.9"),
        "products": [{"name": "Desk", "price": Decimal("49.95")}],
    }
    only = read(store, ANN, "acme", "order.total order.products[].name", data)["order"]
    assert set(only) == {"name", "total", "products"}
    assert set(read(store, ANN, "acme", "order.total", data)["order"]) == {"name", "total"}


def test_events_newest_first_also_of_the_account(store: Store) -> None:
    data = {
        "mine": Events(event="Order Completed", limit=5),
        "ours": Events(event="Order Completed", limit=2, by_account=True),
        "gift": LastEvent(event="Order Completed", where='note = "gift"', by_account=True),
    }
    found = read(store, ANN, "acme", "mine[].total ours[].total gift.total", data)
    assert [order["total"] for order in found["mine"]] == [Decimal("99.9"), 40]
    assert [order["total"] for order in found["ours"]] == [Decimal("99.9"), 7]
    assert found["gift"]["total"] == 7


def test_what_comes_later_is_not_seen(store: Store) -> None:
    data = {"order": LastEvent(event="Order Completed")}
    assert read(store, ANN, "acme", "order.total", data, as_of="2026-02-02T09:00Z") == {
        "order": {"name": "Order Completed", "total": 40}
    }
    assert read(store, ANN, "acme", "contact.city", as_of="2026-01-10T07:59Z") == {}


def test_an_event_or_kind_nobody_has_seen_is_missing(store: Store) -> None:
    data = {"download": LastEvent(event="Downloaded"), "tickets": Records(kind="ticket")}
    assert read(store, ANN, "acme", "download.title tickets[].id", data) == {}


def test_records_of_the_account_and_of_the_contact_alone(store: Store) -> None:
    data = {"deals": Records(kind="deal", where='stage = "open"', order="-amount", limit=5)}
    ann = read(store, ANN, "acme", "deals[].id deals[].amount", data)["deals"]
    assert ann == [{"id": "d2", "amount": 900}, {"id": "d3", "amount": 500}]
    bob = read(store, BOB, "acme", "deals[].id", data)["deals"]
    assert bob == [{"id": "d2"}]
    assert read(store, ANN, "zoo", "deals[].id", data)["deals"] == [{"id": "d3"}]
    assert read(store, CY, None, "deals[].id", data) == {}


def test_fields_that_only_a_filter_names(store: Store) -> None:
    """`map: "stage"` reads a field, and no variable says so."""
    said = template({"deals": Records(kind="deal")})
    body = '{{ deals | map: \'stage\' | join: ", " }} not "contact"'
    said = structs.replace(said, variants=(structs.replace(said.variants[0], body=body),))
    whom = audience(store, [(BOB, "acme")], parse_instant(NOW))
    deals = known(store, said, "deals deals[].amount", whom)[1][0]["deals"]
    assert [set(deal) for deal in deals] == [{"amount", "stage"}] * 2


# --- what others bring ----------------------------------------------------------------------------


class Shelf:
    """Chooses one item that says what was known of the recipient."""

    def choose(
        self,
        name: str,
        source: Items,
        recipients: Sequence[Recipient],
        values: Sequence[Mapping[str, Any]],
    ) -> list[list[dict[str, Any]]]:
        return [
            [{"title": tree["contact"]["city"], "for": who.identity, "price": 2.0, "tags": []}]
            if "city" in tree.get("contact", {})
            else []
            for who, tree in zip(recipients, values, strict=True)
        ]


class Weather:
    def fetch(
        self, name: str, source: Outside, values: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any] | None]:
        return [
            {"degrees": 20.5, "of": tree["city"]} if "city" in tree else None for tree in values
        ]


def test_items_and_outside_data_may_depend_on_what_is_known(store: Store) -> None:
    data = {
        "offers": Items(catalog="offers", match={"departure": "contact.city"}),
        "weather": Outside(url="https://weather.example/?city={{ city }}"),
    }
    around = Surroundings(chooser=Shelf(), fetcher=Weather())
    ann = read(store, ANN, "acme", "offers[].title weather.degrees", data, around)
    assert ann["offers"] == [{"title": "Berlin", "for": ANN, "price": 2}]
    assert ann["weather"] == {"degrees": Decimal("20.5"), "of": "Berlin"}
    bob = read(store, BOB, "acme", "offers[].title weather.degrees", data, around)
    assert "offers" not in bob and bob["weather"]["of"] == "Hamburg"
    defaults = {"contact.city": "Köln"}
    cy = read(store, CY, None, "offers[].title", data, around, defaults=defaults)
    assert cy["offers"][0]["title"] == "Köln"


def test_what_data_need_is_read_for_them(store: Store) -> None:
    """The letter reads the weather only; its address needs the last order."""
    data = {
        "order": LastEvent(event="Order Completed"),
        "weather": Outside(url="https://weather.example/?total={{ order.total }}&c={{ city }}"),
    }
    around = Surroundings(fetcher=Weather())
    found = read(store, ANN, "acme", "weather.degrees", data, around)
    assert found["order"]["total"] == Decimal("99.9") and found["city"] == "Berlin"


def test_campaign_matched_values_and_links(store: Store) -> None:
    around = Surroundings(
        campaign={"name": "Spring", "budget": 1.0, "note": ""},
        unsubscribe_url=lambda who: f"https://out.example/{who.identity}",
    )
    people = audience(
        store,
        [(ANN, "acme"), (BOB, "acme")],
        parse_instant(NOW),
        matched={"destination": ["Rome", None]},
    )
    recipients, values = known(store, template(), "contact.city", people, around)
    assert values[0]["matched"] == {"destination": "Rome"} and "matched" not in values[1]
    assert values[1]["campaign"] == {"name": "Spring", "budget": 1}
    assert [tree["unsubscribe_url"] for tree in values] == [
        f"https://out.example/{who.identity}" for who in recipients
    ]


def test_recipients_say_where_to_write_and_in_which_language(store: Store) -> None:
    people = audience(store, [(ANN, "acme"), (CY, None), (ANN, "zoo")], parse_instant(NOW))
    recipients, values = known(store, template(), "contact.city", people, size=2)
    assert [(r.place, r.identity, r.email, r.language) for r in recipients] == [
        (0, ANN, "ann@acme.example", "de-AT"),
        (1, CY, "cy@nowhere.example", None),
        (2, ANN, "ann@acme.example", "de-AT"),
    ]
    assert len(values) == 3


def test_nothing_stays_behind(store: Store) -> None:
    read(store, ANN, "acme", "contact.city", {"order": LastEvent(event="Order Completed")})
    left = store.con.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall()
    assert [name for (name,) in left if name.startswith("letters_")] == []


def test_nobody_is_an_audience_too(store: Store) -> None:
    whom = audience(store, [], parse_instant(NOW))
    data = {"order": LastEvent(event="Order Completed"), "deals": Records(kind="deal")}
    assert known(store, template(data), "city order.total deals[].id", whom) == ([], [])


def test_a_failing_transaction_says_what_failed(store: Store) -> None:
    """Closing comes after the failure, and must not hide it."""
    whom = audience(store, [(ANN, "acme")], parse_instant(NOW))
    with (
        pytest.raises(duckdb.ConversionException),
        store.snapshot(),
        Source(store, template(), reads("city"), whom),
    ):
        store.con.execute("SELECT CAST('x' AS INTEGER)").fetchall()
    assert read(store, ANN, "acme", "city") == {"city": "Berlin"}
