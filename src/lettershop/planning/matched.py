"""Which value it was: of `did … with the same destination`, the value that reached the count.

Rows, windows and `where` are those the count itself is made of (`sources.event_rows`), so the value
is always one of those that make the condition true.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sqlglot import exp

from lettershop.language import tree
from lettershop.language.definition import Definition
from lettershop.language.tree import Condition, Count
from lettershop.model.values import ValueType
from lettershop.planning.ground import rows_of
from lettershop.planning.metrics import Grain
from lettershop.planning.place import Place, event_grain, place_of
from lettershop.planning.predicates import Value, compared
from lettershop.planning.sources import (
    KEYS,
    Context,
    among,
    col,
    event_rows,
    property_type,
)
from lettershop.planning.zones import integer


class SameValue(NamedTuple):
    """A condition that has a matched value, and where it stands."""

    leaf: tree.Did
    place: Place

    @property
    def name(self) -> str:
        """The property: `matched.<name>`."""
        return self.leaf.same or ""

    @property
    def grain(self) -> Grain:
        return event_grain(self.leaf.events.scope, self.place)


def same_values(definition: Definition, others: Mapping[str, Definition]) -> Iterator[SameValue]:
    """The same-value conditions of a definition in the order they are written, those of the
    segments it asks to be in included; nothing within `not` and `people who (…)`."""
    waiting: list[tuple[Condition, Place]] = [(definition.where, place_of(definition.subject))]
    seen = {definition.name}
    while waiting:
        node, place = waiting.pop()
        match node:
            case tree.And(parts=parts) | tree.Or(parts=parts):
                waiting.extend((part, place) for part in reversed(parts))
            case tree.Did(same=str(), negated=False):
                yield SameValue(node, place)
            case tree.InSegment(name=name) if name in others and name not in seen:
                seen.add(name)
                waiting.append((others[name].where, place_of(others[name].subject)))
            case _:
                pass


def matched_type(asked: SameValue, context: Context) -> ValueType | None:
    """What kind of value it is; None when no such event has the property."""
    return property_type(rows_of(asked.leaf.events), asked.name, context)


def matched(asked: SameValue, few: str, context: Context) -> exp.Query | None:
    """Keys of the grain and `v`: of the values that reach the count the one with the most events,
    then the one used last, then the first by its letters; as the newest event spells it.

    `few`: the table (id) of the contacts, or of the accounts, it is asked of.
    """
    rows, again = _rows(asked, few, context), _rows(asked, few, context)
    kind = matched_type(asked, context)
    if rows is None or again is None or kind is None:
        return None
    best = _best(_counts(asked, rows, kind), asked.grain)
    keys = [col(key, "s") for key in KEYS[asked.grain]]
    newest = [col(key, "s").eq(col(key, "b")) for key in KEYS[asked.grain]]
    newest.append(col("ts", "s").eq(col("last", "b")))
    order = exp.Tuple(expressions=[col(n, "s") for n in ("received_at", "message_id")])
    return (
        exp.select(*keys, _named(exp.ArgMax(this=col("v", "s"), expression=order), "v"))
        .from_(again.subquery("s", copy=False), copy=False)
        .join(best.subquery("b", copy=False), on=exp.and_(*newest, copy=False), copy=False)
        .where(_folded(kind).eq(col("folded", "b")), copy=False)
        .group_by(*(key.copy() for key in keys), copy=False)
    )


def _rows(asked: SameValue, few: str, context: Context) -> exp.Select | None:
    """The events that count, of those it is asked of: keys, `ts` and what else orders them, `v`."""
    source = event_rows(rows_of(asked.leaf.events), asked.grain, context, asked.name, ordered=True)
    if source is None:
        return None
    key = KEYS[asked.grain][0]
    rows = exp.select("*").from_(source.subquery("e", copy=False), copy=False)
    return rows.where(among(col(key, "e"), few), copy=False)


def _counts(asked: SameValue, rows: exp.Select, kind: ValueType) -> exp.Select:
    """Per subject and value that reaches the count: keys, `folded`, `n`, `last`."""
    keys = [col(key, "s") for key in KEYS[asked.grain]]
    number = exp.Count(this=exp.Star())
    reaches = _COUNT[asked.leaf.count](this=number.copy(), expression=integer(asked.leaf.n))
    return (
        exp.select(
            *keys,
            _named(_folded(kind), "folded"),
            _named(number, "n"),
            _named(exp.Max(this=col("ts", "s")), "last"),
        )
        .from_(rows.subquery("s", copy=False), copy=False)
        .group_by(*(key.copy() for key in keys), _folded(kind), copy=False)
        .having(reaches, copy=False)
    )


def _best(counts: exp.Select, grain: Grain) -> exp.Select:
    """Per subject one of its values: keys, `folded`, `last`."""
    keys = [col(key, "y") for key in KEYS[grain]]
    most, last = (exp.Neg(this=col(name, "y")) for name in ("n", "last"))
    order = exp.Tuple(expressions=[most, last, col("folded", "y")])
    return (
        exp.select(
            *keys,
            *(
                _named(exp.ArgMin(this=col(name, "y"), expression=order.copy()), name)
                for name in ("folded", "last")
            ),
        )
        .from_(counts.subquery("y", copy=False), copy=False)
        .group_by(*(key.copy() for key in keys), copy=False)
    )


def _folded(kind: ValueType) -> exp.Expr:
    """The form in which the values `s.v` are the same."""
    return compared(Value(col("v", "s"), kind))


_COUNT: dict[Count, type[exp.Binary]] = {
    "at least": exp.GTE,
    "more than": exp.GT,
    "exactly": exp.EQ,
    "at most": exp.LTE,
    "fewer than": exp.LT,
}


def _named(value: exp.Expr, name: str) -> exp.Expr:
    return exp.alias_(value, name, quoted=True, copy=False)
