"""The keeper: the job that keeps every published segment current while the server runs.

what is to be kept (register, traits, addresses) -> compute on a snapshot -> persist -> tell streams
-> derived traits write their facts, which the next round sees

With `engine = "spark"` the members come from the cluster, every `spark_seconds`, and all the rest
is the same. Refreshes that somebody asked for (`orders`) come before both.
"""

import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import assert_never

import structlog

from lettershop.app import derived
from lettershop.app.derived import Shelf
from lettershop.app.engine import Engine
from lettershop.app.refreshing.clusters import Clusters, Connect
from lettershop.app.refreshing.elsewhere import Brought, Tell
from lettershop.app.refreshing.kept import keeps_of
from lettershop.app.refreshing.orders import EngineName, Orders, Wish
from lettershop.app.refreshing.schedule import Schedule
from lettershop.app.refreshing.spark import Spark
from lettershop.app.refreshing.told import Refreshed, told, write_members
from lettershop.app.streams import Streams
from lettershop.app.vitals import Vital
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb.refresh.refresher import Found, Refresher, read_mark
from lettershop.model.clock import MINUTE, SECOND, Clock
from lettershop.model.errors import LettershopError
from lettershop.planning.keep import Keep
from lettershop.segments.register import InForce, in_force, next_end, revision

log = structlog.get_logger("lettershop.keeper")

STORED = MINUTE
"""A refresh in which nobody moved is stored no more often than this: it only moves the mark."""


