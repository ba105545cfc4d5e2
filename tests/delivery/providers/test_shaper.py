"""Stories of providers that mind, with a clock that is moved."""

import pytest

from lettershop.delivery.providers.knowledge import Plan, packaged
from lettershop.delivery.providers.shaper import Shaper
from lettershop.delivery.providers.warmup import WarmUp, warm_up
from lettershop.delivery.wire import Reply
from lettershop.model.clock import DAY, HOUR, MINUTE, SECOND, FixedClock, parse_instant
from lettershop.model.errors import NotFound

UNUSUAL = Reply(
    code=421, status="4.7.28", text="[192.0.2.1] Our system has detected an unusual rate"
)
S3140 = Reply(code=550, status="5.7.1", text="part of their network is on our block list (S3140).")
FINE = Reply(code=250, status="2.0.0", text="OK")
NOBODY = Reply(
    code=550, status="5.1.1", text="The email account that you tried to reach does not exist"
)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock("2026-11-23T09:00Z")


@pytest.fixture
def shaper(clock: FixedClock) -> Shaper:
    return Shaper(packaged(), clock)


def started(shaper: Shaper, clock: FixedClock, pool: str, milliseconds: int) -> int:
    """How many messages start within that time."""
    found, end = 0, clock.at + milliseconds
    while clock.at < end:
        wait = shaper.may_start(pool)
        if wait == 0:
            found += 1
        else:
            clock.advance(max(1, min(round(wait * SECOND), end - clock.at)))
    return found


def test_google_minds_and_is_approached_again_slowly(shaper: Shaper, clock: FixedClock) -> None:
    """09:00 it says 421 4.7.28: ten minutes nothing, then one connection, one more each five."""
    assert shaper.connections("google") == 10
    assert shaper.may_start("google") == 0
    told = shaper.told("google", UNUSUAL)
    assert (told.pause, told.connections) == (600, 1)
    assert shaper.connections("google") == 0
    assert shaper.may_start("google") == 600
    clock.advance(9 * MINUTE)
    assert shaper.may_start("google") == 60
    clock.advance(MINUTE)
    assert shaper.may_start("google") == 0
    assert shaper.connections("google") == 1
    clock.advance(5 * MINUTE)
    assert shaper.connections("google") == 2
    clock.advance(35 * MINUTE)
    assert shaper.connections("google") == 9
    clock.advance(5 * MINUTE)
    assert shaper.connections("google") == 10


def test_only_the_pools_of_those_who_mind_slow_down(shaper: Shaper, clock: FixedClock) -> None:
    shaper.told("google", UNUSUAL)
    shaper.told("somewhere.example", UNUSUAL)
    pools = ["google", "somewhere.example", "microsoft", "yahoo", "elsewhere.example", ""]
    assert [shaper.may_start(pool) for pool in pools] == [600, 600, 0, 0, 0, 0]
    assert [shaper.connections(pool) > 0 for pool in pools] == [
        False,
        False,
        True,
        True,
        True,
        True,
    ]


def test_another_complaint_begins_it_anew(shaper: Shaper, clock: FixedClock) -> None:
    shaper.told("google", UNUSUAL)
    clock.advance(25 * MINUTE)
    assert shaper.connections("google") == 4
    shaper.told("google", UNUSUAL)
    assert shaper.may_start("google") == 600
    clock.advance(10 * MINUTE)
    assert shaper.connections("google") == 1


def test_a_lesser_complaint_does_not_shorten_a_pause(shaper: Shaper, clock: FixedClock) -> None:
    """Other connections were under way when Microsoft closed its door for four hours."""
    shaper.told("microsoft", S3140)
    shaper.told("microsoft", Reply(code=421, status="4.3.2", text="concurrent connections"))
    assert shaper.may_start("microsoft") == 4 * 3_600
    clock.advance(4 * HOUR)
    assert shaper.connections("microsoft") == 1


def test_what_is_said_of_a_recipient_slows_nothing_down(shaper: Shaper) -> None:
    assert shaper.told("google", NOBODY).pause == 0
    assert shaper.told("google", FINE).pause == 0
    assert shaper.connections("google") == 10


