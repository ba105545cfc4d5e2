"""All pulls of a workspace: which are due, what became of them."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec
import structlog

from lettershop.engines.duckdb.store import Store
from lettershop.ingest.pull import state
from lettershop.ingest.pull.definition import Pull, read_pull, read_pulls
from lettershop.ingest.pull.pull import Facts, Puller, PullReport
from lettershop.ingest.pull.state import Run
from lettershop.model.clock import Clock, format_instant
from lettershop.model.errors import LettershopError, Unavailable
from lettershop.model.settings import Settings

log = structlog.get_logger("lettershop.pull")


class PullState(msgspec.Struct, frozen=True, kw_only=True):
    """A pull and how it is. `every` in seconds; `rows` loaded since the first run; `code` and
    `message` of what went wrong the last time, or is wrong with the definition."""

    name: str
    every: int | None = None
    high_water: str | None = None
    rows: int = 0
    last_run: str | None = None
    last_rows: int = 0
    code: str = ""
    message: str = ""


class Pulls:
    """`sources` is the folder of definitions; in `data`, refused/ is for rows that cannot be used,
    and kept/ for what `rebuild` will need."""

    def __init__(
        self,
        sources: Path,
        data: Path,
        facts: Facts,
        *,
        settings: Settings,
        clock: Clock,
        environ: Mapping[str, str],
    ) -> None:
        self._sources, self._data, self._facts = sources, data, facts
        self._refused = data / "refused"
        self._settings, self._clock, self._environ = settings, clock, environ
        self._busy: set[str] = set()
        self._guard = threading.Lock()

    def step(self) -> bool:
        """Run every pull that is due; False. What goes wrong is noted with the pull, and tried
        again when it is due again: nothing of it is lost."""
        for name, pull in read_pulls(self._sources):
            if isinstance(pull, LettershopError):
                continue  # `states` says so
            with self._facts.read() as store:
                run = state.last_run(store, name) if state.has_tables(store) else None
            if run is None or run.started_at + pull.every * 1000 <= self._clock.now():
                try:
                    self._run(pull)
                except LettershopError as error:
                    log.warning("pull.failed", name=name, code=error.code, message=error.message)
                except Exception:
                    log.exception("pull.crashed", name=name)
        return False

    def run(self, name: str, *, dry_run: bool = False) -> PullReport:
        """Run one now. NotFound `pull.unknown`; Unavailable `pull.running`; see `Puller.run`."""
        pull = read_pull(self._sources, name)
        return self._puller(pull).run(dry_run=True) if dry_run else self._run(pull)

    def running(self, name: str) -> bool:
        """Whether one is under way."""
        with self._guard:
            return name in self._busy

    def states(self, store: Store) -> list[PullState]:
        """Every pull of the folder, by name."""
        known = state.has_tables(store)
        return [
            self._state(store if known else None, *named) for named in read_pulls(self._sources)
        ]

    def _run(self, pull: Pull) -> PullReport:
        started = self._clock.now()
        with self._alone(pull.name):
            try:
                report = self._puller(pull).run()
            except LettershopError as error:
                self._note(pull, started, code=error.code, message=error.message)
                raise
            except Exception as error:
                self._note(pull, started, code="server.failed", message=type(error).__name__)
                raise
            self._note(pull, started, rows=report.rows, refused=sum(report.refused.values()))
        return report

    def _note(
        self,
        pull: Pull,
        started: int,
        *,
        rows: int = 0,
        refused: int = 0,
        code: str = "",
        message: str = "",
    ) -> None:
        run = Run(
            started_at=started,
            finished_at=self._clock.now(),
            rows=rows,
            refused=refused,
            code=code,
            message=message,
        )
        with self._facts.write() as store:
            state.prepare(store)
            state.note_run(store, pull.name, run)

    def _puller(self, pull: Pull) -> Puller:
        self._refused.mkdir(parents=True, exist_ok=True)
        return Puller(
            pull,
            self._facts,
            settings=self._settings,
            clock=self._clock,
            environ=self._environ,
            refused=self._refused / f"pull-{pull.name}.csv",
            keep=self._data if self._settings.keep_imports else None,
        )

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        with self._guard:
            if name in self._busy:
                message = f"the pull “{name}” is running already"
                raise Unavailable("pull.running", message, hint="wait until it has ended")
            self._busy.add(name)
        try:
            yield
        finally:
            with self._guard:
                self._busy.discard(name)

    def _state(self, store: Store | None, name: str, pull: Pull | LettershopError) -> PullState:
        run = state.last_run(store, name) if store else None
        high = state.high_of(store, name) if store else None
        wrong = pull if isinstance(pull, LettershopError) else None
        return PullState(
            name=name,
            every=pull.every if isinstance(pull, Pull) else None,
            high_water=high.text if high else None,
            rows=state.rows_of(store, name) if store else 0,
            last_run=format_instant(run.started_at // 1000 * 1000) if run else None,
            last_rows=run.rows if run else 0,
            code=wrong.code if wrong else run.code if run else "",
            message=wrong.message if wrong else run.message if run else "",
        )
