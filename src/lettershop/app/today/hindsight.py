"""How large segments would have been on the days before they were kept: worked out beside the
requests, once a day and after each publishing, and remembered."""

import threading
from collections.abc import Sequence
from typing import Final, NamedTuple

import structlog

from lettershop.app import records
from lettershop.app.engine import Engine
from lettershop.app.segment_pages.knowable import knowable
from lettershop.app.today.moving import Sizes, moments
from lettershop.model.clock import HOUR, Clock
from lettershop.segments.register import published, revision

log = structlog.get_logger("lettershop.hindsight")

FRESH: Final = 6 * HOUR


class _Known(NamedTuple):
    revision: int
    at: int
    sizes: Sizes


class Hindsight:
    """`sizes` answers at once: with what is known, or with nothing while it is worked out."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock
        self._known: _Known | None = None
        self._thread: threading.Thread | None = None
        self._guard = threading.Lock()

    def sizes(self, names: Sequence[str]) -> Sizes | None:
        """Of these segments at the moments of `moving.moments` but the last, the oldest first. None
        while that is being worked out. The records must be connected."""
        if not names:
            return {}
        now, number = self._clock.now(), revision()
        with self._guard:
            known = self._known
            if known is not None and known.revision == number and now - known.at < FRESH:
                return known.sizes
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._work, args=(number, now), name="hindsight", daemon=True
                )
                self._thread.start()
        return None

    def wait(self, seconds: float) -> None:
        """Until what is being worked out is there, at most so long."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def _work(self, number: int, now: int) -> None:
        found: dict[str, list[int]] = {}
        try:
            definitions = [one.definition for one in published()]
            for at in moments(now)[:-1]:
                with self._engine.read() as workspace:  # a snapshot each: none is held for long
                    seen = workspace.evaluate(at, definitions)
                    told = knowable(workspace, definitions)
                for name in told:
                    found.setdefault(name, []).append(seen.size(name))
        except Exception:
            log.exception("hindsight.failed")
            found = {}
        finally:
            records.disconnect()
        with self._guard:
            self._known = _Known(number, now, found)
