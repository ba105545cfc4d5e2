"""Builders of tests of one value, of windows and durations."""

from typing import Any

from lark import Token
from lark.tree import Meta

from lettershop.language import tree as t
from lettershop.language.text.site import Parts, Rules, Site, span_of

UNITS = ("minute", "hour", "day", "week", "month", "year")
CALENDAR = ("day", "week", "month", "quarter", "year")


class Tail:
    """A test still without its field; `on` makes the node. `at`: where its value stands."""

    def __init__(self, kind: type[Any], at: Token | None = None, /, **fields: Any) -> None:
        self.kind, self.at, self.fields = kind, at, fields

    def on(self, site: Site, meta: Meta, field: Token) -> Any:
        node = self.kind(field=site.field(field), **self.fields)
        return site.mark(node, meta, field=field, value=self.at)


def value_test(site: Site, meta: Meta, parts: Parts) -> Any:
    field, tail = parts
    return tail.on(site, meta, field)


def token(_site: Site, _meta: Meta, parts: Parts) -> Any:
    return parts[0]


def joined(_site: Site, _meta: Meta, parts: Parts) -> Any:
    return " ".join(parts)


def tokens(_site: Site, _meta: Meta, parts: Parts) -> Any:
    return parts


def compare(site: Site, _meta: Meta, parts: Parts) -> Any:
    op, literal = parts
    return Tail(t.Compare, literal, op=op, value=site.literal(literal))


def compare_exactly(site: Site, _meta: Meta, parts: Parts) -> Any:
    op, literal = parts
    return Tail(t.Compare, literal, op=op, value=site.literal(literal), exact=True)


def is_true(_site: Site, _meta: Meta, _parts: Parts) -> Any:
    return Tail(t.Compare, op="=", value=True)


def is_false(_site: Site, _meta: Meta, _parts: Parts) -> Any:
    return Tail(t.Compare, op="=", value=False)


def is_known(_site: Site, _meta: Meta, _parts: Parts) -> Any:
    return Tail(t.IsKnown)


def is_unknown(_site: Site, _meta: Meta, _parts: Parts) -> Any:
    return Tail(t.IsKnown, negated=True)


def between_numbers(site: Site, _meta: Meta, parts: Parts) -> Any:
    return Tail(t.Within, parts[0], low=site.number(parts[0]), high=site.number(parts[1]))


def not_between_numbers(site: Site, meta: Meta, parts: Parts) -> Any:
    tail = between_numbers(site, meta, parts)
    tail.fields["negated"] = True
    return tail


def _one_of(site: Site, parts: Parts, *, negated: bool = False, exact: bool = False) -> Tail:
    literals = parts[0]
    values = tuple(site.literal(literal) for literal in literals)
    if exact and not all(isinstance(value, str) for value in values):
        message, hint = "exactly is only for texts", "leave out exactly"
        site.problem("language.exactly_text", message, span_of(literals[0]), hint)
    return Tail(t.OneOf, literals[0], values=values, negated=negated, exact=exact)


def one_of(site: Site, _meta: Meta, parts: Parts) -> Any:
    return _one_of(site, parts)


def one_of_exactly(site: Site, _meta: Meta, parts: Parts) -> Any:
    return _one_of(site, parts, exact=True)


def not_one_of(site: Site, _meta: Meta, parts: Parts) -> Any:
    return _one_of(site, parts, negated=True)


def not_one_of_exactly(site: Site, _meta: Meta, parts: Parts) -> Any:
    return _one_of(site, parts, negated=True, exact=True)


def includes(site: Site, _meta: Meta, parts: Parts) -> Any:
    how, strings = parts
    return Tail(t.Includes, strings[0], how=how, values=site.texts(strings))


def matches(site: Site, _meta: Meta, parts: Parts) -> Any:
    pattern = parts[0]
    if pattern.type == "STRING":
        return Tail(t.Matches, pattern, pattern=site.text(pattern))
    return Tail(t.Matches, pattern, pattern=pattern[1:-1].replace("\\/", "/"))


def does_not_match(site: Site, meta: Meta, parts: Parts) -> Any:
    tail = matches(site, meta, parts)
    tail.fields["negated"] = True
    return tail


def anniversary_today(_site: Site, _meta: Meta, _parts: Parts) -> Any:
    return Tail(t.Anniversary)


def anniversary(_site: Site, _meta: Meta, parts: Parts) -> Any:
    return Tail(t.Anniversary, within=parts[0])


def near(site: Site, _meta: Meta, parts: Parts) -> Any:
    km, latitude, longitude = (site.number(part) for part in parts)
    return Tail(t.Near, parts[0], km=km, latitude=latitude, longitude=longitude)


# --- windows: of fields (tails) and of events ---------------------------------------------------


def window_tail(_site: Site, _meta: Meta, parts: Parts) -> Any:
    return Tail(t.DateTest, window=parts[0])


def is_today(site: Site, meta: Meta, _parts: Parts) -> Any:
    return Tail(t.DateTest, window=site.mark(t.Today(), meta))


def within_next(site: Site, meta: Meta, parts: Parts) -> Any:
    return Tail(t.DateTest, window=site.mark(t.Next(parts[0]), meta))


def within_next_calendar(site: Site, meta: Meta, parts: Parts) -> Any:
    n, unit = site.whole(parts[0]), site.unit(parts[1], CALENDAR)
    return Tail(t.DateTest, window=site.mark(t.NextCalendar(n, unit), meta))


def duration(site: Site, meta: Meta, parts: Parts) -> Any:
    return site.mark(t.Duration(site.whole(parts[0]), site.unit(parts[1], UNITS)), meta)


def last(site: Site, meta: Meta, parts: Parts) -> Any:
    return site.mark(t.Last(parts[0]), meta)


def last_calendar(site: Site, meta: Meta, parts: Parts) -> Any:
    n, unit = site.whole(parts[0]), site.unit(parts[1], CALENDAR)
    return site.mark(t.LastCalendar(n, unit), meta)


def ago(site: Site, meta: Meta, parts: Parts) -> Any:
    return site.mark(t.Ago(parts[0]), meta)


def between_dates(site: Site, meta: Meta, parts: Parts) -> Any:
    return site.mark(t.Between(site.date(parts[0]), site.date(parts[1])), meta)


def before(site: Site, meta: Meta, parts: Parts) -> Any:
    return site.mark(t.Before(site.date(parts[0])), meta)


def after(site: Site, meta: Meta, parts: Parts) -> Any:
    return site.mark(t.After(site.date(parts[0])), meta)


def on_date(site: Site, meta: Meta, parts: Parts) -> Any:
    return site.mark(t.On(site.date(parts[0], day=True)), meta)


def today(site: Site, meta: Meta, _parts: Parts) -> Any:
    return site.mark(t.Today(), meta)


RULES: Rules = {
    rule.__name__: rule
    for rule in (
        *(value_test, compare, compare_exactly, is_true, is_false, is_known, is_unknown),
        *(between_numbers, not_between_numbers, one_of, one_of_exactly, not_one_of),
        *(not_one_of_exactly, includes, matches, does_not_match, anniversary_today, anniversary),
        *(near, window_tail, is_today, within_next, within_next_calendar, duration, last),
        *(last_calendar, ago, between_dates, before, after, on_date, today),
    )
} | {
    **dict.fromkeys(("field", "kind", "pattern"), token),
    **dict.fromkeys(("literals", "strings"), tokens),
    **dict.fromkeys(
        ("compare_op", "comparison", "order_op", "how", "edge", "end", "direction"), joined
    ),
    **dict.fromkeys(("function", "which"), joined),
}
