"""Figures of the ledger, of returns and records: each rule where it holds and where it fails."""

from collections.abc import Callable

import pytest

from lettershop.campaigns.definition import StopRules
from lettershop.campaigns.preflight import data, figures
from lettershop.campaigns.preflight.figures import Keeping, Recent, Volumes
from lettershop.campaigns.said import Check
from lettershop.delivery.providers.knowledge import packaged
from lettershop.delivery.providers.warmup import WarmUp
from lettershop.model.clock import DAY, HOUR, parse_instant

NOW = parse_instant("2026-03-02T09:00Z")
KNOWN = packaged()
SLOW = next(name for name, one in KNOWN.provider.items() if one.per_minute)
RATE = KNOWN.of(SLOW).per_minute
PLAN = KNOWN.plan[min(KNOWN.plan)]
USUAL = StopRules()


def volumes(number: int, **more: object) -> Volumes:
    return Volumes(planned={SLOW: number}, **more)  # type: ignore[arg-type]


def caps(number: int) -> Check:
    return figures.caps(volumes(number), KNOWN, direct=True, leaves=True)


def recent(**said: object) -> Recent:
    return Recent(**({"tried": 10_000, "accepted": 10_000} | said))  # type: ignore[arg-type]


def rated(rule: str, stop: StopRules = USUAL, **said: object) -> Check:
    found = [*figures.complaints(recent(**said), stop), *figures.bounces(recent(**said), stop)]
    found += [figures.unsubscribes(recent(**said)), figures.refused_for_us(recent(**said))]
    return next(one for one in found if one.rule == rule)


def come_back(**said: object) -> Check:
    return figures.come_back(recent(**said), taken_in=True, leaves=True)


def sized(audience: int, *earlier: int) -> Check:
    return data.size(audience, earlier, 30)


def overlapping(people: int) -> Check:
    return data.overlap({"other": people} if people else {}, people, 1_000, ["user:1"])


def proved(*locked: str, **broken: int) -> Check:
    return data.proved(locked, broken, 100, ["user:1"], "prove it")


