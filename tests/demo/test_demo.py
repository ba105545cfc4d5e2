"""The demo from end to end, through real files and the real importer, at a small scale."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from lettershop.app import Workspace
from lettershop.cli import app
from lettershop.demo.workspace import MARK, prepare
from lettershop.model.errors import WorkspaceError

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
