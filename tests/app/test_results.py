"""What a campaign caused, from a real ledger and real facts to the answer."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from opened_shop import Shop, open_shop
from publishing import Desk

from lettershop.app.results.watching import Watch
from lettershop.campaigns.definition import StopRules
from lettershop.campaigns.results.said import Group, Results
from lettershop.delivery.ledger import planning
from lettershop.engines.duckdb.compose import sql
from lettershop.model.clock import DAY
from lettershop.model.errors import NotFound
from lettershop.model.facts import ContactFact
from tests.campaigns.results.story import BOUGHT, CLICKS, FROZEN, TWO, USUAL, Story


@pytest.fixture
def shop(tmp_path: Path, empty: Path) -> Iterator[Shop]:
    with open_shop(tmp_path / "shop", empty) as opened:
        yield opened


def group(found: Results, sort: str, name: str) -> Group:
    (one,) = [each for each in found.groups if (each.sort, each.name) == (sort, name)]
    return one


def test_the_story_of_a_hundred_letters(shop: Shop) -> None:
    story = Story(shop)
    story.sent(replace(USUAL, pixel=True), story.plan({3: "holdout", 7: "address", 8: "objection"}))
    story.left({10: "dead", 11: "full"}, unknown=12)
    story.clicks([20, 21], "machine")
    story.clicks([21, 22, 12], "human")
    story.clicks([22], "human", days=3)
    story.clicks([23], "unknown")
    story.clicks([20, 21, 24], "unknown", kind="open")
    story.returns("bounce", [30], "dead")
    story.returns("bounce", [31], "temporary")
    story.returns("bounce", [10], "dead")  # it was refused, and is not counted twice
    story.returns("reply", [32, 33])
    story.returns("auto_reply", [34])
    story.returns("complaint", [35])
    story.returns("unsubscribe", [36, 37])
    story.takes_back(37)
    found = story.results()

    letters = found.delivery
    assert (letters.planned, letters.accepted, letters.unknown, letters.open) == (100, 94, 1, 0)
    assert (letters.refused, letters.refused_by) == (2, {"dead": 1, "full": 1})
    assert letters.suppressed_by == {"address": 1, "holdout": 1, "objection": 1}
    assert letters.planned == letters.accepted + letters.refused + letters.suppressed + 1
    assert (letters.bounced, letters.bounced_by) == (1, {"dead": 1})
    answered = found.response
    assert answered.letters == 95
    clicked = answered.clicked
    assert (clicked.human.people, clicked.machine, clicked.unknown) == (3, 1, 1)
    assert clicked.human.rate == round(3 / 95, 6)
    assert answered.opened is not None and answered.opened.unknown == 3
    assert (answered.replied.people, answered.auto_replied) == (2, 1)
    assert (answered.unsubscribed.people, answered.complained.people) == (1, 1)
    assert (found.effect, found.comparison, found.frozen_at) == (None, None, "2026-03-02T09:00Z")
    assert found.said[0] == (
        "100 planned: 94 accepted, 2 refused, 3 suppressed, 0 failed, 1 unknown."
    )
    assert found.said[1] == (
        "3 people followed a link (3.16%); in 1 more letters only machines did."
    )
    assert [one.name for one in found.groups] == ["everybody"]


def test_everything_that_comes_back_names_the_same_send_and_message(shop: Shop) -> None:
    """Whoever makes the fact: the sender, the tracking, the returns."""
    story = Story(shop, 10)
    story.sent(USUAL, story.plan())
    story.left({0: "dead"})
    story.clicks([1])
    story.clicks([2], kind="open")
    for kind in ("bounce", "reply", "auto_reply", "complaint", "unsubscribe", "delivered"):
        story.returns(kind, [3])
    with shop.engine.read() as workspace:
        catalog = workspace.store.catalog()
        mailed = {
            name: info for name, info in catalog.events.items() if "message" in info.properties
        }
        assert len(mailed) == 9
        for name, info in mailed.items():
            columns = {one: info.properties[one].column for one in ("send", "message", "campaign")}
            asked = sql("SELECT {send}, {message}, {campaign} FROM {t}", t=info.table, **columns)
            for send, message, campaign in workspace.store.con.execute(asked).fetchall():
                assert (send, campaign) == ("campaign:spring:1", "spring"), name
                assert int(message) in story.rows.values()


def test_what_the_campaign_caused_is_told_by_those_held_out(shop: Shop) -> None:
    story = Story(shop, 1_000)
    held = dict.fromkeys(range(0, 1_000, 5), "holdout")
    story.sent(replace(USUAL, holdout=20.0, goal=BOUGHT), story.plan({**held, 1: "address"}))
    story.left({2: "dead"})
    buyers = [n for n in range(400) if n % 5] + [5 * n for n in range(20)]
    story.orders(buyers)
    story.orders([1, 2], total=30)  # 2 counts as drawn; 1 could not have been written to
    story.orders([5], days=-1)  # before the freeze
    story.orders(range(996, 1_000), days=15)  # after the window
    found = story.results("large", days=30).effect
    assert found is not None and found.held_out is not None and found.rate is not None
    assert (found.until, found.so_far) == ("2026-03-16T09:00Z", False)
    treated, held_out = found.treated, found.held_out
    assert (treated.people, treated.reached, treated.revenue) == (799, 319, 3_220.0)
    assert (held_out.people, held_out.reached, held_out.revenue) == (200, 20, 200.0)
    assert (found.rate.value, found.rate.sure) == (0.299249, True)
    assert found.rate.low == pytest.approx(0.2396, abs=5e-4)
    assert found.rate.high == pytest.approx(0.3483, abs=5e-4)
    assert found.caused is not None and found.caused.value == 239
    assert found.revenue is not None and found.revenue.value == round(3_220 / 799 - 1, 2)
    assert found.revenue.sure and 2 < found.revenue.low < found.revenue.high < 4
    assert found.said == (
        "319 of 799 reached the goal (39.92%), until 2026-03-16T09:00Z.",
        "Of those held out 10.00% did: 29.9 points more with the campaign (95 %: 24.0 to 34.8).",
        "About 239 people did it because of the campaign (95 %: 191 to 278).",
        *found.said[3:],
    )
    assert found.said[3].startswith("Revenue because of the campaign: 2,420 (95 %: ")
    assert found.said[-1].startswith("All who were to get a letter")


def test_before_the_window_is_over_it_is_so_far(shop: Shop) -> None:
    story = Story(shop, 200)
    held = dict.fromkeys(range(0, 200, 2), "holdout")
    story.sent(replace(USUAL, holdout=50.0, goal=BOUGHT), story.plan(held))
    story.left()
    story.orders([1, 3, 5, 7], days=2)
    story.orders([9, 11], days=6)
    early = story.results(days=4).effect
    assert early is not None and early.rate is not None
    assert (early.so_far, early.until, early.treated.reached) == (True, "2026-03-06T09:00Z", 4)
    assert not early.rate.sure and "which can be chance" in early.said[1]
    assert early.revenue is None and "too few bought" in early.said[2]
    assert early.said[-1] == "The window is still open: these figures are not the last."
    late = story.results(days=14).effect
    assert late is not None and (late.so_far, late.treated.reached) == (False, 6)


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (0, "Nobody was held out: how many would have reached the goal anyway cannot be known."),
        (29, "Only 29 held out: what the campaign caused cannot be said with fewer than 30."),
        (100, "Everybody was held out: there is nothing to compare with."),
    ],
)
def test_what_cannot_be_said_is_not_said(shop: Shop, held: int, said: str) -> None:
    story = Story(shop)
    story.sent(replace(USUAL, goal=BOUGHT), story.plan(dict.fromkeys(range(held), "holdout")))
    story.left()
    story.orders(range(50, 90))
    found = story.results().effect
    assert found is not None
    assert (found.rate, found.caused, found.revenue, found.revenue_caused) == (None,) * 4
    assert said in found.said


def test_where_accounts_were_drawn_they_count_as_accounts(shop: Shop) -> None:
    """The same people: drawn one by one the difference is sure, as 25 alike accounts it is not."""
    story = Story(shop, 200)
    held = {n: "holdout" for n in range(200) if n // 4 % 2}
    campaign = replace(USUAL, goal=BOUGHT, unit="account")
    story.sent(campaign, story.plan(held))
    story.left()
    story.orders([n for n in range(200) if n // 4 in (0, 2, 4, 6, 8, 1, 3)])
    found = story.results().effect
    assert found is not None and found.rate is not None
    assert (found.treated.reached, found.rate.value, found.rate.sure) == (20, 0.12, False)
    assert found.rate.low == pytest.approx(-0.080, abs=0.01)


def test_by_segment_as_it_was_at_the_freeze_by_variant_and_by_provider(shop: Shop) -> None:
    story = Story(shop, 400)
    held = dict.fromkeys(range(0, 400, 8), "holdout")
    campaign = replace(USUAL, variants=TWO, content="", goal=BOUGHT)
    story.sent(campaign, story.plan(held, ("A", "B"), ("google", "microsoft", "")))
    story.left()
    story.clicks(range(1, 41, 2))
    story.orders(range(1, 100, 2))
    found = story.results("large", "buyers", "accounts-of-large", "in-accounts")
    large, everybody = group(found, "segment", "large"), group(found, "segment", "everybody")
    assert everybody.delivery == found.delivery and everybody.effect is not None
    assert (large.delivery.planned, large.delivery.suppressed) == (160, 20)
    assert large.response.clicked.human.people == 20
    assert large.effect is not None and large.effect.treated.people == 140
    assert group(found, "segment", "accounts-of-large").delivery == large.delivery
    assert group(found, "segment", "in-accounts").delivery == large.delivery
    assert group(found, "segment", "buyers").delivery.planned == 0  # nobody had bought then
    one, two = group(found, "variant", "A"), group(found, "variant", "B")
    assert (one.delivery.planned, two.delivery.planned) == (150, 200)
    assert one.effect is not None and one.effect.held_out is not None
    assert one.effect.held_out.people == 50
    assert (two.response.clicked.human.people, one.response.clicked.human.people) == (20, 0)
    assert group(found, "provider", "google").delivery.planned == 134
    with pytest.raises(NotFound, match="no segment"):
        story.results("nobody")


def test_variants_are_compared_once_at_the_stated_moment(shop: Shop) -> None:
    story = Story(shop, 400)
    campaign = replace(USUAL, variants=TWO, content="", compare=CLICKS)
    story.sent(campaign, story.plan({0: "address"}, ("A", "B")))
    assert story.results(days=0.01).comparison is not None
    going = story.results(days=0.02).comparison
    assert going is not None and going.said == "No variant wins yet: letters are still to leave."
    story.left()
    story.clicks(range(1, 121, 2), days=1)
    story.clicks(range(2, 200, 2), "machine", days=1)
    story.clicks(range(2, 42, 2), days=2)
    story.clicks(range(42, 200, 2), days=8)  # too late to count
    early = story.results(days=7).comparison
    assert early is not None and (early.answer, early.decided_at) == (
        "not_yet",
        "2026-03-09T10:00Z",
    )
    late = story.results(days=30).comparison
    assert late is not None and (late.answer, late.winner) == ("winner", "B")
    assert [(arm.name, arm.people, arm.reached) for arm in late.arms] == [
        ("A", 199, 20),
        ("B", 200, 60),
    ]


def test_revenue_told_in_several_currencies_is_no_sum(shop: Shop) -> None:
    story = Story(shop, 100)
    story.sent(replace(USUAL, goal=BOUGHT), story.plan())
    story.left()
    story.orders(range(10), total=100, currency="EUR")
    one = story.results().effect
    assert one is not None and (one.treated.revenue, one.currency) == (1_000.0, "EUR")
    story.orders(range(10, 20), total=100, currency="USD")
    two = story.results().effect
    assert two is not None and (two.treated.revenue, two.treated.reached) == (None, 20)
    why = "Revenue is in EUR, USD, told in events, whose amounts are not converted."
    assert why in two.said


MAPPING = """
[contact]
user_id = "who"
[event]
name = "Order Completed"
time = "at"
[event.properties]
total = { column = "total", currency = { column = "cur" } }
"""


def test_imported_revenue_is_converted(shop: Shop, tmp_path: Path) -> None:
    story = Story(shop, 100)
    story.sent(replace(USUAL, goal=BOUGHT), story.plan())
    story.left()
    shop.clock.at = FROZEN + 3 * DAY
    orders = tmp_path / "orders.csv"
    with orders.open("w", newline="") as file:
        made = csv.writer(file)
        made.writerow(("who", "at", "total", "cur"))
        made.writerows((f"U{n}", "2026-03-04T09:00:00Z", 100, "EUR") for n in range(10))
        made.writerows((f"U{n}", "2026-03-04T09:00:00Z", 100, "USD") for n in range(10, 20))
    orders.with_suffix(".toml").write_text(MAPPING, "utf-8")
    with shop.engine.write() as workspace:
        workspace.import_file(orders)
    without = story.results().effect
    assert without is not None and without.treated.revenue is None
    why = "Revenue is in EUR, USD, and there are no rates from one to the other."
    assert why in without.said
    rates = tmp_path / "rates.csv"
    rates.write_text("day,source,target,rate\n2026-01-01,USD,EUR,0.5\n", "utf-8")
    with shop.engine.write() as workspace:
        workspace.import_rates(rates)
    both = story.results().effect
    assert both is not None and (both.treated.revenue, both.currency) == (1_500.0, "EUR")


def test_a_goal_that_cannot_be_asked_any_more_hides_nothing_else(shop: Shop) -> None:
    story = Story(shop, 10)
    gone = replace(BOUGHT, where='in segment "summer"')
    story.sent(replace(USUAL, goal=gone, include=("everybody", "gone")), story.plan())
    story.left()
    found = story.results()
    assert (found.delivery.accepted, found.effect) == (10, None)
    assert found.said[-1].startswith("The goal cannot be asked: ")
    assert "there is no segment “summer”" in found.said[-1]


def test_members_are_those_that_were_recorded_at_the_freeze(shop: Shop) -> None:
    """A static segment, published a day before: who would fit since then is not in it."""
    story, desk = Story(shop, 20), Desk(shop)
    text = """mode = "static"\nwhere = 'size = "large"'\n"""
    (shop.path / "segments" / "fixed.toml").write_text(text, "utf-8")
    (shop.path / "segments" / "all.toml").unlink()  # nobody has bought anything yet
    shop.clock.at = FROZEN - DAY
    with shop.engine.write():
        desk.apply()
        desk.refresh()
    later = {"ts": FROZEN - 1, "received_at": FROZEN - 1}
    story.load(
        [ContactFact(contact="user:U19", message_id="grown", traits={"size": "large"}, **later)]
    )
    story.sent(USUAL, story.plan())
    story.left()
    shop.clock.at = FROZEN + DAY
    with shop.engine.write():
        desk.refresh()
    found = story.results("fixed")
    assert group(found, "segment", "fixed").delivery.planned == 8
    (shop.path / "segments" / "rule.toml").write_text("where = 'size = \"large\"'\n", "utf-8")
    assert group(story.results("rule"), "segment", "rule").delivery.planned == 9


def test_before_anything_was_sent_there_is_nothing_to_say(shop: Shop) -> None:
    story = Story(shop, 10)
    with pytest.raises(NotFound, match="no campaign"):
        story.results()
    story.sent(USUAL, story.plan())
    nothing = story.results()
    assert (nothing.delivery.open, nothing.response.letters) == (10, 0)
    assert nothing.said == (
        "10 planned: 0 accepted, 0 refused, 0 suppressed, 0 failed, 0 unknown, 10 open.",
    )


def test_a_campaign_is_watched_while_it_is_sent(shop: Shop) -> None:
    """Refusals of the ledger, bounces and complaints that come back; the history of the stream."""
    story = Story(shop, 100)
    story.sent(USUAL, story.plan())
    story.left(dict.fromkeys(range(3), "dead") | {5: "full"})
    watch, rules = Watch(), replace(USUAL, stop=StopRules(bounce=3, complaint=1))
    send = planning.send_of("campaign:spring:1")
    with shop.engine.read() as workspace:
        assert watch.stop_reason(workspace, rules, send) is None
    story.returns("bounce", [40], "full")
    story.returns("bounce", [41], "policy")
    with shop.engine.read() as workspace:
        assert watch.stop_reason(workspace, rules, send) == (
            "bounces: 4 of 100 (4.00%), more than the 3 % it may be"
        )
    assert send.started_at < FROZEN + DAY
