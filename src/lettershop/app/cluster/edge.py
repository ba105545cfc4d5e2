"""A process without facts: it takes requests into the shared log and answers recipients, from
records alone, also while nobody leads."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from lettershop.access.keyring import KeyRing
from lettershop.app import records
from lettershop.app.background import Background, Job, done
from lettershop.app.cluster.guide import Guide
from lettershop.app.cluster.intake import shared_writer
from lettershop.app.figures import watch_jobs, watch_log
from lettershop.app.postoffice.emitting import Emitter
from lettershop.app.postoffice.office import fresh
from lettershop.app.postoffice.policies import CurrentCompliance
from lettershop.app.public import addressees, hit_folder
from lettershop.app.vitals import Vital, Vitals
from lettershop.delivery.tracking.settling import Settling
from lettershop.delivery.tracking.targets import Targets
from lettershop.model.clock import Clock
from lettershop.model.settings import Settings

LAST = 5.0
"""Seconds that jobs get at the end."""


class Edge:
    """`start` the jobs, `stop` in the end. The records must be connected."""

    def __init__(self, folder: Path, settings: Settings, clock: Clock) -> None:
        """`folder`: of the workspace."""
        self.data, self.settings, self.clock = folder / "data", settings, clock
        self.keys = KeyRing()
        self.log = shared_writer(settings)
        self.emit = Emitter(self.log, clock)
        self.compliance = CurrentCompliance(folder, settings, clock)
        self.targets = Targets()
        self.guide = Guide()
        self.vitals = Vitals()
        self._hits = Settling(hit_folder(self.data), addressees, self.emit, clock)
        self.jobs = Background(self._jobs())
        self._watch()

    def start(self) -> None:
        self.guide.step()
        self.jobs.start()

    def stop(self) -> None:
        """What was acknowledged is on PostgreSQL; hits that wait are on this disk, and are told at
        the next start."""
        self.jobs.stop(LAST)
        self.log.close()
        records.disconnect()

    def _jobs(self) -> list[Job]:
        return [
            Job("leader", 1, self.guide.step),
            Job("keys", 2, done(self.keys.refresh)),
            Job("last-used", 5, done(self.keys.flush_seen), drain=True),
            Job("hits", 5, partial(fresh, self._hits.step)),
            Job("targets", 5, partial(fresh, self.targets.refresh)),
        ]

    def _watch(self) -> None:
        self.vitals.add(self._figures)
        watch_log(self.vitals, self.log)
        watch_jobs(self.vitals, self.jobs)

    def _figures(self) -> Iterator[Vital]:
        text = "Whether a process is known that leads."
        yield Vital(name="leader_known", help=text, value=self.guide.leader is not None)
