"""A little later: the hits of fifteen seconds, graded by what came around them, told as facts.

Safe to repeat and to kill: a fact's id is its hit's, so the intake takes it once however often it
is told, and a file counts as told only once all of it was taken.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import structlog

from lettershop.delivery.said import EmailEvent
from lettershop.delivery.tracking.grading import TOGETHER, Graded, Letter, grade_all
from lettershop.delivery.tracking.hits import QUARTER, Hit, HitFile, HitFolder
from lettershop.delivery.tracking.parties import Addressee, Emit, FindAddressees
from lettershop.model.clock import MINUTE, SECOND, Clock
from lettershop.model.errors import Unavailable

PATIENCE: Final = 30 * SECOND
"""How long after its quarter a file waits, so that what follows a hit is seen."""
KEPT: Final = 5 * MINUTE
"""How long a told file is kept, as what happened around others."""
NAMES: Final = {"click": "Email Link Clicked", "open": "Email Opened"}
ORIGINAL: Final = "hit"
"""The property that holds the hit as it was, to grade it again."""
_MOST: Final = 1_000
_log = structlog.get_logger("lettershop.tracking")


class Settling:
    """A job: `step` moves on whatever is due."""

    def __init__(self, folder: HitFolder, find: FindAddressees, emit: Emit, clock: Clock) -> None:
        self._folder, self._find, self._emit, self._clock = folder, find, emit, clock

    def step(self) -> bool:
        """Whether there was anything to tell. What could not be told is told next time."""
        now = self._clock.now()
        files = [*self._folder.files()]
        due = [file for file in files if not file.done and self._due(file, now)]
        for file in due:
            around = [one for one in files if one is not file and _near(one, file)]
            try:
                self._tell(file, around)
            except Unavailable as error:
                _log.warning("tracking.waits", code=error.code)
                return False
        self._forget(now)
        return bool(due)

    def _due(self, file: HitFile, now: int) -> bool:
        return file.since + QUARTER + PATIENCE <= now

    def _tell(self, file: HitFile, around: Sequence[HitFile]) -> None:
        hits = file.hits()
        others = [hit for one in around for hit in one.hits()]
        found: dict[int, Addressee] = {}
        rows = sorted({hit.row for hit in hits})
        for start in range(0, len(rows), _MOST):
            found |= self._find(rows[start : start + _MOST])
        letters = {row: Letter(who.at, who.provider) for row, who in found.items()}
        graded = zip(hits, grade_all(hits, letters, others), strict=True)
        events = [
            fact(hit, made, found[hit.row])
            for hit, made in graded
            if hit.row in found and hit.method != "HEAD"
        ]
        for start in range(0, len(events), _MOST):
            self._emit(events[start : start + _MOST])
        file.told()

    def _forget(self, now: int) -> None:
        for file in self._folder.files():
            if file.done and file.since + KEPT < now:
                file.path.unlink(missing_ok=True)


def fact(hit: Hit, graded: Graded, who: Addressee) -> EmailEvent:
    """The hit as an event, with all that is needed to grade it again."""
    said: dict[str, Any] = {
        "send": who.key,
        "campaign": who.name,
        "message": who.row,
        "stream": who.stream,
        "grade": graded.grade,
        "grade_reasons": list(graded.reasons),
        "delivered_at": who.at,
        "provider": who.provider,
        ORIGINAL: msgspec.to_builtins(hit),
    }
    if hit.kind == "click":
        said |= {"link_url": hit.url, "link_id": hit.number}
    return EmailEvent(
        name=NAMES[hit.kind],
        contact=who.contact,
        account=who.account,
        at=hit.at,
        message_id=hit.id,
        properties=said,
    )


def hit_of(properties: Mapping[str, Any]) -> tuple[Hit, Letter]:
    """The hit a fact was made of. ValueError for a fact that was not made here."""
    try:
        hit = msgspec.convert(properties[ORIGINAL], Hit)
        return hit, Letter(int(properties["delivered_at"]), str(properties["provider"]))
    except (KeyError, TypeError, msgspec.ValidationError) as error:
        raise ValueError("this fact holds no hit") from error


def regrade(facts: Sequence[Mapping[str, Any]]) -> list[Graded]:
    """Grades of facts, by their properties, as they are given by what is known today; in their
    order. They should reach over the same stretch of time. HEAD requests are no facts: what they
    told is in `grade_reasons` only. ValueError as `hit_of`."""
    pairs = [hit_of(one) for one in facts]
    letters = {hit.row: letter for hit, letter in pairs}
    made = grade_all([hit for hit, _ in pairs], letters)
    return [_with_probe(new, one) for new, one in zip(made, facts, strict=True)]


def _with_probe(new: Graded, properties: Mapping[str, Any]) -> Graded:
    if "probed" not in properties.get("grade_reasons", ()) or "probed" in new.reasons:
        return new
    others = new.reasons if new.grade == "machine" else ()
    return Graded("machine", (*others, "probed"))


def _near(one: HitFile, other: HitFile) -> bool:
    return abs(one.since - other.since) <= TOGETHER + QUARTER
