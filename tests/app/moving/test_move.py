"""Records go from SQLite to PostgreSQL and back: all of them, or none."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from app.moving.full import fill
from django.db import DatabaseError, connection
from on_postgres import kept_on_sqlite
from opened_shop import migrated
from postgres import Postgres
from typer.testing import CliRunner

from lettershop import Workspace
from lettershop.access.audit import LOCAL, audit, verify
from lettershop.access.models import AuditEntry, User
from lettershop.app import records
from lettershop.app.moving.move import Moved, move
from lettershop.app.moving.tables import tables
from lettershop.app.settings import read_settings
from lettershop.cli.main import app
from lettershop.model.errors import InputError, UsageError, WorkspaceError
from lettershop.model.settings import Settings

pytestmark = pytest.mark.sqlite
"""They begin there, on purpose."""


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Workspace.init(tmp_path_factory.mktemp("full") / "shop")
    with kept_on_sqlite():
        migrated(folder)
        records.connect(folder, Settings())
        fill()
        records.disconnect()
    return folder


@pytest.fixture
def folder(tmp_path: Path, full: Path) -> Path:
    made = Workspace.init(tmp_path / "shop")
    (made / "data" / records.SQLITE).write_bytes((full / "data" / records.SQLITE).read_bytes())
    return made


def quiet(table: str, done: int, total: int) -> None:
    assert 0 < done <= total


def sums(moved: Moved) -> dict[str, tuple[int, str]]:
    """But of the audit trail, in which each move is an entry."""
    return {t.table: (t.rows, t.checksum) for t in moved.tables if t.table != "access_auditentry"}


def test_there_and_back_nothing_is_lost(folder: Path, postgres: Postgres) -> None:
    there = move(folder, postgres.database("there"), quiet)
    assert {table.table for table in there.tables} == {table.name for table in tables()}
    assert all(table.rows for table in there.tables)
    assert there.said == "file" and there.broken is None and there.entries == 3
    assert Path(there.old).exists() and not (folder / "data" / records.SQLITE).exists()
    records.connect(folder, read_settings(folder, {}))
    assert connection.vendor == "postgresql" and verify().entries == 4
    with pytest.raises(DatabaseError, match="only ever added"):
        AuditEntry.objects.filter(pk=1).delete()
    records.disconnect()

    back = move(folder, "", quiet)
    assert sums(back) == sums(there)
    assert (back.origin, back.target, back.entries) == (there.target, "sqlite", 4)
    assert read_settings(folder, {}).records == ""
    assert (folder / "data" / records.SQLITE).stat().st_mode & 0o777 == 0o600
    records.connect(folder, Settings())
    assert connection.vendor == "sqlite" and verify().broken is None
    with pytest.raises(DatabaseError, match="only ever added"):
        AuditEntry.objects.filter(pk=1).delete()
    records.disconnect()


def test_the_command_says_what_it_did(folder: Path, postgres: Postgres) -> None:
    there = ["records", "move", "--to", postgres.database("said"), "-w", str(folder)]
    looked = CliRunner().invoke(app, [*there, "--dry-run"], catch_exceptions=False)
    said = " ".join(looked.stdout.split())
    assert looked.exit_code == 0 and "rows would be copied from sqlite to" in said
    moved = CliRunner().invoke(app, there, catch_exceptions=False)
    said = " ".join(moved.stdout.split())  # however wide the terminal is
    assert "read back and compared" in said and "one chain of 3" in said
    assert "delivery_message " in moved.stdout and "records.sqlite.moved-" in moved.stderr
    back = ["records", "move", "--to", "sqlite", "--json", "-w", str(folder)]
    said = json.loads(CliRunner().invoke(app, back, catch_exceptions=False).stdout)
    assert (said["target"], said["said"], said["entries"]) == ("sqlite", "file", 4)


def test_numbers_that_were_given_once_are_not_given_again(folder: Path, postgres: Postgres) -> None:
    records.connect(folder, Settings())
    last = User.objects.create(email="last@example.com", role="viewer")
    number = last.pk
    last.delete()
    for address in (postgres.database("numbers"), ""):
        move(folder, address, quiet)
        records.connect(folder, read_settings(folder, {}))
        made = User.objects.create(email="next@example.com", role="viewer")
        number += 1
        assert made.pk == number
        made.delete()
        records.disconnect()


def test_a_look_changes_nothing(folder: Path, postgres: Postgres) -> None:
    address = postgres.database("look")
    toml = (folder / "lettershop.toml").read_text()
    planned = move(folder, address, quiet, dry_run=True)
    assert planned.said is None and planned.old == ""
    assert {table.rows for table in planned.tables if "django" not in table.table} >= {3}
    assert (folder / "lettershop.toml").read_text() == toml
    assert users(address) == 0
    assert move(folder, address, quiet).tables != planned.tables


def test_what_is_in_the_target_is_not_overwritten(folder: Path, postgres: Postgres) -> None:
    address = postgres.database("taken")
    records.connect(folder, Settings(records=address))
    records.migrate()
    User.objects.create(email="somebody@example.com", role="owner")
    records.disconnect()
    for dry_run in (True, False):
        with pytest.raises(InputError, match="access_user") as caught:
            move(folder, address, quiet, dry_run=dry_run)
        assert caught.value.code == "records.not_empty"
    assert users(address) == 1
    assert move(folder, address, quiet, replace=True).broken is None
    assert users(address) == 3


def test_where_they_are_already(folder: Path, postgres: Postgres) -> None:
    with pytest.raises(UsageError, match="there already"):
        move(folder, "", quiet)
    move(folder, address := postgres.database("already"), quiet)
    with pytest.raises(UsageError, match="there already"):
        move(folder, address, quiet)


def test_nobody_is_at_work(folder: Path, postgres: Postgres, tmp_path: Path) -> None:
    address = postgres.database("work")
    with Workspace.open(folder), pytest.raises(WorkspaceError) as caught:
        in_another_process(folder, address)
    assert caught.value.code == "workspace.in_use"

    records.connect(folder, Settings())  # as a sender does, which leaves the facts alone
    User.objects.count()
    held = connection.connection
    with pytest.raises(WorkspaceError) as caught:
        in_another_process(folder, address)
    assert caught.value.code == "records.in_use"
    assert held is connection.connection
    records.disconnect()
    assert users(address) == 0


def in_another_process(folder: Path, address: str) -> None:
    program = "from lettershop.cli import main; main()"
    command = [sys.executable, "-c", program, "records", "move", "--to", address, "-w", folder]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    if done.returncode:
        code = done.stderr.partition("[")[2].partition("]")[0]
        raise WorkspaceError(code, done.stderr)


def test_somebody_on_another_machine(folder: Path, postgres: Postgres) -> None:
    address = postgres.database("machines")
    move(folder, address, quiet)
    with psycopg.connect(address, application_name=records.APPLICATION) as other:
        other.execute("SELECT 1")
        with pytest.raises(WorkspaceError, match="1 connections") as caught:
            move(folder, "", quiet)
        assert caught.value.code == "records.in_use"
    with psycopg.connect(address) as writer:  # and one that does not say who it is
        writer.execute("UPDATE access_user SET active = active")
        with pytest.raises(WorkspaceError, match="somebody writes"):
            move(folder, "", quiet)
    assert move(folder, "", quiet).said == "file"


@pytest.mark.parametrize("after", ["some rows", "the copy"])
def test_killed_in_the_middle_it_can_be_made_again(
    folder: Path, postgres: Postgres, after: str
) -> None:
    address = postgres.database("killed")
    program = KILLED[after].format(folder=str(folder), address=address)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=100)
    assert done.returncode == -signal.SIGKILL, done.stderr
    records.connect(folder, read_settings(folder, {}))
    assert connection.vendor == "sqlite" and User.objects.count() == 3
    audit(LOCAL, "user.invite", "meanwhile")
    records.disconnect()
    until = time.monotonic() + 20
    while users(address) not in (0, 3) or at_work(address):  # the server notices a moment later
        assert time.monotonic() < until
        time.sleep(0.05)
    assert users(address) == (3 if after == "the copy" else 0)
    made = move(folder, address, quiet)
    assert made.entries == 4 and made.broken is None
    assert users(address) == 3


BEGIN = """
import os, signal
from pathlib import Path
from lettershop.app.moving import move as moving
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
def tell(table, done, total):
    if {when} and done > total // 2:
        die()
