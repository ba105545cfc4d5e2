"""Making a difference between engines small enough to read."""

from collections.abc import Callable, Iterator, Sequence

from msgspec import structs

from lettershop.engines.referee.referee import nodes
from lettershop.language.definition import Definition
from lettershop.language.tree import And, Condition, InSegment, Not, Or
from lettershop.model.facts import AnyFact

Differs = Callable[[Sequence[Definition], Sequence[AnyFact]], bool]
"""Whether the last of the definitions still has different members."""


def smaller(
    definitions: Sequence[Definition], facts: Sequence[AnyFact], differs: Differs
) -> tuple[Sequence[Definition], Sequence[AnyFact]]:
    """Fewer facts and a shorter last definition that still differ."""
    asked = needed(definitions)
    kept = fewer(list(facts), lambda some: differs(asked, some))
    while shorter := next((d for d in shortened(asked) if differs(d, kept)), None):
        asked = needed(shorter)
    return asked, fewer(kept, lambda some: differs(asked, some))


def fewer(facts: list[AnyFact], differs: Callable[[Sequence[AnyFact]], bool]) -> list[AnyFact]:
    """Leaves out ever smaller stretches of facts, as long as that changes nothing."""
    size = len(facts) // 2
    while size:
        start = 0
        while start < len(facts):
            rest = facts[:start] + facts[start + size :]
            if differs(rest):
                facts = rest
            else:
                start += size
        size //= 2
    return facts


def needed(definitions: Sequence[Definition]) -> list[Definition]:
    """The last definition and, before it, those it refers to."""
    wanted = {definitions[-1].name}
    kept = []
    for definition in reversed(definitions):
        if definition.name in wanted:
            kept.insert(0, definition)
            wanted |= {n.name for n in nodes(definition.where) if isinstance(n, InSegment)}
    return kept


def shortened(definitions: Sequence[Definition]) -> Iterator[Sequence[Definition]]:
    last = definitions[-1]
    for where in parts(last.where):
        yield [*definitions[:-1], structs.replace(last, where=where)]


def parts(where: Condition) -> Iterator[Condition]:
    """The condition with a connective or one of its operands taken out, anywhere."""
    match where:
        case And(parts=inner) | Or(parts=inner):
            yield from inner
            for at, part in enumerate(inner):
                for other in parts(part):
                    yield type(where)((*inner[:at], other, *inner[at + 1 :]))
        case Not(part=inner_part):
            yield inner_part
            yield from (Not(other) for other in parts(inner_part))
        case _:
            return
