"""The facts made again: the same answers, also when the old database is damaged or gone."""

import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from subprocess import PIPE

import msgspec
import pytest

from lettershop import Workspace
from lettershop.app.engine import Engine
from lettershop.app.feeds import pulls_of
from lettershop.app.rebuild import rebuild
from lettershop.engines.duckdb.rows import load
from lettershop.ingest.kept import Kept, keep_facts
from lettershop.ingest.loader import Loader
from lettershop.ingest.log.reader import LogReader
from lettershop.ingest.log.writer import LogWriter
from lettershop.model.clock import FixedClock, parse_instant
from lettershop.model.errors import InputError, WorkspaceError
from lettershop.model.facts import ContactFact
from lettershop.model.settings import Settings

NOW = parse_instant("2026-11-22T10:00Z")
CONDITIONS = (
    'did "E" at least 2 times',
    'city = "Ulm"',
    "in random 50% of “x”".replace("“x”", '"x"'),
)


def say(folder: Path, calls: Sequence[dict[str, object]]) -> None:
    """Calls as a server would take them: into the log, then into the facts."""
    intake = folder / "data" / "intake"
    intake.mkdir(exist_ok=True)
    engine = Engine(Workspace.open(folder, clock=FixedClock(NOW)))
    loaded = int(engine.workspace.store.meta("intake_seq") or 0)
    with LogWriter(intake, Settings(), FixedClock(NOW), loaded=loaded) as log:
        for call in calls:
            log.append("app", "batch", msgspec.json.encode({"batch": [call]}), NOW, lambda _: None)
    with LogReader(intake) as reader:
        loader = Loader(engine, reader, Settings())
        while loader.step().requests:
            pass
    engine.close()


def track(user: str, message: str, anonymous: str = "") -> dict[str, object]:
    call = {"type": "track", "event": "E", "userId": user, "messageId": message}
    return call | ({"anonymousId": anonymous} if anonymous else {})


def answers(folder: Path) -> dict[str, list[str]]:
    with Workspace.open(folder, clock=FixedClock(NOW + 1)) as shop:
        return {
            text: sorted(m["user_id"] or "" for m in shop.count(text).members())
            for text in CONDITIONS
        }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with calls, an imported file, an API upsert, and a merge that was undone."""
    path = Workspace.init(tmp_path / "shop")
    say(path, [track(f"U{n % 30}", f"m{n}") for n in range(70)])
    file = tmp_path / "people.csv"
    file.write_text("id,city\nU1,Ulm\nU99,Ulm\n")
    (tmp_path / "people.toml").write_text(
        '[[contact]]\nuser_id = "id"\n[contact.traits]\ncity = "city"\n'
    )
    with Workspace.open(path, clock=FixedClock(NOW)) as shop:
        shop.import_file(file)
        fact = ContactFact(
            contact="user:U2", traits={"city": "Ulm"}, ts=NOW, received_at=NOW, message_id="api"
        )
        after = int(shop.store.meta("intake_seq") or 0)
        keep_facts(path / "data", Kept(at=NOW, after=after, name="api"), [fact])
        load(shop.store, [fact])
    say(path, [{"type": "page", "anonymousId": "V", "messageId": "v"}, track("U3", "w", "V")])
    with Workspace.open(path, clock=FixedClock(NOW)) as shop:
        (merge,) = shop.merges()
        shop.undo_merge(merge.id)
    say(path, [track("U3", "x", "V")])
    return path


def test_the_same_answers(folder: Path) -> None:
    before = answers(folder)
    assert [len(before[text]) for text in CONDITIONS[:2]] == [30, 3]
    report = rebuild(folder)
    assert (report.requests, report.files, report.calls) == (73, 1, 1)
    assert report.before == report.after
    assert answers(folder) == before
    with Workspace.open(folder) as shop:
        assert shop.merges() == [], "what was kept apart stays apart"


@pytest.mark.parametrize("damage", ["garbled", "gone"])
def test_without_the_old_database(folder: Path, damage: str) -> None:
    before = answers(folder)
    database = folder / "data" / "facts.duckdb"
    if damage == "gone":
        database.unlink()
    else:
        database.write_bytes(b"not a database" * 1_000)
    report = rebuild(folder)
    assert (report.before, report.after.events) == (None, 73)
    after = answers(folder)
    assert {text: after[text] for text in CONDITIONS[:2]} == {
        text: before[text] for text in CONDITIONS[:2]
    }
    assert (report.old is None) == (damage == "gone")


def test_an_earlier_format_is_brought_up_to_date(folder: Path) -> None:
    before = answers(folder)
    with Workspace.open(folder) as shop:
        shop.store.set_meta("format", "1")
    with pytest.raises(WorkspaceError) as refused:
        Workspace.open(folder)
    assert "rebuild" in refused.value.hint
    rebuild(folder)
    assert answers(folder) == before


PULL = """
[pull]
url_from = "CRM"
query = "SELECT id, city, changed FROM people"
high_water = "changed"
every = "1 hour"
[contact]
user_id = "id"
[contact.traits]
city = "city"
"""


def test_pulled_rows_are_said_again_without_their_database(tmp_path: Path) -> None:
    folder = Workspace.init(tmp_path / "shop")
    (folder / "sources" / "crm.pull.toml").write_text(PULL)
    crm = tmp_path / "crm.db"
    environ = {"CRM": f"sqlite:///{crm}"}
    rows = [("U1", "Ulm", 1), ("U2", "Bonn", 2)]
    with closing(sqlite3.connect(crm)) as database, Workspace.open(folder) as shop:
        database.execute("CREATE TABLE people (id TEXT, city TEXT, changed INTEGER)")
        for row in rows:
            database.execute("INSERT INTO people VALUES (?, ?, ?)", row)
            database.commit()
            assert pulls_of(shop, environ).run("crm").rows == 1
    crm.rename(tmp_path / "away.db")
    report = rebuild(folder)
    assert (report.files, report.before) == (2, report.after)
    (tmp_path / "away.db").rename(crm)
    with Workspace.open(folder) as shop:
        assert shop.count('city in ("Ulm", "Bonn")').size == 2
        assert pulls_of(shop, environ).run("crm").rows == 0, "it goes on where it was"


def test_what_was_not_kept_is_not_left_out_in_silence(folder: Path) -> None:
    for left in (folder / "data" / "kept").glob("0*/kept.json"):
        left.unlink()
    with pytest.raises(InputError) as missing:
        rebuild(folder)
    assert missing.value.code == "rebuild.missing" and "people.csv" in missing.value.message
    assert answers(folder), "nothing was changed"
    report = rebuild(folder, without_missing=True)
    assert report.files == 0


def test_not_while_somebody_has_it_open(folder: Path) -> None:
    program = (
        "import sys; from lettershop import Workspace\n"
        "with Workspace.open(sys.argv[1]): print('open', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(folder)]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE) as other:
        assert other.stdout is not None and other.stdout.readline() == b"open\n"
        with pytest.raises(WorkspaceError) as used:
            rebuild(folder)
        other.communicate(b"")
    assert used.value.code == "workspace.in_use"
