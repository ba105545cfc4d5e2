"""`lettershop worker`: the sender processes of one machine, kept running while it has what the
owner of the facts has."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import structlog
from django.db import DatabaseError, InterfaceError, connections

from lettershop.app import records
from lettershop.app.fleet.deployed import VERSION, Compared, compare
from lettershop.app.postoffice.senders import command
from lettershop.app.sending.parts import make_parts, sender_count
from lettershop.app.settings import read_settings
from lettershop.cluster.processes import Heartbeat
from lettershop.delivery.dkim.processor import quick_signing
from lettershop.delivery.senders.supervisor import Supervisor
from lettershop.delivery.smtp.choosing import MAILBOX
from lettershop.model.errors import InputError
from lettershop.model.settings import Settings

log = structlog.get_logger("lettershop.worker")

LOOK: Final = 0.2
"""Seconds between two looks at the processes."""
EVERY: Final = 5.0
"""Seconds between two comparisons of what is deployed."""
SECRETS: Final = (records.KEY_SAID, records.KEY_FILE)
State = Literal["sending", "waiting", "different"]
"""waiting: for an owner of the facts that registers what it has, and for tables of this version."""


def worker_settings(folder: Path, senders: int = 0) -> Settings:
    """Those of the workspace, fit for a worker. `senders`: instead of the setting of that name.

    InputError `worker.records`, `worker.smtp`, `worker.public_url`, `worker.secret`.
    """
    environment = os.environ | ({"LETTERSHOP_SENDERS": str(senders)} if senders else {})
    settings = read_settings(folder, environment)
    if not settings.records:
        hint = 'records = "postgresql://…", the same as the loader’s; on one machine: lettershop up'
        raise InputError("worker.records", "a worker needs records on PostgreSQL", hint=hint)
    if settings.smtp in ("", MAILBOX):
        hint = "smtp://user:password@host:587, or mx://mail.example.com"
        message = "a worker needs a mail server: without one letters stay on this machine"
        raise InputError("worker.smtp", message, where="the setting smtp", hint=hint)
    if not settings.public_url:
        hint = "the address at which the world reaches the web processes"
        message = "a worker cannot know where the links of letters lead"
        raise InputError("worker.public_url", message, where="the setting public_url", hint=hint)
    if not _has_secret(folder / "data"):
        hint = f"copy data/{records.SECRET} from the first machine, or set {records.KEY_FILE}"
        message = "this machine does not have the secret key that letters are signed with"
        raise InputError("worker.secret", message, where=str(folder / "data"), hint=hint)
    return settings


def _has_secret(data: Path) -> bool:
    """Without one `records.connect` would make one of its own."""
    return (data / records.SECRET).exists() or any(os.environ.get(name) for name in SECRETS)


class Worker:
    """The records are connected. `run` until `stopping` is set."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        """InputError `worker.different`, and as `make_parts`: what senders would die of."""
        self._folder, self._settings = folder, settings
        self._state: State = "waiting"
        if self._compared():
            make_parts(folder, settings)
        count = sender_count(settings)
        environment = {**quick_signing(os.environ), "LETTERSHOP_SENDERS": str(count)}
        self.supervisor = Supervisor(command(folder), count, environment)

    def run(self, stopping: threading.Event) -> None:
        with Heartbeat("worker", VERSION) as heartbeat:
            try:
                passed = EVERY
                while not stopping.wait(LOOK):
                    passed += LOOK
                    if passed >= EVERY:
                        passed = 0.0
                        self._look()
                        heartbeat.say(state=self._state, senders=self.supervisor.alive)
                    if self._state == "sending":
                        self.supervisor.step()
            finally:
                self.supervisor.stop()

    def _compared(self) -> bool:
        """Whether it may send; at the start a difference is an error."""
        found = self._deployed()
        if found is not None:
            refuse(found)
        return bool(found)

    def _look(self) -> None:
        """While the records do not answer all stays as it is: senders wait for them, too."""
        try:
            found = self._deployed()
        except (DatabaseError, InterfaceError) as error:
            connections.close_all()
            log.warning("worker.records", error=str(error)[:200])
            return
        others = different(found or ())
        state: State = "different" if others else "sending" if found else "waiting"
        if state == self._state:
            return
        self._state = state
        (log.error if others else log.info)("worker.state", state=state, different=others)
        if state != "sending":
            self.supervisor.stop()

    def _deployed(self) -> list[Compared] | None:
        """None while there are no tables of this version."""
        if records.pending():
            return None
        return compare(self._folder, self._settings)


def different(found: Sequence[Compared]) -> list[str]:
    return [one.name for one in found if not one.equal]


def refuse(found: Sequence[Compared]) -> None:
    """InputError `worker.different` that names what differs."""
    others = different(found)
    if others:
        message = f"this machine differs from the owner of the facts in: {', '.join(others)}"
        hint = "deploy the same files and settings to all machines, then start the worker again"
        raise InputError("worker.different", message, hint=hint)
