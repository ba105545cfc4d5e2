"""The lake of a workspace: its commands, with a server and without, and a standby that goes on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from served_shop import serve_shop
from typer.testing import CliRunner

from lettershop import Workspace
from lettershop.app.engine import Engine
from lettershop.app.lake import export_lake, import_lake, lake_status, vacuum_lake
from lettershop.app.lakes import Lakes
from lettershop.app.server import Server
from lettershop.cli.main import app
from lettershop.engines.duckdb.rows import load
from lettershop.ingest.loader import Loader
from lettershop.ingest.log.reader import LogReader
from lettershop.ingest.log.writer import LogWriter
from lettershop.lake.snapshots import newest
from lettershop.lake.storage import lake_at
from lettershop.model.clock import HOUR, MINUTE, FixedClock, parse_instant
from lettershop.model.errors import NotFound, UsageError, WorkspaceError
from lettershop.model.facts import ContactFact
from lettershop.model.settings import Settings

NOW = parse_instant("2026-11-22T10:00Z")
SETTING = '\nlake = "lake"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with a lake in it, and calls that came through the log."""
    path = made(tmp_path / "shop")
    say(path, path, range(30))
    return path


def made(path: Path) -> Path:
    Workspace.init(path)
    with (path / "lettershop.toml").open("a") as file:
        file.write(SETTING)
    return path


def say(path: Path, log: Path, numbers: range) -> None:
    """Visits as a server takes them: into a log, then from there into the facts at `path`."""
    intake = log / "data" / "intake"
    intake.mkdir(exist_ok=True, parents=True)
    with LogWriter(intake, Settings(), FixedClock(NOW)) as writer:
        for n in numbers:
            call = {"type": "track", "event": "Visit", "userId": f"U{n % 7}", "messageId": f"m{n}"}
            body = json.dumps({"batch": [call]}).encode()
            writer.append("app", "batch", body, NOW, lambda _: None)
    follow(path, log)


def follow(path: Path, log: Path) -> None:
    engine = Engine(Workspace.open(path, clock=FixedClock(NOW)))
    with LogReader(log / "data" / "intake") as reader:
        loader = Loader(engine, reader, Settings())
        while loader.step().requests:
            pass
    engine.close()


def regulars(path: Path) -> list[str]:
    with Workspace.open(path, clock=FixedClock(NOW + 1)) as shop:
        found = shop.count('did "Visit" at least 5 times').members()
        return sorted(one["user_id"] or "" for one in found)


def test_a_standby_takes_over_and_goes_on_from_the_watermark(folder: Path, tmp_path: Path) -> None:
    """The log is shared: what came after the snapshot is loaded, nothing before it again."""
    with Workspace.open(folder, clock=FixedClock(NOW)) as shop:
        exported = export_lake(shop)
    say(folder, folder, range(30, 40))
    standby = made(tmp_path / "standby")
    taken = import_lake(standby, exported.address)
    assert (taken.seq, taken.counts.events, taken.old) == (30, 30, None)
    follow(standby, folder)
    assert regulars(standby) == regulars(folder) == [f"U{n}" for n in range(7)]
    with Workspace.open(standby, clock=FixedClock(NOW)) as shop:
        assert shop.store.meta("intake_seq") == "40"
        assert export_lake(shop, exported.address).snapshot == 2


def test_facts_are_never_overwritten(folder: Path) -> None:
    """They go aside, when that is asked for."""
    with Workspace.open(folder, clock=FixedClock(NOW)) as shop:
        export_lake(shop)
        fact = ContactFact(contact="user:new", ts=NOW, received_at=NOW, message_id="new")
        load(shop.store, [fact])
    with pytest.raises(WorkspaceError, match=r"lake\.facts_there"):
        import_lake(folder)
    taken = import_lake(folder, replace=True)
    assert taken.old == "data/facts.before-import-1.duckdb"
    assert taken.counts.contacts == 7


