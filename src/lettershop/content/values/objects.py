"""Events and records of a stretch of recipients, as objects by place."""

from collections.abc import Collection, Mapping, Sequence
from datetime import tzinfo
from decimal import Decimal
from typing import Final

import msgspec

from lettershop.content.letter import Path
from lettershop.content.template import Events, LastEvent, Records
from lettershop.content.values.cells import Array, plain
from lettershop.content.values.conditions import Conditions
from lettershop.content.values.events import event_table
from lettershop.content.values.records import record_table
from lettershop.content.values.tables import Tables
from lettershop.content.values.trees import EACH, Tree, put, rows_as_trees, tidy
from lettershop.content.values.wanted import IDENTITY, Properties, columns_of, properties
from lettershop.model.catalog import EventInfo, FieldInfo, Fields, RecordInfo

Stored = LastEvent | Events | Records

AT: Final = FieldInfo(name="at", type="time", column="ts")
"""When an event happened, unless it has a property of that name."""

_JSON: Final = msgspec.json.Decoder(float_hook=Decimal)


def event_fields(info: EventInfo) -> Fields:
    return {"at": AT, **info.properties}


def record_fields(info: RecordInfo) -> Fields:
    return {**info.fields, "id": IDENTITY}


def _read(
    paths: Sequence[Path], fields: Fields, named: Collection[str], *, many: bool
) -> Properties:
    more = [(EACH, *name.split(".")) for name in named if many and name in fields]
    return properties([*paths, *more], fields, many=many)


class Objects:
    """One entry of the front matter: read once, then handed out stretch by stretch."""

    def __init__(
        self,
        tables: Tables,
        asking: Conditions,
        name: str,
        source: Stored,
        paths: Sequence[Path],
        named: Collection[str],
    ) -> None:
        """`named`: names in quotes, of fields that filters of lists read."""
        self.name, self.many = name, not isinstance(source, LastEvent)
        self._tables = tables
        self._fixed: Mapping[str, str] = {}
        catalog = tables.store.catalog()
        self._table: str | None = None
        self._read = Properties((), frozenset())
        if isinstance(source, Records):
            record = catalog.records.get(source.kind)
            if record is not None:
                self._read = _read(paths, record_fields(record), named, many=True)
                self._read = self._read._replace(rest=frozenset())
                self._table = record_table(tables, asking, name, source, record, self._read)
            return
        event = catalog.events.get(source.event)
        if event is not None:
            self._fixed = {} if "name" in event.properties else {"name": event.name}
            self._read = _read(paths, event_fields(event), named, many=self.many)
            self._table = event_table(tables, asking, name, source, event, self._read)

    def add(self, values: Sequence[Tree], start: int, zones: Sequence[tzinfo]) -> None:
        """Give the recipients from place `start` on their objects; who has none gets nothing."""
        if self._table is None:
            return
        rows = self._tables.stretch(self._table, start, start + len(values))
        places = (rows["place"] - start).tolist()
        for place, tree in zip(places, self._trees(rows, [zones[p] for p in places]), strict=True):
            if self.many:
                values[place].setdefault(self.name, []).append(tree)
            else:
                values[place][self.name] = tree

    def _trees(self, rows: Mapping[str, Array], zones: Sequence[tzinfo]) -> list[Tree]:
        columns = {
            info.column: plain(rows[f"v{n}"], info.type, zones)
            for n, info in enumerate(columns_of(self._read.leaves))
        }
        keys = [leaf.keys for leaf in self._read.leaves]
        cells = [columns[leaf.info.column] for leaf in self._read.leaves]
        trees = rows_as_trees(keys, cells, len(zones))
        rests = rows["rest"].tolist() if "rest" in rows else ()
        for tree in trees:
            tree.update(self._fixed)
        for tree, rest in zip(trees, rests, strict=False):
            if rest is not None:
                self._add_lists(tree, rest)
        return trees

    def _add_lists(self, tree: Tree, rest: str) -> None:
        """Lists of objects, which have no column."""
        for name, raw in _JSON.decode(rest).items():
            if isinstance(raw, list) and (self._read.rest is None or name in self._read.rest):
                objects = [tidy(part) for part in raw if isinstance(part, dict)]
                if any(objects):
                    put(tree, tuple(name.split(".")), [part for part in objects if part])
