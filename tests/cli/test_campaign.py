"""`lettershop campaign …`: the same in a folder and beside a server, with the real parts."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from campaign_story import CAMPAIGN, furnish
from opened_shop import open_shop
from served_shop import serve_shop
from typer.testing import CliRunner

from lettershop.cli import app
from lettershop.engines.duckdb.rows import load
from lettershop.model.facts import ContactFact

LETTER = """+++
subject = "Spring"
sender = "Ann <ann@example.com>"
+++
<html lang="en"><body><p>Spring, {{ contact.first_name | default: "you" }}!</p>
<p>{{ sender.name }}, {{ sender.postal_address }}
<a href="{{ unsubscribe_url }}">Unsubscribe from these letters</a></p></body></html>
"""
SETTINGS = 'postal_address = "1 Main Street, Bonn"\nsender = "Ann <ann@example.com>"\n'
STEPS: tuple[tuple[str, ...], ...] = (
    ("list",),
    ("show", "spring"),
    ("draft", "WRONG"),
    ("draft", "FILE"),
    ("draft", "FILE"),
    ("draft", "nowhere.toml"),
    ("audience", "spring"),
    ("audience", "spring", "--json"),
    ("approve", "spring"),
    ("check", "spring"),
    ("accept", "spring", "KEY", "--reason", "our customers"),
    ("accept", "spring", "nothing", "--reason", "our customers"),
    ("show", "spring"),
    ("list",),
    ("approve", "spring"),
    ("proof", "spring"),
    ("go", "spring"),
    ("pause", "spring"),
    ("resume", "spring"),
    ("undo", "spring"),
    ("show", "spring"),
    ("abort", "spring", "--yes", "--reason", "never mind"),
    ("check", "spring"),
    ("draft", "OTHER", "--name", "spring"),
    ("list",),
)
Said = tuple[int, str, str]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("campaigns") / "shop"
    with open_shop(folder) as opened, opened.engine.write() as workspace:
        load(workspace.store, [person(n) for n in range(6)])
    furnish(folder)
    (folder / "content" / "hello.html").write_text(LETTER, "utf-8")
    with (folder / "lettershop.toml").open("a", encoding="utf-8") as settings:
        settings.write(SETTINGS)
    made = folder / "campaigns"
    made.mkdir(exist_ok=True)
    (made / "spring.toml").write_text(CAMPAIGN + 'at = "2036-12-01 09:00"\n', "utf-8")
    (made / "other.toml").write_text(CAMPAIGN + "holdout = 5\n", "utf-8")
    (made / "wrong.toml").write_text(CAMPAIGN + 'exclude = ["alll"]\ntopic = "x"\n', "utf-8")
    return folder


def person(n: int) -> ContactFact:
    traits = {"email": f"u{n}@example.com", "first_name": "Ann"}
    return ContactFact(
        ts=1_000, received_at=1_000, message_id=f"c{n}", contact=f"user:U{n}", traits=traits
    )


@pytest.fixture
def stage(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Path]:
    """The same workspace again, at the same place."""
    monkeypatch.setenv("COLUMNS", "160")
    folder = tmp_path / "shop"

    def set_scene() -> Path:
        shutil.rmtree(folder, ignore_errors=True)
        return shutil.copytree(filled, folder)

    return set_scene


class Play:
    """Runs commands; FILE, WRONG, OTHER and KEY stand for what there is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        campaigns = folder / "campaigns"
        names = {"FILE": "spring", "WRONG": "wrong", "OTHER": "other"}
        self.names = {key: str(campaigns / f"{name}.toml") for key, name in names.items()}

    def run(self, *command: str) -> Said:
        said = [self.names.get(word, word) for word in command]
        found = self.invoke("campaign", *said)
        if command == ("check", "spring") and "KEY" not in self.names:
            self.names["KEY"] = re.findall(r"accept spring (\S+)", found[1])[0]
        return found

    def invoke(self, *words: str) -> Said:
        found = CliRunner().invoke(app, [*words, "-w", str(self.folder)], catch_exceptions=False)
        return found.exit_code, timeless(found.stdout), timeless(found.stderr)


def timeless(text: str) -> str:
    """Without moments, and the spaces that make room for them."""
    text = re.sub(r"202\d-\d\d-\d\dT[\d:.]+Z?", "(now)", text)
    text = re.sub(r'(?<="as_of": )\d+', "0", text)
    return re.sub(r"\s{2,}|─+", "  ", text)


def test_commands_say_the_same_beside_a_running_server(stage: Callable[[], Path]) -> None:
    play = Play(stage())
    here = [play.run(*step) for step in STEPS]
    play = Play(stage())
    with serve_shop(play.folder) as served:
        there = [play.run(*step) for step in STEPS]
        assert any("/campaigns/spring/check" in path for path in served.paths)
    for step, local, remote in zip(STEPS, here, there, strict=True):
        assert same(remote) == same(local), step
    assert [code for code, _, _ in here] == [
        *(0, 5, 4, 0, 0, 2, 0, 0, 2, 4, 0, 5, 0, 0),
        *(0, 2, 2, 2, 2, 2, 0, 0, 2, 2, 0),
    ]
    assert (
        "campaigns/wrong.toml:5:1: error campaign.segment: there is no segment “alll”"
        in (here[2][2])
    )
    assert "spring is approved, starts at 2036-12-01T09:00Z" in here[14][2]


def same(said: Said) -> Said:
    """Who had a server check it, and that nothing leaves without one, is told on one side only."""
    code, out, err = said
    out = re.sub(r"\(now\)  ask  command line\s+", "", out)
    out = re.sub(r"(refuse|check)  (command line|lettershop)", r"\1  (who)", out)
    out = re.sub(r"\d+ rules hold, (\d+) do not, \d+ not asked", r"\1 do not", out)
    return code, out, re.sub(r"it waits for lettershop up|lettershop campaign show.*", "", err)


def test_without_a_server_nothing_leaves(stage: Callable[[], Path]) -> None:
    play = Play(stage())
    play.run("draft", "FILE")
    code, _, told = play.run("start", "spring")
    assert code == 2 and "lettershop up" in told
    code, _, told = play.run("show", "spring", "--watch")
    assert code == 0 and "lettershop up" in told
    assert play.run("show", "spring", "--watch", "--json")[0] == 2
    assert play.run("start", "autumn")[0] == 5


def test_as_json(stage: Callable[[], Path]) -> None:
    play = Play(stage())
    found = json.loads(play.run("draft", "FILE", "--json")[1])
    assert (found["name"], found["state"], found["definition"]["include"]) == (
        "spring",
        "draft",
        ["all"],
    )
    code, out, _ = play.run("check", "spring", "--json")
    found = json.loads(out)
    assert code == 4 and found["blocking"] == ["AUD-8"]
    (proof,) = [one for one in found["preflight"]["checks"] if one["rule"] == "DATA-5"]
    assert proof["held"] == "holds", "checking proves its letters, too"
    assert found["freeze"]["audience"] == 6 and found["preflight"]["messages"] == 6
    assert [one["name"] for one in json.loads(play.run("list", "--json")[1])] == ["spring"]
