"""The doctor, asked beside the requests: DNS may take seconds, and a page does not wait for it.

What was found last is kept in `data/doctor/DOMAIN.json`, so that it is there after a restart, too;
pages show it with the time at which DNS was asked.
"""

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import structlog

from lettershop.app.preflight.domains import Domains
from lettershop.delivery.building.address import a_labels
from lettershop.delivery.dkim.keys import host_name
from lettershop.delivery.doctor import Diagnosis
from lettershop.model.clock import DAY, Clock
from lettershop.model.errors import InputError, LettershopError, Unavailable
from lettershop.model.settings import Settings

log = structlog.get_logger("lettershop.doctor")

FOLDER: Final = "doctor"
"""Below data/."""
AT_ONCE: Final = 4
"""Domains asked about at a time."""
OLD: Final = 14 * DAY
"""After which a report is rather asked for again."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Of a domain, as DNS was at `at` (ms). `problem`: why it could not be looked at."""

    domain: str
    at: int
    checks: tuple[Diagnosis, ...] = ()
    problem: str = ""

    @property
    def blocking(self) -> tuple[Diagnosis, ...]:
        return tuple(one for one in self.checks if one.ok is False and one.level == "block")

    @property
    def warned(self) -> tuple[Diagnosis, ...]:
        return tuple(one for one in self.checks if one.ok is False and one.level == "warn")

    @property
    def unknown(self) -> tuple[Diagnosis, ...]:
        return tuple(one for one in self.checks if one.ok is None)


class Doctor:
    """`ask` begins; `asking` tells whether it goes on; `report` is what was found last."""

    def __init__(
        self, data: Path, clock: Clock, domains: Callable[[], Domains] | None = None
    ) -> None:
        """`data`: the workspace's folder for data. `domains`: makes what asks, anew each time."""
        self._folder, self._data, self._clock = data / FOLDER, data, clock
        self._domains = domains or (lambda: Domains(clock))
        self._asking: dict[str, threading.Thread] = {}
        self._guard = threading.Lock()

    def ask(self, domain: str, settings: Settings) -> None:
        """Ask DNS in a thread; nothing when that goes on already. InputError `dkim.name` for what
        is no domain; Unavailable `doctor.busy`."""
        name = host_name(domain)
        with self._guard:
            self._asking = {one: t for one, t in self._asking.items() if t.is_alive()}
            if name in self._asking:
                return
            if len(self._asking) >= AT_ONCE:
                message = f"{AT_ONCE} other domains are being looked at"
                raise Unavailable("doctor.busy", message, hint="try again in a moment")
            thread = threading.Thread(
                target=self._look, args=(name, settings), name="doctor", daemon=True
            )
            self._asking[name] = thread
            thread.start()

    def asking(self, domain: str) -> bool:
        with self._guard:
            thread = self._asking.get(domain)
        return thread is not None and thread.is_alive()

    def wait(self, domain: str, seconds: float) -> None:
        """Until what is being asked about the domain is answered, at most so long."""
        with self._guard:
            thread = self._asking.get(domain)
        if thread is not None:
            thread.join(seconds)

    def report(self, domain: str) -> Report | None:
        """None where nobody has ever asked."""
        try:
            return _read(self._folder / f"{host_name(domain)}.json")
        except InputError:
            return None

    def reports(self) -> Mapping[str, Report]:
        """By domain, all that are kept."""
        found = (_read(path) for path in sorted(self._folder.glob("*.json")))
        return {one.domain: one for one in found if one is not None}

    def _look(self, domain: str, settings: Settings) -> None:
        problem, checks = "", list[Diagnosis]()
        try:
            checks = self._domains().found([domain], envelope_of(settings), self._data, settings)
        except LettershopError as error:
            problem = error.message
        except Exception as error:
            log.exception("doctor.failed", domain=domain)
            problem = f"{type(error).__name__}: {error}"
        found = Report(
            domain=domain, at=self._clock.now(), checks=tuple(checks), problem=problem[:500]
        )
        self._keep(found)

    def _keep(self, found: Report) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        path = self._folder / f"{found.domain}.json"
        part = path.with_suffix(f".{threading.get_ident()}.part")
        part.write_bytes(msgspec.json.encode(found))
        os.replace(part, path)


def envelope_of(settings: Settings) -> str:
    """The domain that returns come back to; "" for the sender's own."""
    return domain_of(settings.return_address)


def domain_of(address: str) -> str:
    """Of `Name <ann@example.com>`, as DNS has it; "" where there is none to be read."""
    said = address.rpartition("@")[2].strip().strip("<> ")
    try:
        return host_name(a_labels(said)) if "@" in address else ""
    except InputError:
        return ""


def _read(path: Path) -> Report | None:
    """None also for a file that another version has written."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Report)
    except (OSError, msgspec.DecodeError):
        return None


def worst_first(checks: Sequence[Diagnosis]) -> list[Diagnosis]:
    """What is to be put right first; what is fine last."""
    return sorted(checks, key=_place)


def _place(one: Diagnosis) -> int:
    if one.ok is None:
        return 2
    if one.ok:
        return 4
    return {"block": 0, "warn": 1, "info": 3}[one.level]
