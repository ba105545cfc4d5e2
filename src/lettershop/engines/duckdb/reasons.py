"""Why many are in a segment or not, read from one evaluation that has been done already."""

from typing import NamedTuple

from lettershop.engines.duckdb.evaluate import Evaluation
from lettershop.engines.duckdb.told import Told
from lettershop.planning.explain import Line


class Seen(NamedTuple):
    """Somebody by identity, the account the conditions are about, if any, and the conditions."""

    who: str
    account: str | None
    lines: tuple[Line, ...]


def seen_in(found: Evaluation, name: str, subject_id: int) -> Seen:
    """What the rule of a segment says about somebody (dense id; of people a row of `people`)."""
    told = Told(found, found.definitions[name], subject_id)
    return Seen(told.who(), told.account(), tuple(told.lines()))
