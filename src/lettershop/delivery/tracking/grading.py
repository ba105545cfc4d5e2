"""Was it a person? From a hit, whose letter it was, and what happened around it.

Nothing here asks anything: the same hits have the same grades whenever they are graded again, also
from the facts they became (settling.py: `hit_of`). One sure sign makes a machine; a doubt makes it
unknown; only what has neither counts as human. Every reason is said.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from lettershop.delivery.said import Grade
from lettershop.delivery.tracking.gateways import Knowledge, packaged
from lettershop.delivery.tracking.hits import Hit
from lettershop.model.clock import SECOND

Reason = Literal[
    "head",  # it was a HEAD request: nobody has seen anything
    "agent",  # the user agent is a program's
    "network",  # it came from where a scanner lives
    "early",  # sooner after delivery than anybody reads, or than this gateway needs
    "sweep",  # several links of this letter at once
    "probed",  # a HEAD for this letter from the same network, just before or after
    "many",  # the same network and agent, in one go, for many recipients
    "prefetched",  # opens at this provider say nothing
    "proxied",  # fetched by a proxy that a person may be behind
    "doubtful",  # while this gateway may still be looking
    "silent",  # no user agent at all
]
SWEEP: Final = 5 * SECOND
SWEPT: Final = 3
"""So many links of one letter within SWEEP: nobody reads so fast."""
PAIR: Final = SECOND
"""Two links of one letter within this."""
PROBE: Final = 30 * SECOND
TOGETHER: Final = 60 * SECOND
MANY: Final = 8
"""Recipients in TOGETHER, of one network and agent: more than colleagues behind one router who
click in the same minute with the same version of the same browser."""


class Letter(msgspec.Struct, frozen=True):
    """What a hit is held against. `at`: when it was accepted (ms), 0 where nobody knows."""

    at: int = 0
    provider: str = ""


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What happened around a hit. `swept`: links of this letter within SWEEP before or after it,
    itself included; `paired`: within PAIR; `probed`: a HEAD within PROBE; `recipients`: letters
    that its network and agent fetched within TOGETHER."""

    letter: Letter = Letter()
    swept: int = 1
    paired: int = 1
    probed: bool = False
    recipients: int = 1


class Graded(msgspec.Struct, frozen=True):
    grade: Grade
    reasons: tuple[Reason, ...]


def grade(hit: Hit, context: Context, knowledge: Knowledge | None = None) -> Graded:
    """`reasons` are those of its grade; none for a human."""
    known = knowledge or packaged()
    machine, doubt = _signs(hit, context, known)
    if machine:
        return Graded("machine", tuple(machine))
    return Graded("unknown", tuple(doubt)) if doubt else Graded("human", ())


def grade_all(
    hits: Sequence[Hit], letters: Mapping[int, Letter], around: Sequence[Hit] = ()
) -> list[Graded]:
    """Grades of `hits`, by what happened among them and those `around` them (in time). `letters`:
    by row."""
    scene = _Scene([*hits, *around])
    nobody = Letter()
    return [grade(hit, scene.around(hit, letters.get(hit.row, nobody))) for hit in hits]


def _signs(hit: Hit, context: Context, known: Knowledge) -> tuple[list[Reason], list[Reason]]:
    """(signs of a machine, doubts)."""
    gateway, agent = known.of(context.letter.provider), known.agent_named(hit.agent, hit.kind)
    after = (hit.at - context.letter.at) / SECOND if context.letter.at else float("inf")
    machine: dict[Reason, bool] = {
        "head": hit.method == "HEAD",
        "agent": agent is not None and agent.grade == "machine",
        "network": known.scanner(hit.network) != "",
        "early": after < gateway.early,
        "sweep": hit.kind == "click" and (context.swept >= SWEPT or context.paired >= 2),
        "probed": context.probed,
        "many": hit.kind == "click" and context.recipients >= MANY,
        "prefetched": hit.kind == "open" and not gateway.opens,
    }
    doubt: dict[Reason, bool] = {
        "proxied": agent is not None and agent.grade == "unknown",
        "doubtful": after < gateway.doubtful,
        "silent": not hit.agent.strip(),
    }
    return [r for r, so in machine.items() if so], [r for r, so in doubt.items() if so]


class _Scene:
    """Hits by letter and by network, in order of time."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        self._clicks: dict[int, list[Hit]] = defaultdict(list)
        self._heads: dict[tuple[int, str], list[int]] = defaultdict(list)
        self._nets: dict[tuple[str, str], list[Hit]] = defaultdict(list)
        for hit in sorted(hits, key=lambda one: one.at):
            if hit.method == "HEAD":
                self._heads[hit.row, hit.network].append(hit.at)
            elif hit.kind == "click":
                self._clicks[hit.row].append(hit)
            if hit.network:
                self._nets[hit.network, hit.agent].append(hit)

    def around(self, hit: Hit, letter: Letter) -> Context:
        own, key = self._clicks.get(hit.row, []), (hit.network, hit.agent)
        same = self._nets.get(key, []) if hit.network else []
        heads = self._heads.get((hit.row, hit.network), [])
        first = bisect_left(heads, hit.at - PROBE)
        return Context(
            letter=letter,
            swept=len({one.number for one in _near(own, hit.at, SWEEP)}),
            paired=len({one.number for one in _near(own, hit.at, PAIR)}),
            probed=first < len(heads) and heads[first] <= hit.at + PROBE,
            recipients=_recipients(same, hit.at),
        )


def _near(hits: Sequence[Hit], at: int, within: int) -> Sequence[Hit]:
    first, last = _bounds(hits, at, within)
    return hits[first:last]


def _recipients(hits: Sequence[Hit], at: int) -> int:
    """Counted no further than MANY: a gateway may fetch thousands in a minute."""
    found: set[int] = set()
    for place in range(*_bounds(hits, at, TOGETHER)):
        found.add(hits[place].row)
        if len(found) >= MANY:
            break
    return len(found)


def _bounds(hits: Sequence[Hit], at: int, within: int) -> tuple[int, int]:
    first = bisect_left(hits, at - within, key=lambda one: one.at)
    return first, bisect_right(hits, at + within, lo=first, key=lambda one: one.at)
