"""Consent, suppression and rights on the command line: each command as it is typed."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from consent_desk import CONSENT
from typer.testing import CliRunner, Result

from lettershop.access.models import AuditEntry
from lettershop.app import Workspace, records
from lettershop.cli import app
from lettershop.model.settings import Settings

ANN = "ann@example.com"


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("LETTERSHOP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "120")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace to stand in."""
    made = Workspace.init(tmp_path / "shop")
    (made / "consent.toml").write_text(CONSENT.replace("quiet =", "# quiet ="), "utf-8")
    monkeypatch.chdir(made)
    yield made
    records.disconnect()


def run(*words: str) -> Result:
    return CliRunner().invoke(app, [*words], catch_exceptions=False)


def answer(*words: str, code: int = 0) -> Any:
    """What --json prints; nothing else may be on stdout."""
    result = run(*words, "--json")
    assert result.exit_code == code, result.stderr
    return json.loads(result.stdout)


def test_ann_agrees_is_asked_about_and_leaves(folder: Path) -> None:
    assert [one["name"] for one in answer("consent", "purposes")["purposes"]] == [
        "newsletter",
        "offers",
        "invoice",
    ]
    ask = ("suppression", "check", ANN, "--purpose", "newsletter")
    assert "no\n  block AUD-2 consent.none" in run(*ask).stdout
    run("consent", "give", ANN, "newsletter", "--source", "fair", "--at", "2026-01-05")
    assert answer(*ask)["allowed"] is True
    assert run(*ask).stdout == "yes\n"
    assert run("consent", "withdraw", ANN, "--source", "call").exit_code == 0
    said = answer(*ask, code=1)
    assert [one["rule"] for one in said["reasons"]] == ["AUD-1", "AUD-2"]
    states = [one["state"] for one in answer("consent", "show", ANN)["consents"]]
    assert states == ["given", "withdrawn", "withdrawn"]
    assert "fair" in run("consent", "show", ANN).stdout
    assert answer("consent", "withdraw", ANN, "--source", "x", "--objection")["new"] is True


def test_suppressions_are_added_listed_undone(folder: Path) -> None:
    assert answer("suppression", "add", ANN, "--reason", "complaint")["new"] is True
    assert (
        "was suppressed already" in run("suppression", "add", ANN, "--reason", "complaint").stdout
    )
    (found,) = answer("suppression", "list")["suppressions"]
    assert (found["address"], found["reason"], found["by"]) == (ANN, "complaint", "command line")
    number = str(found["id"])
    refused = run("suppression", "remove", number, "--why", "they asked")
    assert refused.exit_code == 2 and "spam" in refused.stderr
    assert run("suppression", "remove", number, "--why", "they asked", "--force").exit_code == 0
    assert answer("suppression", "list")["suppressions"] == []
    assert "undone: they asked" in run("suppression", "list", "--all").stdout
    trail = AuditEntry.objects.order_by("id").values_list("what", "target")
    records.connect(folder, Settings())
    assert [what for what, _ in trail] == ["suppression.add", "suppression.lift"]
    assert all("@" not in target for _, target in trail)


def test_lists_come_in_and_go_out(folder: Path) -> None:
    (folder / "in.csv").write_text(f"address,reason\n{ANN},bounce\nnobody,\n")
    result = run("suppression", "import", "in.csv")
    assert result.exit_code == 1
    assert result.stdout == "1 new, 0 known before, 1 refused.\n"
    assert "line 3" in result.stderr
    assert run("suppression", "export", "out.csv").exit_code == 0
    assert (folder / "out.csv").read_text().splitlines()[1].startswith(f"{ANN},")
    assert run("suppression", "export").stdout == (folder / "out.csv").read_text()


def test_a_person_is_exported_and_forgotten(folder: Path) -> None:
    run("suppression", "add", ANN)
    exported = run("person", "export", ANN)
    assert json.loads(exported.stdout)["addresses"][0]["address"] == ANN
    assert run("person", "erase", ANN).exit_code == 2  # nobody is there to be asked
    told = run("person", "erase", ANN, "--yes")
    assert "What remains:" in told.stdout and "keyed hash" in told.stdout
    listed = answer("suppression", "list")["suppressions"]
    assert {one["address"] for one in listed} == {None}
    assert "(erased)" in run("suppression", "list").stdout
    assert run("suppression", "check", ANN, "--stream", "transactional").exit_code == 1


def test_the_trail_is_verified(folder: Path) -> None:
    run("suppression", "add", ANN)
    found = answer("audit", "verify")
    assert (found["entries"], found["broken"]) == (1, None)
    assert answer("audit", "verify", "--head", found["head"])["known"] is True
    assert "one chain" in run("audit", "verify").stdout
    assert "cut off" in run("audit", "verify", "--head", "0" * 64).stdout
    assert run("audit", "verify", "--head", "0" * 64).exit_code == 1


def test_a_mistake_in_consent_toml_is_told_with_its_place(folder: Path) -> None:
    (folder / "consent.toml").write_text("[purpose.x]\nbasis = 'no'\n")
    result = run("consent", "purposes")
    assert result.exit_code == 4 and "consent.toml:2:" in result.stderr
