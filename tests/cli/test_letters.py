"""`lettershop content preview | report | proof | accept …`: the same here and beside a server."""

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

LETTER = """+++
subject = "Hi {{ contact.first_name }}"
sender = "Ann <ann@example.com>"

[missing]
"contact.first_name" = "colleague"
"contact.plan" = { skip = "no plan" }
+++
<html lang="en"><body>
<p>Dear {{ contact.first_name }}, your plan is {{ contact.plan }}.</p>
<ul>{% for topic in contact.topics %}<li>{{ topic }}</li>{% endfor %}</ul>
<p>{{ sender.postal_address }}
<a href="{{ unsubscribe_url }}">Unsubscribe from these letters</a></p>
</body></html>
"""
PEOPLE = (
    {"first_name": "Ann", "plan": "pro", "topics": ["rail", "air"]},
    {"first_name": " ", "plan": "pro", "topics": ["rail"]},
    {"first_name": "Cem", "plan": "free"},
    {"first_name": "Dee"},
)
STEPS: tuple[tuple[str, ...], ...] = (
    ("content", "check"),
    ("content", "preview", "hello", "--as", "user:U0"),
    ("content", "preview", "hello", "--as", "user:U1", "--json"),
    ("content", "preview", "hello", "--as", "user:U3"),
    ("content", "preview", "hello", "--as", "user:U9"),
    ("content", "preview", "hello"),
    ("content", "report", "hello", "all"),
    ("content", "report", "hello", "all", "--json", "--as-of", "2026-03-02T09:00Z"),
    ("content", "proofs"),
    ("content", "proof", "hello", "all"),
    ("content", "proof", "hello", "nobody"),
    ("content", "proof", "nothing", "all"),
    ("content", "proofs", "hello"),
    ("content", "accept", "1", "FINDING", "--reason", "no topics is fine"),
    ("content", "proofs"),
    ("content", "withdraw", "1", "FINDING"),
    ("content", "accept", "1", "nothing", "--reason", "why not"),
    ("content", "preview", "hello", "--class", "CLASS"),
    ("content", "preview", "hello", "--class", "ffffffffffff"),
    ("content", "proof", "hello", "all", "--keep"),
    ("content", "test"),
    ("content", "send-test", "hello", "--as", "user:U0", "--to", "me@example.com", "--json"),
    ("content", "send-test", "hello", "--as", "user:U0", "--to", "you@example.com"),
    ("content", "send-test", "hello", "--as", "user:U3"),
)
Said = tuple[int, str, str]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("letters") / "shop"
    with open_shop(folder) as opened, opened.engine.write() as workspace:
        load(workspace.store, [person(n) for n in range(len(PEOPLE))])
    with (folder / "lettershop.toml").open("a", encoding="utf-8") as settings:
        settings.write('seeds = ["me@example.com"]\npostal_address = "1 Main Street, Bonn"\n')
    (folder / "content" / "hello.html").write_text(LETTER, "utf-8")
    (folder / "segments" / "all.toml").write_text("where = 'email is known'\n", "utf-8")
    return folder


def person(n: int) -> ContactFact:
    traits = {"email": f"u{n}@example.com", **PEOPLE[n]}
    return ContactFact(
        ts=1_000, received_at=1_000, message_id=f"c{n}", contact=f"user:U{n}", traits=traits
    )


@pytest.fixture
def stage(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Path]:
    """The same workspace again, at the same place."""
    monkeypatch.setenv("COLUMNS", "120")
    folder = tmp_path / "shop"

    def set_scene() -> Path:
        shutil.rmtree(folder, ignore_errors=True)
        return shutil.copytree(filled, folder)

    return set_scene


class Story:
    """Runs commands; FINDING and CLASS stand for what the proof has found."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.names = folder, dict[str, str]()

    def run(self, *command: str) -> Said:
        said = [self.names.get(word, word) for word in command]
        found = CliRunner().invoke(app, [*said, "-w", str(self.folder)], catch_exceptions=False)
        if command[:2] == ("content", "proof") and found.exit_code == 4 and not self.names:
            self.names["FINDING"] = re.findall(r"key ([0-9a-f]{12})", found.stdout)[0]
            self.names["CLASS"] = re.findall(r"^ ([0-9a-f]{12})", found.stdout, re.M)[0]
        return found.exit_code, timeless(found.stdout), timeless(found.stderr)


def timeless(text: str) -> str:
    """Without moments, speeds and names of files, and the spaces that make room for them."""
    text = re.sub(r"20\d\d-\d\d-\d\dT[\d:.]+Z?", "(now)", text)
    text = re.sub(r"[\d.]+ s, [\d,]+ letters/s", "(speed)", text)
    text = re.sub(r"/\S+\.eml", "(file)", text)
    return re.sub(r"\s{2,}|─+", "  ", text)


def test_commands_say_the_same_beside_a_running_server(stage: Callable[[], Path]) -> None:
    story = Story(stage())
    here = [story.run(*step) for step in STEPS]
    story = Story(stage())
    with serve_shop(story.folder) as served:
        there = [story.run(*step) for step in STEPS]
        asked = {path.split("/")[3] for path in served.paths}
    for step, local, remote in zip(STEPS, here, there, strict=True):
        assert remote == local, step
    assert {"content", "proofs"} <= asked
    assert [code for code, _, _ in here if code] == [5, 2, 4, 5, 5, 5, 5, 4, 2, 2]


def test_a_proof_is_read_by_people(stage: Callable[[], Path]) -> None:
    story = Story(stage())
    code, told, _ = story.run("content", "proof", "hello", "all")
    assert code == 4 and "4 people of 4: 3 letters, 1 skipped" in told
    assert "1 person get no letter: no plan" in told or "no plan" in told
    assert "Locked: 1 finding that nobody has accepted" in told
    code, told, _ = story.run(
        "content", "accept", "1", "FINDING", "--reason", "no topics is fine", "--json"
    )
    assert code == 0 and json.loads(told)["locked"] == ""


def test_the_html_goes_to_a_file(stage: Callable[[], Path], tmp_path: Path) -> None:
    story, target = Story(stage()), tmp_path / "letter.html"
    code, _, _ = story.run("content", "preview", "hello", "--as", "U0", "--html", str(target))
    assert code == 0 and "<li>rail</li><li>air</li>" in target.read_text()
    target.unlink()
    story.run("content", "preview", "hello", "--as", "U3", "--html", str(target))
    assert not target.exists()
