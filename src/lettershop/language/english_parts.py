"""English for the small things: values, fields, windows, tests of one value."""

from typing import assert_never

from lettershop.language import tree as t
from lettershop.language.operators import OPERATORS, operator_key
from lettershop.language.text.render_values import pattern
from lettershop.language.words import counted, plural, write_number


def quoted(text: str) -> str:
    return f"“{text}”"


def listing(items: list[str], joint: str) -> str:
    """`a, b and c`."""
    return f" {joint} ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def number(value: int | float) -> str:
    """With thousands separated: 10,000."""
    whole, point, decimals = write_number(value).partition(".")
    return f"{int(whole):,}{point}{decimals}" if abs(value) >= 1 else write_number(value)


def field(path: str) -> str:
    """`account.trial_end` as “account's trial end”."""
    words = path.replace("_", " ")
    if path == "membership.role":
        return "role in the account"
    for owner in ("account", "membership"):
        if words.startswith(f"{owner}."):
            return f"{owner}'s {words.removeprefix(f'{owner}.')}"
    return words


def literal(value: t.Scalar, *, exact: bool = False) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f"exactly {quoted(value)}" if exact else quoted(value)
        case _:
            return number(value)


def span(duration: t.Duration) -> str:
    return counted(duration.n, duration.unit)


def lasting(duration: t.Duration) -> str:
    """`the last day`, `the last 30 days`: without the article's adjective."""
    return duration.unit if duration.n == 1 else span(duration)


def window(node: t.FieldWindow) -> str:
    """As it follows “did …” or “is …”."""
    match node:
        case t.Last(duration):
            return f"within the last {lasting(duration)}"
        case t.Next(duration):
            return f"within the next {lasting(duration)}"
        case t.Ago(duration):
            return f"more than {span(duration)} ago"
        case t.Between(start, end):
            return f"between {start} and {end}"
        case t.Before(date):
            return f"before {date}"
        case t.After(date):
            return f"after {date}"
        case t.On(date):
            return f"on {date}"
        case t.Today():
            return "today"
        case t.LastCalendar(n, unit):
            earlier = f" and the {n - 1} calendar {_units(n - 1, unit)} before it" if n > 1 else ""
            return f"in this calendar {unit} so far{earlier}"
        case t.NextCalendar(n, unit):
            return f"in the next {n} calendar {plural(unit)}" if n > 1 else f"next calendar {unit}"
        case _:
            assert_never(node)


def _units(n: int, unit: str) -> str:
    return unit if n == 1 else plural(unit)


def comparison(op: str, value: str) -> str:
    """`is at least 1,000`; of an operator nobody knows, its key."""
    row = OPERATORS.get(op)
    return row.fragment.format(value) if row else f"{op} {value}"


def predicate(test: t.ValueTest) -> str:
    """`title contains “VP”`, `created at is within the last 30 days`."""
    name = field(test.field)
    fragment = OPERATORS[key].fragment if (key := operator_key(test)) in OPERATORS else "{}"
    match test:
        case t.Compare(_, op, value, exact):
            return f"{name} {comparison(op, literal(value, exact=exact))}"
        case t.Within(_, low, high):
            return f"{name} {fragment.format(number(low), number(high))}"
        case t.OneOf(_, values, _, exact):
            options = listing([literal(value, exact=exact) for value in values], "or")
            return f"{name} {fragment.format(options)}"
        case t.Includes(_, how, values):
            joint = "and" if how == "all" else "or"
            return f"{name} {fragment.format(listing([*map(quoted, values)], joint))}"
        case t.Matches(_, expression):
            return f"{name} {fragment.format(pattern(expression))}"
        case t.IsKnown():
            return f"{name} {fragment}"
        case t.DateTest(_, when):
            return f"{name} is {window(when)}"
        case t.Anniversary(_, within):
            when_due = f"within the next {lasting(within)}" if within is not None else "today"
            return f"{name} {fragment.format(when_due)}"
        case t.Near(_, km, latitude, longitude):
            point = f"({write_number(latitude)}, {write_number(longitude)})"
            return f"{name} {fragment.format(number(km), point)}"
        case _:
            assert_never(test)
