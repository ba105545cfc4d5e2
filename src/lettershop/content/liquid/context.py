"""One rendering of one part of a letter: the names in sight, what was used up, what happened."""

import datetime as dt
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any, TextIO, assert_never

from liquid import BoundTemplate, RenderContext, Token
from liquid.utils import ReadOnlyChainMap

from lettershop.content.liquid import limits
from lettershop.content.liquid.limits import too_much
from lettershop.content.liquid.missing import Hidden, Missing, Skipping
from lettershop.content.template import Fallback, Hide, Skip


class Names(ReadOnlyChainMap):
    """Mappings searched one after the other, the innermost first; `maps` is the list itself, so
    that places can look through it without a call."""

    def __init__(self, *maps: Mapping[str, object]) -> None:
        self.maps: list[Mapping[str, object]] = list(maps)
        self._maps = self.maps  # type: ignore[assignment]  # a list does for iteration

    def push(self, namespace: Mapping[Any, Any]) -> None:
        self.maps.insert(0, namespace)

    def pop(self) -> Mapping[Any, Any]:
        return self.maps.pop(0)


class Reading(RenderContext):
    """`shown`: as of `Letter.render`. `outcomes`: the bits of what happened so far. `lost`:
    (what, token) of every missing value that was used without a policy."""

    __slots__ = ("lost", "maps", "outcomes", "rounds", "shown", "spent", "steps")

    def __init__(
        self,
        template: BoundTemplate,
        *,
        globals: Mapping[str, object] | None = None,
        disabled_tags: list[str] | None = None,
        copy_depth: int = 0,
        parent_context: RenderContext | None = None,
        loop_iteration_carry: int = 1,
        local_namespace_size_carry: int = 0,
    ) -> None:
        # Everything the base class sets, without its detours: this runs once per part and letter.
        self.env = template.env
        self.template = template
        self.locals = {}
        self.globals = {} if globals is None else globals
        self.counters = {}
        self.scope = Names(self.locals, self.globals, self.counters)
        self.maps = self.scope.maps
        self.tag_namespace = {"cycles": {}, "ifchanged": "", "stopindex": {}}
        self.loops = []
        self.disabled_tags = disabled_tags or []
        self.autoescape = self.env.autoescape
        self._copy_depth = copy_depth
        self.parent_context = parent_context
        self.loop_iteration_carry = loop_iteration_carry
        self.local_namespace_size_carry = local_namespace_size_carry
        self.shown: Sequence[int] = ()
        self.outcomes = self.rounds = self.spent = self.steps = 0
        self.lost: list[tuple[Missing, Token]] = []

    def now(self) -> dt.datetime:
        """`"now"`: the value of that name where one is given, so that a proof and what is sent
        later say the same; else this moment."""
        said = self.globals.get("now")
        return said if isinstance(said, dt.datetime) else dt.datetime.now(dt.UTC)

    def use(self, missing: Missing, token: Token) -> object:
        """What is said in its place."""
        self.outcomes |= missing.bit
        match missing.policy:
            case Fallback():
                return missing.instead
            case Hide():
                raise Hidden("hidden")
            case Skip(reason):
                raise Skipping(reason)
            case None:
                self.lost.append((missing, token))
                return ""
            case never:
                assert_never(never)

    def count_rounds(self, rounds: int, weight: int = 1) -> None:
        """`weight`: how much is within the loop."""
        self.rounds += rounds
        self.steps += rounds * weight
        if self.rounds > limits.ROUNDS or self.steps > limits.STEPS:
            raise too_much(f"loops run more than {limits.ROUNDS:,} times in this letter")

    def raise_for_loop_limit(self, length: int = 1) -> None:
        """Called by python-liquid's own loops as they begin."""
        self.count_rounds(length)

    def weigh(self, made: object) -> None:
        """What a filter or a capture made."""
        if isinstance(made, str):
            cost = len(made)
            if cost > limits.TEXT:
                raise too_much(f"a text grows beyond {limits.TEXT:,} characters")
        elif isinstance(made, list | tuple):
            cost = 10 * len(made)
            if len(made) > limits.ROUNDS:
                raise too_much(f"a list grows beyond {limits.ROUNDS:,} elements")
        else:
            return
        self.spent += cost
        if self.spent > limits.WORK:
            raise too_much("filters make more text than a letter can hold")

    def get_buffer(self, buf: TextIO | None = None) -> StringIO:
        return Paper()


class Paper(StringIO):
    """What is written to by nodes of python-liquid's own, and by ours."""

    def check(self) -> None:
        if self.tell() > limits.OUTPUT:
            raise too_much(f"the letter grows beyond {limits.OUTPUT:,} characters")
