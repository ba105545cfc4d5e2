"""A catalog's file becomes items, all of them or none; what vanishes is remembered."""

import gzip
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lettershop.access.audit import LOCAL
from lettershop.app.catalogs import catalogs, check_catalogs, remove_catalog
from lettershop.content.catalog.assortment import Assortments, load_assortment
from lettershop.content.catalog.storing import find_item, item_of
from lettershop.model.clock import DAY, parse_instant
from lettershop.model.errors import DefinitionError, InputError, LettershopError, NotFound

from .conftest import NOW, Shop

OFFERS = """
title = "Offers"
file = "offers.csv"
id = "code"
currency = "EUR"
interest = "interests"

[fields]
title = "name"
departure = "from"

[price]
column = "price"

[price.CH]
column = "price_ch"
currency = "CHF"

[[bought]]
event = "Order Completed"
item = "products[].product_id"
"""
ROWS = """code,name,from,price,price_ch,tags,stock,url,valid_until
SYD,Sydney,Berlin,899.00,949.50,beach; city,4,https://example.com/syd,2026-03-31
ROM,Rome,Hamburg,120,,city,0,https://example.com/rom,
OSL,Oslo,Berlin,,199.90,,,,
"""


def ids(name: str = "offers", *, gone: bool = False) -> list[str]:
    shelf = load_assortment(name)
    return [key for key, here in zip(shelf.ids, shelf.available, strict=True) if here != gone]


def test_a_file_becomes_items(anywhere: Shop) -> None:
    anywhere.write("offers.toml", OFFERS)
    anywhere.write("offers.csv", ROWS)
    (report,) = anywhere.run()
    assert (report.rows, report.new, report.refused) == (3, 3, {})
    shelf = load_assortment("offers")
    assert shelf.as_dict(0, "ch") == {
        "id": "SYD",
        "title": "Sydney",
        "departure": "Berlin",
        "url": "https://example.com/syd",
        "tags": ["beach", "city"],
        "stock": 4,
        "price": shelf.items[0].prices["CH"].amount,
        "currency": "CHF",
        "valid_until": shelf.as_dict(0)["valid_until"],
    }
    assert str(shelf.as_dict(0, "ch")["price"]) == "949.50"
    assert str(shelf.as_dict(0, "FR")["price"]) == "899.00"
    assert "price" not in shelf.as_dict(2, "FR") and "tags" not in shelf.as_dict(2)
    assert shelf.definition.interest == "interests"
    assert shelf.definition.bought[0].item == "products[].product_id"
    # the last day is part of its validity, in the zone of the workspace
    assert shelf.items[0].valid_until == parse_instant("2026-04-01T00:00+02:00") - 1
    assert shelf.as_dict(0, None, ZoneInfo("Europe/Berlin"))["valid_until"].day == 31


def test_what_has_not_changed_is_left_alone(anywhere: Shop) -> None:
    anywhere.write("offers.toml", OFFERS)
    anywhere.write("offers.csv", ROWS)
    anywhere.run()
    before = catalogs()[0].revision
    assert [r.repeated for r in anywhere.run()] == [True]
    assert catalogs()[0].revision == before
    (again,) = anywhere.run(again=True)
    assert (again.repeated, again.unchanged, again.changed) == (False, 3, 0)


def test_what_vanishes_is_gone_but_not_forgotten_and_may_come_back(anywhere: Shop) -> None:
    anywhere.write("offers.toml", OFFERS)
    anywhere.write("offers.csv", ROWS)
    anywhere.run()
    anywhere.write("offers.csv", "\n".join(ROWS.splitlines()[::2]))  # only Rome
    anywhere.now += DAY
    (report,) = anywhere.run()
    assert (report.gone, report.unchanged, report.new) == (2, 1, 0)
    assert ids() == ["ROM"] and sorted(ids(gone=True)) == ["OSL", "SYD"]
    assert item_of(find_item("offers", " syd ")).title == "Sydney"
    assert find_item("offers", "SYD").gone_at == NOW + DAY
    anywhere.write("offers.csv", ROWS)
    (report,) = anywhere.run()
    assert (report.changed, report.gone) == (2, 0)
    assert ids() == ["SYD", "ROM", "OSL"]


def test_keep_missing_keeps_them_after_the_others(shop: Shop) -> None:
    shop.write("offers.toml", OFFERS)
    shop.write("offers.csv", ROWS)
    shop.run()
    shop.write("offers.csv", "\n".join(ROWS.splitlines()[::2]))
    (report,) = shop.run(keep_missing=True)
    assert (report.kept, report.gone) == (2, 0)
    assert ids() == ["ROM", "SYD", "OSL"]


