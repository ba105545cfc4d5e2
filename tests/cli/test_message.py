"""`lettershop message …`: the same here and beside a server."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from message_shop import ORDER, message_shop
from opened_shop import migrated
from served_shop import serve_shop
from typer.testing import CliRunner

from lettershop.cli import app

SEND = ("message", "send", "receipt", "--to", "U1", "--data", "ORDER", "--key", "R-17")
STEPS: tuple[tuple[str, ...], ...] = (
    (*SEND, "--attach", "FILE", "--at", "2026-03-02T12:00Z"),
    (*SEND, "--attach", "FILE", "--at", "2026-03-02T12:00Z", "--json"),
    SEND,
    ("message", "send", "account/password", "--to", "new@example.com", "--name", "Nea"),
    ("message", "send", "offer", "--to", "U1", "--json"),
    ("message", "send", "receipt", "--to", "U1"),
    ("message", "send", "receipt", "--to", "U1", "--data", "FILE"),
    ("message", "send", "receipt", "--to", "U1", "--attach", "/none"),
    ("message", "show", "1", "--json"),
    ("message", "show", "--to", "ANN@example.com", "--json"),
    ("message", "show", "--to", "ann@example.com"),
    ("message", "show"),
    ("message", "show", "99"),
    ("content", "preview", "receipt", "--as", "U1", "--data", "ORDER"),
    ("content", "preview", "receipt", "--as", "U1"),
    ("content", "send-test", "receipt", "--as", "U1", "--data", "ORDER"),
)
CODES = [0, 0, 6, 2, 2, 4, 3, 3, 0, 0, 0, 2, 5, 0, 4, 0]
Said = tuple[int, str, str]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("messages")
    with message_shop(folder / "shop", migrated(folder / "empty"), 'seeds = ["me@example.com"]\n'):
        return folder / "shop"


def asked(folder: Path, beside: Path) -> list[Said]:
    (beside / "order.json").write_text(json.dumps(ORDER), "utf-8")
    (beside / "R-17.txt").write_text("not JSON", "utf-8")
    paths = {"ORDER": str(beside / "order.json"), "FILE": str(beside / "R-17.txt")}
    return [_said([paths.get(word, word) for word in step], folder) for step in STEPS]


def _said(step: list[str], folder: Path) -> Said:
    done = CliRunner().invoke(app, [*step, "-w", str(folder)], env={"COLUMNS": "120"})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def copy(filled: Path, tmp_path: Path) -> Callable[[str], Path]:
    return lambda name: shutil.copytree(filled, tmp_path / name)


def test_commands_say_the_same_here_and_beside_a_server(
    copy: Callable[[str], Path], tmp_path: Path
) -> None:
    here = asked(copy("here"), tmp_path)
    with serve_shop(copy("there")):
        there = asked(tmp_path / "there", tmp_path)
    assert [code for code, _, _ in here] == [code for code, _, _ in there] == CODES
    first, again = json.loads(here[1][1]), json.loads(there[1][1])
    for name in ("id", "to", "contact", "state", "key", "due_at"):
        assert first[name] == again[name]
    assert (first["to"], first["due_at"]) == ("Ann@example.com", "2026-03-02T12:00Z")
    assert "message 1 to Ann@example.com is planned" in here[0][1] + here[0][2]
    assert "[request.key_reused]" in here[2][2] and "message.marketing" in there[4][2]
    for said in (here, there):
        assert len(json.loads(said[9][1])["messages"]) == 1
        assert "receipt" in said[10][1] and "Receipt R-17 for Ann" in said[13][1]
