"""Names of a letter's own: what `assign`, `capture` and `for` call things, and what they are."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lettershop.content.letter import Path
from lettershop.content.policies import OBJECTS
from lettershop.content.template import Data, LastEvent, Outside

LOOPS = ("forloop", "tablerowloop")
SAME_LIST = {"where", "reject", "sort", "sort_natural", "reverse", "uniq", "compact", "slice"}
"""Filters whose result has elements of the list they are given."""
ONE_OF = {"first", "last", "find"}
"""Filters whose result is such an element."""


class Known(NamedTuple):
    """`path`: the value it is, None for one that is worked out. `sources`: what it is made of and
    would be missing without."""

    path: Path | None = None
    sources: tuple[Path, ...] = ()


class Scope:
    def __init__(self, data: Mapping[str, Data]) -> None:
        self.data = data
        self.names: dict[str, Known] = {}

    def known(self, root: str) -> Known:
        if root in self.names:
            return self.names[root]
        return Known() if root in LOOPS else Known((root,), ((root,),))

    def own(self, root: str) -> bool:
        return root in self.names or root in LOOPS

    def resolved(self, root: str, rest: Sequence[object]) -> tuple[Path | None, bool]:
        """The value's path, and whether it is the size of the list at that path."""
        path = self.known(root).path
        if path is None:
            return None, False
        for at, segment in enumerate(rest):
            plain = self._object(path)
            if segment == "size" and at == len(rest) - 1 and not plain:
                return path, True
            element = not isinstance(segment, str) or (segment in ("first", "last") and not plain)
            path = (*path, "*" if element else str(segment))
        return path, False

    def _object(self, path: Path) -> bool:
        """Whether it has fields, so that `size` is one of them."""
        if path[-1] == "*":
            return True
        return len(path) == 1 and (
            path[0] in OBJECTS or isinstance(self.data.get(path[0]), LastEvent | Outside)
        )