BAD = """code,name,from,price,price_ch,tags,stock,url,valid_until
A1,fine,Berlin,1,,,,,
A2,,Berlin,-5,,,,,
A3,,Berlin,dear,,,,,
A4,,Berlin,5 XYZ,,,,,
A5,,Berlin,1,,,2.5,,
A6,,Berlin,1,,,,/relative,
A7,,Berlin,1,,,,javascript:alert(1),
A8,,Berlin,1,,,,,31.3.2026
,,Berlin,1,,,,,
a1,twice,Berlin,1,,,,,
A9,too,few
A10,"bro"ken,Berlin,1,,,,,
A11,"over
two lines",Berlin,1,,,,,
A12,,Berlin,oh,,,,,
"""


def test_rows_that_cannot_be_used_are_kept_with_line_and_reason(shop: Shop) -> None:
    shop.write("offers.toml", OFFERS)
    shop.write("offers.csv", BAD)
    (report,) = shop.run(allow_refused=True)
    assert ids() == ["A1", "A11"]
    assert load_assortment("offers").items[1].title == "over\ntwo lines"
    kept = Path(report.refused_path or "").read_text("utf-8").splitlines()
    found = [line.split(",")[:2] for line in kept[1:]]
    assert found == [
        ["3", "item.price"],
        ["4", "item.price"],
        ["5", "item.currency"],
        ["6", "item.stock"],
        ["7", "item.url"],
        ["8", "item.url"],
        ["9", "item.time"],
        ["10", "item.id"],
        ["11", "item.twice"],
        ["12", "row.columns"],
        ["13", "row.quotes"],
        ["16", "item.price"],
    ]
    assert sum(report.refused.values()) == 12 and catalogs()[0].refused == 12


def test_a_file_that_is_mostly_refused_changes_nothing(shop: Shop) -> None:
    shop.write("offers.toml", OFFERS)
    shop.write("offers.csv", ROWS)
    shop.run()
    shop.write("offers.csv", BAD)
    with pytest.raises(InputError) as error:
        shop.run()
    assert error.value.code == "import.mostly_refused"
    assert "12 of 14" in error.value.message
    assert ids() == ["SYD", "ROM", "OSL"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "file.empty"),
        ("code,code\n1,2\n", "file.duplicate_column"),
        ("code,name\n1,caf\udce9\n", "file.encoding"),
        ('code,name\n1,"open\n2,x\n', "file.open_quote"),
        ("code,name\n1,a\0b\n", "file.nul"),
        (None, "file.absent"),
    ],
)
def test_files_that_cannot_be_read_change_nothing(
    shop: Shop, content: str | None, code: str
) -> None:
    shop.write("offers.toml", 'file = "offers.csv"\nid = "code"')
    if content is not None:
        path = shop.path / "catalog" / "offers.csv"
        path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(LettershopError) as error:
        shop.run()
    assert error.value.code == code
    assert catalogs() == []


