"""Evaluates definitions in full at a moment over a snapshot of the lake.

definitions -> plan (metrics) -> queries -> Spark -> dense columns -> truth -> bitmaps

Everything but the queries is the same as in DuckDB: the ids are those of the facts' owner, so the
bitmaps are too.
"""

from collections.abc import Callable, Mapping, Sequence

from lettershop.engines.dense.evaluation import Evaluation
from lettershop.engines.dense.prepare import prepared
from lettershop.engines.spark.columns import SparkColumns
from lettershop.engines.spark.session import Session
from lettershop.engines.spark.views import LakeAsker
from lettershop.lake.manifest import Manifest
from lettershop.lake.storage import Lake
from lettershop.language.definition import Definition
from lettershop.model.settings import Settings
from lettershop.planning.frame import Frame
from lettershop.planning.ground import Leaves
from lettershop.planning.truth import Adjust, Truth


def evaluate(
    session: Session,
    lake: Lake,
    manifest: Manifest,
    definitions: Sequence[Definition],
    as_of: int,
    settings: Settings,
    adjust: Callable[[Frame], Adjust] | None = None,
    recorded_as: Mapping[str, str] | None = None,
) -> Evaluation:
    """Members of every definition at `as_of`; definitions may refer to each other in any order.

    `adjust`, `recorded_as`: as for DuckDB (engines/duckdb/evaluate.py).

    Unavailable `spark.failed`; InputError `spark.salt` for a sample the snapshot does not know."""
    asker = LakeAsker(session, lake, manifest, as_of)
    catalog = manifest.catalog
    try:
        ready = prepared(
            asker, catalog, definitions, as_of, settings, recorded_as=recorded_as, asof=False
        )
        columns = SparkColumns(asker, ready.frame, ready.zones)
        columns.fill(ready.plan.metrics, ready.context)
    finally:
        asker.clear()
    truth = Truth(
        Leaves(ready.frame, columns, catalog), adjust(ready.frame) if adjust else None, recorded_as
    )
    for definition in ready.plan.definitions:
        truth.evaluate(definition)
    return Evaluation(asker, truth, ready.plan, ready.context)
