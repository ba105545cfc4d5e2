"""Everything behind the doors of a running server, built and taken apart in order.

folder -> settings -> facts (engine) -> records (Django) -> log -> loader and other jobs
"""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import duckdb
import msgspec
import structlog

from lettershop.access.keyring import KeyRing
from lettershop.access.principal import Principal
from lettershop.access.tidy import tidy
from lettershop.access.tokens import find_token
from lettershop.access.users import ensure_owner
from lettershop.app import records
from lettershop.app.addresses import Addresses
from lettershop.app.alone import Alone, Place
from lettershop.app.background import Background, Job, done
from lettershop.app.engine import Engine
from lettershop.app.figures import watch_jobs, watch_log
from lettershop.app.keeping import Keeper
from lettershop.app.lakes import Lakes
from lettershop.app.postoffice.office import PostOffice
from lettershop.app.running import Running, set_running
from lettershop.app.vitals import Vital
from lettershop.app.workspace import DATABASE, Workspace
from lettershop.engines.duckdb.refusals import prune_refusals
from lettershop.ingest.loader import Loader
from lettershop.ingest.loader_guard import Guard
from lettershop.ingest.log.reader import LogReader
from lettershop.model.clock import DAY, SECOND, Clock
from lettershop.model.settings import Settings

log = structlog.get_logger("lettershop.server")

DRAIN = 20.0
"""Seconds the loader gets at the end for what has been accepted; the rest waits in the log."""
LATE = 60 * SECOND
"""The loader this far behind makes the server not ready."""
POSITION = "intake_seq"