def test_an_earlier_snapshot(folder: Path) -> None:
    with Workspace.open(folder, clock=FixedClock(NOW)) as shop:
        export_lake(shop)
    say(folder, folder, range(30, 33))
    with Workspace.open(folder, clock=FixedClock(NOW)) as shop:
        export_lake(shop)
        status = lake_status(shop)
    assert [(one.snapshot, one.seq) for one in status.snapshots] == [(2, 33), (1, 30)]
    assert status.behind == 0 and status.bytes > 0
    assert import_lake(folder, number=1, replace=True).counts.events == 30
    with pytest.raises(NotFound, match=r"kept are 1, 2"):
        import_lake(folder, number=9, replace=True)


def test_without_a_lake(tmp_path: Path) -> None:
    path = Workspace.init(tmp_path / "plain")
    with Workspace.open(path) as shop, pytest.raises(UsageError, match=r"lake\.none"):
        lake_status(shop)
    with pytest.raises(NotFound, match=r"nothing was exported"):
        import_lake(path, str(tmp_path / "empty"))


def test_written_by_the_clock(folder: Path) -> None:
    """A snapshot when something changed, and figures for monitoring."""
    clock = FixedClock(NOW)
    engine = Engine(Workspace.open(folder, clock=clock))
    try:
        lakes = Lakes(engine, clock)
        assert [*lakes.figures()] == []
        lakes.step()
        clock.advance(MINUTE)
        lakes.step()
        clock.advance(MINUTE)
        figures = {vital.name: vital.value for vital in lakes.figures()}
        assert figures["lake_age_seconds"] == 60
        assert (figures["lake_snapshot"], figures["lake_snapshots_total"]) == (1, 1)
        assert figures["lake_written_bytes_total"] > 0
        with engine.read() as shop:
            clock.advance(2 * HOUR)
            assert vacuum_lake(shop).outdated == 0
    finally:
        engine.close()


def test_a_server_writes_what_it_holds_when_it_stops(folder: Path) -> None:
    """Whoever takes over then misses nothing. Without the setting there is no such job."""
    server = Server.open(folder, lake_seconds=3600)
    server.start()
    server.stop()
    lake = lake_at("lake", folder)
    found = newest(lake)
    assert found is not None and found.watermark.seq == 30
    plain = Server.open(folder, lake="")
    assert plain.lakes is None and "lake" not in plain.jobs.states
    plain.stop()


# --- commands -----------------------------------------------------------------------------------


@pytest.fixture(params=["the folder", "a server"])
def reached(request: pytest.FixtureRequest, folder: Path) -> Iterator[Path]:
    """The commands give the same answers, whoever has the workspace open."""
    if request.param == "the folder":
        yield folder
        return
    with serve_shop(folder):
        yield folder


def run(*words: str) -> Any:
    result = CliRunner().invoke(app, ["lake", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout) if "--json" in words else " ".join(result.output.split())


def test_commands(reached: Path, tmp_path: Path) -> None:
    where = ["--workspace", str(reached)]
    first = run("export", "--json", *where)
    assert (first["snapshot"], first["changed"], first["parts"]) == (1, True, first["new_parts"])
    assert "snapshot 1 is current, nothing was written" in run("export", *where)
    assert run("export", "--anew", "--json", *where)["new_parts"] == first["parts"]
    elsewhere = tmp_path / "elsewhere"
    assert run("export", "--to", str(elsewhere), "--json", *where)["address"] == str(elsewhere)
    assert "up to date" in run("status", *where)
    status = run("status", "--at", str(elsewhere), "--json", *where)
    assert [one["seq"] for one in status["snapshots"]] == [30]
    assert "0 outdated and 0 lost" in run("vacuum", *where)


def test_the_command_that_imports(folder: Path, tmp_path: Path) -> None:
    run("export", "--workspace", str(folder))
    other = made(tmp_path / "other")
    said = run("import", str(folder / "lake"), "--workspace", str(other))
    assert "7 contacts, 0 accounts, 30 events" in said
    assert regulars(other) == regulars(folder)
