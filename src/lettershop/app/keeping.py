"""The keeper: the job that keeps every published segment current while the server runs.

what is to be kept (register, traits, addresses) -> compute on a snapshot -> persist -> tell streams
-> derived traits write their facts, which the next round sees
"""

import time
from collections.abc import Iterator, Mapping, Sequence

import structlog

from lettershop.app import derived
from lettershop.app.addresses import hidden_definitions
from lettershop.app.derived import Shelf
from lettershop.app.engine import Engine
from lettershop.app.pinning import resolved
from lettershop.app.streams import Streams
from lettershop.app.vitals import Vital
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb.refresh.refresher import Found, Refresher
from lettershop.language import references
from lettershop.language.definition import Definition
from lettershop.model.clock import MINUTE, SECOND, Clock
from lettershop.planning.keep import Keep
from lettershop.segments.register import InForce, in_force, next_end, revision

log = structlog.get_logger("lettershop.keeper")

STORED = MINUTE
"""A refresh in which nobody moved is stored no more often than this: it only moves the mark."""


class Keeper:
    """`step` is a job: one refresh, and what follows from it."""

    def __init__(self, engine: Engine, clock: Clock, streams: Streams) -> None:
        self._engine, self._clock, self._streams = engine, clock, streams
        self._refresher = Refresher(engine.workspace.settings)
        self._shelf = Shelf()
        self._asked: InForce | None = None
        self._until: int | None = None
        self._at = self._stored_at = self._audit_at = 0
        self.last: Found | None = None
        self.refreshes = self.full = self.audits = self.wrong = 0
        self.seconds = 0.0

    def step(self) -> bool:
        """True when facts were written that the next refresh should see at once."""
        self._at = max(self._clock.now(), self._at + 1)
        asked = self._in_force(self._at)
        try:
            self._refresh(asked)
        except BaseException:
            self._refresher.forget()
            raise
        return derived.step(self._engine, self._shelf, asked.definitions(), self._at)

    def _in_force(self, at: int) -> InForce:
        """What is published and pinned; read again only when it has changed or a pin has ended."""
        ended = self._until is not None and at >= self._until
        if self._asked is None or ended or revision() != self._asked.revision:
            self._asked = in_force(at)
            self._until = next_end(at)
        return self._asked

    def _refresh(self, asked: InForce) -> None:
        started = time.perf_counter()
        with self._engine.read() as workspace:
            keeps = self._keeps(workspace, asked)
            found = self._refresher.compute(workspace.store, keeps, self._at)
            self._audit(workspace, keeps)
        if self._is_due(found):
            with self._engine.write() as workspace:
                last = self._refresher.persist(workspace.store, found)
            self._stored_at = self._at
            self._streams.notify(last)
        self.last = found
        self.refreshes += 1
        self.full += bool(found.full)
        self.seconds += time.perf_counter() - started
        if found.full or found.count:
            log.debug("refreshed", moves=found.count, full=found.full, seconds=found.seconds)

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

    def _keeps(self, workspace: Workspace, asked: InForce) -> list[Keep]:
        pins = resolved(workspace.store, asked.pins, asked.partitions)
        published = [
            Keep(definition=p.definition, version=p.version, pins=pins.get(p.name, ()))
            for p in asked.published
        ]
        hidden = self._hidden(workspace, asked.definitions())
        return published + [Keep(definition=definition) for definition in hidden]

    def _hidden(self, workspace: Workspace, segments: Mapping[str, Definition]) -> list[Definition]:
        """Segments that stand for the rules of derived traits, as far as they can be evaluated."""
        book = self._shelf.book(workspace, segments)
        found = [*book.definitions(), *hidden_definitions(workspace)]
        known = {*segments, *(d.name for d in found)}
        return [d for d in found if references(d.where) <= known]

    def figures(self) -> Iterator[Vital]:
        """How the refresh is doing."""
        counted = (
            ("refreshes_total", "Refreshes of the kept segments.", self.refreshes),
            ("refreshes_full_total", "Those that evaluated everything.", self.full),
            ("refresh_audits_total", "Segments compared with a full evaluation.", self.audits),
            ("refresh_wrong_total", "Audits that found a difference.", self.wrong),
            ("refresh_seconds_total", "Time spent in them.", self.seconds),
        )
        for name, text, value in counted:
            yield Vital(name=name, help=text, value=value, kind="counter")
        late = max(0, self._clock.now() - self._at) / 1000 if self._at else 0
        yield Vital(name="refresh_age_seconds", help="Since the last refresh.", value=late)