class Server:
    """Built by `open`; `start` the jobs, `stop` in the end, however far it came."""

    def __init__(self, workspace: Workspace, place: Place | None = None) -> None:
        """`place`: what it is among other processes; alone by default."""
        self.place = place or Alone()
        self.folder, self.settings = workspace.path, workspace.settings
        self.data = workspace.path / DATABASE.parent
        self.engine = Engine(workspace)
        self.running = Running(self.engine, clock=workspace.clock)
        clock = workspace.clock
        loaded = int(workspace.store.meta(POSITION) or 0)
        intake = self.data / "intake"
        intake.mkdir(exist_ok=True)
        self.keys = KeyRing()
        self.log = self.place.open_log(intake, self.settings, clock, loaded)
        self.reader = LogReader(intake)
        guard, live = Guard(self.data / "loader.json"), self.running.live
        self.loader = Loader(self.engine, self.reader, self.settings, live.add, guard=guard)
        self._addresses = Addresses.of_engine(self.engine)
        self.keeper = Keeper(
            self.engine, clock, self.running.streams, orders=self.running.refreshes
        )
        self.lakes = Lakes(self.engine, clock) if self.settings.lake else None
        self.office = self.running.office = self._opened_office(clock)
        self.jobs = Background(self._jobs(), self.place.permit)
        self.broken = False
        """The engine failed beyond repair: the process should end with an error."""
        self._watch()
        set_running(self.running)

    @classmethod
    def open(
        cls, path: Path, clock: Clock | None = None, place: Place | None = None, **said: object
    ) -> "Server":
        """The server of the workspace at `path`; `said`: settings that the caller changes. With a
        `place` among others the records are connected already.

        Raises what `Workspace.open` and `records.connect` raise; nothing stays open then.
        """
        workspace = Workspace.open(path, clock=clock)
        try:
            settings: Settings = msgspec.structs.replace(workspace.settings, **said)
            workspace.settings = settings
            if place is None:
                records.connect(workspace.path, settings)
                records.migrate()
            return cls(workspace, place)
        except BaseException:
            workspace.close()
            raise

    def listens(self, port: int) -> None:
        """The port that was found where any would do: pages show it in lines to paste."""
        self.settings = msgspec.structs.replace(self.settings, port=port)
        self.engine.workspace.settings = self.settings

    def first_password(self) -> str | None:
        """The password of the owner made now, when there was no user yet."""
        return ensure_owner()

    def find(self, secret: str) -> Principal | None:
        """Who shows this secret: an API token, or a command on this machine."""
        return self.running.local(secret) or records.asked(find_token, secret)

    def start(self) -> None:
        self.office.start()
        self.jobs.start()

    def stop(self) -> None:
        """Nothing that was accepted is lost: it is on disk, and loaded now or at the next start."""
        self.office.stop()
        self.log.close()
        self.running.imports.interrupt()
        self.running.proofs.stop()
        self.running.campaigns.stop()
        self.running.streams.stop()
        self.keeper.close()
        if self.lakes is not None:
            self.lakes.stop(DRAIN)
        if not self.jobs.stop(DRAIN):
            log.error("server.stuck", jobs=[n for n, s in self.jobs.states.items() if s.failures])
        self.place.closed()
        self.running.webhooks.stop()
        self.reader.close()
        self.engine.close()
        records.disconnect()
        set_running(None)

    def _opened_office(self, clock: Clock) -> PostOffice:
        try:
            return PostOffice(self.folder, self.settings, self.engine, self.log, clock)
        except BaseException:
            self.log.close()
            raise

    # --- what runs by the clock -----------------------------------------------------------------

    def _jobs(self) -> list[Job]:
        return [
            Job("loader", 0.2, self._load, drain=True),
            Job("imports", 0.1, self.running.imports.step),
            Job("inbox", 1, self.running.feeds.watch),
            Job("pulls", 5, self.running.feeds.pull),
            Job("keeper", self.settings.refresh_seconds, self._keep),
            Job("webhooks", 0.5, self.running.webhooks.step),
            Job("campaigns", 1, self.running.campaigns.step),
            Job("addresses", 5, self._addresses.step),
            Job("keys", 2, done(self.keys.refresh)),
            Job("last-used", 5, done(self.keys.flush_seen), drain=True),
            Job("retention", 3600, self._forget),
            *(job for job in self.office.jobs() if self.place.sends or job.name != "senders"),
            *self._lake_jobs(),
            *self.place.jobs(),
        ]

    def _lake_jobs(self) -> list[Job]:
        if self.lakes is None:
            return []
        return [Job("lake", self.settings.lake_seconds, self.lakes.step, drain=True)]

    def _load(self) -> bool:
        try:
            step = self.loader.step()
        except duckdb.FatalException:
            self._give_up()
            raise
        if step.requests:
            self.log.loaded(step.seq)
            self.place.loaded(step.seq)
        return bool(step.requests)

    def _keep(self) -> bool:
        if not self.jobs.states["loader"].last_ok:
            return False  # first what was accepted before this start
        try:
            return self.keeper.step()
        except duckdb.FatalException:
            self._give_up()
            raise

    def _give_up(self) -> None:
        """The engine has declared its state unsound and will answer nothing more. What is on disk
        is sound: a new process goes on from there, as after a power cut."""
        if not self.broken:
            self.broken = True
            log.critical("engine.broken", advice="the process ends; start it again")
            os.kill(os.getpid(), signal.SIGTERM)

    def _forget(self) -> bool:
        """Raw requests and refusals older than the settings say, and what records need no more."""
        now = self.running.clock.now()
        if self.settings.raw_days:
            self.log.forget(self.loader.position, now - self.settings.raw_days * DAY)
        tidy()
        with self.engine.write() as workspace:
            prune_refusals(workspace.store, now - self.settings.refusal_days * DAY)
        return False

    # --- how it is ------------------------------------------------------------------------------

    def _watch(self) -> None:
        vitals = self.running.vitals
        vitals.add(self.place.figures)
        watch_log(vitals, self.log)
        watch_jobs(vitals, self.jobs)
        vitals.add(self._unloaded)
        vitals.add(self._loader_figures)
        vitals.add(self._size)
        vitals.add(self.keeper.figures)
        if self.lakes is not None:
            vitals.add(self.lakes.figures)
        vitals.note("refresh", self.keeper.problem)
        vitals.add(self.running.streams.figures)
        vitals.add(self.running.webhooks.figures)
        self.office.watch(vitals)
        vitals.check("loader", self._lateness)
        vitals.check("records", self._records_answer)

    def _lateness(self) -> str:
        if not self.jobs.alive("loader"):
            return self.jobs.states["loader"].last_error or "is not running"
        waiting = self.reader.after(self.loader.position, 0)
        late = self.running.clock.now() - waiting[0].received_at if waiting else 0
        return f"is {late // SECOND} seconds behind" if late > LATE else ""

    def _records_answer(self) -> str:
        self.keys.refresh()
        return ""

    def _unloaded(self) -> Iterator[Vital]:
        text = "Bytes of requests that wait to be loaded."
        yield Vital(name="intake_unloaded_bytes", help=text, value=self.log.unloaded_bytes)
        text = "Requests in the log that are not loaded yet."
        behind = max(0, self.log.last_seq - self.loader.position)
        yield Vital(name="loader_behind_requests", help=text, value=behind)

    def _loader_figures(self) -> Iterator[Vital]:
        rates = self.running.live.rates()
        for outcome in ("loaded", "duplicate", "refused"):
            yield Vital(
                name="events_last_hour",
                help="Events of the last 60 minutes by outcome.",
                value=sum(getattr(rates, outcome)),
                labels={"outcome": outcome},
            )

    def _size(self) -> Iterator[Vital]:
        size = (self.data / DATABASE.name).stat().st_size
        yield Vital(name="facts_bytes", help="Size of the database file.", value=size)
