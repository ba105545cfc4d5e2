"""Definitions in the order in which they can be evaluated: referenced ones first."""

from collections.abc import Iterable, Sequence
from graphlib import CycleError, TopologicalSorter

from lettershop.language import references
from lettershop.language.definition import Definition
from lettershop.model.errors import DefinitionError, Finding


def in_order(definitions: Sequence[Definition]) -> list[Definition]:
    """All definitions, each after those it refers to; raises DefinitionError with the path of a
    cycle. Unknown names are left to the evaluation, which knows what else has been evaluated."""
    by_name = {definition.name: definition for definition in definitions}
    graph = {
        d.name: [name for name in sorted(references(d.where)) if name in by_name]
        for d in definitions
    }
    try:
        return [by_name[name] for name in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        raise DefinitionError([cycle(error.args[1])]) from None


def cycle(path: Iterable[str]) -> Finding:
    route = " → ".join(f"“{name}”" for name in path)
    return Finding(
        "segment.cycle",
        f"these segments refer to each other in a circle: {route}",
        hint="take one of the references out",
    )


def needed(definitions: Sequence[Definition], wanted: Iterable[str]) -> list[Definition]:
    """The wanted definitions and everything they refer to, in order."""
    by_name = {definition.name: definition for definition in definitions}
    found: dict[str, Definition] = {}
    open_names = [name for name in wanted if name in by_name]
    while open_names:
        name = open_names.pop()
        if name not in found:
            found[name] = by_name[name]
            open_names.extend(n for n in references(by_name[name].where) if n in by_name)
    return in_order([d for d in definitions if d.name in found])
