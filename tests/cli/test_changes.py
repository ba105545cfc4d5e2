"""`segment changes`, `segment history` and `webhook`: beside a server and without one."""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moves import keep, write
from opened_shop import migrated
from receiver import Receiver, Reply, receiver
from served_shop import Served, serve_shop, wait_for
from typer.testing import CliRunner

from lettershop.app import Workspace
from lettershop.cli import app
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.model.clock import DAY, parse_instant
from lettershop.model.facts import ContactFact

START = parse_instant("2026-02-01")
PROGRAM = "from lettershop.cli import main; main()"


@pytest.fixture(scope="module")
def empty_records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated(tmp_path_factory.mktemp("records"))


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three people and a segment since 1 February."""
    for name in [n for n in os.environ if n.startswith("LETTERSHOP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "120")
    folder = Workspace.init(tmp_path / "shop")
    with Workspace.open(folder) as workspace:
        fill(workspace.store)
    return folder


def fill(store: Store) -> None:
    at = {"ts": 1, "received_at": 1}
    mail = ("email:anna@example.com",)
    people = [
        ContactFact(**at, message_id="0", contact="user:U0", also=mail),
        ContactFact(**at, message_id="1", contact="user:U1"),
        ContactFact(**at, message_id="2", contact="anon:x"),
    ]
    load(store, people)
    keep(store, "vips", "contact", START)
    write(store, START, "vips", "definition", 0, 1)
    write(store, START + DAY, "vips", "event", 2, effective=START + DAY // 2)
    write(store, START + 2 * DAY, "vips", "time", ~0, ~2)


def say(shop: Path, *arguments: str) -> tuple[int, str, str]:
    found = CliRunner().invoke(app, [*arguments, "-w", str(shop)], catch_exceptions=False)
    return found.exit_code, found.stdout, found.stderr


COMMANDS: tuple[tuple[str, ...], ...] = (
    ("segment", "changes", "vips"),
    ("segment", "changes", "vips", "--limit", "2"),
    ("segment", "changes", "vips", "--json"),
    ("segment", "changes", "nobody"),
    ("segment", "changes", "a/b?c#d%2F", "--json"),
    ("segment", "history", "vips", "--until", "2026-02-04", "--points", "4"),
    ("segment", "history", "vips", "--until", "2026-02-04", "--points", "7", "--json"),
    ("segment", "history", "vips", "--since", "2026-01-31", "--until", "2026-02-02"),
    ("segment", "history", "vips", "--since", "2027-01-31", "--until", "2026-02-02"),
    ("segment", "history", "vips", "--since", "yesterday"),
    ("segment", "history", "nobody"),
)


def test_the_same_is_said_beside_a_running_server(shop: Path, empty_records: Path) -> None:
    local = [say(shop, *command) for command in COMMANDS]
    with serve_shop(shop, empty_records):
        remote = [say(shop, *command) for command in COMMANDS]
    for command, here, there in zip(COMMANDS, local, remote, strict=True):
        assert there == here, command
    assert [code for code, _, _ in local] == [0, 0, 0, 5, 5, 0, 0, 0, 2, 2, 5]


def test_who_entered_and_left(shop: Path) -> None:
    code, out, _ = say(shop, "segment", "changes", "vips", "--limit", "3")
    lines = [line.split() for line in out.splitlines()[2:]]
    assert code == 0 and lines == [
        ["2026-02-03T00:00Z", "left", "anon:x", "2026-02-03T00:00Z", "time"],
        ["2026-02-03T00:00Z", "left", "anna@example.com", "2026-02-03T00:00Z", "time"],
        ["2026-02-02T00:00Z", "entered", "anon:x", "2026-02-01T12:00Z", "event"],
    ]
    told = json.loads(say(shop, "segment", "changes", "vips", "--json")[1])
    assert [one["id"] for one in told["changes"]] == [4, 3, 2, 1, 0]


def test_how_large_it_was(shop: Path) -> None:
    command = ("segment", "history", "vips", "--since", "2026-01-31", "--until", "2026-02-03")
    _, out, _ = say(shop, *command, "--points", "4")
    lines = [line.split() for line in out.splitlines()[2:]]
    assert [line[:4] for line in lines] == [
        ["2026-01-31T00:00Z", "–"],
        ["2026-02-01T00:00Z", "2", "2", "0"],
        ["2026-02-02T00:00Z", "3", "1", "0"],
        ["2026-02-03T00:00Z", "1", "0", "2"],
    ]
    assert [len(line[4]) if len(line) > 4 else 0 for line in lines] == [0, 27, 40, 14]


def test_nobody_follows_without_a_server(shop: Path) -> None:
    code, out, err = say(shop, "segment", "changes", "vips", "--follow", "--json")
    assert (code, out) == (2, "") and json.loads(err)["error"]["code"] == "changes.no_server"


@pytest.fixture
def served(shop: Path, empty_records: Path) -> Iterator[Served]:
    with serve_shop(shop, empty_records) as server:
        yield server
        server.shop.running.streams.stop()


class Follower:
    """The command in a process of its own; its lines as they come."""

    def __init__(self, shop: Path, *more: str) -> None:
        command = ("segment", "changes", "vips", "--follow", "-w", str(shop), *more)
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def line(self, seconds: float = 20) -> str:
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as ready:
            ready.register(self.process.stdout, selectors.EVENT_READ)
            assert ready.select(seconds), "nothing is said"
        return self.process.stdout.readline()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=40)  # it has to start, beside other tests
        return self.process.returncode


def test_changes_are_followed_as_they_happen(served: Served) -> None:
    follower = Follower(served.shop.path, "--limit", "1", "--json")
    try:
        assert json.loads(follower.line())["id"] == 4
        streams = served.shop.running.streams
        wait_for(lambda: streams.open == 1)
        with served.shop.engine.write() as workspace:
            write(workspace.store, START + 3 * DAY, "calm", "event", 1)
            last = write(workspace.store, START + 3 * DAY, "vips", "manual", ~1)
        began = time.monotonic()
        streams.notify(last)
        told: Any = json.loads(follower.line())
        assert time.monotonic() - began < 2
        assert (told["id"], told["change"], told["cause"]) == (6, "left", "manual")
    finally:
        code = follower.stop()
    assert code == 130
    wait_for(lambda: streams.open == 0)


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as listening:
        yield listening


def test_webhooks_from_the_command_line(shop: Path, hook: Receiver) -> None:
    with (shop / "lettershop.toml").open("a") as file:
        file.write(f'webhook_hosts = ["{hook.host}"]\n')
    code, out, _ = say(shop, "webhook", "add", "crm", hook.url(), "--segment", "vips")
    assert code == 0 and out.startswith("signing secret of crm: ls_wh_")
    code, _, err = say(shop, "webhook", "add", "crm", hook.url())
    assert code == 3 and "webhook.exists" in err
    assert say(shop, "webhook", "add", "x", "http://a.example")[0] == 3
    assert say(shop, "webhook", "add", "x", hook.url(), "--cause", "weather")[0] == 3
    code, _, err = say(shop, "webhook", "test", "crm")
    assert code == 0 and err.startswith("delivered: answered 200")
    assert hook.got[0].json["type"] == "test"
    hook.replies = lambda _: Reply(404)
    code, out, _ = say(shop, "webhook", "test", "crm", "--json")
    assert code == 8 and json.loads(out)["status"] == 404
    listed = json.loads(say(shop, "webhook", "list", "--json")[1])["webhooks"]
    assert [(one["name"], one["segments"], one["enabled"]) for one in listed] == [
        ("crm", ["vips"], True)
    ]
    assert "enabled" in say(shop, "webhook", "list")[1]
    sent = json.loads(say(shop, "webhook", "deliveries", "crm", "--json")[1])["deliveries"]
    assert [one["outcome"] for one in sent] == ["failed", "delivered"]
    assert "answered 404" in say(shop, "webhook", "deliveries", "crm")[1]
    assert say(shop, "webhook", "enable", "crm")[0] == 0
    assert say(shop, "webhook", "remove", "crm")[0] == 0
    assert say(shop, "webhook", "remove", "crm")[0] == 5
