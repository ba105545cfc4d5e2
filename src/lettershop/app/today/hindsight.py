"""How large segments would have been on the days before they were kept: worked out beside the
requests, once a day and after each publishing, and remembered."""

import threading
from collections.abc import Sequence
from typing import Final, NamedTuple

import structlog

from lettershop.app import records
from lettershop.app.engine import Engine
from lettershop.app.today.moving import Sizes, moments
from lettershop.app.workspace import Workspace
from lettershop.language import references
from lettershop.language.definition import Definition
from lettershop.model.clock import HOUR, Clock
from lettershop.planning.place import place_of
from lettershop.profile.depends import fields_in
from lettershop.profile.folder import FOLDER, declared
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
                    told = _without_traits(workspace, definitions)
                for name in told:
                    found.setdefault(name, []).append(seen.size(name))
        except Exception:
            log.exception("hindsight.failed")
            found = {}
        finally:
            records.disconnect()
        with self._guard:
            self._known = _Known(number, now, found)


def _without_traits(workspace: Workspace, definitions: Sequence[Definition]) -> list[str]:
    """Those that hang on no derived trait, nor on segments that do: what a trait would have been
    before it was first worked out is not known."""
    traits = {*declared(workspace.path / FOLDER, workspace.store.catalog())}
    told: list[str] = []
    for one in definitions:  # each after all it refers to
        if references(one.where) <= {*told} and not _fields(one) & traits:
            told.append(one.name)
    return told


def _fields(one: Definition) -> set[tuple[str, str]]:
    return {*fields_in(one.where, place_of(one.subject))}
