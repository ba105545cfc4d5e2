"""The values of an audience's recipients, chunk by chunk: from here letters are fed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, NamedTuple

from lettershop.content.audience import Audience
from lettershop.content.letter import Read
from lettershop.content.template import Events, Items, LastEvent, Outside, Records, Template
from lettershop.content.values.conditions import Conditions
from lettershop.content.values.needs import Recipient, Surroundings
from lettershop.content.values.objects import Objects
from lettershop.content.values.tables import Tables
from lettershop.content.values.traits import Traits
from lettershop.content.values.trees import Keys, Tree, get, put, tidy
from lettershop.content.values.wanted import Wanted, quoted, wanted
from lettershop.engines.duckdb.store import Store

CHUNK = 2_000


Watch = Callable[[Sequence[Recipient], Sequence[Tree]], None]


class Chunk(NamedTuple):
    """Some recipients, in the order of the audience, and what is known of each."""

    recipients: Sequence[Recipient]
    values: Sequence[Tree]


class Source:
    """What the letters of a template read of an audience; use it with `with`.

    Opening it reads all facts (of one state, when that is done within `store.snapshot()`) into
    temporary tables of the store's connection; after that only these are read, so that the chunks
    may take their time. `reads`: of the letters in all languages together. The moment is
    `audience.as_of`: nothing that became known later is seen.

    Raises DefinitionError for a `where` that is none: `checking.check_data` says so before.
    """

    def __init__(
        self,
        store: Store,
        template: Template,
        reads: Iterable[Read],
        audience: Audience,
        around: Surroundings | None = None,
    ) -> None:
        self.template, self.audience = template, audience
        self._around = around or Surroundings()
        self._wanted = wanted(template, reads, store.catalog(), store.settings)
        self._tables = Tables(store, template, self._wanted, audience)
        try:
            self._traits = Traits(self._tables, self._wanted, self._around.owners)
            self._objects = list(self._read_objects())
        except BaseException:
            self._tables.drop()
            raise
        self._fixed = {
            name: value
            for name in ("campaign", "message", "sender", "workspace", "now")
            if (value := tidy(getattr(self._around, name))) is not None
        }
        self._defaults = _defaults(audience, self._wanted)

    def __enter__(self) -> "Source":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self.audience)

    def close(self) -> None:
        """Forget what was read; safe to repeat."""
        self._tables.drop()

    def _read_objects(self) -> Iterator[Objects]:
        asking, named = Conditions(self._tables), quoted(self.template)
        for name, paths in self._wanted.data.items():
            source = self.template.data[name]
            if isinstance(source, LastEvent | Events | Records):
                yield Objects(self._tables, asking, name, source, paths, named)

    def chunks(self, size: int = CHUNK, before_defaults: Watch | None = None) -> Iterator[Chunk]:
        """Everybody, in the order of the audience. `before_defaults` sees what the facts alone
        say, before the segment's defaults are laid and items and outside data are added."""
        for start in range(0, len(self), size):
            recipients, zones, values = self._traits.stretch(start, min(start + size, len(self)))
            for objects in self._objects:
                objects.add(values, start, zones)
            self._surround(recipients, values)
            if before_defaults is not None:
                before_defaults(recipients, values)
            self._default(values)
            self._choose(recipients, values)
            self._fetch(values)
            yield Chunk(recipients, values)

    def _surround(self, recipients: Sequence[Recipient], values: Sequence[Tree]) -> None:
        links: dict[str, Callable[[Recipient], str]] = {
            name: link
            for name in ("unsubscribe_url", "preferences_url")
            if (link := getattr(self._around, name)) is not None
        }
        matched = self.audience.matched
        for recipient, tree in zip(recipients, values, strict=True):
            tree.update(self._fixed)
            for name, link in links.items():
                tree[name] = link(recipient)
            if matched:
                here = tidy({name: found[recipient.place] for name, found in matched.items()})
                if here:
                    tree["matched"] = here

    def _default(self, values: Sequence[Tree]) -> None:
        for keys, value in self._defaults.items():
            for tree in values:
                if get(tree, keys) is None:
                    put(tree, keys, value)

    def _choose(self, recipients: Sequence[Recipient], values: Sequence[Tree]) -> None:
        chooser = self._around.chooser
        for name, source in self._named(Items):
            if chooser is not None:
                found = chooser.choose(name, source, recipients, values)
                _lay(name, found, values)

    def _fetch(self, values: Sequence[Tree]) -> None:
        fetcher = self._around.fetcher
        for name, source in self._named(Outside):
            if fetcher is not None:
                _lay(name, fetcher.fetch(name, source, values), values)

    def _named(self, sort: type[Any]) -> Iterator[tuple[str, Any]]:
        for name in self._wanted.data:
            if isinstance(self.template.data[name], sort):
                yield name, self.template.data[name]


def _lay(name: str, found: Sequence[Any], values: Sequence[Tree]) -> None:
    for tree, one in zip(values, found, strict=True):
        known = tidy(one)
        if known is not None:
            tree[name] = known


def _defaults(audience: Audience, asked: Wanted) -> Mapping[Keys, Any]:
    """The segment's defaults of variables that are read, each under exactly that name."""
    found = {tuple(name.split(".")): tidy(value) for name, value in audience.defaults.items()}
    read = {path[:length] for path in asked.paths for length in range(1, len(path) + 1)}
    return {keys: value for keys, value in found.items() if keys in read and value is not None}
