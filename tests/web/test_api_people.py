"""Contacts, accounts, records and events over the API: what is written is found again."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from api_client import Crm
from opened_shop import NOW, Shop, open_shop

from lettershop.app.rebuild import rebuild
from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import parse_instant
from lettershop.model.facts import AnyFact, ContactFact, EventFact
from lettershop.web.api import PREFIX, accounts


@pytest.fixture
def crm(shop: Shop) -> Crm:
    return Crm(shop)


def say(shop: Shop, *facts: AnyFact) -> None:
    with shop.engine.write() as workspace:
        load(workspace.store, facts)


def test_a_person_is_written_changed_and_looked_at(crm: Crm) -> None:
    anna = {
        "user_id": "U1",
        "email": "Anna@Example.com",
        "traits": {
            "name": "Anna Ö",
            "mrr": 12.5,
            "seats": 7,
            "trial_end": "2026-04-01",
            "seen": "2026-01-02T03:04:05.678Z",
            "tags": ["a", "b"],
            "vip": True,
            "home": {"lat": 1.5, "lon": -2},
        },
        "accounts": [{"account": "acme", "role": "admin"}],
    }
    assert crm.post("/contacts", anna)["new"] == 1
    crm.post("/accounts", {"id": "acme", "traits": {"name": "Acme Inc"}})
    told = crm.get("/contacts/U1")
    assert told["contact"] == "user:U1"
    assert told["identities"] == ["user:U1", "email:anna@example.com"]
    assert {name: (v["type"], v["value"]) for name, v in told["traits"].items()} == {
        "user_id": ("text", "U1"),
        "email": ("text", "anna@example.com"),
        "name": ("text", "Anna Ö"),
        "mrr": ("number", 12.5),
        "seats": ("number", 7),
        "trial_end": ("date", "2026-04-01"),
        "seen": ("time", "2026-01-02T03:04:05.678Z"),
        "tags": ("list", ["a", "b"]),
        "vip": ("boolean", True),
        "home": ("location", {"lat": 1.5, "lon": -2.0}),
    }
    assert told["known_since"] == NOW
    [membership] = told["accounts"]
    assert membership == {
        "account": "acme",
        "name": "Acme Inc",
        "role": "admin",
        "joined": NOW,
        "active": True,
    }
    changed = crm.post("/contacts", {"email": "anna@example.com", "traits": {"mrr": None}})
    assert (changed["new"], changed["changed"]) == (0, 1)
    assert "mrr" not in crm.get("/contacts/anna@example.com")["traits"]
    crm.post("/contacts", {"user_id": "U1", "accounts": [{"account": "acme", "joined": False}]})
    [left] = crm.get("/contacts/email:anna@example.com/accounts")["items"]
    assert not left["active"] and crm.get("/accounts/Acme Inc/people")["items"] == []


def test_numbers_keep_all_their_digits(crm: Crm) -> None:
    body = b'{"id": "D1", "fields": {"amount": 999999999999.123456, "small": 0.000001}}'
    crm.post("/records/deal", body)
    answer = crm.client.get(PREFIX + "/records/deal/D1", headers=crm.headers)
    assert b'"value":999999999999.123456' in answer.content
    assert crm.get("/records/deal/D1")["fields"]["small"]["value"] == 0.000001


def test_what_is_said_later_wins_within_one_millisecond(crm: Crm) -> None:
    for stage in ("won", "lost", "won", "lost"):
        crm.post("/records/deal", {"id": "D1", "fields": {"stage": stage}})
    twice = [{"id": "D1", "fields": {"stage": s}} for s in ("open", "won")]
    assert crm.post("/records/deal", twice)["changed"] == 2
    assert crm.get("/records/deal/D1")["fields"]["stage"]["value"] == "won"
    earlier = {"id": "D1", "fields": {"stage": "old"}, "at": "2025-01-01T00:00Z"}
    crm.post("/records/deal", earlier)
    assert crm.get("/records/deal/D1")["fields"]["stage"]["value"] == "won"


def test_records_are_linked_moved_and_deleted(crm: Crm) -> None:
    crm.post("/contacts", {"user_id": "U1"})
    crm.post("/records/deal", {"id": 7, "contact": "U1", "account": "acme"})
    found = crm.get("/records/deal/7")
    assert (found["id"], found["contact"], found["account"]) == ("7", "user:U1", "acme")
    crm.post("/records/deal", {"id": "7", "contact": "New@Example.com", "deleted": True})
    found = crm.get("/records/deal/7")
    assert (found["contact"], found["deleted"]) == ("email:new@example.com", True)
    assert crm.get("/records/deal/8", 404)["code"] == "record.unknown"
    assert crm.get("/records/ticket/7", 404)["hint"] == "known kinds: deal"


def test_mistakes_do_not_keep_the_neighbours_out(crm: Crm) -> None:
    items = [
        {"id": "D1"},
        {"id": None},
        "nonsense",
        {"id": "D2", "fields": []},
        {"id": "D3", "colour": "red"},
        {"id": "null"},
        {"id": "D4", "contact": "email:nobody"},
        {"id": "D5", "at": "yesterday"},
        {"id": "D6", "fields": {"@deleted": True}},
        {"id": "D7", "fields": {f"f{i}": 1 for i in range(501)}},
        {"id": "D8", "fields": {"ok": 1}},
    ]
    told = crm.post("/records/deal", items)
    assert (told["received"], told["new"], told["changed"]) == (11, 2, 0)
    assert [(r["index"], r["code"], r["where"]) for r in told["refused"]] == [
        (1, "item.shape", "$[1].id"),
        (2, "item.shape", "$[2]"),
        (3, "item.shape", "$[3].fields"),
        (4, "item.shape", "$[4]"),
        (5, "identity.blocked", "$[5].id"),
        (6, "email.invalid", "$[6].contact"),
        (7, "call.time", "$[7]"),
        (8, "item.field_name", "$[8].fields"),
        (9, "item.too_many_fields", "$[9].fields"),
    ]
    assert crm.get("/records/deal/D8")["fields"]["ok"]["value"] == 1


def test_lists_are_paged_without_gaps(crm: Crm) -> None:
    crm.post("/contacts", [{"user_id": f"U{i}", "traits": {"name": f"Bo {i}"}} for i in range(23)])
    crm.post("/accounts", [{"id": f"A{i}"} for i in range(7)])
    everybody = crm.all("/contacts", 5)
    assert [c["user_id"] for c in everybody] == [f"U{i}" for i in reversed(range(23))]
    found = crm.all("/contacts", 4, q="bo 2")
    assert [c["user_id"] for c in found] == ["U22", "U21", "U20", "U2", "U12"]
    assert [a["account"] for a in crm.all("/accounts", 3)] == [f"A{i}" for i in reversed(range(7))]
    crm.post("/contacts", [{"user_id": f"U{i}", "accounts": [{"account": "A1"}]} for i in range(9)])
    members = [p["user_id"] for p in crm.all("/accounts/A1/people", 2)]
    assert sorted(members) == [f"U{i}" for i in range(9)]
    page = crm.get("/contacts", limit=2)
    other = crm.get("/accounts", 422, cursor=page["next"])
    assert other["code"] == "request.cursor"


def test_a_page_stays_in_place_while_more_arrives(crm: Crm) -> None:
    crm.post("/contacts", [{"user_id": f"U{i}"} for i in range(4)])
    first = crm.get("/contacts", limit=2)
    crm.post("/contacts", [{"user_id": f"V{i}"} for i in range(4)])
    second = crm.get("/contacts", limit=2, cursor=first["next"])
    assert [c["user_id"] for c in first["items"] + second["items"]] == ["U3", "U2", "U1", "U0"]


def test_a_timeline_tells_what_happened(crm: Crm) -> None:
    crm.post("/contacts", {"user_id": "U1", "accounts": [{"account": "acme", "role": "admin"}]})
    crm.shop.clock.advance(60_000)
    crm.post("/records/deal", {"id": "D1", "account": "acme", "fields": {"amount": 5}})
    crm.shop.clock.advance(60_000)
    now = crm.shop.clock.now()
    say(
        crm.shop,
        EventFact(
            ts=now,
            received_at=now,
            message_id="m1",
            name="Signed In",
            contact="user:U1",
            properties={"from": "web", "n": 1},
        ),
    )
    told = crm.all("/contacts/U1/timeline", 1)
    assert [entry["kind"] for entry in told] == ["event", "traits", "membership"]
    assert told[0] == {
        "kind": "event",
        "ts": "2026-03-02T09:02Z",
        "received_at": "2026-03-02T09:02Z",
        "message_id": "m1",
        "name": "Signed In",
        "contact": "user:U1",
        "account": "acme",
        "stated": False,
        "properties": {"from": "web", "n": 1},
    }
    of_account = crm.all("/accounts/acme/timeline", 2)
    assert [e["kind"] for e in of_account] == ["event", "record", "traits", "membership"]
    assert of_account[1]["record"] == "deal" and of_account[1]["fields"] == {
        "id": "D1",
        "amount": 5,
    }
    assert crm.all("/events", 1) == told[:1]
    assert crm.all("/accounts/acme/timeline", 2, kind="record") == of_account[1:2]
    assert crm.all("/contacts/U1/timeline", 2, name="Signed In") == told[:1]
    assert crm.all("/contacts/U1/timeline", 2, since="2026-03-02T09:02Z") == told[:1]
    assert crm.all("/contacts/U1/timeline", 2, until="2026-03-02T09:02Z") == told[1:]
    [name] = crm.get("/events/names")["items"]
    assert (name["name"], name["count"], name["last"]) == ("Signed In", 1, "2026-03-02T09:02Z")
    assert [p["name"] for p in name["properties"]] == ["from", "n"]
    assert crm.get("/events", 422, since="soon")["where"] == "since"
    assert crm.get("/contacts/U1/timeline", 422, kind="poem")["where"] == "query.kind"


def test_merged_contacts_are_one(crm: Crm) -> None:
    at = parse_instant(NOW)
    every: dict[str, Any] = {"ts": at, "received_at": at}
    say(
        crm.shop,
        ContactFact(**every, message_id="a", contact="anon:x", traits={"plan": "pro"}),
        ContactFact(**every, message_id="b", contact="user:U1"),
    )
    assert len(crm.get("/contacts", anonymous="true")["items"]) == 2
    told = crm.post("/contacts", {"user_id": "U1", "anonymous_id": "x"})
    assert (told["new"], told["changed"]) == (0, 1)
    [one] = crm.get("/contacts", anonymous="true")["items"]
    assert one["contact"] == "user:U1"
    assert crm.get("/contacts/anon:x") == crm.get("/contacts/U1")
    assert crm.get("/contacts/U1")["traits"]["plan"]["value"] == "pro"
    refused = crm.post("/contacts", {"user_id": "U2", "anonymous_id": "x"})
    assert [note["code"] for note in refused["notes"]] == ["identity.not_joined"]


def test_segments_of_a_contact(crm: Crm) -> None:
    crm.post("/contacts", [{"user_id": "U1", "traits": {"plan": "pro"}}, {"user_id": "U2"}])
    text = "[[segment]]\nname = 'pros'\nwhere = 'plan = \"pro\"'\n"
    (crm.shop.path / "segments" / "plans.toml").write_text(text)
    assert crm.get("/contacts/U1", segments="true")["segments"] == ["pros"]
    assert crm.get("/contacts/U2", segments="true")["segments"] == []
    assert crm.get("/contacts/U1")["segments"] is None


def test_what_was_written_is_kept_for_a_rebuild(crm: Crm) -> None:
    crm.post("/records/deal", b'{"id": "D1", "fields": {"amount": 12.50}}')
    [body] = (crm.shop.path / "data" / "kept").iterdir()
    assert b'"amount":12.5' in body.read_bytes()
    crm.post("/records/deal", b'{"id": null}', 400)
    assert len(body.read_bytes().splitlines()) == 1


def test_during_a_long_import_a_writer_is_told_to_come_back(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "WAIT", 0.05)
    begun, go_on = Event(), Event()

    def import_slowly() -> None:
        with crm.shop.engine.write():
            begun.set()
            assert go_on.wait(20)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(import_slowly)
        assert begun.wait(20)
        problem = crm.post("/accounts", {"id": "A1"}, 503)
        assert crm.get("/accounts")["items"] == []
        go_on.set()
    assert problem["code"] == "engine.busy"
    assert crm.post("/accounts", {"id": "A1"})["new"] == 1


def test_a_rebuild_says_everything_again(tmp_path: Path, empty_records: Path) -> None:
    paths = ("/contacts", "/contacts/U1", "/contacts/U1/timeline", "/accounts", "/records/deal/7")
    with open_shop(tmp_path / "shop", empty_records) as shop:
        crm = Crm(shop)
        crm.post("/contacts", {"user_id": "U1", "traits": {"mrr": 12.5, "at": "2026-01-01"}})
        crm.post("/contacts", {"user_id": "U1", "email": "a@b.de", "traits": {"mrr": None}})
        crm.post("/accounts", {"id": "acme", "traits": {"name": "Acme"}})
        crm.post("/records/deal", {"id": 7, "contact": "U1", "fields": {"amount": 0.000001}})
        before = [crm.get(path) for path in paths]
    assert rebuild(tmp_path / "shop").calls == 4
    with open_shop(tmp_path / "shop", empty_records):
        assert [crm.get(path) for path in paths] == before
