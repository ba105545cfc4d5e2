"""The file: opened by one process, all or nothing, and no noise at the end."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.model.errors import WorkspaceError
from lettershop.model.facts import AnyFact, ContactFact, EventFact

ANN = ContactFact(ts=1, received_at=1, message_id="a", contact="user:ann", traits={"title": "CEO"})

HOLD = """
import sys
from pathlib import Path
from lettershop.engines.duckdb.store import Store
with Store.open(Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.readline()
"""


def test_a_second_process_is_told_who_was_first(tmp_path: Path) -> None:
    path = tmp_path / "facts.duckdb"
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with first:
        assert first.stdout is not None and first.stdout.readline() == "open\n"
        with pytest.raises(WorkspaceError) as caught:
            Store.open(path)
        first.communicate("\n")
    assert caught.value.code == "workspace.in_use"
    assert f"process {first.pid} (“{sys.executable} -c" in str(caught.value)
    assert not (tmp_path / "facts.lock").exists()
    Store.open(path).close()


def test_a_lock_left_by_a_dead_process_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "facts.lock").write_text('{"pid": 999999, "command": "x", "since": "then"}')
    with Store.open(tmp_path / "facts.duckdb") as store:
        load(store, [ANN])
    with Store.open(tmp_path / "facts.duckdb", read_only=True) as store:
        assert store.contact_id("ann") == 0


@pytest.mark.parametrize("content", [b"", b"hello " * 5000])
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "facts.duckdb"
    path.write_bytes(content)
    with pytest.raises(WorkspaceError) as caught:
        Store.open(path)
    assert caught.value.code == "workspace.not_a_database" and str(path) in str(caught.value)
    assert path.read_bytes() == content and not (tmp_path / "facts.lock").exists()


def test_databases_of_others_and_of_other_versions(tmp_path: Path) -> None:
    path = tmp_path / "facts.duckdb"
    with duckdb.connect(str(path)) as other:
        other.execute("CREATE TABLE t (a INTEGER)")
    with pytest.raises(WorkspaceError) as caught:
        Store.open(path)
    assert caught.value.code == "workspace.not_ours"
    path.unlink()
    with Store.open(path) as store:
        store.set_meta("format", "999")
    with pytest.raises(WorkspaceError, match="format 999") as caught:
        Store.open(path)
    assert caught.value.code == "workspace.other_version"
    for absent in (tmp_path / "no" / "facts.duckdb", tmp_path / "none.duckdb"):
        with pytest.raises(WorkspaceError) as caught:
            Store.open(absent, read_only=True)
        assert caught.value.code == "workspace.absent"


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError])
def test_what_is_interrupted_leaves_nothing(tmp_path: Path, stop: type[BaseException]) -> None:
    def facts() -> list[AnyFact]:
        return [ANN, EventFact(ts=2, received_at=2, message_id="b", name="Paid", contact="user:x")]

    def interrupted(store: Store) -> None:
        with store.transaction():
            load(store, facts())
            raise stop

    path = tmp_path / "facts.duckdb"
    with Store.open(path) as store:
        with pytest.raises(stop):
            interrupted(store)
        assert store.catalog().contact == {} and store.catalog().events == {}
        load(store, facts())
    with Store.open(path) as store:
        assert set(store.catalog().events) == {"Paid"}
        assert store.con.execute("SELECT title FROM contacts ORDER BY id").fetchall() == [
            ("CEO",),
            (None,),
        ]


ENDINGS = {
    "closed": "load(store, [ANN]); store.close()",
    "left open": "load(store, [ANN])",
    "uncaught error": "store.con.execute('SELECT nope')",
    "error in a transaction": "with store.transaction():\n    load(store, [ANN]); 1 / 0",
    "a kept error": (
        "try:\n    load(store, [None])\nexcept BaseException as error:\n    kept = error"
    ),
    "exit": "load(store, [ANN]); sys.exit(3)",
    "interrupt": "load(store, [ANN]); raise KeyboardInterrupt",
}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
def test_the_end_of_the_process_is_quiet(tmp_path: Path, ending: str) -> None:
    program = f"""
import sys
from pathlib import Path
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.model.facts import ContactFact
ANN = ContactFact(ts=1, received_at=1, message_id="a", contact="user:ann", traits={{"t": 1}})
store = Store.open(Path(sys.argv[1]))
{ending}
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "facts.duckdb")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "nanobind" not in done.stderr + done.stdout
