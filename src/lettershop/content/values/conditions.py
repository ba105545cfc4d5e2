"""What the `where` of events and records is compared with: the same as in segments."""

from lettershop.content.values.tables import Tables
from lettershop.engines.dense.frame import build_frame
from lettershop.engines.dense.snapshot import current_tables
from lettershop.engines.dense.zones import ZoneTable
from lettershop.language.tree import Condition
from lettershop.planning.sources import Context
from lettershop.planning.zones import needs_local


class Conditions:
    """What queries with conditions need to know; zones are read when the first one asks for local
    days, and are those that segments use: the contact's, else that of its only account."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._plain = self._context((tables.store.settings.timezone,))
        self._zoned: Context | None = None

    def context(self, where: Condition | None) -> Context:
        """The zones are published (`sources.join_zone`) where there are several."""
        if not needs_local(where):
            return self._plain
        if self._zoned is None:
            self._zoned = self._context(self._zones())
        return self._zoned

    def _context(self, zones: tuple[str, ...]) -> Context:
        store = self._tables.store
        current = self._tables.current
        return Context(store.catalog(), store.settings, self._tables.as_of, zones, current)

    def _zones(self) -> tuple[str, ...]:
        store, as_of = self._tables.store, self._tables.as_of
        catalog, settings = store.catalog(), store.settings
        tables = current_tables(store, catalog, (), as_of, settings.timezone_field)
        frame = build_frame(store, tables, as_of, settings.timezone)
        fields = {"contact": catalog.contact, "account": catalog.account}
        found = {side: known.get(settings.timezone_field) for side, known in fields.items()}
        columns = {
            side: info.column for side, info in found.items() if info and info.type == "text"
        }
        return tuple(ZoneTable(store, tables, frame, columns).names)
