"""Values follow the refresher: bounded, repeatable, and right after anything that can happen."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from engines.telling import did, joins, person
from trait_shop import TraitShop
from typer.testing import CliRunner, Result

from lettershop.app.rebuild import rebuild
from lettershop.app.traits import explain_trait, trait_listing
from lettershop.cli import app
from lettershop.ingest.kept import Kept, keep_facts
from lettershop.model.errors import NotFound
from lettershop.model.facts import AnyFact
from lettershop.profile import stepping
from lettershop.profile.state import read_state
from lettershop.profile.stepping import carry_out, planned

SCORE = """
[[score]]
name = "lead_score"
[[score.rule]]
name = "vip"
when = 'title contains "VP"'
points = 15
[[score.rule]]
name = "pricing"
when = 'did "Pricing Viewed" within last 30 days'
points = 10
"""
JAN, FEB, MAR = "2026-01-10T00:00Z", "2026-02-02T00:00Z", "2026-03-20T00:00Z"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[TraitShop]:
    shop = TraitShop(tmp_path / "shop", "kept")
    shop.define(SCORE)
    shop.tell(person("ann", title="VP"), person("bob"), person("cy"))
    yield shop
    shop.close()


def scores(shop: TraitShop, *names: str) -> list[object]:
    return [shop.value(name, "lead_score") for name in names]


def test_only_what_changed_is_written(shop: TraitShop) -> None:
    assert shop.tick(JAN) == 3
    assert shop.tick(JAN) == 0
    shop.tell(did("bob", "Pricing Viewed", "2026-02-01T00:00Z"))
    assert shop.tick(FEB) == 1
    assert scores(shop, "ann", "bob", "cy") == [15, 10, 0]
    assert shop.tick(MAR) == 1
    assert scores(shop, "ann", "bob", "cy") == [15, 0, 0]


def test_a_restart_goes_on_where_it_was(shop: TraitShop) -> None:
    shop.tick(JAN)
    shop.tell(did("bob", "Pricing Viewed", "2026-02-01T00:00Z"))
    shop.clock.at = shop.clock.at + 1
    shop.refresh()
    shop.restart()  # killed between the refresh and the step
    assert shop.tick(FEB) == 1
    assert scores(shop, "bob") == [10]


def test_a_step_is_bounded_and_a_late_one_is_refused(
    shop: TraitShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stepping, "BATCH", 2)
    shop.refresh()
    store, book, now = shop.workspace.store, shop.book(), shop.clock.now()
    first = planned(store, book, now)
    assert first is not None and len(first.facts) == 2
    assert carry_out(store, first)
    assert not carry_out(store, first), "somebody else has carried it out"
    assert scores(shop, "ann", "bob", "cy") == [15, 0, None]
    shop.restart()
    shop.tick(JAN)
    assert scores(shop, "ann", "bob", "cy") == [15, 0, 0]


def test_other_points_need_no_other_members(shop: TraitShop) -> None:
    shop.tick(JAN)
    shop.define(SCORE.replace("points = 15", "points = 40"))
    assert shop.tick(JAN) == 1
    assert scores(shop, "ann", "bob") == [40, 0]


def test_a_new_rule_counts_for_everybody_at_once(shop: TraitShop) -> None:
    shop.tick(JAN)
    shop.define(SCORE + "[[score.rule]]\nwhen = 'everyone'\npoints = 1")
    assert shop.tick(JAN) == 3
    assert scores(shop, "ann", "bob", "cy") == [16, 1, 1]


def test_a_merged_contact_has_the_points_of_both(shop: TraitShop) -> None:
    shop.tell(person("email:ann@x.example"), did("email:ann@x.example", "Pricing Viewed", JAN))
    shop.tick(JAN)
    assert shop.value("email:ann@x.example", "lead_score") == 10
    shop.tell(person("ann", "2026-01-11T00:00Z", also="email:ann@x.example"))
    shop.tick("2026-01-12T00:00Z")
    assert scores(shop, "ann") == [25]
    shop.tick(MAR)
    assert scores(shop, "ann") == [15]


def test_a_trait_taken_out_becomes_unknown_but_a_slip_takes_nothing(shop: TraitShop) -> None:
    shop.tick(JAN)
    shop.define(SCORE.replace("points = 10", "points = "))
    assert shop.tick(FEB) == 0
    assert scores(shop, "ann") == [15]
    shop.define("# no traits any more")
    shop.tick(MAR)
    assert scores(shop, "ann", "bob") == [None, None]
    assert read_state(shop.workspace.store).traits["lead_score"].gone
    shop.define(SCORE)
    shop.tick("2026-03-21T00:00Z")
    assert scores(shop, "ann", "bob") == [15, 0], "its name is free again"


def test_computing_takes_away_what_is_defined_no_longer(tmp_path: Path) -> None:
    shop = TraitShop(tmp_path / "other", "computed")
    shop.define(SCORE)
    shop.tell(person("ann", title="VP"))
    shop.tick(JAN)
    shop.define("# no traits any more")
    assert shop.tick(FEB) == 1
    assert scores(shop, "ann") == [None]
    shop.define(SCORE)
    shop.tick(MAR)
    shop.define("# no traits any more")
    shop.tick("2026-03-21T00:00Z")
    assert scores(shop, "ann") == [None]
    shop.close()


def test_figures_have_a_rhythm(shop: TraitShop) -> None:
    shop.define("[[rollup]]\nname = 'views'\nsubject = 'contact'\nvalue = 'count of \"Seen\"'")
    shop.tell(did("ann", "Seen", "2026-01-01T00:00Z"))
    shop.tick("2026-01-10T00:00Z")
    shop.tell(did("ann", "Seen", "2026-01-10T00:10Z"))
    shop.tick("2026-01-10T00:30Z")
    assert shop.value("ann", "views") == 1
    shop.tick("2026-01-10T01:00Z")
    assert shop.value("ann", "views") == 2


def test_the_ledger_says_which_rule_and_when(shop: TraitShop) -> None:
    shop.tick(JAN)
    shop.tell(did("ann", "Pricing Viewed", "2026-02-01T08:00Z"))
    shop.tick(FEB)
    told = explain_trait(shop.workspace, "lead_score", "ann", shop.clock.now())
    assert told.value == 25
    assert [(p.name, p.points, p.since) for p in told.parts] == [
        ("vip", 15, JAN),
        ("pricing", 10, "2026-02-01T08:00Z"),
    ]
    assert [(was.since, was.value) for was in told.values] == [(FEB, 25), (JAN, 15)]
    assert [(e.part, e.began, e.cause) for e in told.ledger] == [
        ("pricing", True, "event"),
        ("vip", True, "definition"),
    ]
    shop.tick(MAR)
    after = explain_trait(shop.workspace, "lead_score", "ann", shop.clock.now())
    assert (after.ledger[0].at, after.ledger[0].began) == ("2026-03-03T08:00Z", False)
    assert after.ledger[0].cause == "time"


def test_a_score_that_rose_is_a_segment(shop: TraitShop) -> None:
    shop.define(SCORE, "[[segment]]\nname = 'rising'\nwhere = 'lead_score rose within last 7 days'")
    shop.tick(JAN)
    shop.tell(did("cy", "Pricing Viewed", "2026-02-01T00:00Z"))
    shop.tick(FEB)
    rising = shop.workspace.segment("rising")
    assert [row["user_id"] for row in rising.members()] == ["cy"]


def command(shop: TraitShop, *words: str) -> Result:
    arguments = ["trait", *words, "--workspace", str(shop.folder)]
    return CliRunner().invoke(app, arguments, catch_exceptions=False, env={"COLUMNS": "100"})


def test_commands(shop: TraitShop) -> None:
    shop.tell(joins("ann", "acme"))
    shop.close()
    computed = command(shop, "compute", "--as-of", JAN, "--json")
    assert json.loads(computed.stdout)["traits"] == [
        {"name": "lead_score", "subjects": 3, "written": 3}
    ]
    assert "0 to 15, 5 on average" in command(shop, "list").stdout
    shown = command(shop, "show", "lead_score").stdout
    assert 'title contains "VP"' in shown and "lead_score (number)" in shown
    assert command(shop, "show", "nothing").exit_code == 5
    told = command(shop, "explain", "lead_score", "ann", "--as-of", JAN)
    assert "ann: lead_score 15" in told.stdout
    assert command(shop, "check").exit_code == 0
    shop.define(SCORE.replace("points = 10", "points = 'ten'"))
    assert command(shop, "check").exit_code == 4
    assert command(shop, "show", "lead_score").exit_code == 4
    shop.restart()


def test_the_listing_says_what_a_rule_gives(shop: TraitShop) -> None:
    shop.define(SCORE + "half_life = '10 days'\nper = 'event'\ncap = 30")
    (trait,) = trait_listing(shop.workspace).traits
    (_, pricing) = trait.parts
    assert pricing.points == 10
    assert pricing.how == (
        "halved every 10 days, gone after 4 times that; for each of the newest 3 events; 30 at most"
    )


def test_a_rebuild_keeps_the_history(shop: TraitShop) -> None:
    shop.define(SCORE + "[[activity]]\n[[rollup]]\nname = 'people'\nfunction = 'count'")
    everybody: list[AnyFact] = [person("ann", title="VP"), joins("ann", "acme")]
    keep_facts(shop.folder / "data", Kept(at=shop.clock.now(), after=0, name="calls"), everybody)
    shop.tell(*everybody)
    shop.tick(JAN)
    shop.tell(did("ann", "Pricing Viewed", "2026-02-01T00:00Z"))
    shop.tick(FEB)
    shop.close()
    rebuild(shop.folder)
    shop.restart()
    told = explain_trait(shop.workspace, "lead_score", "ann", shop.clock.now())
    assert [(was.since, was.value) for was in told.values] == [(FEB, 25), (JAN, 15)]
    assert shop.value("acme", "people", "account") == 1
    with pytest.raises(NotFound):
        shop.value("bob", "lead_score")  # nothing was kept that says who that is
    assert shop.value("ann", "activity") == "active"
    shop.tick("2026-02-03T00:00Z")  # the event was not said in the log of this story, so it is gone
    assert scores(shop, "ann") == [15]
