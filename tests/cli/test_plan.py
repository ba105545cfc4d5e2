"""`lettershop plan`, `apply`, versions and pins: the folder opened here, and beside a server."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from opened_shop import open_shop
from served_shop import serve_shop
from typer.testing import CliRunner

from lettershop.cli import app
from lettershop.engines.duckdb.rows import load
from lettershop.model.facts import ContactFact

HOT = 'title = "Hot"\nwhere = "score >= {}"\n'
LEVELS = """
[[partition]]
name = "level"
catch_all = "rest"
[[partition.segment]]
name = "low"
where = "score < 3"
"""
STEPS: tuple[tuple[str, ...], ...] = (
    ("segment", "versions"),
    ("plan", "--json", "--exit-code"),
    ("apply", "--yes", "--note", "first"),
    ("plan", "--exit-code"),
    ("write", "hot", HOT.format(3)),
    ("plan", "--sample", "1"),
    ("apply", "--yes", "--json"),
    ("apply", "--yes", "--yes-size", "hot", "--json"),
    ("segment", "versions"),
    ("segment", "versions", "--json"),
    ("segment", "versions", "hot"),
    ("segment", "draft", "hot", "score >= 4", "--note", "less"),
    ("segment", "draft", "hot", "scroe >= 4"),
    ("segment", "diff", "hot", "3"),
    ("segment", "diff", "hot", "3", "--sample", "0", "--json"),
    ("segment", "publish", "hot", "3", "--yes", "--json"),
    ("segment", "publish", "hot", "1", "--yes", "--yes-size", "hot", "--note", "back"),
    ("segment", "draft", "hot", "score >= 4", "--json"),
    ("segment", "discard", "hot", "5"),
    ("segment", "versions", "hot", "--json"),
    ("segment", "pins"),
    ("segment", "pin", "hot", "U0", "--reason", "a friend"),
    ("segment", "pin", "hot", "nobody", "--reason", "x"),
    ("segment", "pin", "low", "U1", "--out", "--until", "2126-01-01", "--reason", "x", "--json"),
    ("segment", "pin", "nobody", "U1", "--reason", "x"),
    ("segment", "pins", "hot"),
    ("segment", "pins", "--json"),
    ("segment", "unpin", "1"),
    ("segment", "pins", "--ended"),
    ("segment", "proof", "level"),
    ("segment", "proof", "low", "--as-of", "2026-01-01T00:00Z", "--json"),
    ("segment", "proof", "hot"),
    ("segment", "remove", "low", "--yes"),
    ("erase", "hot"),
    ("plan", "--prune"),
    ("segment", "remove", "hot", "--yes"),
    ("segment", "remove", "hot", "--yes", "--json"),
    ("write", "wrong", 'where = "scroe > 1"'),
    ("plan", "--json"),
)
Said = tuple[int, str, str]


def fill(folder: Path) -> Path:
    """Ten people with scores 0 to 9."""
    with open_shop(folder) as shop, shop.engine.write() as workspace:
        load(workspace.store, [fact(n) for n in range(10)])
    (folder / "segments" / "hot.toml").write_text(HOT.format(7), "utf-8")
    (folder / "segments" / "levels.toml").write_text(LEVELS, "utf-8")
    return folder


def fact(n: int) -> ContactFact:
    return ContactFact(
        ts=1_000, received_at=1_000, message_id=f"c{n}", contact=f"user:U{n}", traits={"score": n}
    )


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("plan") / "shop")


@pytest.fixture
def stage(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Path]:
    """The same workspace again, at the same place."""
    monkeypatch.setenv("COLUMNS", "110")
    folder = tmp_path / "shop"

    def set_scene() -> Path:
        shutil.rmtree(folder, ignore_errors=True)
        return shutil.copytree(filled, folder)

    return set_scene


def run(folder: Path, *command: str, typed: str | None = None) -> Said:
    match command:
        case ("write", name, text):
            (folder / "segments" / f"{name}.toml").write_text(text, "utf-8")
            return 0, "", ""
        case ("erase", name):
            (folder / "segments" / f"{name}.toml").unlink()
            return 0, "", ""
        case _:
            arguments = [*command, "-w", str(folder)]
            found = CliRunner().invoke(app, arguments, input=typed, catch_exceptions=False)
            return found.exit_code, timeless(found.stdout), timeless(found.stderr)


def timeless(text: str) -> str:
    """Without the moments it was said at, and the spaces that make room for them."""
    text = re.sub(r"20\d\d-(?!01-01T00:00Z)\d\d-\d\dT[\d:.]+Z", "(now)", text)
    return re.sub(r" {2,}|─+", "  ", text)


def test_commands_say_the_same_beside_a_running_server(stage: Callable[[], Path]) -> None:
    folder = stage()
    here = [run(folder, *step) for step in STEPS]
    folder = stage()
    with serve_shop(folder) as served:
        there = [run(folder, *step) for step in STEPS]
        asked = {path.split("/")[3] for path in served.paths}
    for step, local, remote in zip(STEPS, here, there, strict=True):
        assert remote == local, step
    assert {"definitions", "published", "segments", "pins", "partitions"} <= asked
    assert {code for code, _, _ in here} == {0, 2, 4, 5}


@pytest.fixture
def shop(stage: Callable[[], Path]) -> Path:
    return stage()


def test_a_plan_is_read_by_people(shop: Path) -> None:
    code, out, err = run(shop, "plan")
    assert code == 0 and "lettershop apply puts this in force" in err
    assert "+ hot  new  3 of 10 contacts" in out and "3 new; 0 unchanged." in out
    assert "Partitions that switch as a whole: level" in out
    run(shop, "apply", "--yes")
    run(shop, "write", "hot", HOT.format(6))
    code, out, err = run(shop, "plan")
    assert "~ hot  changed (where)  3 → 4  +1 −0  needs an explicit yes" in out
    assert "- score >= 7" in out and "+ score >= 6" in out
    assert "enters user:U6" in out and "(found: 6)" in out
    assert "lettershop apply --yes-size hot puts this in force" in err


def test_exit_codes_of_a_plan(shop: Path) -> None:
    assert run(shop, "plan", "--exit-code")[0] == 2
    assert run(shop, "apply", "--yes")[0] == 0
    assert run(shop, "plan", "--exit-code")[0] == 0
    run(shop, "write", "wrong", 'where = "scroe > 1"')
    code, out, err = run(shop, "plan", "--exit-code")
    assert (code, out) == (4, "") and "segments/wrong.toml:1:" in err


def test_apply_asks_and_takes_no_for_an_answer(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, err = run(shop, "apply")
    assert code == 2 and "--yes" in err, "nobody can be asked in a pipe"
    monkeypatch.setattr("lettershop.cli.plan.at_terminal", lambda: True)
    assert run(shop, "apply", typed="n\n")[0] == 130
    assert json.loads(run(shop, "segment", "versions", "--json")[1]) == {"published": []}
    code, out, _ = run(shop, "apply", typed="y\n")
    assert code == 0 and "hot is in force as version 1" in out


def test_a_published_segment_survives_backup_of_the_folder_alone(shop: Path) -> None:
    """What is in force is in the records: another folder is another proposal, nothing more."""
    run(shop, "apply", "--yes")
    shutil.rmtree(shop / "segments")
    code, out, _ = run(shop, "plan", "--json")
    plan = json.loads(out)
    assert (code, plan["empty"], plan["kept"]) == (0, True, ["hot", "low", "rest"])
    code, out, _ = run(shop, "apply", "--yes", "--prune", "--json")
    assert sorted(json.loads(out)["removed"]) == ["hot", "low", "rest"]
