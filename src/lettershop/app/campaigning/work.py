"""What takes longer than a step: checks in one thread, one after the other, and what is about to
leave in another. What is to be done stands in the records: killed, it is begun again."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Literal

import structlog

from lettershop.app import records as database
from lettershop.app.campaigning.answers import Working
from lettershop.app.campaigning.checking import check, refused
from lettershop.app.campaigning.contract import Crew, Interrupted, Told
from lettershop.app.campaigning.desk import paused
from lettershop.app.campaigning.planting import examine, freeze
from lettershop.app.engine import Engine
from lettershop.campaigns.models import CampaignRecord
from lettershop.campaigns.records import BY_ITSELF, locked, named
from lettershop.model.clock import Clock
from lettershop.model.errors import LettershopError, NotFound, Unavailable

log = structlog.get_logger("lettershop.campaigns")

Task = Literal["check", "freeze", "examine"]
LOOK: Final = 0.5
"""Seconds between two looks whether it is still wanted."""


class Work:
    """`begin` as often as one likes: what is being done already is not begun again."""

    def __init__(self, engine: Engine, clock: Clock, crew: Crew) -> None:
        self._engine, self._clock, self._crew = engine, clock, crew
        self._checks = ThreadPoolExecutor(1, thread_name_prefix="campaign checks")
        self._starts = ThreadPoolExecutor(1, thread_name_prefix="campaign starts")
        self._stopping, self._guard = threading.Event(), threading.Lock()
        self._now: dict[str, Working] = {}

    def begin(self, record: CampaignRecord, task: Task) -> None:
        with self._guard:
            if record.name in self._now or self._stopping.is_set():
                return
            self._now[record.name] = Working(what=task, done=0, total=0)
            pool = self._checks if task == "check" else self._starts
            pool.submit(self._run, record.name, task, _mark(record, task))

    def working(self, name: str) -> Working | None:
        with self._guard:
            return self._now.get(name)

    def stop(self) -> None:
        """What is under way is given up, and begun again after the next start."""
        self._stopping.set()
        for pool in (self._checks, self._starts):
            pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, name: str, task: Task, mark: object) -> None:
        try:
            self._do(name, task, self._told(name, task, mark))
        except (Interrupted, Unavailable):
            log.info("campaign.interrupted", campaign=name, task=task)
        except LettershopError as error:
            self._failed(name, task, mark, str(error))
        except Exception as error:
            log.exception("campaign.failed", campaign=name, task=task)
            self._failed(name, task, mark, f"{type(error).__name__} (see the server's log)")
        finally:
            with self._guard:
                del self._now[name]
            database.disconnect()

    def _do(self, name: str, task: Task, told: Told) -> None:
        with self._engine.read() as workspace:
            match task:
                case "check":
                    check(workspace, name, self._crew, BY_ITSELF, self._clock, told)
                case "freeze":
                    freeze(workspace, name, self._crew, self._clock, told)
                case "examine":
                    examine(workspace, name, self._crew, self._clock, told)

    def _told(self, name: str, task: Task, mark: object) -> Told:
        looked = time.monotonic()

        def told(what: str, done: int, total: int) -> None:
            nonlocal looked
            with self._guard:
                self._now[name] = Working(what=what, done=done, total=total)
            if self._stopping.is_set():
                raise Interrupted
            if time.monotonic() - looked > LOOK:
                looked = time.monotonic()
                if _mark(named(name), task) != mark:
                    raise Interrupted

        return told

    def _failed(self, name: str, task: Task, mark: object, problem: str) -> None:
        """It waits for somebody, rather than be tried for ever."""
        try:
            if task == "check":
                refused(name, BY_ITSELF, self._clock.now(), problem)
                return
            with locked(name) as record:
                if _mark(record, task) == mark and record.state == "sending":
                    record.problem = problem.replace("\0", "")
                    paused(record, BY_ITSELF, self._clock.now(), f"{task} failed")
        except (NotFound, LettershopError):
            log.exception("campaign.failed", campaign=name, task=task)


def _mark(record: CampaignRecord, task: Task) -> object:
    """Changes when the task is no longer wanted as it was."""
    if task == "check":
        return record.text, record.check_asked_at
    return record.state, record.stage