def test_other_formats_say_the_same(shop: Shop) -> None:
    """JSON Lines, gzipped, and Parquet with types of their own."""
    import_rows = [
        {"id": "A", "title": "Ä", "price": 12.5, "tags": ["x", "y"], "rooms": 4, "sizes": [1, 2]},
        {"id": 7, "title": "B", "price": "1.10 EUR", "published_at": "2026-01-01T10:00:00Z"},
    ]
    shop.write("lines.toml", 'file = "lines.jsonl.gz"\ncurrency = "USD"')
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in import_rows) + "\n\n[1]\n"
    (shop.path / "catalog" / "lines.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    (report,) = shop.run(allow_refused=True)
    assert report.refused == {"row.json": 1}
    shelf = load_assortment("lines")
    first, second = shelf.as_dict(0), shelf.as_dict(1)
    assert (str(first["price"]), first["currency"], first["rooms"]) == ("12.5", "USD", 4)
    assert (first["tags"], first["sizes"]) == (["x", "y"], [1, 2])
    assert (second["id"], second["currency"], second["published_at"].hour) == ("7", "EUR", 10)


def test_parquet_keeps_its_types(shop: Shop) -> None:
    duckdb = pytest.importorskip("duckdb")
    path = shop.path / "catalog" / "goods.parquet"
    query = (
        "COPY (SELECT 'A' AS id, 12.50::DECIMAL(9, 2) AS price, 3::BIGINT AS stock,"
        " ['x', 'y'] AS tags, DATE '2026-01-01' AS valid_from) TO $path (FORMAT parquet)"
    )
    duckdb.execute(query, {"path": str(path)})
    shop.write("goods.toml", 'file = "goods.parquet"\ncurrency = "USD"')
    shop.run()
    item = load_assortment("goods").items[0]
    assert (item.stock, item.tags, str(item.prices[""].amount)) == (3, ("x", "y"), "12.50")
    assert item.valid_from == parse_instant("2026-01-01T00:00+01:00")


def test_prices_may_come_from_a_file_of_their_own(shop: Shop) -> None:
    shop.write(
        "goods.toml",
        """
        file = "goods.tsv"
        decimal = ","
        [prices]
        file = "prices.csv"
        item = "sku"
        market = "country"
        currency_column = "cur"
        """,
    )
    shop.write("goods.tsv", "id\ttitle\nA\tOne\nB\tTwo\n")
    prices = 'sku;country;price;cur\na;DE;"1,50";EUR\nA;;2;EUR\nB;DE;x;EUR\nB;CH;3,10;CHF\n'
    shop.write("prices.csv", prices)
    (report,) = shop.run()
    assert report.refused == {"item.price": 1}
    one, two = load_assortment("goods").items
    assert {m: str(p.amount) for m, p in one.prices.items()} == {"DE": "1.50", "": "2"}
    assert two.price("DE") is None and two.price("CH") is not None
    shop.write("prices.csv", prices.replace("3,10", "3,20"))
    (report,) = shop.run()
    assert (report.changed, report.unchanged) == (1, 1)


def test_fields_have_the_types_they_are_given(shop: Shop) -> None:
    shop.write(
        "homes.toml",
        """
        file = "homes.csv"
        [types]
        rooms = "number"
        garden = "boolean"
        near = "list"
        free = "date"
        seen = "time"
        """,
    )
    header = "id,rooms,garden,near,free,seen,Odd Name,note"
    shop.write("homes.csv", f"{header}\n1,3.5,yes,sea|wood,2026-05-01,2026-05-01T10:00,x,04\n")
    (report,) = shop.run()
    home = load_assortment("homes").as_dict(0)
    assert (str(home["rooms"]), home["garden"], home["near"]) == ("3.5", True, ["sea", "wood"])
    assert (home["free"].isoformat(), home["seen"].isoformat()) == (
        "2026-05-01",
        "2026-05-01T08:00:00+00:00",
    )
    assert home["note"] == "04" and "Odd Name" not in home
    assert [f.code for f in report.findings] == ["catalog.unused_column"]


def test_a_wrong_definition_imports_nothing(shop: Shop) -> None:
    shop.write("offers.toml", OFFERS.replace('"price_ch"', '"prices_ch"'))
    shop.write("offers.csv", ROWS)
    with pytest.raises(DefinitionError) as error:
        shop.run()
    (finding,) = error.value.findings
    assert (finding.code, finding.span and finding.span.line) == ("catalog.unknown_column", 16)
    assert "did you mean “price_ch”" in finding.hint
    assert [f.code for f in check_catalogs(shop.path, shop.settings)] == [finding.code]
    with pytest.raises(NotFound):
        shop.run(["offer"])


def test_a_check_names_the_lines_and_stores_nothing(shop: Shop) -> None:
    shop.write("offers.toml", OFFERS)
    shop.write("offers.csv", BAD)
    found = [*check_catalogs(shop.path, shop.settings)]
    assert str(found[0]).startswith("catalog/offers.csv:3:1: warning item.price")
    assert len(found) == 12 and catalogs() == []


def test_a_loaded_catalog_is_used_until_it_changes(shop: Shop) -> None:
    shop.write("offers.toml", OFFERS)
    shop.write("offers.csv", ROWS)
    shop.run()
    held = Assortments()
    first = held.get("offers")
    assert held.get("offers") is first
    shop.write("offers.csv", ROWS.replace("Sydney", "Perth"))
    shop.run()
    assert held.get("offers").items[0].title == "Perth"


def test_a_catalog_can_be_forgotten(anywhere: Shop) -> None:
    anywhere.write("offers.toml", OFFERS)
    anywhere.write("offers.csv", ROWS)
    anywhere.run()
    assert remove_catalog("offers", by=LOCAL) == 3
    assert catalogs() == []
    with pytest.raises(NotFound) as error:
        load_assortment("offers")
    assert error.value.code == "catalog.unknown"
