"""The demo from end to end, through real files and the real importer, at a small scale."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from lettershop.app import Workspace
from lettershop.cli import app
from lettershop.delivery.mailbox.store import Store
from lettershop.demo.serving import serving
from lettershop.demo.workspace import MARK, prepare
from lettershop.model.errors import UsageError, WorkspaceError

TODAY = "2026-06-01"


def demo(folder: Path, *more: str) -> Result:
    arguments = ["demo", str(folder), "--contacts", "80", "--today", TODAY, *more]
    return CliRunner().invoke(app, arguments, catch_exceptions=False, env={"COLUMNS": "100"})


def told(folder: Path) -> Any:
    result = demo(folder, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_the_demo_tells_its_story_and_can_be_repeated(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    result = demo(folder)
    assert result.exit_code == 0, result.stderr
    assert max(map(len, result.stdout.splitlines())) <= 100
    for word in (
        "Tidewright",
        "events.jsonl.gz",
        "this is not an e-mail address",
        "vps-new-jersey",
        "each in exactly one",
        "who is in several",
        "why in, why not",
        "a letter, proved before it leaves",
        "nothing stands in the way of sending",
        "segment sql commuters",
    ):
        assert word in result.stdout
    own = folder / "segments" / "mine.toml"
    own.write_text("where = 'everyone'", "utf-8")
    again = told(folder)
    assert own.exists() and "mine" in [s["name"] for s in again["segments"]]
    for segment in again["segments"]:
        if segment["name"] != "mine":
            found = re.search(rf"^ {segment['name']} .*? ([\d,]+) +[\d.]+%", result.stdout, re.M)
            assert found and found[1] == f"{segment['size']:,}"
    assert again["proof"]["locked"] == ""
    sums = {r["path"].rpartition("/")[2]: r for r in again["imports"]}
    assert sums["contacts.csv"]["facts"] == {"contact": 80}
    assert sum(sums["contacts.csv"]["refused"].values()) == 4
    assert sums["events.jsonl.gz"]["duplicates"] > 0
    with Workspace.open(folder) as shop:
        assert shop.store.catalog().events["Signed In"].rows > 100


def test_nothing_but_an_earlier_demo_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine", "utf-8")
    result = demo(tmp_path)
    assert result.exit_code == 6 and "nothing was touched" in result.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["precious.txt"]


def test_a_demo_in_use_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Workspace.init(tmp_path / "demo")
    (folder / MARK).write_text("", "utf-8")
    Workspace.open(folder).close()

    def busy(*_: object, **__: object) -> None:
        raise WorkspaceError("workspace.in_use", "the workspace is in use by process 1")

    monkeypatch.setattr("lettershop.demo.workspace.Store.open", busy)
    assert demo(folder).exit_code == 6
    assert (folder / "data" / "facts.duckdb").exists()


def test_ctrl_c_ends_quietly_and_the_demo_can_be_repeated(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    program = [sys.executable, "-c", "from lettershop.cli import main; main()"]
    running = subprocess.Popen([*program, "demo", str(folder)], stderr=subprocess.PIPE, text=True)
    while not (folder / MARK).exists():
        assert running.poll() is None
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert (running.returncode, said) == (130, "stopped\n")
    assert prepare(folder) == folder


# --- with its server -----------------------------------------------------------------------------


def test_a_campaign_is_sent_and_read_by_made_up_readers(tmp_path: Path) -> None:
    """Twice over: of the first time nothing is left but what somebody wrote beside it."""
    folder = tmp_path / "demo"
    arguments = ["demo", str(folder), "--contacts", "120", "--port", "0", "--json"]
    for _ in range(2):
        result = CliRunner().invoke(app, arguments, catch_exceptions=False)
        assert result.exit_code == 0, result.stderr
        said = json.loads(result.stdout)
        assert said["campaign"]["state"] == "done" and said["campaign"]["accepted"] > 0
        assert said["readers"]["arrived"] == said["campaign"]["accepted"] == arrived(folder)
        assert said["readers"]["clicked"] >= 1
        assert said["owner"]["email"] == "owner@localhost" and len(said["owner"]["password"]) > 10
    assert [*(folder / "data" / "hits").iterdir()]  # told as facts at the next start


def arrived(folder: Path) -> int:
    store = Store(folder / "data" / "mailbox.sqlite")
    try:
        return store.count()
    finally:
        store.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_end_and_leaves_nobody_behind(
    tmp_path: Path, number: signal.Signals
) -> None:
    """Also where another program has the port that the settings name."""
    folder = Workspace.init(tmp_path / "demo")
    (folder / MARK).write_text("", "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as busy, running_demo(folder, busy) as running:
        url, said = greeted(running)
        assert not url.endswith(f":{busy.getsockname()[1]}")
        patient = {"timeout": 60.0, "trust_env": False}
        assert httpx.get(f"{url}/login", **patient).status_code == 200
        family = descendants(running.pid)
        assert len(family) >= 2  # the server and a sender
        running.send_signal(number)
        _, errors = running.communicate(timeout=120)
        assert running.returncode == 0, errors
        assert "owner@localhost" in said and "Ctrl-C ends it" in errors
        assert "letters of your-route have arrived" in said
        assert [one for one in family if alive(one)] == []


@contextmanager
def running_demo(folder: Path, busy: socket.socket) -> Iterator["subprocess.Popen[str]"]:
    """The settings name a port that is taken."""
    with (folder / "lettershop.toml").open("a") as file:
        file.write(f"port = {busy.getsockname()[1]}\n")
    # Whoever runs the tests in the background ignores Ctrl-C, and so would all that they start.
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    program = [sys.executable, "-c", f"{heard}; from lettershop.cli import main; main()", "demo"]
    with subprocess.Popen(
        [*program, str(folder), "--contacts", "120"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            yield running
        finally:
            running.terminate()


def greeted(running: "subprocess.Popen[str]") -> tuple[str, str]:
    """Where it is served, and what was said until then."""
    assert running.stdout is not None
    said = ""
    for line in running.stdout:
        said += line
        if "Mailbox" in line and (found := re.search(r"^Open +(http://[\d.]+:\d+)$", said, re.M)):
            return found[1], said
    raise AssertionError(said)


def descendants(pid: int) -> list[int]:
    """Of Linux: children, their children, and so on."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")  # each thread's own
    children = [child for task in tasks for child in task.read_text().split()]
    return [int(c) for c in children] + [d for c in children for d in descendants(int(c))]


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_a_server_that_does_not_start_says_where_to_look(tmp_path: Path) -> None:
    folder = Workspace.init(tmp_path / "shop")
    with (folder / "lettershop.toml").open("a") as file:
        file.write('records = "oracle://nobody"\n')
    with pytest.raises(UsageError, match="does not start") as caught, serving(folder, 0):
        pass
    assert caught.value.where.endswith("server.log")
    assert (folder / "data" / "server.log").read_text()
