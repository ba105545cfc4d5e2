"""What runs beside the requests: small steps, each on a thread of its own, until told to stop.

A step moves whatever is due one state forward and says whether there may be more to do at once.
It is safe to repeat and safe to kill; one that fails is logged and tried again, ever more rarely.
"""

import threading
import time
from collections.abc import Callable, Sequence

import msgspec
import structlog
from django.db import connections

log = structlog.get_logger("lettershop.jobs")

LONGEST_PAUSE = 60.0
"""Seconds between attempts of a step that keeps failing."""


class Job(msgspec.Struct, frozen=True):
    """`step` returns True when it wants to be called again at once, else after `every` seconds.

    `drain`: at the end it is called until there is nothing left to do, or time is up.
    """

    name: str
    every: float
    step: Callable[[], bool]
    drain: bool = False


class State(msgspec.Struct):
    """How a job is doing. `failures` counts those in a row; times are seconds since 1970."""

    runs: int = 0
    failures: int = 0
    failed: int = 0
    last_ok: float = 0.0
    last_error: str = ""


class Background:
    """All jobs. `start` once, `stop` once. `permit` is called before every step."""

    def __init__(self, jobs: Sequence[Job], permit: Callable[[], None] | None = None) -> None:
        self._permit = permit
        self.states = {job.name: State() for job in jobs}
        self._jobs = tuple(jobs)
        self._stopping = threading.Event()
        self._deadline = 0.0
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        for job in self._jobs:
            thread = threading.Thread(target=self._run, args=(job,), name=f"job {job.name}")
            self._threads.append(thread)
            thread.start()

    def stop(self, seconds: float) -> bool:
        """Let the steps under way end, and drain for at most `seconds`; False if one is stuck."""
        self._deadline = time.monotonic() + seconds
        self._stopping.set()
        for thread in self._threads:
            thread.join(max(0.1, self._deadline + 5 - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def alive(self, name: str) -> bool:
        """Whether the job's thread runs and its last attempt did not fail."""
        named = [t for t in self._threads if t.name == f"job {name}"]
        return bool(named) and named[0].is_alive() and not self.states[name].failures

    def _run(self, job: Job) -> None:
        more = True
        while not self._stopping.is_set():
            more = self._once(job)
            pause = self._pause(job)
            if not more or self.states[job.name].failures:
                self._stopping.wait(pause)
        more = job.drain
        while more and time.monotonic() < self._deadline:
            more = self._once(job)
        connections.close_all()

    def _once(self, job: Job) -> bool:
        state = self.states[job.name]
        state.runs += 1
        try:
            if self._permit is not None:
                self._permit()
            more = job.step()
        except Exception as error:
            state.failures += 1
            state.failed += 1
            state.last_error = f"{type(error).__name__}: {error}"
            log.exception("job.failed", job=job.name, failures=state.failures)
            connections.close_all()  # PostgreSQL may have gone and come back: not with this one
            return False
        state.failures, state.last_ok = 0, time.time()
        return more

    def _pause(self, job: Job) -> float:
        failures = self.states[job.name].failures
        return job.every if not failures else min(LONGEST_PAUSE, 2.0 ** min(failures, 6))


def done(act: Callable[[], None]) -> Callable[[], bool]:
    """As the step of a job that has nothing left to do at once."""

    def step() -> bool:
        act()
        return False

    return step
