"""Catalogs through the API and on the command line, the latter beside a running server."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_client import Crm
from opened_shop import open_shop
from served_shop import serve_shop
from typer.testing import CliRunner, Result

from lettershop.cli import app
from lettershop.content.catalog.assortment import load_assortment
from lettershop.web.api import PREFIX

OFFERS = 'file = "offers.csv"\ncurrency = "EUR"\n'
ROWS = "id,title,price,stock\nA,One,1.50,3\nB,Two,,\nC,Three,x,\n"


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("LETTERSHOP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture
def crm(tmp_path: Path, empty_records: Path) -> Iterator[Crm]:
    with open_shop(tmp_path / "shop", empty_records) as opened:
        yield Crm(opened)


def test_items_are_written_changed_and_ended(crm: Crm) -> None:
    one = {
        "id": 7,
        "title": "Seven",
        "url": "https://example.com/7",
        "prices": {"": {"amount": 12.50, "currency": "EUR"}, "CH": {"amount": "14 CHF"}},
        "stock": 3,
        "tags": ["a", "b"],
        "valid_until": "2026-12-31",
        "fields": {"rooms": 3.5, "nearby": ["sea"], "empty": ""},
    }
    assert crm.post("/items/homes", one)["new"] == 1
    said = crm.post("/items/homes", [{"id": "7", "stock": 0, "url": None}, {"id": "8"}])
    assert (said["new"], said["changed"], said["refused"]) == (1, 1, [])
    item = crm.get("/items/homes/7")
    assert (item["title"], item["stock"], item["url"]) == ("Seven", 0, "")
    assert item["prices"]["CH"] == {"amount": 14, "currency": "CHF"}
    assert item["fields"] == {"nearby": ["sea"], "rooms": 3.5}
    assert item["valid_until"] == "2026-12-31T23:59:59.999Z"
    said = crm.post("/items/homes", {"id": "7", "prices": {"CH": None}, "fields": {"rooms": None}})
    item = crm.get("/items/homes/7")
    assert ([*item["prices"]], [*item["fields"]]) == ([""], ["nearby"])
    ended = crm.client.delete(f"{PREFIX}/items/homes/7", headers=crm.headers)
    assert ended.json()["gone_at"] == "2026-03-02T09:00Z"
    assert [i["id"] for i in crm.get("/items/homes")["items"]] == ["8"]
    assert [i["id"] for i in crm.get("/items/homes", gone=True)["items"]] == ["7"]
    (catalog,) = crm.get("/items")["items"]
    assert (catalog["items"], catalog["gone"], catalog["file"]) == (1, 1, "")
    crm.post("/items/homes", {"id": "7"})
    assert [i["id"] for i in crm.all("/items/homes", limit=1)] == ["7", "8"]


def test_mistakes_do_not_keep_the_neighbours_out(crm: Crm) -> None:
    items: list[Any] = [
        {"id": "good"},
        {"id": " "},
        {"id": "a", "stock": -1},
        {"id": "b", "url": "example.com"},
        {"id": "c", "colour": "red"},
        {"id": "d", "prices": {"DE": {"amount": 1}}},
        {"id": "e", "fields": {"two words": 1}},
        {"id": "f", "valid_from": "2026-02-02", "valid_until": "2026-02-01"},
        {"id": "g", "fields": {"big": "x" * 40_000}},
        "h",
        {"id": "i", "fields": {"huge": 987654321}},
        {"id": "j", "fields": {"huge": [10**29, 10**1000]}},
        {"id": 10**1000},
    ]
    text = json.dumps(items).replace("987654321", "1e987654321")
    said = crm.post("/items/goods", text.encode())
    assert said["new"] == 1
    assert [(r["index"], r["code"], r["where"]) for r in said["refused"]] == [
        (1, "item.id", "$[1].id"),
        (2, "item.stock", "$[2].stock"),
        (3, "item.url", "$[3].url"),
        (4, "request.shape", "$[4]"),
        (5, "item.currency", "$[5].prices.DE"),
        (6, "item.field_name", "$[6].fields"),
        (7, "item.validity", "$[7].valid_until"),
        (8, "item.too_large", "$[8].fields"),
        (9, "request.shape", "$[9]"),
        (10, "item.field", "$[10].fields.huge"),
        (11, "item.field", "$[11].fields.huge"),
        (12, "item.field", "$[12].id"),
    ]
    assert crm.post("/items/goods", [], status=400)["code"] == "items.number"
    assert crm.post("/items/Goods!", {"id": "x"}, status=400)["code"] == "catalog.name"
    assert crm.get("/items/good%00s", status=404)["code"] == "catalog.unknown"
    assert crm.get("/items/goods/a%00", status=404)["code"] == "item.unknown"
    assert crm.get("/items/good", status=404)["code"] == "catalog.unknown"
    assert crm.get("/items/goods/x", status=404)["code"] == "item.unknown"
    # sound by itself, but not with what the item says already: nothing of it is written
    crm.post("/items/goods", {"id": "good", "valid_from": "2026-02-02"})
    late = [{"id": "new"}, {"id": "good", "valid_until": "2026-01-01"}]
    assert crm.post("/items/goods", late, status=400)["code"] == "item.validity"
    assert len(crm.get("/items/goods")["items"]) == 1


def run(folder: Path, *arguments: str) -> Result:
    words = ["items", *arguments, "--workspace", str(folder)]
    return CliRunner().invoke(app, words, catch_exceptions=False)


def test_commands_work_beside_a_running_server(tmp_path: Path, empty_records: Path) -> None:
    with serve_shop(tmp_path / "shop", empty_records) as served:
        folder = served.shop.path
        (folder / "catalog").mkdir(exist_ok=True)
        (folder / "catalog" / "offers.toml").write_text(OFFERS, "utf-8")
        (folder / "catalog" / "offers.csv").write_text(ROWS, "utf-8")
        checked = run(folder, "check")
        assert checked.exit_code == 0
        assert "catalog/offers.csv:4:1: warning item.price" in checked.stdout
        first = json.loads(run(folder, "import", "--json").stdout)["catalogs"][0]
        assert (first["new"], first["refused"]) == (2, {"item.price": 1})
        assert "nothing has changed" in run(folder, "import").stdout
        assert "1.50 EUR" in run(folder, "list", "offers").stdout
        assert "offers.csv" in run(folder, "list").stdout
        assert "One" in run(folder, "show", "offers", "a").stdout
        assert run(folder, "show", "offers", "z").exit_code == 5
        assert len(load_assortment("offers")) == 2
        assert "forgotten" in run(folder, "remove", "offers").stderr
        (folder / "catalog" / "offers.toml").write_text('file = "none.csv"', "utf-8")
        checked = run(folder, "check")
        assert checked.exit_code == 4 and "catalog/none.csv: error file.absent" in checked.stdout
        assert run(folder, "import").exit_code == 5
