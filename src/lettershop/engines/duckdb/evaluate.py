"""Evaluates definitions in full at a moment: plan, snapshot, frame, queries, booleans.

definitions -> plan (metrics) -> queries -> dense columns -> truth -> bitmaps
"""

from collections.abc import Callable, Mapping, Sequence

from lettershop.engines.dense import evaluation
from lettershop.engines.dense.prepare import Prepared, prepared
from lettershop.engines.duckdb.columns import DuckColumns
from lettershop.engines.duckdb.run import define_functions
from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import Definition
from lettershop.model.settings import Settings
from lettershop.planning.frame import Frame
from lettershop.planning.ground import Leaves
from lettershop.planning.plan import Plan
from lettershop.planning.sources import Context
from lettershop.planning.truth import Adjust, Truth


class Evaluation(evaluation.Evaluation):
    """The answer to a set of definitions at one moment, from a store."""

    def __init__(self, store: Store, truth: Truth, plan: Plan, context: Context) -> None:
        super().__init__(store, truth, plan, context)
        self.store = store


def evaluate(
    store: Store,
    definitions: Sequence[Definition],
    as_of: int,
    settings: Settings | None = None,
    adjust: Callable[[Frame], Adjust] | None = None,
    recorded_as: Mapping[str, str] | None = None,
) -> Evaluation:
    """Members of every definition at `as_of`; definitions may refer to each other in any order.

    `adjust`: what modes and pins make of the rule, given who there is; `recorded_as`: segments
    whose transitions stand under another name."""
    ready = prepare(store, definitions, as_of, settings, recorded_as=recorded_as)
    columns = DuckColumns(store, ready.frame, ready.zones)
    columns.fill(ready.plan.metrics, ready.context)
    leaves = Leaves(ready.frame, columns, ready.context.catalog)
    truth = Truth(leaves, adjust(ready.frame) if adjust else None, recorded_as)
    for definition in ready.plan.definitions:
        truth.evaluate(definition)
    return Evaluation(store, truth, ready.plan, ready.context)


def prepare(
    store: Store,
    definitions: Sequence[Definition],
    as_of: int,
    settings: Settings | None = None,
    widen: Callable[[Frame], Frame] | None = None,
    recorded_as: Mapping[str, str] | None = None,
) -> Prepared:
    """Plans the definitions and makes the snapshot, the frame and the zones they need.

    `widen`: the frame with room to grow (refresh/space.py)."""
    define_functions(store)
    settings = settings or store.settings
    catalog = store.catalog()
    return prepared(store, catalog, definitions, as_of, settings, widen, recorded_as)