class Keeper:
    """`step` is a job: one refresh, and what follows from it."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        streams: Streams,
        *,
        orders: Orders | None = None,
        connect: Connect = Spark,
    ) -> None:
        """`orders`: refreshes that somebody asked for."""
        self._engine, self._clock, self._streams = engine, clock, streams
        settings, stored = engine.workspace.settings, read_mark(engine.workspace.store)
        self._refresher = Refresher(settings)
        self._clusters = Clusters(engine, connect)
        self._schedule = Schedule(
            settings.spark_seconds * SECOND, None if stored is None else stored.as_of
        )
        self._shelf = Shelf()
        self._asked: InForce | None = None
        self._until: int | None = None
        self._at = self._stored_at = self._audit_at = 0
        self.orders = orders or Orders()
        self.last: Found | None = None
        self.refreshes = self.full = self.audits = self.wrong = 0
        self.seconds = 0.0

    def step(self) -> bool:
        """True when facts were written that the next refresh should see at once."""
        if not self.orders.carry_out(self.refresh):
            self._by_itself()
        if self._asked is None or self.last is None:
            return False
        return derived.step(self._engine, self._shelf, self._asked.definitions(), self.last.as_of)

    def refresh(self, wish: Wish, tell: Tell) -> Refreshed:
        """One refresh that somebody wants, stored in any case; its members go into the lake, where
        there is one.

        UsageError `refresh.no_lake`; InputError `spark.missing`; Unavailable `spark.failed`.
        """
        started, asked = time.perf_counter(), self._now_in_force()
        engine = wish.engine or self._engine.workspace.settings.engine
        tell("reading what is published")
        brought = self._brought(engine, asked, tell, wish.spark)
        self._store(brought.found, started)
        run = self._into_lake(engine, brought, tell)
        return told(
            brought.found,
            engine=engine,
            seconds=time.perf_counter() - started,
            snapshot=brought.snapshot,
            run=run,
        )

    def close(self) -> None:
        """Takes leave of the cluster; what it is asked at the moment fails."""
        self._clusters.close()

    # --- by itself ------------------------------------------------------------------------------

    def _by_itself(self) -> None:
        asked, engine = self._now_in_force(), self._engine.workspace.settings.engine
        started = time.perf_counter()
        match engine:
            case "duckdb":
                found = self._brought(engine, asked, _quiet).found
                self._store(found, started, always=False)
                _note(found)
            case "spark":
                self._schedule.seen(asked.revision)
                if self._schedule.is_due(self._at, asked.revision):
                    self._by_schedule(asked, started)
            case _:
                assert_never(engine)

    def _by_schedule(self, asked: InForce, started: float) -> None:
        """What fails is told and tried again; the segments stay as they were."""
        try:
            brought = self._brought("spark", asked, _quiet)
            self._store(brought.found, started)
            _note(brought.found)
            self._into_lake("spark", brought, _quiet)
        except (LettershopError, OSError) as error:
            self._schedule.failed_at(self._at, _said(error))
            log.warning("refresh.failed", engine="spark", error=_said(error))

    def _now_in_force(self) -> InForce:
        """What is published and pinned, now; read again only when it has changed or a pin has
        ended."""
        self._at = at = max(self._clock.now(), self._at + 1)
        ended = self._until is not None and at >= self._until
        if self._asked is None or ended or revision() != self._asked.revision:
            self._asked = in_force(at)
            self._until = next_end(at)
        return self._asked

    # --- a refresh ------------------------------------------------------------------------------

    def _brought(
        self, engine: EngineName, asked: InForce, tell: Tell, address: str | None = None
    ) -> Brought:
        try:
            match engine:
                case "duckdb":
                    return Brought(self._stepped(asked), None)
                case "spark":
                    self._refresher.forget()
                    keeps = partial(keeps_of, asked=asked, shelf=self._shelf)
                    return self._clusters.refreshed(keeps, self._at, tell, address)
                case _:
                    assert_never(engine)
        except BaseException:
            self._refresher.forget()
            raise

    def _stepped(self, asked: InForce) -> Found:
        with self._engine.read() as workspace:
            keeps = keeps_of(workspace, asked, self._shelf)
            found = self._refresher.compute(workspace.store, keeps, self._at)
            self._audit(workspace, keeps)
        return found

    def _store(self, found: Found, started: float, *, always: bool = True) -> None:
        try:
            if always or self._is_due(found):
                with self._engine.write() as workspace:
                    last = self._refresher.persist(workspace.store, found)
                self._stored_at = self._at
                self._streams.notify(last)
        except BaseException:
            self._refresher.forget()
            raise
        self.last = found
        self._schedule.done(found.as_of, -1 if self._asked is None else self._asked.revision)
        self.refreshes += 1
        self.full += bool(found.full)
        self.seconds += time.perf_counter() - started

    def _into_lake(self, engine: EngineName, brought: Brought, tell: Tell) -> int | None:
        """The members for other readers of the lake; the number of the run."""
        lake = self._clusters.lake()
        if lake is None:
            return None
        tell("writing members")
        run = write_members(
            self._engine, lake, now=self._clock.now(), by=engine, snapshot=brought.snapshot
        )
        return None if run is None else run.number

    def _audit(self, workspace: Workspace, keeps: Sequence[Keep]) -> None:
        """Now and then one segment is evaluated in full, in its turn. A difference is an alarm, and
        everything is evaluated anew at the next round: the full answer wins."""
        if not keeps or self._at < self._audit_at:
            return
        self._audit_at = self._at + workspace.settings.audit_seconds * SECOND
        keep = keeps[self.audits % len(keeps)]
        self.audits += 1
        wrong = self._refresher.audit(workspace.store, keeps, keep.name)
        if wrong:
            self.wrong += 1
            self._refresher.forget()
            log.error("refresh.wrong", segment=keep.name, subjects=wrong, advice="repaired")

    def _is_due(self, found: Found) -> bool:
        changed = found.count or found.full or found.removed
        return bool(changed) or self._at - self._stored_at >= STORED

    # --- how it is ------------------------------------------------------------------------------

    def problem(self) -> str:
        """Why the segments are not kept current; empty while they are."""
        return self._schedule.problem

    def figures(self) -> Iterator[Vital]:
        """How the refresh is doing."""
        counted = (
            ("refreshes_total", "Refreshes of the kept segments.", self.refreshes),
            ("refreshes_full_total", "Those that evaluated everything.", self.full),
            ("refreshes_failed_total", "Those by Spark that failed.", self._schedule.failed),
            ("refresh_audits_total", "Segments compared with a full evaluation.", self.audits),
            ("refresh_wrong_total", "Audits that found a difference.", self.wrong),
            ("refresh_seconds_total", "Time spent in them.", self.seconds),
        )
        for name, text, value in counted:
            yield Vital(name=name, help=text, value=value, kind="counter")
        last = self._schedule.last
        late = 0 if last is None else max(0, self._clock.now() - last) / 1000
        yield Vital(name="refresh_age_seconds", help="Since the last refresh.", value=late)


def _note(found: Found) -> None:
    if found.full or found.count:
        log.debug("refreshed", moves=found.count, full=found.full, seconds=found.seconds)


def _quiet(doing: str) -> None:
    """Nobody waits for it."""


def _said(error: Exception) -> str:
    return (
        error.message if isinstance(error, LettershopError) else f"{type(error).__name__}: {error}"
    )
