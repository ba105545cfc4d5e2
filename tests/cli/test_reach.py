"""Whom a command asks: a server that answers, or the folder; never a server that is not there."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sample import CONTACTS, TODAY
from served_shop import serve_shop
from typer.testing import CliRunner, Result

from lettershop.app.serving import NAME, Serving, write_serving
from lettershop.cli import app

COUNT = ("segment", "count", "everyone", "--as-of", TODAY)
HOLD = """
import sys
from lettershop.app import Workspace
with Workspace.open(sys.argv[1]):
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def shop(sample: Path, tmp_path: Path) -> Path:
    return shutil.copytree(sample, tmp_path / "shop")


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port at which connections are taken and nobody ever says a word."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield silent.getsockname()[1]


@contextmanager
def holder(shop: Path) -> Iterator[int]:
    """Another process that has the workspace open; its number."""
    program = [sys.executable, "-c", HOLD, str(shop)]
    process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None and process.stdout.readline() == "open\n"
        yield process.pid
    finally:
        process.communicate("", timeout=10)


def run(shop: Path, *command: str) -> Result:
    return CliRunner().invoke(app, [*command, "-w", str(shop)], catch_exceptions=False)


def leave_file(shop: Path, pid: int, port: int, token: str = "a token") -> None:
    write_serving(shop / "data", Serving(f"http://127.0.0.1:{port}", token, pid, "yesterday"))


def ended_process() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def test_the_file_of_a_dead_server_is_passed_over(shop: Path, closed_port: int) -> None:
    leave_file(shop, ended_process(), closed_port)
    assert run(shop, *COUNT).stdout.startswith(f"{CONTACTS} of {CONTACTS}")


def test_a_number_that_another_program_has_now_is_no_server(shop: Path, closed_port: int) -> None:
    leave_file(shop, os.getpid(), closed_port)
    found = run(shop, *COUNT)
    assert found.exit_code == 0 and found.stdout.startswith(f"{CONTACTS} of")


def test_a_broken_file_is_no_server(shop: Path) -> None:
    (shop / "data" / NAME).write_text('{"url": ', "utf-8")
    assert run(shop, *COUNT).exit_code == 0


def test_a_server_that_is_silent_is_named(shop: Path, closed_port: int) -> None:
    with holder(shop) as pid:
        leave_file(shop, pid, closed_port)
        found = run(shop, *COUNT, "--json")
    error = json.loads(found.stderr)["error"]
    assert (found.exit_code, found.stdout, error["code"]) == (6, "", "server.silent")
    assert f"process {pid}" in error["message"] and "2 seconds" in error["message"]


def test_without_a_server_the_one_who_has_it_is_named(shop: Path) -> None:
    with holder(shop) as pid:
        found = run(shop, *COUNT)
    assert found.exit_code == 6 and f"in use by process {pid}" in found.stderr


def test_a_wrong_token_opens_nothing(shop: Path) -> None:
    with serve_shop(shop) as served:
        leave_file(shop, os.getpid(), int(served.url.rpartition(":")[2]), token="guessed")
        found = run(shop, *COUNT)
    assert (found.exit_code, found.stdout) == (7, "") and "access.token" in found.stderr


def test_servers_come_and_go(shop: Path) -> None:
    with serve_shop(shop):
        assert run(shop, *COUNT).exit_code == 0
    assert run(shop, *COUNT).exit_code == 0
    with serve_shop(shop):
        assert run(shop, *COUNT).exit_code == 0
