"""RFM and roll-ups: traits that are worked out from measures, at a rhythm of their own."""

from typing import assert_never, cast, get_args

from lettershop.language.tree import (
    Aggregate,
    Change,
    Condition,
    CountOf,
    Duration,
    Events,
    Extreme,
    Last,
    Measure,
    MeasureTest,
    Moved,
    Number,
    Rank,
    RecordAggregate,
)
from lettershop.model.clock import HOUR
from lettershop.profile.build import Desk, Draft, common
from lettershop.profile.decay import about
from lettershop.profile.table import Table
from lettershop.profile.traits import Function, Rfm, Rollup

EVERY = Duration(1, "hour")
LEAST = HOUR // 12
_OTHERS = ("account.", "membership.")
AGGREGATES = ("sum", "average", "maximum", "minimum")


def rfm(table: Table) -> Draft:
    desk = Desk(table, "rfm")
    table.need("event", "amount")
    names, amount, currency = table.texts("event"), table.text("amount"), table.text("currency")
    within, where = table.duration("within"), table.condition("where")
    every = _every(table)
    window = Last(within) if within else None
    events = Events(names, "own", window, where.tree if where else None)
    if names and amount:
        total = Aggregate("sum", amount, events, currency or None)
        tested = MeasureTest(total, ">", 0)
        desk.ask(where or table.made(tested, "amount"), tested)
    return desk.draft(
        lambda: Rfm(
            **common(desk), events=events, amount=amount, currency=currency or None, every=every
        )
    )


def rollup(table: Table) -> Draft:
    """Over people: `function`, `of` and `who`; of the subject itself: `value`."""
    own = "value" in table.values
    if not own:
        table = Table(table.page, table.path, {"subject": "account", **table.values})
    desk = Desk(table)
    if not own and desk.subject == "contact":
        message = "only accounts have people to roll up; of a contact say “value”"
        table.say("trait.subject", message, "subject")
    return _of_own(desk) if own else _of_people(desk)


def _of_own(desk: Desk) -> Draft:
    table = desk.table
    found, every = table.measure("value"), _every(table)
    if found:
        desk.ask(found[0], tested(found[1]))
    return desk.draft(
        lambda: Rollup(
            **common(desk),
            function="own",
            measure=found[1] if found else None,
            who=None,
            text=found[0].text if found else "",
            every=every,
        )
    )


def _of_people(desk: Desk) -> Draft:
    table = desk.table
    table.need("function")
    choices = tuple(f for f in get_args(Function) if f != "own")
    function = cast(Function, table.choice("function", choices, "count"))
    who, every, found = table.condition("who"), _every(table), table.measure("of")
    if who:
        desk.ask(who, who.tree, "people")
    if function in AGGREGATES:
        table.need("of")
    elif found:
        table.say("trait.not_needed", f"{function} counts people: it needs no “of”", "of")
    if found:
        desk.ask(found[0], tested(found[1]), "contact")
        _refuse_account(table, found[1])
    text = " ".join(
        [function, *([found[0].text] if found else []), *([f"who ({who.text})"] if who else [])]
    )
    return desk.draft(
        lambda: Rollup(
            **common(desk),
            function=function,
            measure=found[1] if found else None,
            who=who.tree if who else None,
            text=text,
            every=every,
        )
    )


def _refuse_account(table: Table, measure: Measure) -> None:
    """What is measured is each person's own."""
    match measure:
        case Number(field=path) | Change(field=path) if path.startswith(_OTHERS):
            message = f"{path} is not a number of the person"
        case CountOf(events=Events(scope="account")) | Aggregate(events=Events(scope="account")):
            message = "these events are the account's: say them as “value”"
        case _:
            return
    table.say("trait.measure", message, "of")


def _every(table: Table) -> int:
    """How often it is worked out, in milliseconds."""
    duration = table.duration("every", EVERY) or EVERY
    every = about(duration)
    if every < LEAST:
        table.say("trait.range", "“every” is at least 5 minutes", "every")
    return max(every, LEAST)


def tested(what: Measure) -> Condition:
    """A condition that needs the measured column and is checked as the measure is."""
    match what:
        case Number():
            return Rank("top", 1, False, what)
        case Change(field=field, duration=duration):
            return Moved(field, "rose", duration)
        case CountOf() | Aggregate() | RecordAggregate() | Extreme():
            return MeasureTest(what, ">", 0)
        case _:
            assert_never(what)
