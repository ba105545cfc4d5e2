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
        self._new: set[str] = set()

    def pivot(self, scope: str, said: Sequence[Mapping[str, Any]]) -> Pivoted:
        """The traits of facts of one scope, in order of arrival."""
        names = [tuple(traits) for traits in said]
        return self.pivot_rows(scope, names, [tuple(traits.values()) for traits in said])

    def pivot_rows(
        self, scope: str, names: Sequence[tuple[str, ...]], values: Sequence[tuple[Any, ...]]
    ) -> Pivoted:
        """The same, where the names and the values of each fact come apart."""
        found = Pivoted([], {})
        self._new.clear()
        for name, places, raws in self._columns(scope, names, values):
            self._column(scope, name, places, raws, found)
        return found

    def _columns(
        self, scope: str, names: Sequence[tuple[str, ...]], values: Sequence[tuple[Any, ...]]
    ) -> Iterator[Said]:
        alike = bool(names) and names.count(names[0]) == len(names)
        all_names = names[0] if alike else tuple(dict.fromkeys(chain.from_iterable(names)))
        plain = all(isinstance(n, str) and n.isascii() for n in all_names)
        columns: list[Said] | None = None
        if plain and alike:
            raws = zip(*values, strict=True)
            columns = [(name, None, raw) for name, raw in zip(all_names, raws, strict=True)]
        elif plain and len(all_names) <= _MANY:
            columns = [*_gathered(all_names, _objects(names, values))]
        if columns is None or any(map(_holds_objects, columns)):
            yield from _scattered(self._flattened(scope, _objects(names, values)))
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
        if name in self._new:
            raws = self._without_early(scope, name, places, raws, found)
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
                self._new.add(name)
                return kind
        return None

    def _without_early(
        self,
        scope: str,
        name: str,
        places: Sequence[int] | None,
        raws: Sequence[Any],
        found: Pivoted,
    ) -> Sequence[Any]:
        """What was said before the value that taught the type stays in `rest`."""
        early = next(i for i, raw in enumerate(raws) if self._guess(scope, name, raw) is not None)
        for place, raw in zip(_places(places, raws)[:early], raws, strict=False):
            if not says_nothing(raw):
                found.rest.setdefault(place, {})[name] = raw
        return [*[None] * early, *raws[early:]] if early else raws

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


def _objects(
    names: Sequence[tuple[str, ...]], values: Sequence[tuple[Any, ...]]
) -> list[dict[str, Any]]:
    return [dict(zip(*pair, strict=True)) for pair in zip(names, values, strict=True)]


def _holds_objects(column: Said) -> bool:
    return any(issubclass(kind, Mapping) for kind in set(map(type, column[2])))


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
