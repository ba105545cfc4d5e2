"""Going through a tree without knowing its kinds."""

from collections.abc import Iterator
from typing import get_args

from lettershop.language.tree import And, Condition, InSegment, Node, Not, Or, SegmentHistory

_SINGLE = tuple(kind for kind in get_args(Condition) if kind not in (And, Or, Not))


def children(node: Node) -> Iterator[Node]:
    """The nodes directly inside a node, in the order they are written."""
    for name in node.__struct_fields__:
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            yield from (item for item in value if isinstance(item, Node))


def walk(node: Node) -> Iterator[Node]:
    """The node and everything inside it, parents first; needs no stack for deep trees."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed([*children(current)]))


def references(tree: Condition) -> set[str]:
    """Names of the segments a tree asks about."""
    return {node.name for node in walk(tree) if isinstance(node, InSegment | SegmentHistory)}


def size(tree: Condition) -> int:
    """How many conditions a tree has, those of every `where` and `people who` included."""
    return sum(isinstance(node, _SINGLE) for node in walk(tree))
