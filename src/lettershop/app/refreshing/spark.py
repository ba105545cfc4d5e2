"""Spark as an `Evaluator`: one session, kept between refreshes, made anew after anything failed."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

from lettershop.engines.dense.evaluation import Evaluation
from lettershop.engines.spark.evaluate import evaluate
from lettershop.engines.spark.session import Session, connect
from lettershop.lake.manifest import Manifest
from lettershop.lake.storage import Lake
from lettershop.language.definition import Definition
from lettershop.model.settings import Settings
from lettershop.planning.frame import Frame
from lettershop.planning.truth import Adjust


class Spark:
    """`address` as in the setting `spark`. Calls from several threads wait for each other."""

    name = "spark"

    def __init__(self, address: str) -> None:
        self.address = address
        self._session: Session | None = None
        self._guard = threading.Lock()

    def evaluate(
        self,
        lake: Lake,
        manifest: Manifest,
        definitions: Sequence[Definition],
        as_of: int,
        settings: Settings,
        adjust: Callable[[Frame], Adjust] | None = None,
    ) -> Evaluation:
        """InputError `spark.missing` without the extra, `spark.address`, `spark.java`; Unavailable
        `spark.unreachable`, `spark.failed`."""
        with self._guard:
            if self._session is None:
                self._session = connect(self.address)
            try:
                return evaluate(self._session, lake, manifest, definitions, as_of, settings, adjust)
            except BaseException:  # whatever state it is in, nobody should meet it again
                self.close()
                raise

    def close(self) -> None:
        """Ends the session, also under a running evaluation, which fails then."""
        session, self._session = self._session, None
        if session is not None:
            with suppress(Exception):  # a cluster that is gone cannot be taken leave of
                session.close()
