"""Conditions and segments as nodes. Each owns the truth of all its slots and what flipped last."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from lettershop.language import tree
from lettershop.language.definition import Definition
from lettershop.planning.flow.flips import NONE, Flips
from lettershop.planning.frame import Bits, Ints
from lettershop.planning.metrics import AnyMetric, Grain
from lettershop.planning.place import Place

Slots = npt.NDArray[np.integer]


class Links(Protocol):
    """Who belongs to whom, as it is now."""

    def pairs_of(self, grain: Literal["contact", "account"], slots: Slots) -> tuple[Ints, Ints]:
        """The pairs of these contacts or accounts, and which of `slots` each is of."""


@dataclass
class Node:
    """Base. `bits`: per slot of `grain`; `flips`: of the step under way."""

    grain: Grain
    bits: Bits
    flips: Flips = field(default=NONE, kw_only=True)


@dataclass
class Leaf(Node):
    """One condition that looks at columns. `timed`: its answer also depends on the moment itself;
    `ranked`: on everybody."""

    condition: tree.Condition
    place: Place
    metrics: tuple[AnyMetric, ...]
    timed: bool
    ranked: bool


@dataclass
class Join(Node):
    """All (or any) of the parts."""

    parts: Sequence[Node]
    every: bool


@dataclass
class Negation(Node):
    part: Node


@dataclass
class Crowd(Node):
    """The account's people (`tree.People`). `who` is None for all of them."""

    condition: tree.People
    who: Node | None
    roles: AnyMetric | None


@dataclass
class Constant(Node):
    """Everyone, or nobody."""


@dataclass
class Members(Node):
    """A segment: the rule, laid within the universe of its subject, and what modes and pins make of
    it. `put_in`, `kept_out`: slots that are pinned."""

    definition: Definition
    rule: Node
    put_in: Ints
    kept_out: Ints


AnyNode = Leaf | Join | Negation | Crowd | Constant | Members
