"""`lettershop contact merges` and `unmerge`, as they are typed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lettershop.app import Workspace
from lettershop.cli import app
from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import parse_instant
from lettershop.model.facts import ContactFact

NOON = parse_instant("2026-01-01T12:00Z")


def said(number: int, *ids: str) -> ContactFact:
    ts = NOON + number * 1000
    return ContactFact(ts=ts, received_at=ts, message_id=f"m{number}", contact=ids[0], also=ids[1:])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Workspace.init(tmp_path)
    with Workspace.open(tmp_path) as shop:
        load(shop.store, [said(1, "anon:x"), said(2, "user:ann"), said(3, "user:ann", "anon:x")])
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["contact", *words, "--workspace", str(folder)])


def test_merges_are_listed_and_undone(folder: Path) -> None:
    listed = run(folder, "merges")
    assert listed.exit_code == 0
    assert "2026-01-01T12:00:03Z" in listed.stdout
    assert "user:ann" in listed.stdout and "anon:x" in listed.stdout
    undone = run(folder, "unmerge", "1")
    assert undone.stdout == "anon:x and user:ann are two contacts again.\n"
    [found] = json.loads(run(folder, "merges", "--json").stdout)["merges"]
    assert (found["id"], found["contact"], found["absorbed"]) == (1, "user:ann", "anon:x")
    assert found["identities"] == ["anon:x"] and found["undone_at"] is not None


def test_what_cannot_be_undone(folder: Path) -> None:
    assert json.loads(run(folder, "unmerge", "1", "--json").stdout)["absorbed"] == "anon:x"
    again = run(folder, "unmerge", "1")
    assert again.exit_code == 2 and "[merge.undone]" in again.stderr
    unknown = run(folder, "unmerge", "9")
    assert unknown.exit_code == 5 and "lettershop contact merges" in unknown.stderr


def test_nothing_merged_is_said_so(tmp_path: Path) -> None:
    Workspace.init(tmp_path)
    empty = run(tmp_path, "merges")
    assert (empty.exit_code, empty.stdout) == (0, "")
    assert "no two contacts have become one" in empty.stderr
