"""Where the records are, and that they are brought up to date once."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from opened_shop import migrated
from postgres import Postgres

from lettershop.access.models import AuditEntry, User
from lettershop.access.users import create_user, ensure_owner
from lettershop.app import records
from lettershop.model.errors import InputError
from lettershop.model.settings import Settings

MIGRATE = """
import sys
from pathlib import Path
from lettershop.app import records
from lettershop.model.settings import Settings

records.connect(Path(sys.argv[1]), Settings(records=sys.argv[2]))
records.migrate()
records.disconnect()
"""


@pytest.mark.sqlite
def test_sqlite_is_durable_and_takes_several_processes(tmp_path: Path) -> None:
    migrated(tmp_path)
    with connection.cursor() as cursor:
        found = [
            cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert found == ["wal", 2, 1, 20_000]


@pytest.mark.parametrize("where", ["sqlite", "postgresql"])
def test_migrating_at_the_same_time_in_several_processes(
    where: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = ""
    if where == "postgresql":
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.database("together")
    script = tmp_path / "migrate.py"
    script.write_text(MIGRATE)
    command = [sys.executable, "-W", "error", str(script), str(tmp_path), url]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(3)]
    assert [(p.communicate(timeout=60)[1], p.returncode) for p in running] == [(b"", 0)] * 3
    records.connect(tmp_path, Settings(records=url))
    assert not records.pending()
    assert ensure_owner() is not None
    records.disconnect()


def test_the_committed_migrations_are_all_there_is_to_migrate(
    store: tuple[Path, Settings], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("makemigrations", "--check", "--dry-run")
    assert "No changes detected" in capsys.readouterr().out


def test_one_process_goes_from_workspace_to_workspace(tmp_path: Path) -> None:
    for name in ("one", "two", "one"):
        migrated(tmp_path / name)
        create_user(f"{name}{User.objects.count()}@example.com", "owner")
    assert [u.email for u in User.objects.all()] == ["one0@example.com", "one1@example.com"]
    records.connect(tmp_path / "two", Settings())
    assert [u.email for u in User.objects.all()] == ["two0@example.com"]
    records.disconnect()


def test_threads_write_beside_each_other(store: tuple[Path, Settings]) -> None:
    failures: list[BaseException] = []

    def write(n: int) -> None:
        try:
            for _ in range(20):
                AuditEntry.objects.create(who=f"{n}", kind="user", what="x", target="y")
        except BaseException as error:
            failures.append(error)
        finally:
            records.disconnect()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert AuditEntry.objects.count() == 80


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("mysql://root:geheim@localhost/x", "settings.records"),
        ("postgresql://root:geheim@localhost", "settings.records"),
        ("postgresql://root:geheim@localhost:port/x", "settings.records"),
        ("postgresql://[root:geheim@localhost/x", "settings.records"),
        ("nonsense", "settings.records"),
        ("postgresql://root:geheim@127.0.0.1:1/x?connect_timeout=2", "records.unreachable"),
    ],
)
def test_an_address_that_leads_nowhere(tmp_path: Path, address: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        records.connect(tmp_path, Settings(records=address))
    assert caught.value.code == code
    assert "geheim" not in str(caught.value)
    records.disconnect()


def test_every_part_of_an_address_is_taken(tmp_path: Path) -> None:
    address = "postgres://a%40b:p%2Fw@[::1]:1/n%20m?sslmode=require&connect_timeout=2"
    with pytest.raises(InputError, match="cannot be opened"):
        records.connect(tmp_path, Settings(records=address))
    known = connection.settings_dict
    parts = [known[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")]
    assert parts == ["a@b", "p/w", "::1", "1", "n m"]
    ours = {"application_name": "lettershop"}
    assert known["OPTIONS"] == {"sslmode": "require", "connect_timeout": "2"} | ours
    records.disconnect()


@pytest.mark.sqlite
def test_a_database_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "data" / records.SQLITE).mkdir(parents=True)
    with pytest.raises(InputError) as caught:
        records.connect(tmp_path, Settings())
    assert caught.value.code == "records.unreachable"
    records.disconnect()


def test_the_secret_key_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    made: set[str] = set()
    together = threading.Barrier(8)

    def make() -> None:
        together.wait(10)
        made.add(records.secret_key(tmp_path))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(made) == 1 and len(made.pop()) == 86
    assert [p.name for p in tmp_path.iterdir()] == [records.SECRET]
    assert (tmp_path / records.SECRET).stat().st_mode & 0o777 == 0o600


@pytest.mark.sqlite
def test_nobody_else_may_read_the_records(tmp_path: Path) -> None:
    migrated(tmp_path)
    ensure_owner()  # while it is open, beside its log and index
    data = tmp_path / "data"
    assert data.stat().st_mode & 0o777 == 0o700
    found = {p.name: p.stat().st_mode & 0o777 for p in data.iterdir() if p.is_file()}
    assert len(found) >= 3 and records.SQLITE in found
    assert {mode for name, mode in found.items() if name != "records.migrating"} == {0o600}
    records.disconnect()