def test_the_rate_is_kept_and_comes_back_with_the_connections(
    shaper: Shaper, clock: FixedClock
) -> None:
    """Google bears 1,200 a minute; after a complaint a tenth, then two tenths."""
    assert started(shaper, clock, "google", 10 * MINUTE) == pytest.approx(12_000, rel=0.01)
    shaper.told("google", UNUSUAL)
    assert started(shaper, clock, "google", 10 * MINUTE) == 0
    assert started(shaper, clock, "google", 5 * MINUTE) == pytest.approx(600, rel=0.02)
    assert started(shaper, clock, "google", 5 * MINUTE) == pytest.approx(1_200, rel=0.02)


def test_two_senders_share_what_a_provider_bears(clock: FixedClock) -> None:
    both = [Shaper(packaged(), clock, senders=2) for _ in range(2)]
    assert [one.connections("google") for one in both] == [5, 5]
    assert [one.connections("t_online") for one in both] == [1, 1]
    assert started(both[0], clock, "google", MINUTE) == pytest.approx(600, rel=0.02)


def test_a_smart_host_is_not_slowed_down_by_itself(shaper: Shaper, clock: FixedClock) -> None:
    assert [shaper.may_start("") for _ in range(10_000)] == [0] * 10_000
    assert shaper.messages("") == 1_000


def test_a_pause_does_not_save_up_messages(shaper: Shaper, clock: FixedClock) -> None:
    assert shaper.may_start("google") == 0
    clock.advance(DAY)
    assert [shaper.may_start("google") for _ in range(21)] == [0] * 20 + [pytest.approx(0.05)]


def test_a_new_domain_warms_up(clock: FixedClock) -> None:
    """Three a day, then five; the third day without a limit. Midnight is UTC."""
    sent = {"google": 1}
    plan = WarmUp(Plan(label="short", days=(3, 5)), parse_instant("2026-11-23T08:00Z"))
    shaper = Shaper(packaged(), clock, warm_up=plan, sent_today=lambda pool: sent.pop(pool, 0))
    until_midnight = 15 * HOUR - 10 * SECOND
    assert started(shaper, clock, "google", 10 * SECOND) == 2, "one had gone already"
    assert shaper.may_start("google") == until_midnight / SECOND
    assert started(shaper, clock, "yahoo", 10 * SECOND) == 3
    assert shaper.may_start("") == 0
    clock.advance(until_midnight - 10 * SECOND)
    assert started(shaper, clock, "google", HOUR) == 5
    clock.advance(DAY)
    assert started(shaper, clock, "google", HOUR) == pytest.approx(72_000, rel=0.01)


def test_nothing_leaves_before_the_warm_up_begins(clock: FixedClock) -> None:
    plan = WarmUp(Plan(label="later", days=(3,)), clock.now() + DAY)
    assert Shaper(packaged(), clock, warm_up=plan).may_start("google") == 15 * 3_600


def test_senders_together_stay_within_the_day(clock: FixedClock) -> None:
    plan = WarmUp(Plan(label="short", days=(50,)), clock.now())
    both = [Shaper(packaged(), clock, senders=2, warm_up=plan) for _ in range(2)]
    assert sum(started(one, clock, "google", HOUR) for one in both) == 50


def test_a_fleet_that_grows_shares_what_is_left_of_the_day(clock: FixedClock) -> None:
    """One has sent 20 of 50 when a second comes: each may send 15 more."""
    senders, sent = [1], {"google": 0}
    plan = WarmUp(Plan(label="short", days=(50,)), clock.now())

    def made() -> Shaper:
        return Shaper(
            packaged(),
            clock,
            senders=lambda: senders[0],
            warm_up=plan,
            sent_today=lambda pool: sent[pool],
        )

    first, second = made(), made()
    for _ in range(20):
        assert first.may_start("google") == 0
        clock.advance(SECOND)
    sent["google"], senders[0] = 20, 2
    assert first.connections("google") == 5
    assert [started(one, clock, "google", HOUR) for one in (first, second)] == [15, 15]


def test_plans_are_known_by_name(clock: FixedClock) -> None:
    assert warm_up(packaged().plan, "careful", clock.now()).limit(clock.now()) == 50
    with pytest.raises(NotFound, match="careless"):
        warm_up(packaged().plan, "careless", 0)
