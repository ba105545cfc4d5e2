"""Definitions of catalogs: what is wrong with one is said with its place."""

from datetime import UTC
from typing import Any

import pytest

from lettershop.content.catalog.cells import (
    Refused,
    address_of,
    instant_of,
    number_of,
    price_of,
    stock_of,
    tags_of,
)
from lettershop.content.catalog.definition import PriceColumn
from lettershop.content.catalog.folder import load_catalogs
from lettershop.content.catalog.reading import read_text
from lettershop.model.clock import parse_instant

from .conftest import Shop


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ('file = "a.csv"\nfiel = "b"', "definition.unknown_key", 2),
        ("file = 3", "definition.wrong_type", 1),
        ("file = ", "definition.toml", 1),
        ('currency = "EURO"', "catalog.currency", 1),
        ('decimal = ";"', "catalog.decimal", 1),
        ('id = " "', "catalog.id", 1),
        ('encoding = "klingon"', "file.unknown_encoding", 1),
        ('delimiter = "||"', "catalog.delimiter", 1),
        ('\n[fields]\nprice = "x"', "catalog.field", 3),
        ('[fields]\n"two words" = "x"', "catalog.field", 2),
        ("[fields]\ntitle = 3", "definition.wrong_type", 2),
        ('[types]\nrooms = "nubmer"', "catalog.type", 2),
        ('[types]\nstock = "text"', "catalog.type", 2),
        ('[price]\ncurrency = "EUR"', "definition.missing", 1),
        ('[price.DE]\ncolumn = "p"\ncurrency = "D"', "catalog.currency", 3),
        ('[price.DE]\ncolumn = "p"\ncur = "EUR"', "definition.unknown_key", 3),
        ('file = "x"\n[prices]\nfile = "p.csv"', "definition.missing", 2),
        ('[prices]\nfile = "p.csv"\nitem = "id"', "definition.missing", 1),
        ('[[bought]]\nevent = "Order Completed"', "definition.missing", 1),
        ('bought = "Order Completed"', "definition.wrong_type", 1),
        ('[[viewed]]\nevent = "A"\nitem = "x"\nitm = "y"', "definition.unknown_key", 4),
        ('price = "amount"', "definition.wrong_type", 1),
    ],
)
def test_mistakes_in_a_definition_have_a_place(text: str, code: str, line: int) -> None:
    read = read_text("offers", text, "catalog/offers.toml")
    assert [(f.code, f.span and f.span.line) for f in read.findings] == [(code, line)]
    assert read.definition is None


def test_a_slip_of_the_pen_is_understood() -> None:
    (finding,) = read_text("a", 'currancy = "b"', "a.toml").findings
    assert finding.hint == "did you mean “currency”?"


def test_currencies_are_inherited() -> None:
    text = """
    currency = "EUR"
    [price]
    column = "p"
    [price.US]
    column = "us"
    currency = "USD"
    [price.GB]
    column = "gb"
    currency_column = "gb_currency"
    """
    read = read_text("a", text, "a.toml")
    assert read.definition is not None
    assert read.definition.prices == (
        PriceColumn(column="p", currency="EUR"),
        PriceColumn(market="US", column="us", currency="USD"),
        PriceColumn(market="GB", column="gb", currency_column="gb_currency"),
    )


def test_a_folder_says_all_that_is_wrong(shop: Shop) -> None:
    shop.write("good.toml", 'file = "good.csv"')
    shop.write("Bad Name.toml", 'file = "x.csv"')
    (shop.path / "catalog" / "latin.toml").write_bytes(b'title = "caf\xe9"')
    found = load_catalogs(shop.path)
    codes = {f.source: f.code for f in found.findings}
    assert codes == {
        "catalog/Bad Name.toml": "catalog.name",
        "catalog/latin.toml": "definition.encoding",
    }
    assert [*found.definitions] == ["good"]
    assert load_catalogs(shop.path / "catalog").files == {}


@pytest.mark.parametrize(
    ("raw", "decimal", "shown"),
    [
        ("12.50", ".", "12.50 EUR"),
        (" 12,50 ", ",", "12.50 EUR"),
        ("12.50 USD", ".", "12.50 USD"),
        ("CHF 7", ".", "7 CHF"),
        ("0", ".", "0 EUR"),
        ("", ".", None),
        (None, ".", None),
        ("1,299.00", ".", "item.price"),
        ("1.299,00", ",", "item.price"),
        ("-1", ".", "item.price"),
        ("12 €", ".", "item.price"),
        ("nan", ".", "item.price"),
        ("1e3", ".", "item.price"),
        (True, ".", "item.price"),
        ("5 ABC", ".", "item.currency"),
    ],
)
def test_prices(raw: Any, decimal: str, shown: str | None) -> None:
    if shown is not None and shown.startswith("item."):
        with pytest.raises(Refused) as error:
            price_of(raw, "eur", "price", decimal)
        assert error.value.code == shown
        return
    price = price_of(raw, "eur", "price", decimal)
    assert (price and f"{price.amount} {price.currency}") == shown


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("https://example.com/a?b=c#d", True),
        ("http://bücher.example/", True),
        ("//example.com/a", False),
        ("/a", False),
        ("ftp://example.com/", False),
        ("https://", False),
        ("https://example.com/a b", False),
        ('https://example.com/"onload=x', False),
        ("https://example.com:99999/", False),
        ("javascript://example.com/%0aalert(1)", False),
        ("https://[::1/", False),
    ],
)
def test_addresses_are_absolute(text: str, good: bool) -> None:
    if good:
        assert address_of(f" {text} ", "url") == text
        return
    with pytest.raises(Refused):
        address_of(text, "url")


def test_other_cells() -> None:
    assert [stock_of(raw) for raw in ("4", 4, "4.0", "", None)] == [4, 4, 4, None, None]
    for wrong in ("-1", "4.5", "many", True):
        with pytest.raises(Refused):
            stock_of(wrong)
    assert tags_of(" a; b |a,, c ", ",;|") == ("a", "b", "c")
    assert tags_of(["x", " ", "x"], ",") == ("x",)
    assert number_of("12,5", "n", ",") == number_of("12.5", "n")
    assert instant_of("2026-01-31", UTC, "t", end=True) == parse_instant("2026-02-01") - 1
    assert instant_of("2026-01-31T10:00+02:00", UTC, "t") == parse_instant("2026-01-31T08:00Z")
    assert instant_of("9999-12-31", UTC, "t", end=True) is None
    for wrong in ("tomorrow", "9999-12-31", "0001-01-01T00:00+23:00", "2026-13-01"):
        with pytest.raises(Refused):
            instant_of(wrong, UTC, "t")
