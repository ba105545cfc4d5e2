"""The server behind its doors: opened, watched, and ended when the engine is beyond repair."""

import signal
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from lettershop import Workspace
from lettershop.app.server import Server
from lettershop.model.clock import FixedClock, parse_instant
from lettershop.model.errors import InputError

NOW = parse_instant("2026-11-22T10:00Z")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    opened = Server.open(Workspace.init(tmp_path / "shop"), FixedClock(NOW))
    yield opened
    opened.stop()


def test_the_first_owner_is_made_once(server: Server) -> None:
    assert server.first_password()
    assert server.first_password() is None


def test_ready_until_the_loader_is_late(server: Server) -> None:
    server.start()
    assert server.running.vitals.problems() == {}
    server.jobs.stop(5)
    written: list[object] = []
    server.log.append("app", "track", b'{"userId":"u","event":"e"}', NOW - 90_000, written.append)
    server.log.close()
    assert written == [None]
    assert list(server.running.vitals.problems()) == ["loader"]
    figures = {vital.name: vital.value for vital in server.running.vitals.figures()}
    assert figures["loader_behind_requests"] == 1


def test_a_broken_engine_ends_the_process(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))

    def fail() -> None:
        raise duckdb.FatalException("database has been invalidated")

    monkeypatch.setattr(server.loader, "step", fail)
    try:
        for _ in range(2):
            with pytest.raises(duckdb.FatalException):
                server._load()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == [signal.SIGTERM] and server.broken


def test_what_cannot_be_opened_leaves_nothing_open(tmp_path: Path) -> None:
    folder = Workspace.init(tmp_path / "shop")
    with pytest.raises(InputError) as error:
        Server.open(folder, records="mysql://somewhere")
    assert error.value.code == "settings.records"
    with Workspace.open(folder):
        pass
