"""Merges, pulls and backups over the API, by role."""

import json
import sqlite3
import tarfile
from contextlib import closing
from typing import Any

import pytest
from opened_shop import Shop

from lettershop.engines.duckdb.rows import load
from lettershop.model.facts import ContactFact

API = "/api/v1"
PULL = """[pull]
url_from = "TEST_CRM_URL"
query = "SELECT * FROM customers"
high_water = "version"
every = "1 hour"
[contact]
user_id = "id"
"""


def ask(shop: Shop, method: str, path: str, status: int = 200, **body: Any) -> Any:
    role = body.pop("role", "owner")
    options = {"content_type": "application/json", "data": json.dumps(body)} if body else {}
    query = options or ({"content_type": "application/json"} if method == "POST" else {})
    found = getattr(shop.client(role), method.lower())(API + path, **query)
    assert found.status_code == status, found.content
    return found.json()


def test_merges_are_listed_by_pages_and_taken_back(shop: Shop) -> None:
    def fact(n: int, contact: str, *also: str) -> ContactFact:
        return ContactFact(ts=n, received_at=n, message_id=f"m{n}", contact=contact, also=also)

    with shop.engine.write() as workspace:
        facts = [f for n in range(3) for f in (
            fact(10 * n, f"email:a{n}@a.example"),
            fact(10 * n + 1, f"user:U{n}"),
            fact(10 * n + 2, f"user:U{n}", f"email:a{n}@a.example"),
        )]  # fmt: skip
        for one in facts:
            load(workspace.store, [one])
    first = ask(shop, "GET", "/merges?limit=2")
    second = ask(shop, "GET", f"/merges?limit=2&cursor={first['next']}")
    found = [*first["items"], *second["items"]]
    assert [m["id"] for m in found] == [3, 2, 1] and second["next"] is None
    assert {m["undone_at"] for m in found} == {None}
    assert ask(shop, "POST", "/merges/2/undo", 403, role="viewer")["code"] == "access.role"
    undone = ask(shop, "POST", "/merges/2/undo")
    assert undone["undone_at"] is not None
    assert ask(shop, "POST", "/merges/2/undo", 422)["code"] == "merge.undone"
    assert ask(shop, "POST", "/merges/77/undo", 404)["code"] == "merge.unknown"
    with shop.engine.read() as workspace:
        assert workspace.count("everyone").size == 4


def test_a_pull_is_tried_and_run(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    path = shop.path.parent / "crm.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE customers (id TEXT, version INT)")
        database.execute("INSERT INTO customers VALUES ('p1', 1), ('p2', 2)")
    (shop.path / "sources/crm.pull.toml").write_text(PULL, "utf-8")
    failed = ask(shop, "POST", "/pulls/crm/run", 400, dry_run=False)
    assert failed["code"] == "pull.address" and "TEST_CRM_URL" in failed["detail"]
    monkeypatch.setenv("TEST_CRM_URL", f"sqlite:///{path}")
    assert ask(shop, "POST", "/pulls/crm/run", 403, role="viewer", dry_run=True)["code"]
    tried = ask(shop, "POST", "/pulls/crm/run", dry_run=True)
    assert (tried["rows"], tried["high_water"]) == (2, None)
    assert ask(shop, "POST", "/pulls/crm/run", dry_run=False)["high_water"] == "2"
    (state,) = ask(shop, "GET", "/pulls", role="viewer")["items"]
    assert (state["rows"], state["code"], state["last_run"]) == (2, "", "2026-03-02T09:00Z")
    assert ask(shop, "POST", "/pulls/nobody/run", 404, dry_run=True)["code"] == "pull.unknown"


def test_a_backup_goes_where_the_server_keeps_them(shop: Shop) -> None:
    made = ask(shop, "POST", "/backups", target="")
    with tarfile.open(made["path"]) as archive:
        assert "data/facts.duckdb" in archive.getnames()
    assert made["path"].startswith(str(shop.path / "data/backups"))
    target = str(shop.path.parent / "elsewhere.tar")
    assert ask(shop, "POST", "/backups", 403, target=target)["code"] == "access.role"
    assert ask(shop, "POST", "/backups", 403, role="editor", target="")["code"] == "access.role"
