"""The columns of an evaluation (engines/dense/columns.py), filled by queries side by side."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed

from lettershop.engines.dense.asking import Rows
from lettershop.engines.dense.columns import DenseColumns
from lettershop.engines.dense.zones import ZoneTable
from lettershop.engines.spark.spans import span_of
from lettershop.engines.spark.views import LakeAsker
from lettershop.planning.frame import Frame
from lettershop.planning.metrics import AnyMetric
from lettershop.planning.queries import queries
from lettershop.planning.query import Query
from lettershop.planning.sources import Context


class SparkColumns(DenseColumns):
    """Dense columns filled from the lake; a metric nobody has rows for keeps its default."""

    def __init__(self, lake: LakeAsker, frame: Frame, zones: ZoneTable | None) -> None:
        super().__init__(lake, frame, zones)
        self.lake = lake

    def fill(self, metrics: Mapping[AnyMetric, Iterable[str]], context: Context) -> None:
        """Asks a few queries at a time, for Spark spreads them, and lays each as it comes."""

        def asked(query: Query) -> tuple[Query, Rows]:
            span = span_of((output.metric for output in query.outputs), context)
            return query, self.lake.fetch(query.sql, span)

        with ThreadPoolExecutor(self.lake.session.side_by_side, "spark") as pool:
            waiting = [
                pool.submit(asked, query)
                for query in queries(metrics, context._replace(asof=False))
            ]
            try:
                for done in as_completed(waiting):
                    self.take(*done.result())
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
