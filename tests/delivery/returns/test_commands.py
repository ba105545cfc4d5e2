"""`lettershop returns`: a mail explained, the rules checked."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lettershop.cli.main import app
from tests.delivery.returns.mails import FAILED, LETTER, mail, notification


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["returns", *arguments])
    return result.exit_code, result.output


@pytest.fixture
def mails(tmp_path: Path) -> list[str]:
    away = mail("Automatic reply: x", "Back on 7 December 2026", In_Reply_To=LETTER)
    for name, raw in (("bounce.eml", notification(FAILED)), ("away.eml", away)):
        (tmp_path / name).write_bytes(raw)
    return [str(tmp_path / "bounce.eml"), str(tmp_path / "away.eml")]


def test_mails_are_explained(mails: list[str]) -> None:
    code, said = run("check", *mails)
    assert code == 0
    for word in ("bounce.eml", "bob@client.example", "dead", "theirs", "2026-12-07"):
        assert word in said
    code, said = run("check", *mails, "--json")
    bounce, away = json.loads(said)["items"]
    assert bounce["return"]["affected"][0]["bounce_class"] == "dead"
    assert (away["return"]["kind"], away["return"]["back"]) == ("auto_reply", "2026-12-07")


def test_the_rules_are_sound() -> None:
    code, said = run("rules")
    assert code == 0 and "perhaps_dead" in said
    code, said = run("rules", "--json")
    assert json.loads(said)["findings"] == []


def test_unsound_rules_are_told_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        '[[rule]]\nid = "a"\nclass = "dead"\npattern = "moon"\nsource = "s"\nexamples = ["sun"]\n'
    )
    result = CliRunner().invoke(app, ["returns", "rules", str(path)])
    assert result.exit_code != 0
    assert "mine.toml:2:6" in str(result.output) + str(result.exception)
