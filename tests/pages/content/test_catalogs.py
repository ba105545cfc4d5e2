"""Catalogs: what is in them, who uses them, and that nothing of them is loaded from outside."""

from opened_shop import Shop
from pages.content.content_shop import LETTER, text

from lettershop.access.principal import Principal
from lettershop.app.catalogs import Choices, import_catalogs

CATALOG = """title = "Offers"
file = "offers.csv"

[price]
column = "price"
currency = "EUR"
"""
ROWS = """id,title,price,image,tags,stock
A1,Anchor <b>bold</b>,12.50,https://elsewhere.example/a.png,sea;iron,3
B2,Buoy,7,,sea,0
"""


def offers(shop: Shop) -> None:
    folder = shop.path / "catalog"
    folder.mkdir(exist_ok=True)
    (folder / "offers.toml").write_text(CATALOG, "utf-8")
    (folder / "offers.csv").write_text(ROWS, "utf-8")


def imported(shop: Shop) -> None:
    offers(shop)
    by, settings = Principal("ann", "owner"), shop.engine.workspace.settings
    tuple(import_catalogs(shop.path, settings, (), Choices(), by=by, at=shop.clock.now()))


def test_without_catalogs_the_page_says_how_one_begins(shop: Shop) -> None:
    assert "There is no catalog yet" in text(shop.client("viewer").get("/catalog"))


def test_what_was_never_imported_is_named(shop: Shop) -> None:
    offers(shop)
    assert "offers – – – not imported yet" in text(shop.client("viewer").get("/catalog"))
    assert shop.client("viewer").get("/catalog/offers").status_code == 404


def test_items_are_listed_and_found(shop: Shop) -> None:
    imported(shop)
    uses = LETTER.replace('deals = { records = "deal" }', 'deals = { catalog = "offers" }')
    (shop.path / "content" / "sale.html").write_text(uses, "utf-8")
    client = shop.client("viewer")
    assert "Offers offers · offers.csv 2 0 0" in text(client.get("/catalog"))
    page = client.get("/catalog/offers")
    assert "2 items, 0 gone" in text(page) and "used by sale" in text(page)
    assert "12.5 EUR" in text(page) and b"<b>bold" not in page.content
    found = text(client.get("/catalog/offers?q=BUOY"))
    assert "Buoy" in found and "Anchor" not in found
    assert "No items" in text(client.get("/catalog/offers?gone=1"))


def test_an_item_tells_all_and_loads_nothing(shop: Shop) -> None:
    imported(shop)
    page = shop.client("viewer").get("/catalog/offers/A1")
    assert "https://elsewhere.example/a.png" in text(page)
    assert b'src="https://elsewhere' not in page.content
    assert shop.client("viewer").get("/catalog/offers/zz").status_code == 404


def test_whatever_is_asked_a_page_comes_back(shop: Shop) -> None:
    imported(shop)
    client = shop.client("viewer")
    for odd in ("-1", "x", "9" * 50, "\0", "1e9", "²"):
        assert (
            client.get("/catalog/offers", {"page": odd, "q": odd, "gone": odd}).status_code == 200
        )
    assert client.get("/catalog/NO/such").status_code == 404
