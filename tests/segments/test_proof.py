"""The proof of a partition finds every fault, and pins never make one."""

import random

import pytest
from hypothesis import given, settings, strategies as st
from pyroaring import BitMap

from lettershop.language import parse
from lettershop.language.definition import Definition
from lettershop.planning.keep import Pin
from lettershop.segments.partition import Partition
from lettershop.segments.pins import in_partitions
from lettershop.segments.proof import Member, prove
from lettershop.segments.renaming import renamed

NAMES = ("low", "mid", "rest")
LEVEL = Partition(name="level", title="", subject="contact", members=NAMES)
EVERYBODY = BitMap(range(10))
OWN = {"low": BitMap(range(3)), "mid": BitMap(range(6))}


def members(low: set[int], mid: set[int], rest: set[int]) -> list[Member]:
    found = zip(NAMES, (low, mid, rest), strict=True)
    return [Member(name, BitMap(ids), OWN.get(name), BitMap()) for name, ids in found]


def test_a_partition_that_holds() -> None:
    proof = prove(LEVEL, members({0, 1, 2}, {3, 4, 5}, {6, 7, 8, 9}), EVERYBODY)
    assert proof.holds and proof.total == proof.universe == 10
    shares = [(s.size, s.matches, s.earlier) for s in proof.shares]
    assert shares == [(3, 3, 0), (3, 6, 3), (4, None, None)]


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (({0, 1, 2}, {2, 3, 4, 5}, {6, 7, 8, 9}), "overlap"),
        (({0, 1, 2}, {3, 4, 5}, {6, 7, 8}), "missing"),
        (({0, 1, 2}, {3, 4, 5}, {6, 7, 8, 9, 10}), "strangers"),
        (({0, 1}, {2, 3, 4, 5}, {6, 7, 8, 9}), "misplaced"),
        (({0, 1, 2}, {3, 4}, {5, 6, 7, 8, 9}), "misplaced"),
    ],
)
def test_every_fault_is_found(wrong: tuple[set[int], set[int], set[int]], fault: str) -> None:
    proof = prove(LEVEL, members(*wrong), EVERYBODY)
    assert not proof.holds and getattr(proof, fault) == 1


def test_nobody_at_all_is_a_partition_too() -> None:
    assert prove(LEVEL, members(set(), set(), set()), BitMap()).holds


PINS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.builds(Pin, st.integers(0, 9), st.booleans())),
    max_size=12,
)


@given(PINS)
@settings(deadline=None, max_examples=300)
def test_pins_leave_every_partition_whole(pins: list[tuple[str, Pin]]) -> None:
    """As a refresh does it: the rule, in first those put in, then those kept out, in order."""
    found = in_partitions(pins, [LEVEL])
    placed: list[Member] = []
    before = BitMap()
    for name in NAMES:
        rule = (OWN.get(name) or EVERYBODY) - before
        own = found.get(name, ())
        inside = rule | BitMap(p.subject for p in own if p.include)
        inside -= BitMap(p.subject for p in own if not p.include)
        before |= inside
        placed.append(Member(name, inside, OWN.get(name), BitMap(p.subject for p in own)))
    assert prove(LEVEL, placed, EVERYBODY).holds
    for subject in {pin.subject for _, pin in pins}:
        said = [(name, pin.include) for name, pin in pins if pin.subject == subject]
        kept_out = {name for name, include in said if not include and name != "rest"}
        chosen = [name for name, include in said if include and name not in kept_out]
        (home,) = [member.name for member in placed if subject in member.members]
        assert home not in kept_out
        assert not chosen or home == chosen[-1], "of several the newest counts"


def test_other_pins_are_as_they_were_said() -> None:
    pins = [("hot", Pin(n, include=bool(n % 2))) for n in range(5)]
    random.Random(1).shuffle(pins)
    assert in_partitions([*pins, *pins], [LEVEL]) == {"hot": tuple(pin for _, pin in pins)}


def test_a_definition_is_renamed_wherever_it_is_referred_to() -> None:
    text = (
        'in segment "a" and not (score > 1 or account in segment "b")'
        ' and account has at least 2 people who (in segment "a") and entered segment "a"'
        " within last 7 days"
    )
    made = renamed(
        Definition(name="a", subject="contact", where=parse(text).tree), {"a": "A", "c": "C"}
    )
    wanted = text.replace('segment "a"', 'segment "A"')
    assert (made.name, made.where) == ("A", parse(wanted).tree)
