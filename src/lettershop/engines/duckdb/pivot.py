"""Traits of many facts -> columns: one per field, its type learned from its first known value."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import msgspec

from lettershop.engines.duckdb.casting import Cast, cast
from lettershop.engines.duckdb.names import names_subject
from lettershop.engines.duckdb.storable import DEPTH, says_nothing, storable, utf8
from lettershop.model.values import Missing, ValueType, guess_type

TypeMap = dict[tuple[str, str], ValueType]

Said = tuple[str, Sequence[int] | None, Sequence[Any]]
"""A field, the places of the facts that say it (None: all), and what they say."""

MOST_FIELDS = 1_000
"""Fields a scope can have; what comes under more names stays in `rest`, without a column."""
_MANY = 200
"""So many names in one block are looked for only where they are."""


class Column(msgspec.Struct, frozen=True):
    """One field of a block of facts. `places` are the facts that say it, None for all of them; the
    cast counts along them. Without `cast` it was said, but never with a value."""

    name: str
    type: ValueType
    places: Sequence[int] | None
    cast: Cast | None


class Pivoted(msgspec.Struct, frozen=True):
    """The columns of a block, and by place what did not fit into them."""

    columns: list[Column]
    rest: dict[int, dict[str, Any]]


class Pivot:
    """`types` are the known types by (scope, field); it grows with what is learned here."""

    def __init__(self, types: TypeMap) -> None:
        self.types = types
        self._fields = Counter(scope for scope, _ in types)

    def pivot(self, scope: str, said: Sequence[Mapping[str, Any]]) -> Pivoted:
        """The traits of facts of one scope, in order of arrival."""
        found = Pivoted([], {})
        for name, places, raws in self._columns(scope, said):
            self._column(scope, name, places, raws, found)
        return found

    def _columns(self, scope: str, said: Sequence[Mapping[str, Any]]) -> Iterator[Said]:
        alike = _alike(said)
        names = [*said[0]] if alike else list(dict.fromkeys(chain.from_iterable(said)))
        if len(names) > _MANY or not all(isinstance(n, str) and n.isascii() for n in names):
            yield from _scattered(self._flattened(scope, said))
            return
        columns: list[Said] = []
        if alike:
            columns += ((name, None, raws) for name, raws in zip(names, alike, strict=True))
        else:
            columns += _gathered(names, said)
        if any(issubclass(kind, Mapping) for *_, raws in columns for kind in set(map(type, raws))):
            yield from _scattered(self._flattened(scope, said))
        else:
            yield from columns

    def _column(
        self,
        scope: str,
        name: str,
        places: Sequence[int] | None,
        raws: Sequence[Any],
        found: Pivoted,
    ) -> None:
        kind = self.types.get((scope, name)) or self._learn(scope, name, raws)
        if kind is None:
            for place, raw in zip(_places(places, raws), raws, strict=True):
                if not says_nothing(raw):
                    found.rest.setdefault(place, {})[name] = raw
            if self._fields[scope] < MOST_FIELDS:
                found.columns.append(Column(name, "text", _places(places, raws), None))
            return
        cells = cast(raws, kind)
        found.columns.append(Column(name, kind, places, cells))
        if cells.wrong:
            where = _places(places, raws)
            for place in cells.wrong:
                found.rest.setdefault(where[place], {})[name] = raws[place]

    def _learn(self, scope: str, name: str, raws: Sequence[Any]) -> ValueType | None:
        """The type of the first value that has one, unless there are too many fields."""
        if self._fields[scope] >= MOST_FIELDS:
            return None
        for raw in raws:
            kind = self._guess(scope, name, raw)
            if kind is not None:
                self.types[scope, name] = kind
                self._fields[scope] += 1
                return kind
        return None

    def _guess(self, scope: str, name: str, raw: object) -> ValueType | None:
        kind = "text" if names_subject(scope, name) else guess_type(raw)
        return None if kind is None or isinstance(storable(raw, kind), Missing) else kind

    def _flattened(self, scope: str, said: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """Objects as dotted fields; types are learned on the way, since a location is a value."""
        for traits in said:
            flat = dict(self._flat(scope, traits))
            for name, raw in flat.items():
                if (scope, name) not in self.types:
                    self._learn(scope, name, (raw,))
            yield flat

    def _flat(
        self, scope: str, traits: Mapping[str, Any], prefix: str = "", depth: int = 0
    ) -> Iterator[tuple[str, Any]]:
        for key, raw in traits.items():
            name = prefix + utf8(str(key))
            if not isinstance(raw, Mapping) or self._is_location(scope, name, raw):
                yield name, raw
            elif depth < DEPTH:
                yield from self._flat(scope, raw, name + ".", depth + 1)

    def _is_location(self, scope: str, name: str, raw: object) -> bool:
        known = self.types.get((scope, name))
        return known == "location" or (known is None and guess_type(raw) == "location")


def _alike(said: Sequence[Mapping[str, Any]]) -> list[Sequence[Any]]:
    """Column by column, if all say the same in the same order; empty if they do not."""
    first = tuple(said[0]) if said else ()
    rows = [tuple(traits.values()) for traits in said if tuple(traits) == first]
    return list(zip(*rows, strict=True)) if len(rows) == len(said) else []


def _gathered(names: Sequence[str], said: Sequence[Mapping[str, Any]]) -> Iterator[Said]:
    for name in names:
        places = [place for place, traits in enumerate(said) if name in traits]
        raws = [said[place][name] for place in places]
        yield name, None if len(places) == len(said) else places, raws


def _scattered(
    said: Iterator[dict[str, Any]],
) -> Iterator[Said]:
    found: dict[str, tuple[list[int], list[Any]]] = {}
    for place, traits in enumerate(said):
        for name, raw in traits.items():
            places, raws = found.setdefault(name, ([], []))
            places.append(place)
            raws.append(raw)
    yield from ((name, places, raws) for name, (places, raws) in found.items())


def _places(places: Sequence[int] | None, raws: Sequence[Any]) -> Sequence[int]:
    return range(len(raws)) if places is None else places
