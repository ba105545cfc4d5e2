"""The watched folder: what lies complete in it is imported once, and moved with an explanation."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lettershop.app import Workspace
from lettershop.app.engine import Engine
from lettershop.app.feeds import Feeds
from lettershop.ingest.report import ImportReport
from lettershop.ingest.watch import watch_step
from lettershop.model.clock import FixedClock
from lettershop.model.errors import Unavailable

GOOD = "email,name\nada@a.example,Ada\nbo@b.example,Bo\n"
MAPPING = '[contact]\nemail = "email"\n[contact.traits]\nname = "name"\n'
NOW = 1_800_000_000.0


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    folder = Workspace.init(tmp_path / "shop")
    workspace = Workspace.open(folder, clock=FixedClock("2026-03-01T00:00Z"), environ={})
    engine = Engine(workspace)
    yield engine
    engine.close()


@pytest.fixture
def inbox(engine: Engine) -> Path:
    found = engine.workspace.path / "inbox"
    found.mkdir()
    return found


def put(inbox: Path, name: str, text: str = GOOD, age: float = 60) -> Path:
    path = inbox / name
    path.write_text(text, "utf-8")
    moment = path.stat().st_mtime - age
    os.utime(path, (moment, moment))
    return path


def tree(inbox: Path) -> list[str]:
    return sorted(str(p.relative_to(inbox)) for p in inbox.rglob("*") if p.is_file())


def people(engine: Engine) -> int:
    with engine.read() as workspace:
        return workspace.count("everyone").size


def test_without_the_folder_nothing_happens(engine: Engine) -> None:
    assert Feeds(engine).watch() is False
    assert not (engine.workspace.path / "inbox").exists()


def test_a_file_is_imported_and_moved_with_what_it_held(engine: Engine, inbox: Path) -> None:
    put(inbox, "people.csv")
    put(inbox, "people.toml", MAPPING)
    Feeds(engine).watch()
    assert tree(inbox) == ["done/people.csv", "done/people.csv.txt", "people.toml"]
    assert "Imported: 2 rows." in (inbox / "done/people.csv.txt").read_text("utf-8")
    assert people(engine) == 2
    with engine.read() as workspace:
        noted = workspace.store.con.execute("SELECT path FROM imports").fetchall()
    assert noted == [("inbox/people.csv",)]


def test_mappings_in_sources_count_too(engine: Engine, inbox: Path) -> None:
    mapping = MAPPING.replace('name = "name"', 'nick = "name"')
    (engine.workspace.path / "sources/people.toml").write_text(mapping, "utf-8")
    put(inbox, "people.csv")
    Feeds(engine).watch()
    with engine.read() as workspace:
        assert workspace.count('nick = "Ada"').size == 1


def test_what_cannot_be_imported_is_put_aside_with_the_reason(engine: Engine, inbox: Path) -> None:
    put(inbox, "broken.csv", "a;b\n1;2\n")
    put(inbox, "people.csv")
    Feeds(engine).watch()
    assert tree(inbox) == [
        "done/people.csv", "done/people.csv.txt", "refused/broken.csv", "refused/broken.csv.txt",
    ]  # fmt: skip
    said = (inbox / "refused/broken.csv.txt").read_text("utf-8")
    assert "nothing of this file was stored" in said and "mapping.no_guess" in said


def test_mostly_refused_rows_are_listed_beside_the_file(engine: Engine, inbox: Path) -> None:
    put(inbox, "people.toml", MAPPING)
    put(inbox, "people.csv", "email,name\n" + "nobody,N\n" * 20)
    Feeds(engine).watch()
    said = (inbox / "refused/people.csv.txt").read_text("utf-8")
    assert "import.mostly_refused" in said and str(inbox / "refused/people.csv.rows.csv") in said
    assert "email.invalid" in (inbox / "refused/people.csv.rows.csv").read_text("utf-8")
    assert people(engine) == 0


def test_what_is_still_being_written_waits(engine: Engine, inbox: Path) -> None:
    for name in ("growing.csv", "people.csv.part", ".hidden.csv", "backup~"):
        put(inbox, name, age=0.5 if name == "growing.csv" else 60)
    (inbox / "folder.csv").mkdir()
    Feeds(engine).watch()
    assert tree(inbox) == [".hidden.csv", "backup~", "growing.csv", "people.csv.part"]
    put(inbox, "growing.csv", GOOD + "cy@c.example,Cy\n", age=2.5)
    Feeds(engine).watch()
    assert people(engine) == 3 and (inbox / "done/growing.csv").exists()


def test_a_time_in_the_future_does_not_wait_for_ever(engine: Engine, inbox: Path) -> None:
    put(inbox, "people.csv", age=-86_400)
    Feeds(engine).watch()
    assert people(engine) == 2


def test_one_renamed_into_the_folder_is_complete_at_once(
    engine: Engine, inbox: Path, tmp_path: Path
) -> None:
    put(tmp_path, "people.csv").rename(inbox / "people.csv")
    Feeds(engine).watch()
    assert people(engine) == 2


def test_killed_between_import_and_move_it_is_stored_once(engine: Engine, inbox: Path) -> None:
    def rows() -> object:
        with engine.read() as workspace:
            con = workspace.store.con
            return con.execute("SELECT count(*), max(rowid) FROM contact_history").fetchone()

    put(inbox, "people.csv")
    engine.workspace.import_file(inbox / "people.csv")  # …and here the power failed
    before = rows()
    Feeds(engine).watch()
    assert "Imported before" in (inbox / "done/people.csv.txt").read_text("utf-8")
    assert rows() == before


def test_names_are_never_written_over(engine: Engine, inbox: Path) -> None:
    for n in range(3):
        put(inbox, "people.v1.csv", GOOD + f"x{n}@x.example,X\n")
        Feeds(engine).watch()
    names = [name for name in tree(inbox) if not name.endswith(".txt")]
    assert names == ["done/people-2.v1.csv", "done/people-3.v1.csv", "done/people.v1.csv"]
    assert people(engine) == 5


def test_what_is_not_the_files_fault_leaves_it_and_the_others_go_on(
    inbox: Path, engine: Engine
) -> None:
    tried: list[str] = []

    def importing(file: Path, refused: Path) -> ImportReport:
        tried.append(file.name)
        if file.name == "a.csv":
            raise Unavailable("import.disk_full", "there is no room")
        if file.name == "b.csv":
            raise RuntimeError("a bug")
        return ImportReport(path=str(file), hash="", rows=1)

    for age, name in enumerate(("c.csv", "b.csv", "a.csv")):
        put(inbox, name, age=60 + age)
    with pytest.raises(Unavailable):
        watch_step(inbox, importing, NOW)
    assert tried == ["a.csv", "b.csv", "c.csv"]
    assert tree(inbox) == ["a.csv", "b.csv", "done/c.csv", "done/c.csv.txt"]


def test_a_file_that_is_taken_back_meanwhile_is_no_trouble(inbox: Path, engine: Engine) -> None:
    path = put(inbox, "people.csv")

    def importing(file: Path, refused: Path) -> ImportReport:
        path.unlink()
        return engine.workspace.import_file(file, refused=refused)

    assert watch_step(inbox, importing, NOW) == 0
    assert tree(inbox) == []
