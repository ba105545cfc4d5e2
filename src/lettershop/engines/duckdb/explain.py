"""Explains one subject: why in or not, since when, until when, and what would change it.

Everything is asked of a small copy (aside.py), where one more evaluation costs milliseconds; only a
segment that depends on everybody is evaluated whole, and then says less about time.
"""

from collections.abc import Sequence
from functools import partial

from msgspec.structs import replace

from lettershop.engines.duckdb.aside import set_aside
from lettershop.engines.duckdb.evaluate import Evaluation, evaluate
from lettershop.engines.duckdb.explain_kept import recorded
from lettershop.engines.duckdb.explain_when import OTHERS, Course
from lettershop.engines.duckdb.store import Store
from lettershop.engines.duckdb.told import Told
from lettershop.language.definition import Definition
from lettershop.model.settings import Settings
from lettershop.planning.explain import Explanation, Line, PinSaid, Since, Upcoming
from lettershop.planning.order import needed
from lettershop.planning.settled import settled


def explain(
    store: Store,
    definitions: Sequence[Definition],
    name: str,
    subject_id: int,
    as_of: int,
    settings: Settings | None = None,
    pins: Sequence[PinSaid] = (),
) -> Explanation:
    """Why the contact, account or member (dense id; for people a row of `people`) is in, or not.

    `pins`: those of this subject in this segment that are in force. The rule is the definition's;
    what is kept of the segment (`kept`, `transitions`) counts as far as it is of that definition.
    """
    used = settings or store.settings
    asked = needed(definitions, [name])
    definition = next(d for d in asked if d.name == name)
    stored = recorded(store, definition, subject_id, as_of)
    with set_aside(store, asked, definition.subject, subject_id, used) as aside:
        if aside is None:
            told = Told(evaluate(store, asked, as_of, used), definition, subject_id)
            upcoming = Upcoming(at=None, enters=not told.member, note=OTHERS)
            timed = replace(told.whole(), since=Since(at=None, note=OTHERS), upcoming=upcoming)
            return settled(timed, stored, pins)
        told = Told(evaluate(aside.store, asked, as_of, used), definition, aside.subject)
        whole = told.whole()  # before the small copy is asked about other moments
        course = Course(aside, asked, name, as_of, used)
        upcoming = course.upcoming(partial(_lines, definition, aside.subject, told.spot.account))
        return settled(replace(whole, since=course.since(), upcoming=upcoming), stored, pins)


def _lines(definition: Definition, subject_id: int, account: int, found: Evaluation) -> list[Line]:
    """The conditions in another evaluation, said of the same account."""
    return Told(found, definition, subject_id, account).lines()
