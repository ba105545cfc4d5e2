"""Sources and their keys, refusals and what arrives just now."""

from collections import Counter

from opened_shop import NOW, Shop

from lettershop.access.keyring import KeyRing
from lettershop.app.live import Seen
from lettershop.engines.duckdb.refusals import Refused, keep_refusals
from lettershop.model.clock import parse_instant
from lettershop.web.api import PREFIX


def test_a_key_opens_until_it_is_revoked(shop: Shop) -> None:
    client, owner = shop.client(), shop.bearer("owner")
    made = client.post(
        PREFIX + "/sources",
        {"name": "www", "kind": "website"},
        content_type="application/json",
        headers=owner,
    )
    assert (made.status_code, made.json()["kind"], made.json()["keys"]) == (201, "website", [])
    key = client.post(PREFIX + "/sources/www/keys", headers=owner).json()
    ring = KeyRing()
    found = ring.find(key["key"])
    assert found is not None and found.name == "www"
    listed = client.get(PREFIX + "/sources", headers=owner)
    [source] = listed.json()["items"]
    assert [k["prefix"] for k in source["keys"]] == [key["prefix"]]
    assert key["key"] not in listed.content.decode()
    path = f"{PREFIX}/sources/www/keys/{key['prefix']}"
    assert client.delete(path, headers=owner).status_code == 204
    ring.refresh()
    assert ring.find(key["key"]) is None
    again = client.delete(path, headers=owner)
    assert (again.status_code, again.json()["code"]) == (404, "key.unknown")
    [source] = client.get(PREFIX + "/sources", headers=owner).json()["items"]
    assert source["keys"][0]["revoked"].endswith("Z")


def test_sources_that_cannot_be(shop: Shop) -> None:
    client, editor = shop.client(), shop.bearer("editor")
    for body, code in [
        ({"name": "Not A Slug"}, "source.name"),
        ({"name": "www", "kind": "carrier pigeon"}, "request.shape"),
        ({"kind": "website"}, "request.shape"),
        ({"name": "www", "colour": 1}, "request.shape"),
    ]:
        answer = client.post(PREFIX + "/sources", body, "application/json", headers=editor)
        assert (answer.status_code, answer.json()["code"]) == (400, code), body
    form = client.post(PREFIX + "/sources", {"name": "www"}, headers=editor)
    assert (form.status_code, form.json()["code"]) == (415, "request.media_type")
    absent = client.post(PREFIX + "/sources/www/keys", headers=shop.bearer("owner"))
    assert (absent.status_code, absent.json()["code"]) == (404, "source.unknown")


def test_refusals_are_paged_newest_first(shop: Shop) -> None:
    at = parse_instant(NOW)
    refused = [
        Refused(
            seq=i,
            index=0,
            source="www",
            received_at=at + i,
            code="call.time",
            message="not a time",
            raw='{"event": "<b>"}',
            level="error",
        )
        for i in range(5)
    ]
    with shop.engine.write() as workspace, workspace.store.transaction():
        keep_refusals(workspace.store, refused)
    client, cursor, found = shop.client("viewer"), "", []
    while cursor is not None:
        page = client.get(PREFIX + "/refusals", {"limit": 2, "cursor": cursor}).json()
        found += page["items"]
        cursor = page["next"]
    assert [one["seq"] for one in found] == [4, 3, 2, 1, 0]
    assert found[4]["received_at"] == NOW and found[0]["raw"] == '{"event": "<b>"}'


def test_live_shows_the_last_events_and_rates(shop: Shop) -> None:
    at = parse_instant(NOW)
    seen = [
        Seen(received_at=at + i, source="www", call="track", name=f"E{i}", who="user:1")
        for i in range(3)
    ]
    shop.running.live.add(seen, Counter(loaded=3, refused=1))
    told = shop.client("viewer").get(PREFIX + "/live", {"limit": 2}).json()
    assert [one["name"] for one in told["last"]] == ["E2", "E1"]
    assert told["rates"]["loaded"][-1] == 3 and told["rates"]["refused"][-1] == 1
    assert len(told["rates"]["loaded"]) == 60


def test_a_stopping_server_says_when_to_come_back(shop: Shop) -> None:
    client, viewer = shop.client(), shop.bearer("viewer")
    shop.engine.close()
    answer = client.get(PREFIX + "/contacts", headers=viewer)
    assert (answer.status_code, answer.json()["code"]) == (503, "server.stopping")
    assert int(answer["Retry-After"]) > 0
