"""The cluster of a workspace: its lake, and the session that is kept between refreshes."""

from collections.abc import Callable, Sequence

from lettershop.app.engine import Engine
from lettershop.app.lake import lake_set
from lettershop.app.refreshing.elsewhere import Brought, Evaluator, Tell, refreshed
from lettershop.app.refreshing.spark import Spark
from lettershop.app.workspace import Workspace
from lettershop.lake.storage import Lake
from lettershop.model.errors import Unavailable, UsageError
from lettershop.planning.keep import Keep

Connect = Callable[[str], Evaluator]
"""From an address, as in the setting `spark`. Nothing is reached yet."""


class Clusters:
    """One evaluator at a time: another address takes the place of the one before."""

    def __init__(self, engine: Engine, connect: Connect = Spark) -> None:
        self._engine, self._connect = engine, connect
        self._address = ""
        self._closed = False
        self._evaluator: Evaluator | None = None

    def lake(self) -> Lake | None:
        """None where there is none."""
        workspace = self._engine.workspace
        return lake_set(workspace.path, workspace.settings)

    def refreshed(
        self,
        keeps_of: Callable[[Workspace], Sequence[Keep]],
        at: int,
        tell: Tell,
        address: str | None = None,
    ) -> Brought:
        """Everything evaluated as of `at`, nothing stored. `address`: instead of the setting's.

        UsageError `refresh.no_lake`; InputError `spark.missing`; Unavailable."""
        lake = self.lake()
        if lake is None:
            message = "Spark reads the facts from a lake, and this workspace writes none"
            hint = 'lake = "lake" in lettershop.toml: a folder, or s3://bucket/folder'
            raise UsageError("refresh.no_lake", message, hint=hint)
        evaluator = self._reached(address or self._engine.workspace.settings.spark)
        return refreshed(self._engine, lake, evaluator, keeps_of, at, tell)

    def close(self) -> None:
        """Ends what runs, too, and begins nothing more; safe to repeat."""
        self._closed = True
        self._leave()

    def _leave(self) -> None:
        if self._evaluator is not None:
            self._evaluator.close()

    def _reached(self, address: str) -> Evaluator:
        if self._closed:
            raise Unavailable("server.stopping", "the server is stopping", retry_after=5)
        if self._evaluator is None or address != self._address:
            self._leave()
            self._evaluator, self._address = self._connect(address), address
        return self._evaluator
