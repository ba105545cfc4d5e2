"""Who refers to whom: the order to evaluate in, and the cycles there must not be."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec


class Order(msgspec.Struct, frozen=True):
    """`names`: every name after all it refers to. `cycles`: paths, first name repeated at the end;
    when there are any, their members stand somewhere in `names`."""

    names: tuple[str, ...]
    cycles: tuple[tuple[str, ...], ...]


def arrange(graph: Mapping[str, Sequence[str]]) -> Order:
    """Depth first, without recursion: a chain may be thousands of references long."""
    done: dict[str, None] = {}
    cycles: list[tuple[str, ...]] = []
    for root in graph:
        if root in done:
            continue
        path: dict[str, Iterator[str]] = {root: iter(graph[root])}
        while path:
            name, following = next(reversed(path.items()))
            child = next(following, None)
            if child is None:
                done[name] = None
                del path[name]
            elif child in path:
                names = list(path)
                cycles.append((*names[names.index(child) :], child))
            elif child in graph and child not in done:
                path[child] = iter(graph[child])
    return Order(tuple(done), tuple(cycles))


def closure(graph: Mapping[str, Sequence[str]], names: Sequence[str]) -> frozenset[str]:
    """The names and everything they refer to, directly or not."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(graph.get(name, ()))
    return frozenset(found)
