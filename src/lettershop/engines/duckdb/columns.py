"""The columns of an evaluation (engines/dense/columns.py), filled in DuckDB's cheapest ways.

Each metric is asked for in the cheapest way there is: event rows binned outside of SQL
(`binning.py`), narrow rows picked from (`picking.py`), else a query that gives one row per subject.
"""

from collections.abc import Iterable, Mapping

from lettershop.engines.dense.columns import DenseColumns
from lettershop.engines.dense.zones import ZoneTable
from lettershop.engines.duckdb.binning import Binner
from lettershop.engines.duckdb.picking import narrow_column
from lettershop.engines.duckdb.store import Store
from lettershop.planning.frame import Frame
from lettershop.planning.metrics import AnyMetric
from lettershop.planning.queries import queries
from lettershop.planning.readings import readings
from lettershop.planning.sources import Context


class DuckColumns(DenseColumns):
    """Dense columns filled from a store; a metric nobody has rows for keeps its default."""

    def __init__(self, store: Store, frame: Frame, zones: ZoneTable | None) -> None:
        super().__init__(store, frame, zones)
        self.store = store

    def fill(self, metrics: Mapping[AnyMetric, Iterable[str]], context: Context) -> None:
        """Fills the columns of all the metrics: by readings where possible, else by queries."""
        binner = Binner(self.store, self.frame)
        for reading in readings(metrics, context):
            binner.add(reading)
        self.filled |= dict(binner.columns())
        for metric in metrics:
            found = narrow_column(self.store, metric, context, self.empty(metric))
            if found is not None:
                self.filled[metric] = found
        left = {m: names for m, names in metrics.items() if m not in self.filled}
        for query in queries(left, context):
            self.run(query)