"""
KILLED = {
    "some rows": BEGIN.replace("{when}", "True")
    + 'moving.move(Path("{folder}"), "{address}", tell)\n',
    "the copy": BEGIN.replace("{when}", "False")
    + 'moving._switch = die\nmoving.move(Path("{folder}"), "{address}", tell)\n',
}


def test_a_password_is_for_the_environment(
    folder: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = postgres.database("secret").replace("postgres:@", "postgres:geheim@")
    made = move(folder, address, quiet)
    assert made.said == "environment" and "LETTERSHOP_RECORDS=" in made.say
    assert "geheim" not in str(made)
    everything = [p.read_bytes() for p in folder.rglob("*") if p.is_file()]
    assert not any(b"geheim" in text for text in everything)
    with pytest.raises(InputError, match="were moved to postgresql") as caught:
        records.connect(folder, read_settings(folder, {}))
    assert caught.value.code == "records.moved"
    assert not (folder / "data" / records.SQLITE).exists()
    environ = {"LETTERSHOP_RECORDS": address}
    records.connect(folder, read_settings(folder, environ))
    assert User.objects.count() == 3
    records.disconnect()
    monkeypatch.setenv("LETTERSHOP_RECORDS", address)
    back = move(folder, "", quiet)
    assert (back.said, back.say) == ("environment", "unset LETTERSHOP_RECORDS")
    records.connect(folder, read_settings(folder, {}))
    assert User.objects.count() == 3
    records.disconnect()


def test_text_that_postgresql_does_not_take_is_named(folder: Path, postgres: Postgres) -> None:
    records.connect(folder, Settings())
    User.objects.filter(email=User.objects.values_list("email")[0][0]).update(zone="a\x00b")
    records.disconnect()
    with pytest.raises(InputError, match="access_user") as caught:
        move(folder, postgres.database("nul"), quiet)
    assert caught.value.code == "records.refused"


def users(address: str) -> int:
    with psycopg.connect(address) as opened:
        there = opened.execute("SELECT to_regclass('access_user')").fetchone()
        if there is None or there[0] is None:
            return 0
        found = opened.execute("SELECT count(*) FROM access_user").fetchone()
        return int(found[0]) if found else 0


def at_work(address: str) -> bool:
    said = """SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
        AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
    with psycopg.connect(address) as opened:
        return opened.execute(said).fetchone() is not None
