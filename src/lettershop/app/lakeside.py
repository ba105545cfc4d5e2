"""A workspace asked over its lake: Spark says who is in a segment, the snapshot says who they are.

Neither the database nor a server is needed, only the folder with its definitions and the lake: it
may be another machine. Answers are as of the snapshot, unless another moment is asked about.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lettershop.app.lake import lake_of
from lettershop.app.refreshing.spark import Spark
from lettershop.app.settings import read_settings
from lettershop.app.workspace import Workspace
from lettershop.engines.dense.evaluation import Evaluation
from lettershop.engines.duckdb.lake.views import LakeStore, lake_store
from lettershop.lake.snapshots import newest
from lettershop.language.definition import Definition
from lettershop.model.clock import FixedClock
from lettershop.model.errors import NotFound
from lettershop.model.settings import Settings


class LakeWorkspace(Workspace):
    """Only for reading. Members are evaluated by Spark, all at once; whatever is asked about few
    (names, explanations) is read from the files that hold it."""

    def __init__(self, path: Path, settings: Settings, store: LakeStore, spark: Spark) -> None:
        super().__init__(path, settings, store, FixedClock(store.manifest.made_at))
        self._lake, self.manifest, self._spark = store.lake, store.manifest, spark

    def evaluate(
        self, as_of: int | None = None, definitions: Sequence[Definition] | None = None
    ) -> Evaluation:
        wanted = self.definitions() if definitions is None else definitions
        at = self.moment(as_of)
        return self._spark.evaluate(self._lake, self.manifest, wanted, at, self.settings)


@contextmanager
def lake_workspace(
    start: str | os.PathLike[str] = ".", spark: str | None = None
) -> Iterator[LakeWorkspace]:
    """The workspace at `start` or above it, over the newest snapshot of its lake. `spark`: instead
    of the setting's address; it is reached when it is first asked.

    UsageError `lake.none`; NotFound `lake.no_snapshot`."""
    folder = Workspace.find(start)
    settings = read_settings(folder, os.environ)
    lake = lake_of(folder, settings)
    manifest = newest(lake)
    if manifest is None:
        message = "nothing was exported to this lake yet"
        hint = "lettershop lake export writes the first snapshot"
        raise NotFound("lake.no_snapshot", message, where=lake.address, hint=hint)
    cluster = Spark(spark or settings.spark)
    try:
        with lake_store(lake, manifest, settings) as store:
            yield LakeWorkspace(folder, settings, store, cluster)
    finally:
        cluster.close()
