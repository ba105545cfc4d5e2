"""A backup is made while work goes on; what is restored answers alike; damage is noticed."""

import os
import sqlite3
import tarfile
import threading
from pathlib import Path

import pytest

from lettershop import Workspace
from lettershop.app.backup import backup, restore
from lettershop.app.engine import Engine
from lettershop.engines.duckdb.rows import load
from lettershop.model.errors import InputError, LettershopError, WorkspaceError
from lettershop.model.facts import ContactFact, EventFact

pytestmark = pytest.mark.sqlite
"""Records of PostgreSQL: tests/app/moving/test_keeping.py."""


def contacts(first: int, last: int) -> list[ContactFact | EventFact]:
    facts: list[ContactFact | EventFact] = []
    for n in range(first, last):
        said = {"ts": 1_000 + n, "received_at": 1_000 + n}
        facts.append(ContactFact(contact=f"user:U{n}", traits={"n": n}, message_id=f"c{n}", **said))
        facts.append(EventFact(name="Seen", contact=f"user:U{n}", message_id=f"e{n}", **said))
    return facts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = Workspace.init(tmp_path / "shop")
    with Workspace.open(path) as shop:
        load(shop.store, contacts(0, 50))
    with sqlite3.connect(path / "data" / "records.sqlite") as records:
        records.execute("PRAGMA journal_mode = WAL")
        records.execute("CREATE TABLE people (name TEXT)")
        records.execute("INSERT INTO people VALUES ('Eva')")
    (path / "segments" / "all.toml").write_text('name = "all"\nwhere = "n >= 0"\n')
    (path / "data" / "secret.key").write_text("s")
    (path / "data" / "server.json").write_text("{}")
    return path


def test_a_backup_holds_everything_and_answers_alike(folder: Path, tmp_path: Path) -> None:
    with Workspace.open(folder) as shop:
        made = backup(shop, "0.1.0")
        before = shop.segment("all").size
    assert oct(os.stat(made.path).st_mode)[-3:] == "600"
    restore(Path(made.path), tmp_path / "again")
    with Workspace.open(tmp_path / "again") as shop:
        assert shop.segment("all").size == before == 50
    with sqlite3.connect(tmp_path / "again" / "data" / "records.sqlite") as records:
        assert records.execute("SELECT name FROM people").fetchall() == [("Eva",)]
    data = tmp_path / "again" / "data"
    assert (data / "secret.key").exists() and not (data / "server.json").exists()


def test_a_backup_beside_a_writer_is_one_committed_state(folder: Path, tmp_path: Path) -> None:
    engine = Engine(Workspace.open(folder))
    stop = threading.Event()

    def write() -> None:
        number = 50
        while not stop.is_set():
            with engine.write() as shop:
                load(shop.store, contacts(number, number + 20))
            number += 20

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with engine.read() as shop:
            made = backup(shop, "0.1.0", tmp_path / "backup.tar")
    finally:
        stop.set()
        writer.join()
        engine.close()
    restore(Path(made.path), tmp_path / "again")
    with Workspace.open(tmp_path / "again") as shop:
        count = shop.store.con.execute("SELECT count(*) FROM event_seen").fetchall()[0][0]
        assert count >= 50 and (count - 50) % 20 == 0
        assert shop.segment("all").size == count


def test_a_damaged_backup_is_refused_and_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    with Workspace.open(folder) as shop:
        made = Path(backup(shop, "0.1.0", tmp_path / "backup.tar").path)
    content = bytearray(made.read_bytes())
    with tarfile.open(made) as archive:
        at = archive.getmember("data/facts.duckdb").offset_data + 5_000
    content[at] ^= 0xFF
    made.write_bytes(content)
    with pytest.raises(InputError) as damaged:
        restore(made, tmp_path / "again")
    assert damaged.value.code == "backup.damaged"
    made.write_bytes(content[:3_000])
    with pytest.raises(InputError) as cut:
        restore(made, tmp_path / "again")
    assert cut.value.code == "backup.damaged"
    made.write_bytes(b"something else")
    with pytest.raises(InputError) as other:
        restore(made, tmp_path / "again")
    assert other.value.code == "backup.not_one"
    assert not (tmp_path / "again").exists()


def test_nothing_is_overwritten(folder: Path, tmp_path: Path) -> None:
    with Workspace.open(folder) as shop:
        made = Path(backup(shop, "0.1.0", tmp_path / "backup.tar").path)
        with pytest.raises(LettershopError) as twice:
            backup(shop, "0.1.0", made)
    assert twice.value.code == "backup.exists"
    with pytest.raises(WorkspaceError) as full:
        restore(made, folder)
    assert full.value.code == "restore.not_empty"
