"""The same definitions asked at many moments: what no fact changes in between is kept.

Who there is and what their fields say is the same from one fact to the next; only windows move. So
of an evaluation (evaluate.py) just the metrics and the booleans are done again.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from lettershop.engines.dense.prepare import Prepared
from lettershop.engines.duckdb.columns import DuckColumns
from lettershop.engines.duckdb.evaluate import Evaluation, prepare
from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import Definition
from lettershop.model.settings import Settings
from lettershop.planning.ground import Leaves
from lettershop.planning.truth import Truth


class _State(NamedTuple):
    number: int
    prepared: Prepared


class Instants:
    """`changes`: the moments at which a fact other than an event came to count, in order. An
    evaluation's columns of current values are good until the next one is asked for."""

    def __init__(
        self,
        store: Store,
        definitions: Sequence[Definition],
        changes: Sequence[int],
        settings: Settings,
    ) -> None:
        self._store, self._definitions, self._settings = store, definitions, settings
        self._changes = changes
        self._state: _State | None = None

    def at(self, as_of: int) -> Evaluation:
        """The answers at a moment; equal to `evaluate` there."""
        ready = self._prepared(as_of)
        frame = ready.frame._replace(as_of=as_of)
        context = ready.context._replace(as_of=as_of)
        columns = DuckColumns(self._store, frame, ready.zones)
        columns.fill(ready.plan.metrics, context)
        truth = Truth(Leaves(frame, columns, context.catalog))
        for definition in ready.plan.definitions:
            truth.evaluate(definition)
        return Evaluation(self._store, truth, ready.plan, context)

    def _prepared(self, as_of: int) -> Prepared:
        number = bisect_right(self._changes, as_of)
        if self._state is None or self._state.number != number:
            made = prepare(self._store, self._definitions, as_of, self._settings)
            self._state = _State(number, made)
        return self._state.prepared
