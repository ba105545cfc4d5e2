"""The post office of a running server: what leaves, what comes back, what becomes of both."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from django.db import close_old_connections

from lettershop.app.background import Job
from lettershop.app.engine import Engine
from lettershop.app.fleet.deployed import Registering
from lettershop.app.postoffice.deeds import Deeds
from lettershop.app.postoffice.emitting import Emitter, Log
from lettershop.app.postoffice.figures import figures
from lettershop.app.postoffice.hooks import Hooks
from lettershop.app.postoffice.letters_sent import LettersSent
from lettershop.app.postoffice.outcomes import Outcomes
from lettershop.app.postoffice.owning import owner_of
from lettershop.app.postoffice.policies import CurrentCompliance
from lettershop.app.postoffice.returning import Returns
from lettershop.app.postoffice.senders import Senders
from lettershop.app.public import addressees, hit_folder
from lettershop.app.vitals import Vital, Vitals
from lettershop.delivery.returns.bounces import Bounces
from lettershop.delivery.tracking.settling import Settling
from lettershop.delivery.tracking.targets import Targets
from lettershop.model.clock import Clock
from lettershop.model.errors import Unavailable
from lettershop.model.settings import Settings

LAST_WORDS = 20
"""Batches of outcomes that are still told when the server stops; the rest is told at its start."""


class PostOffice:
    """The records must be connected. `emit`, `compliance` and `targets` are for the public pages,
    `hooks` for webhooks of providers.

    InputError `settings.lmtp`, `settings.imap`."""

    def __init__(
        self, folder: Path, settings: Settings, engine: Engine, log: Log, clock: Clock
    ) -> None:
        self._clock = clock
        self.emit = Emitter(log, clock)
        self.compliance = CurrentCompliance(folder, settings, clock)
        self.targets = Targets()
        sent, history = LettersSent(), Bounces(clock)
        deeds = Deeds(self.compliance, owner_of(engine), self.emit, clock)
        self.returns = Returns(folder, settings, (sent, history, deeds), clock)
        self.hooks = Hooks(settings, self.returns.taking, clock)
        self.outcomes = Outcomes(self.emit, sent, history, deeds, clock)
        self.senders = Senders(folder, settings)
        self._deployed = Registering(folder, settings, clock)
        self._hits = Settling(hit_folder(folder / "data"), addressees, self.emit, clock)

    def jobs(self) -> list[Job]:
        found = [
            Job("senders", 0.2, partial(fresh, self.senders.step)),
            Job("outcomes", 0.5, partial(fresh, self.outcomes.step)),
            Job("hits", 5, partial(fresh, self._hits.step)),
            Job("deployed", 5, partial(fresh, self._deployed.step)),
            Job("targets", 5, partial(fresh, self.targets.refresh)),
            Job("returns", 0.5, partial(fresh, self.returns.step)),
        ]
        if self.returns.fetches:
            found.append(Job("returns-mailbox", 60, self.returns.fetch))
        return found

    def start(self) -> None:
        """UsageError `lmtp.open`, `lmtp.address`."""
        self.returns.start()

    def stop(self) -> None:
        """Before the raw log is closed: what the senders have brought to an end is still told."""
        self.returns.stop()
        self.senders.stop()
        try:
            for _ in range(LAST_WORDS):
                if not self.outcomes.step():
                    break
        except Unavailable:
            return  # told at the next start

    def watch(self, vitals: Vitals) -> None:
        vitals.add(self._figures)
        vitals.check("senders", self.senders.problem)

    def _figures(self) -> Iterator[Vital]:
        return figures(self.senders, self.returns, self.outcomes.told, self._clock)


def fresh(step: Callable[[], bool]) -> bool:
    """With a connection that the records have not closed meanwhile."""
    close_old_connections()
    return step()
