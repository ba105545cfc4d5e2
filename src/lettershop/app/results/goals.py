"""Who reached the goal, and what they spent: the segment language's answer, as of the moment the
goal names. What is learned later about that time does not change it."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from lettershop.app.audiences import Audiences
from lettershop.campaigns.definition import Goal
from lettershop.campaigns.results.rows import Ints, Letters, Reached
from lettershop.engines.duckdb.evaluate import evaluate
from lettershop.engines.duckdb.store import Store
from lettershop.language import parse, references
from lettershop.language.definition import Definition
from lettershop.language.tree import After, Aggregate, Events, MeasureTest
from lettershop.model.catalog import Catalog, FieldInfo
from lettershop.model.clock import DAY, format_instant
from lettershop.model.values import MICRO
from lettershop.planning.measures import measure
from lettershop.planning.order import needed

REACHED: Final = "goal\n"
SPENT: Final = "revenue\n"
"""Names no segment can have."""
CURRENCY: Final = "currency"


class _Money(NamedTuple):
    """How amounts are added up: as they are (`into` None) or converted; or `why` they cannot."""

    known: bool
    into: str | None
    currency: str
    why: str


def ask_goal(
    store: Store, audiences: Audiences, goal: Goal, letters: Letters, frozen: int, now: int
) -> Reached:
    """Of everybody, those held out too. Those who are not known any more (erased) have not reached
    it. DefinitionError for a goal that cannot be read; NotFound `segment.unknown` where it names a
    segment that is gone."""
    end = frozen + goal.days * DAY
    moment = min(end, now)
    spent = _aggregate(goal, store.catalog(), frozen)
    money = _money(goal, store.catalog())
    asked = [_definition(goal, audiences)]
    if spent is not None and money.known:
        spent = Aggregate(spent.function, spent.field, spent.events, money.into)
        asked.append(Definition(name=SPENT, subject="contact", where=MeasureTest(spent, ">=", 0)))
    every = [*audiences.definitions.values(), *asked]
    closure = needed(every, [one.name for one in asked])
    found = evaluate(store, closure, moment, adjust=audiences.adjust)
    members = found.truth.results[REACHED].bits
    revenue = None
    if len(asked) > 1 and spent is not None:
        _, column = measure(found.truth.at, spent, "contact")
        revenue = _of(letters.contact, column.value).astype(np.float64) / MICRO
    return Reached(
        where=goal.where,
        until=moment,
        so_far=moment < end,
        reached=_of(letters.contact, members).astype(np.bool_),
        revenue=revenue,
        currency=money.currency,
        note=money.why if goal.revenue else "",
    )


def _definition(goal: Goal, audiences: Audiences) -> Definition:
    """DefinitionError; NotFound `segment.unknown`."""
    where = parse(goal.where).tree
    for name in sorted(references(where)):
        audiences.named(name)
    return Definition(name=REACHED, subject="contact", where=where)


def _of(contacts: Ints, values: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """Values by dense id, for each contact; nothing for who is not known."""
    known = (contacts >= 0) & (contacts < len(values))
    made = np.zeros(len(contacts), values.dtype)
    made[known] = values[contacts[known]]
    return made


def _aggregate(goal: Goal, catalog: Catalog, frozen: int) -> Aggregate | None:
    """What they spent since the audience was frozen; None where nobody has told such an amount."""
    if _amount(goal, catalog) is None:
        return None
    since = After(format_instant(frozen))
    return Aggregate("sum", goal.revenue, Events((goal.event,), window=since))


def _amount(goal: Goal, catalog: Catalog) -> FieldInfo | None:
    info = catalog.events.get(goal.event)
    found = info.properties.get(goal.revenue) if info and goal.revenue else None
    return found if found is not None and found.type == "number" else None


def _money(goal: Goal, catalog: Catalog) -> _Money:
    amount = _amount(goal, catalog)
    if amount is None:
        why = f"Nobody has told a number “{goal.revenue}” of “{goal.event}” yet."
        return _Money(False, None, "", why)
    seen = sorted({currency.upper() for currency in amount.currencies or _beside(goal, catalog)})
    if len(seen) < 2:
        return _Money(True, None, seen[0] if seen else "", "")
    if not amount.currencies:
        why = f"Revenue is in {', '.join(seen)}, told in events, whose amounts are not converted."
        return _Money(False, None, "", why)
    target = _convertible(seen, catalog.rates)
    if target is None:
        why = f"Revenue is in {', '.join(seen)}, and there are no rates from one to the other."
        return _Money(False, None, "", why)
    return _Money(True, target, target, f"Revenue in {target}, at the rate of each day.")


def _beside(goal: Goal, catalog: Catalog) -> Sequence[str]:
    """Of events as clients tell them (the property `currency` of the Segment specification): what
    was seen there. Amounts know their currency where an import said so."""
    found = catalog.events[goal.event].properties.get(CURRENCY)
    return found.values if found is not None and found.type == "text" else ()


def _convertible(seen: Sequence[str], rates: Sequence[tuple[str, str]]) -> str | None:
    """A currency that all others have rates to."""
    known = {(source.upper(), target.upper()) for source, target in rates}
    return next((to for to in seen if all(one == to or (one, to) in known for one in seen)), None)