FAILS: dict[str, tuple[Callable[[], Check], str]] = {
    "NET-3": (lambda: caps(RATE * 60 * 25), "take 25.0 hours"),
    "NET-4": (lambda: figures.recovery(volumes(10, slowed={SLOW: 3})), "3 letters wait"),
    "NET-5": (
        lambda: figures.volume(volumes(3_000, usual={SLOW: 1_400}), leaves=True),
        "3,000 (usually 1,400 a day)",
    ),
    "NET-5 with those of today": (
        lambda: figures.volume(volumes(900, today={SLOW: 200}), leaves=True),
        "1,100 (usually 0 a day)",
    ),
    "NET-6": (
        lambda: figures.warm_up(volumes(PLAN.days[0] + 5), WarmUp(PLAN, NOW), NOW),
        "5 letters over today's",
    ),
    "OPS-1": (lambda: figures.effective(Keeping(late=2)), "2 letters more than 10 minutes after"),
    "OPS-2": (lambda: rated("OPS-2", complained=11), "0.11 %: 11 of 10,000"),
    "OPS-3": (lambda: rated("OPS-3", complained=31), "0.31 %"),
    "OPS-3 loosened": (lambda: rated("OPS-3", StopRules(complaint=1)), "stops at 1 % only"),
    "OPS-4": (lambda: rated("OPS-4", bounced=201), "2.0 %"),
    "OPS-5": (lambda: rated("OPS-5", bounced=501), "5.0 %"),
    "OPS-5 loosened": (lambda: rated("OPS-5", StopRules(bounce=9)), "not at 5 %"),
    "OPS-6": (lambda: rated("OPS-6", last=(1_000, 21), before=(5_000, 50)), "2.1 % of the last"),
    "OPS-7": (lambda: rated("OPS-7", ours=101), "101 of 10,000 letters"),
    "OPS-8": (lambda: come_back(returned=0), "none came back of 10,000"),
    "OPS-8 nowhere": (
        lambda: figures.come_back(recent(), taken_in=False, leaves=True),
        "nothing takes bounces in",
    ),
    "OPS-9": (lambda: figures.consent_log(Keeping(entries=9, broken=4)), "from entry 4 on"),
    "OPS-9 unguarded": (lambda: figures.consent_log(Keeping(guarded=False)), "not refuse"),
    "OPS-10": (lambda: figures.erasures(Keeping(erased=3, forgotten=1)), "1 of 3 erased"),
    "OPS-11": (
        lambda: figures.incident(Keeping(aborted=[("spring", NOW - HOUR, 40)]), NOW),
        "to be told by 2026-03-05T08:00Z",
    ),
    "DATA-1": (lambda: data.fresh(["a", "b"], {"b": "“b” came 9 days ago"}), "9 days ago"),
    "DATA-2": (lambda: data.certain({"calm": ["“a” has never come"]}), "“calm”: “a” has"),
    "DATA-3 more": (lambda: sized(1_400, 1_000), "over 30 % more"),
    "DATA-3 fewer": (lambda: sized(600, 990, 1_000, 4_000), "over 30 % fewer"),
    "DATA-3 the segment": (
        lambda: data.size(140, (), 30, (1_000, 1_400)),
        "140 people, a week ago 100 by the same segments: over 30 % more",
    ),
    "DATA-3 nobody": (lambda: sized(0), "nobody is in the audience"),
    "DATA-4": (lambda: overlapping(101), "101 of 1,000 letters (10.1 %): other (101)"),
    "DATA-5 not proved": (lambda: proved("never proved"), "never proved"),
    "DATA-5 broken": (lambda: proved(name=2, city=1), "3 of 100 letters cannot be made: name (2)"),
}
HOLDS: dict[str, Callable[[], Check]] = {
    "NET-3": lambda: caps(RATE * 60 * 23),
    "NET-4": lambda: figures.recovery(volumes(10, slowed={"another": 3})),
    "NET-5": lambda: figures.volume(volumes(2_800, usual={SLOW: 1_400}), leaves=True),
    "NET-5 few": lambda: figures.volume(volumes(1_000), leaves=True),
    "NET-6": lambda: figures.warm_up(volumes(PLAN.days[0]), WarmUp(PLAN, NOW), NOW),
    "NET-6 through": lambda: figures.warm_up(volumes(10**6), WarmUp(PLAN, NOW - 900 * DAY), NOW),
    "OPS-1": lambda: figures.effective(Keeping(taken=30)),
    "OPS-2": lambda: rated("OPS-2", complained=10),
    "OPS-3": lambda: rated("OPS-3", complained=30),
    "OPS-4": lambda: rated("OPS-4", bounced=200),
    "OPS-5": lambda: rated("OPS-5", bounced=500),
    "OPS-6": lambda: rated("OPS-6", last=(1_000, 20), before=(5_000, 50)),
    "OPS-7": lambda: rated("OPS-7", ours=100),
    "OPS-8": lambda: come_back(returned=1),
    "OPS-9": lambda: figures.consent_log(Keeping(entries=9)),
    "OPS-10": lambda: figures.erasures(Keeping(erased=3)),
    "OPS-11": lambda: figures.incident(Keeping(aborted=[("old", NOW - 73 * HOUR, 40)]), NOW),
    "DATA-1": lambda: data.fresh(["a", "b"], {}),
    "DATA-2": lambda: data.certain({}),
    "DATA-3": lambda: sized(1_300, 1_000),
    "DATA-3 the segment": lambda: data.size(140, (), 30, (1_300, 1_400)),
    "DATA-3 few people": lambda: sized(30, 10),
    "DATA-4": lambda: overlapping(100),
    "DATA-4 none": lambda: overlapping(0),
    "DATA-5": proved,
}
NOT_ASKED: dict[str, Callable[[], Check]] = {
    "NET-3 smart host": lambda: figures.caps(volumes(9), KNOWN, direct=False, leaves=True),
    "NET-3": lambda: figures.caps(volumes(9), KNOWN, direct=True, leaves=False),
    "NET-5": lambda: figures.volume(volumes(10**6), leaves=False),
    "NET-6": lambda: figures.warm_up(volumes(9), None, NOW),
    "OPS-2": lambda: rated("OPS-2", accepted=99, complained=9),
    "OPS-4": lambda: rated("OPS-4", tried=99, bounced=9),
    "OPS-6": lambda: rated("OPS-6", last=(99, 9), before=(5_000, 50)),
    "OPS-8": lambda: figures.come_back(recent(), taken_in=False, leaves=False),
    "DATA-1": lambda: data.fresh([], {}),
    "DATA-3": lambda: sized(100),
}


@pytest.mark.parametrize("name", FAILS)
def test_it_fails(name: str) -> None:
    ask, said = FAILS[name]
    found = ask()
    assert (found.rule, found.held) == (name.partition(" ")[0], "fails")
    assert said in found.said and found.fix and found.key.startswith(f"{found.rule}:")


@pytest.mark.parametrize("name", HOLDS)
def test_it_holds(name: str) -> None:
    found = HOLDS[name]()
    assert (found.rule, found.held, found.key) == (name.partition(" ")[0], "holds", "")
    assert found.said


@pytest.mark.parametrize("name", NOT_ASKED)
def test_it_is_not_asked_and_says_why(name: str) -> None:
    found = NOT_ASKED[name]()
    assert (found.rule, found.held) == (name.partition(" ")[0], "not_asked") and found.said


def test_an_empty_audience_cannot_be_accepted() -> None:
    assert sized(0).level == "block" and sized(1_400, 1_000).level == "warn"


def test_what_was_accepted_does_not_cover_another_finding() -> None:
    assert sized(1_400, 1_000).key == sized(1_500, 1_000).key
    assert sized(1_400, 1_000).key != sized(600, 1_000).key
    assert overlapping(200).key == overlapping(210).key != overlapping(600).key
