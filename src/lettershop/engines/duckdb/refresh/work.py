"""What the parts of a step share: where it starts and ends, and what has changed so far."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

from lettershop.engines.duckdb.changes import Appeared, Changes, Mark
from lettershop.engines.duckdb.refresh.sides import SideName
from lettershop.engines.duckdb.refresh.sums import Clocks
from lettershop.engines.duckdb.refresh.warm import Warm
from lettershop.engines.duckdb.store import Store
from lettershop.model.settings import Settings
from lettershop.planning.flow.flips import Flips
from lettershop.planning.frame import Ints
from lettershop.planning.metrics import AnyMetric, Grain
from lettershop.planning.sources import Context

SIDES: tuple[SideName, SideName] = ("contact", "account")


class Cold(Exception):
    """This cannot be done in a step, or not more cheaply; says why."""


class Work:
    """`what` was stored since, what was stored before is `coming` into sight."""

    def __init__(
        self,
        warm: Warm,
        store: Store,
        settings: Settings,
        marks: tuple[Mark, Mark],
        seen: tuple[Changes, Appeared],
    ) -> None:
        self.warm, self.store, self.settings = warm, store, settings
        self.mark, self.end = marks
        self.what, self.coming = seen
        self.clocks = Clocks(self.mark.as_of, self.end.as_of)
        self.catalog = store.catalog()
        self.touched: dict[SideName, Ints] = {
            "contact": ids([self.what.touched_contacts]),
            "account": ids([self.what.touched_accounts]),
        }
        """Whose earlier rows changed: everything about them is asked again."""
        self.rezoned: dict[SideName, Ints] = {side: np.zeros(0, np.int64) for side in SIDES}
        """Who is in another time zone: everything about them is asked again, too."""
        self.joined: Ints = np.zeros(0, np.int64)
        """Contacts whose memberships may be others."""
        self.changed: dict[AnyMetric, list[Flips]] = defaultdict(list)
        """Slots of columns that have another value now."""
        self.watched: dict[AnyMetric, list[Flips]] = defaultdict(list)
        """Slots that are to be looked at again."""

    def again(self, grain: Grain) -> Ints:
        """Whose earlier rows are to be read again."""
        side: SideName = "account" if grain == "account" else "contact"
        return ids([self.touched[side], self.rezoned[side]])

    def context(self, tables: Mapping[str, str]) -> Context:
        return Context(self.catalog, self.settings, self.clocks.at, self.warm.zone_names, tables)


def ids(parts: Iterable[Ints]) -> Ints:
    """Each once, ascending, without the -1 of nobody."""
    found = np.unique(np.concatenate([np.zeros(0, np.int64), *parts]).astype(np.int64))
    return found[found >= 0]
