"""Transitions, size history, cursors and webhooks over the API, by role."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from api_client import Crm
from moves import keep, write
from opened_shop import Shop
from receiver import Receiver, receiver

from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import DAY, format_instant
from lettershop.model.facts import ContactFact, MembershipFact

API = "/api/v1"


@pytest.fixture
def crm(shop: Shop) -> Crm:
    """Three people, one in an account; six transitions in two segments."""
    at = {"ts": 1, "received_at": 1}
    people = [ContactFact(**at, message_id=f"c{n}", contact=f"user:U{n}") for n in range(3)]
    member = MembershipFact(**at, message_id="m", contact="user:U1", account="acme")
    start = shop.clock.now() - 10 * DAY
    with shop.engine.write() as workspace:
        store = workspace.store
        load(store, [*people, member])
        keep(store, "vips", "contact", start)
        keep(store, "admins", "people", start)
        write(store, start, "vips", "definition", 0, 1)
        write(store, start + DAY, "admins", "event", 0)
        write(store, start + 2 * DAY, "vips", "time", ~0, 2)
        write(store, start + 3 * DAY, "trait:score", "event", 0)
    return Crm(shop)


def ids(page: Any) -> list[int]:
    return [one["id"] for one in page["items"]]


def ask(shop: Shop, role: Any, method: str, path: str, status: int, **body: Any) -> Any:
    more = {"data": json.dumps(body)} if body else {}
    found = getattr(shop.client(role), method.lower())(
        API + path, content_type="application/json", **more
    )
    assert found.status_code == status, found.content
    return found.json() if found.content else None


def test_pages_of_transitions(crm: Crm) -> None:
    page = crm.get("/transitions", limit=2)
    assert (ids(page), page["last"]) == ([0, 1], 1) and page["next"]
    page = crm.get("/transitions", limit=3, cursor=page["next"])
    assert (ids(page), page["last"], page["next"]) == ([2, 3, 4], 5, None)
    assert [one["id"] for one in crm.all("/transitions", 1, newest=True)] == [4, 3, 2, 1, 0]
    assert ids(crm.get("/transitions", after=3)) == [4]
    assert ids(crm.get("/transitions", hidden=True)) == [0, 1, 2, 3, 4, 5]
    assert ids(crm.get("/transitions", segment=["trait:score", "admins"])) == [2, 5]
    assert ids(crm.get("/transitions", cause=["event", "time"])) == [2, 3, 4]
    assert crm.get("/transitions", segment="nothing")["items"] == []
    assert crm.get("/transitions", cause="weather", status=422)["code"] == "request.invalid"
    many = [f"s{n}" for n in range(201)]
    assert crm.get("/transitions", segment=many, status=422)["code"] == "transitions.too_many"


def test_of_a_contact_and_of_an_account(crm: Crm) -> None:
    assert ids(crm.get("/transitions", contact="U0")) == [0, 3]
    assert ids(crm.get("/transitions", contact="user:U1", newest=True)) == [2, 1]
    found = crm.get("/transitions", account="acme")["items"]
    assert [(one["id"], one["contact"], one["account"]) for one in found] == [
        (2, "user:U1", "acme")
    ]
    assert crm.get("/transitions", contact="nobody", status=404)["code"] == "contact.unknown"


def test_the_newest_of_one_segment(crm: Crm) -> None:
    found = crm.all("/segments/vips/transitions", 1)
    assert [(one["id"], one["change"]) for one in found] == [
        (4, "entered"),
        (3, "left"),
        (1, "entered"),
        (0, "entered"),
    ]
    unknown = crm.get("/segments/nothing/transitions", status=404)
    assert unknown["code"] == "segment.not_kept"


def test_the_size_over_time(crm: Crm) -> None:
    found = crm.get("/segments/vips/history", points=11)
    sizes = [point["size"] for point in found["points"]]
    assert sizes == [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]
    assert [(p["entered"], p["left"]) for p in found["points"]][:4] == [
        (0, 0),
        (0, 0),
        (1, 1),
        (0, 0),
    ]
    start = crm.shop.clock.now() - 10 * DAY
    assert found["since"] == found["points"][0]["at"] == format_instant(start)
    before = crm.get(
        "/segments/vips/history",
        since=format_instant(start - DAY),
        until=format_instant(start),
        points=2,
        basis="effective",
    )
    assert [p["size"] for p in before["points"]] == [None, 2]
    assert crm.get("/segments/nothing/history", status=404)["code"] == "segment.not_kept"
    for wrong in ({"points": 1}, {"basis": "x"}, {"since": "2030-01-01", "until": "2029-01-01"}):
        crm.get("/segments/vips/history", status=422, **wrong)


def test_a_reader_goes_on_where_it_was(crm: Crm) -> None:
    shop = crm.shop
    assert crm.get("/cursors/sync", status=404)["code"] == "cursor.unknown"
    made = ask(shop, "editor", "PUT", "/cursors/sync", 200, position=-1)
    assert (made["name"], made["position"], made["behind"]) == ("sync", -1, 6)
    page = crm.get("/transitions", consumer="sync", limit=2)
    assert ids(page) == ids(crm.get("/transitions", consumer="sync", limit=2)) == [0, 1]
    assert ask(shop, "editor", "PUT", "/cursors/sync", 200, position=page["last"])["behind"] == 4
    page = crm.get("/transitions", consumer="sync", cause="time")
    assert (ids(page), page["last"]) == ([3, 4], 5)
    ask(shop, "editor", "PUT", "/cursors/sync", 200, position=5)
    assert crm.get("/transitions", consumer="sync")["items"] == []
    late = ask(shop, "editor", "PUT", "/cursors/sync", 200, position=1)
    assert late["position"] == 5, "an answer that comes late moves nothing back"
    assert ask(shop, "editor", "PUT", "/cursors/sync", 200, position=1, back=True)["position"] == 1
    (listed,) = crm.get("/cursors")["items"]
    assert listed["position"] == 1
    ask(shop, "editor", "DELETE", "/cursors/sync", 204)
    assert ask(shop, "editor", "DELETE", "/cursors/sync", 404)["code"] == "cursor.unknown"


def test_a_cursor_stays_within_what_there_is(crm: Crm) -> None:
    shop = crm.shop
    ahead = ask(shop, "editor", "PUT", "/cursors/sync", 422, position=6)
    assert ahead["code"] == "cursor.ahead" and crm.get("/cursors")["items"] == []
    assert ask(shop, "editor", "PUT", "/cursors/sync", 400, position=-2)["code"] == "request.shape"
    assert ask(shop, "viewer", "PUT", "/cursors/sync", 403, position=1)["code"] == "access.role"
    assert ask(shop, "editor", "PUT", f"/cursors/{'x' * 101}", 400, position=1)["code"]


def test_streams_end_by_themselves_where_nothing_can_wait(crm: Crm) -> None:
    """Under WSGI, as here: what there is, and readers come again."""
    answer: Any = crm.client.get(
        f"{API}/transitions/stream", {"after": 0, "segment": "vips"}, headers=crm.headers
    )
    assert answer["Content-Type"] == "text/event-stream" and answer["X-Accel-Buffering"] == "no"
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("retry: 2000\nid: 0\n\n")
    assert "id: 3\nevent: left\n" in text and "id: 4\nevent: entered\n" in text
    assert "definition" not in text and crm.shop.running.streams.open == 0


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as listening:
        yield listening


def test_webhooks_are_made_tried_and_removed(shop: Shop, hook: Receiver) -> None:
    new = {"name": "crm", "url": "https://hooks.example.com/in", "segments": ["vips"]}
    assert ask(shop, "viewer", "POST", "/webhooks", 403, **new)["code"] == "access.role"
    made = ask(shop, "editor", "POST", "/webhooks", 201, **new)
    assert made["secret"].startswith("ls_wh_")
    assert made["causes"] == ["event", "time", "trait"] and made["created_by"]
    (listed,) = ask(shop, "editor", "GET", "/webhooks", 200)["items"]
    assert "secret" not in listed and listed == {k: v for k, v in made.items() if k != "secret"}
    ask(shop, "viewer", "GET", "/webhooks", 403)
    assert ask(shop, "editor", "POST", "/webhooks", 400, **new)["code"] == "webhook.exists"
    private = new | {"name": "own", "url": hook.url(scheme="https")}
    ask(shop, "editor", "POST", "/webhooks", 201, **private)
    tried = ask(shop, "editor", "POST", "/webhooks/own/test", 200)
    assert tried["outcome"] == "failed" and "not in the public network" in tried["message"]
    assert hook.got == []
    (listed,) = ask(shop, "editor", "GET", "/webhooks/own/deliveries", 200)["items"]
    assert listed == tried
    assert ask(shop, "editor", "POST", "/webhooks/own/enable", 200)["enabled"] is True
    ask(shop, "editor", "DELETE", "/webhooks/own", 204)
    assert ask(shop, "editor", "POST", "/webhooks/own/test", 404)["code"] == "webhook.unknown"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"url": "http://hooks.example.com"}, 400, "webhook.url"),
        ({"url": "https://u:p@hooks.example.com"}, 400, "webhook.url"),
        ({"name": "No Slug"}, 400, "webhook.name"),
        ({"causes": ["weather"]}, 400, "request.shape"),
        ({"causes": []}, 201, ""),
        ({"secret": "mine"}, 400, "request.shape"),
    ],
)
def test_wrong_webhooks(shop: Shop, change: dict[str, Any], status: int, code: str) -> None:
    new = {"name": "crm", "url": "https://hooks.example.com/in"} | change
    assert ask(shop, "editor", "POST", "/webhooks", status, **new).get("code", "") == code
