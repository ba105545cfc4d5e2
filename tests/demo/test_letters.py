"""The demo's letters: nothing is wrong with them, and everybody they go to gets a whole one."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from lettershop.access.audit import LOCAL
from lettershop.app import Workspace, records
from lettershop.app.letters import Letters
from lettershop.demo.letters import SAID, write_letters
from lettershop.demo.workspace import fill, prepare
from lettershop.model.clock import FixedClock

TODAY = "2026-06-01T00:00Z"
GO_TO = {"destination-offers": "commuters", "reorder": "lapsed-buyers", "welcome": "explorers"}


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Letters]:
    folder, clock = tmp_path_factory.mktemp("demo") / "demo", FixedClock(TODAY)
    prepare(folder)
    assert [*fill(folder, contacts=120, seed=7, today=clock.now(), clock=clock)]
    with Workspace.open(folder, clock=clock) as workspace:
        records.connect(folder, workspace.settings)
        try:
            with workspace.store.snapshot():
                yield Letters(workspace, LOCAL)
        finally:
            records.disconnect()


def test_nothing_is_wrong_with_them(letters: Letters) -> None:
    assert [template.name for template in letters.shelf.templates] == sorted(GO_TO)
    found = letters.check()  # so small a company has nobody in some of the countries
    assert [str(finding) for finding in found if finding.code != "value.unknown"] == []


@pytest.mark.parametrize("name", GO_TO)
def test_everybody_gets_a_whole_one(letters: Letters, name: str) -> None:
    answer, proof = letters.prove(name, GO_TO[name])
    assert answer.locked == "" and not proof.proved.findings
    assert proof.proved.counts.letters == answer.total > 2
    assert letters.locked(name, GO_TO[name]) is None


def test_each_reads_their_own(letters: Letters) -> None:
    _, proof = letters.prove("destination-offers", "commuters")
    seen = {}
    for one in proof.proved.classes:
        shown = letters.preview("destination-offers", one.examples[0], segment="commuters")
        seen[shown.values["country"], shown.language] = shown
        destination = shown.values["destination"][0]
        assert destination["title"] in shown.subject or destination["title_de"] in shown.subject
        flights = shown.values.get("flights", [])
        assert {f["currency"] for f in flights} <= {_currency(shown.values["country"])}
        assert all(shown.values["contact"]["city"] in flight["departure"] for flight in flights)
    assert any("ab " in shown.preheader for (_, language), shown in seen.items() if language)
    assert {language for _, language in seen} == {"", "de"}


def test_settings_somebody_has_changed_stay(tmp_path: Path) -> None:
    folder = Workspace.init(tmp_path / "demo")
    file = folder / "lettershop.toml"
    file.write_text('sender = "Ann <ann@acme.example>"\n', "utf-8")
    write_letters(folder)
    once = file.read_text("utf-8")
    write_letters(folder)
    assert file.read_text("utf-8") == once
    said = tomllib.loads(once)
    assert said["sender"] == "Ann <ann@acme.example>" and said.keys() == SAID.keys()


def _currency(country: str) -> str:
    return {"US": "USD", "CA": "USD", "GB": "GBP"}.get(country, "EUR")
