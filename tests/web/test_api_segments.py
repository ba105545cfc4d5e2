"""The API answers questions about segments as the workspace does."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opened_shop import Shop, open_shop
from sample import CONTACTS, TODAY, make_sample

from lettershop.language.jsonform import from_json

API = "/api/v1"
QUIET = "gone-quiet"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, empty_records: Path) -> Iterator[Shop]:
    """The demo's company, open as a server has it."""
    folder = make_sample(tmp_path_factory.mktemp("filled") / "shop")
    with open_shop(folder, empty_records) as shop:
        yield shop


@pytest.fixture
def ask(filled: Shop) -> "Ask":
    return Ask(filled)


class Ask:
    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.client = shop.client("viewer")

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        query.setdefault("as_of", TODAY)
        found = self.client.get(API + path, query)
        assert found.status_code == status, found.content
        return found.json()

    def post(self, path: str, status: int = 200, **body: Any) -> Any:
        found = self.client.post(API + path, json.dumps(body), "application/json")
        assert found.status_code == status, found.content
        return found.json()


def test_listing_and_card_agree_with_the_workspace(ask: Ask) -> None:
    listed = ask.get("/segments")
    assert listed["broken"] == {}
    with ask.shop.engine.read() as workspace:
        own = {s.name: s.size for s in workspace.segments(1_590_969_600_000)}
    assert {s["name"]: s["size"] for s in listed["segments"]} == own
    card = ask.get("/segments/size-2-10")
    assert card["segment"]["as_of"] == TODAY
    assert sum(n["size"] for n in card["neighbours"]) == card["segment"]["universe"]


def test_members_by_pages_are_all_and_each_once(ask: Ask) -> None:
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = ask.get(f"/segments/{QUIET}/members", limit=7, cursor=cursor)
        assert len(page["items"]) <= 7
        seen += [row["identity"] for row in page["items"]]
        cursor = page["next"]
    with ask.shop.engine.read() as workspace:
        own = [row["identity"] for row in workspace.segment(QUIET, 1_590_969_600_000).members()]
    assert seen == own and len(own) > 14
    page = ask.get(f"/segments/{QUIET}/members", limit=2, columns=["email", "identity"])
    assert page["columns"] == ["email", "identity"] == list(page["items"][0])
    assert page["size"] == len(own)


def test_members_as_csv(ask: Ask) -> None:
    found = ask.client.get(f"{API}/segments/{QUIET}/members.csv", {"as_of": TODAY})
    text = b"".join(found.streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert found["X-Total-Count"] == str(len(rows)) and int(found["Content-Length"]) > 100
    assert {"identity", "email"} <= set(rows[0])
    assert 'filename="gone-quiet.csv"' in found["Content-Disposition"]


def test_a_condition_is_checked_counted_and_previewed(ask: Ask) -> None:
    text = "score >= 10"
    checked = ask.post("/conditions/check", text=text)
    assert checked["findings"] == [] and "score" in checked["sentence"]
    again = from_json(json.dumps(checked["json"]))
    counted = ask.post("/conditions/count", text=text, as_of=TODAY)
    with ask.shop.engine.read() as workspace:
        assert workspace.count(text, "contact", 1_590_969_600_000).size == counted["size"] > 20
    assert again.subject == "contact"
    shown = ask.post(
        "/conditions/preview", text=text, as_of=TODAY, sample=5, columns=["identity", "score"]
    )
    assert shown["segment"] == counted and len(shown["sample"]) == 5
    assert all(row["score"] >= 10 and list(row) == ["identity", "score"] for row in shown["sample"])
    nobody = ask.post("/conditions/preview", text="score > 100000", as_of=TODAY)
    assert nobody["sample"] == [] and nobody["segment"]["size"] == 0


def test_what_is_wrong_with_a_condition_is_said_with_its_place(ask: Ask) -> None:
    checked = ask.post("/conditions/check", text="scroe >= 10")
    assert checked["findings"][0]["code"] == "field.unknown"
    assert checked["findings"][0]["span"]["column"] == 1
    unread = ask.post("/conditions/check", text="score >")
    assert unread["sentence"] is None is unread["json"] and unread["findings"]
    problem = ask.post("/conditions/count", 422, text="scroe >= 10")
    assert problem["findings"][0]["code"] == problem["code"] == "field.unknown"


def test_explain_overlap_and_sql(ask: Ask) -> None:
    first = ask.get(f"/segments/{QUIET}/members", limit=1)["items"][0]["identity"]
    told = ask.get(f"/segments/{QUIET}/explain", who=first)
    assert told["member"] is True and told["lines"]
    pair = ask.get("/overlap", names=["top-100", QUIET])
    assert pair["matrix"][0][1] == pair["matrix"][1][0] and pair["matrix"][0][0] == 100
    assert "SELECT" in ask.get("/segments/commuters/sql")["sql"]


def test_the_catalog_and_the_newest_event(ask: Ask) -> None:
    found = ask.get("/catalog")
    assert found["contact"]["score"]["type"] == "number"
    assert found["events"]["Signed In"]["rows"] > CONTACTS
    assert ask.get("/catalog/newest")["time"].startswith("2020-05-31T")


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        ("/segments/nobody", {}, 404, "segment.unknown"),
        ("/segments/nobody/members", {}, 404, "segment.unknown"),
        ("/segments/nobody/members.csv", {}, 404, "segment.unknown"),
        (f"/segments/{QUIET}/explain", {"who": "nobody"}, 404, "contact.unknown"),
        (f"/segments/{QUIET}/explain", {}, 422, "request.invalid"),
        (f"/segments/{QUIET}/members", {"cursor": "x"}, 422, "request.cursor"),
        (f"/segments/{QUIET}/members", {"limit": 0}, 422, "request.invalid"),
        (f"/segments/{QUIET}/members", {"columns": "pet"}, 422, "members.column"),
        ("/overlap", {"names": ["top-100", "solo"]}, 422, "overlap.subjects"),
        ("/overlap", {"names": ["solo"] * 101}, 422, "overlap.too_many"),
        ("/segments", {"as_of": "yesterday"}, 422, "time.unreadable"),
        ("/segments", {"as_of": "9999-12-31T23:59:59-23:00"}, 422, "time.unreadable"),
        ("/segments", {"as_of": "0001-01-01T00:00+01:00"}, 422, "time.unreadable"),
    ],
)
def test_mistakes_have_codes(
    ask: Ask, path: str, query: dict[str, Any], status: int, code: str
) -> None:
    assert ask.get(path, status, **query)["code"] == code


def test_names_may_hold_any_printable_character(ask: Ask) -> None:
    name = "50 % off / “ü”?"
    file = ask.shop.path / "segments" / "odd.toml"
    file.write_text(f"name = {json.dumps(name)}\nwhere = 'score >= 10'\n", "utf-8")
    try:
        path = "/segments/50%20%25%20off%20%2F%20%E2%80%9C%C3%BC%E2%80%9D%3F"
        assert ask.get(path)["segment"]["name"] == name
        assert ask.get(path + "/members", limit=1)["size"] > 0
    finally:
        file.unlink()
