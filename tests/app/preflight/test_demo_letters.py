"""The demo's letters, to everybody they go to, keep every rule about messages."""

from collections.abc import Iterator

import pytest

from lettershop.app import Workspace, records
from lettershop.app.freezing.freeze import freeze
from lettershop.app.preflight.examining import Preflight
from lettershop.campaigns.definition import Campaign
from lettershop.demo.workspace import fill, prepare
from lettershop.model.clock import FixedClock

CLOCK = FixedClock("2026-06-01T09:00Z")
GO_TO = {"destination-offers": "commuters", "reorder": "lapsed-buyers", "welcome": "explorers"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("demo") / "demo"
    prepare(folder)
    assert [*fill(folder, contacts=120, seed=7, today=CLOCK.now(), clock=CLOCK)]
    with Workspace.open(folder, clock=CLOCK) as workspace:
        records.connect(folder, workspace.settings)
        try:
            with workspace.store.snapshot():
                yield workspace
        finally:
            records.disconnect()


@pytest.mark.parametrize("name", GO_TO)
def test_they_keep_the_rules(demo: Workspace, name: str) -> None:
    purpose = "onboarding" if name == "welcome" else "newsletter"
    campaign = Campaign(name=name, content=name, include=(GO_TO[name],), purpose=purpose)
    report = Preflight(CLOCK).of_freeze(demo, campaign, freeze(demo, campaign, at=CLOCK.now()))
    assert report.messages > 0
    wrong = {one.rule: one.said for one in report.checks if one.held == "fails"}
    assert {rule: said for rule, said in wrong.items() if rule.startswith(("MSG", "AUD"))} == {}
