"""Builders of and/or/not, whose account, measures of fields and records, people, segments."""

from typing import Any

import msgspec
from lark import Token
from lark.tree import Meta

from lettershop.language import tree as t
from lettershop.language.text.build_events import Measured
from lettershop.language.text.site import Parts, Rules, Site, span_of
from lettershop.language.words import is_valid_kind, plural, singular


def start(_site: Site, _meta: Meta, parts: Parts) -> Any:
    return parts[0]


def disjunction(site: Site, meta: Meta, parts: Parts) -> Any:
    return site.mark(t.Or(tuple(parts)), meta)


def conjunction_of(site: Site, meta: Meta, parts: Parts) -> Any:
    return site.mark(t.And(tuple(parts)), meta)


def negation_of(site: Site, meta: Meta, parts: Parts) -> Any:
    return site.mark(t.Not(parts[0]), meta)


def held(site: Site, meta: Meta, parts: Parts) -> Any:
    test, duration = parts
    if isinstance(test, t.DateTest | t.Anniversary | t.Near):
        message = "only a value can be held for a time, not a date or a distance"
        site.problem("language.misplaced", message, span_of(meta))
    return site.mark(t.Held(test, duration), meta)


def moved(site: Site, meta: Meta, parts: Parts) -> Any:
    field, direction, by, duration = parts
    amount = site.number(by) if by is not None else None
    node = t.Moved(site.field(field), direction, duration, amount)
    return site.mark(node, meta, field=field, value=by)


def everyone(site: Site, meta: Meta, _parts: Parts) -> Any:
    return site.mark(t.Everyone(), meta)


def random(site: Site, meta: Meta, parts: Parts) -> Any:
    node = t.Random(site.number(parts[0]), site.text(parts[1]))
    return site.mark(node, meta, value=parts[0])


# --- whose --------------------------------------------------------------------------------------


def of_account(site: Site, meta: Meta, parts: Parts) -> Any:
    """The same condition with scope account."""
    old = parts[0]
    try:
        new = _with_account(old, site)
    except _Here as here:
        message = "account and in this account say different things"
        hint = "account did … counts everybody's events, did … in this account the person's own"
        site.problem("language.two_scopes", message, site.spans.of(here.events), hint)
        return old
    site.spans.move(old, new, span_of(meta))
    return new


class _Here(Exception):
    def __init__(self, events: t.Events) -> None:
        self.events = events


def _with_account(node: Any, site: Site) -> Any:
    match node:
        case t.Events(scope="here"):
            raise _Here(node)
        case t.Did(events=inner) | t.EdgeTime(events=inner) | t.TimeSince(events=inner):
            changes = {"events": _with_account(inner, site)}
        case t.EdgeValue(events=inner) | t.CountOf(events=inner) | t.Aggregate(events=inner):
            changes = {"events": _with_account(inner, site)}
        case t.Sequence(first=inner):
            changes = {"first": _with_account(inner, site)}
        case t.MeasureTest(measure=inner) | t.MeasureWithin(measure=inner):
            changes = {"measure": _with_account(inner, site)}
        case t.Extreme(field=field):
            message = "account does not fit here: a field says itself whose it is"
            hint = f"{node.which} account.{field} within …"
            site.problem("language.misplaced", message, site.spans.of(node), hint)
            return node
        case _:
            changes = {"scope": "account"}
    new = msgspec.structs.replace(node, **changes)
    site.spans.move(node, new)
    return new


def not_of_account(site: Site, meta: Meta, parts: Parts) -> Any:
    return site.mark(t.Not(of_account(site, meta, parts)), meta)


# --- measures -----------------------------------------------------------------------------------


def _bare(site: Site, measure: Any) -> Any:
    return measure.bare(site) if isinstance(measure, Measured) else measure


def measure_test(site: Site, meta: Meta, parts: Parts) -> Any:
    measure, op, value = parts
    measure = _bare(site, measure)
    return site.mark(t.MeasureTest(measure, op, site.number(value)), meta, value=value)


def measure_within(site: Site, meta: Meta, parts: Parts) -> Any:
    measure, low, high = parts
    node = t.MeasureWithin(measure, site.number(low), site.number(high))
    return site.mark(node, meta, value=low)


def extreme(site: Site, meta: Meta, parts: Parts) -> Any:
    which, field, duration = parts
    window = site.mark(t.Last(duration), meta)
    return site.mark(t.Extreme(which, site.field(field), window), meta, field=field)


def extreme_calendar(site: Site, meta: Meta, parts: Parts) -> Any:
    which, field, n, unit = parts
    calendar = site.unit(unit, ("day", "week", "month", "quarter", "year"))
    window = site.mark(t.LastCalendar(site.whole(n), calendar), meta)
    return site.mark(t.Extreme(which, site.field(field), window), meta, field=field)


def account_measure(site: Site, meta: Meta, parts: Parts) -> Any:
    return of_account(site, meta, [_bare(site, parts[0])])


def number(site: Site, meta: Meta, parts: Parts) -> Any:
    return site.mark(t.Number(site.field(parts[0])), meta, field=parts[0])


def change(site: Site, meta: Meta, parts: Parts) -> Any:
    field, duration = parts
    return site.mark(t.Change(site.field(field), duration), meta, field=field)


def rank(site: Site, meta: Meta, parts: Parts) -> Any:
    end, n, measure = parts
    node = t.Rank(end, site.whole(n), False, _bare(site, measure))
    return site.mark(node, meta, value=n)


def rank_percent(site: Site, meta: Meta, parts: Parts) -> Any:
    end, n, measure = parts
    node = t.Rank(end, site.number(n), True, _bare(site, measure))
    return site.mark(node, meta, value=n)


# --- people and records -------------------------------------------------------------------------


class Crowd(msgspec.Struct):
    """`people with role "admin" who (…)`."""

    roles: list[Token] | None
    who: Any


def crowd(_site: Site, _meta: Meta, parts: Parts) -> Any:
    return Crowd(parts[1], parts[2])


def role(_site: Site, _meta: Meta, parts: Parts) -> Any:
    return parts[0] if isinstance(parts[0], list) else parts


def who(_site: Site, _meta: Meta, parts: Parts) -> Any:
    return parts[0]


def _people(site: Site, meta: Meta, crowd: Crowd, value: Token | None, **fields: Any) -> Any:
    roles = site.texts(crowd.roles or [])
    node = t.People(roles=roles, who=crowd.who, **fields)
    first = crowd.roles[0] if crowd.roles else None
    return site.mark(node, meta, value=value, role=first)


def has_people(site: Site, meta: Meta, parts: Parts) -> Any:
    count, n, crowd = parts
    return _people(site, meta, crowd, n, quantity="count", count=count, n=site.whole(n))


def has_percent(site: Site, meta: Meta, parts: Parts) -> Any:
    count, n, crowd = parts
    return _people(site, meta, crowd, n, quantity="percent", count=count, n=site.number(n))


def has_no_people(site: Site, meta: Meta, parts: Parts) -> Any:
    return _people(site, meta, parts[0], None, quantity="count", count="exactly", n=0)


def all_people(site: Site, meta: Meta, parts: Parts) -> Any:
    return _people(site, meta, parts[0], None, quantity="all")


def record_kind(site: Site, token: Token) -> str:
    written = site.field(token)
    kind = singular(written)
    if not is_valid_kind(kind):
        message, hint = f"“{written}” cannot be a kind of record", "has a deal where (…)"
        site.problem("language.bad_kind", message, span_of(token), hint)
    elif written not in (kind, plural(kind)):
        message = f"“{written}” is neither one {kind} nor {plural(kind)}"
        site.problem("language.bad_kind", message, span_of(token), plural(kind))
    return kind


def _has(site: Site, meta: Meta, token: Token, where: Any, **fields: Any) -> Any:
    condition = where.value if where is not None else None
    node = t.HasRecord(record_kind(site, token), where=condition, **fields)
    return site.mark(node, meta, kind=token)


def has_record(site: Site, meta: Meta, parts: Parts) -> Any:
    return _has(site, meta, parts[-2], parts[-1])


def has_no_record(site: Site, meta: Meta, parts: Parts) -> Any:
    return _has(site, meta, parts[0], parts[1], count="exactly", n=0)


def has_records(site: Site, meta: Meta, parts: Parts) -> Any:
    count, n, kind, where = parts
    return _has(site, meta, kind, where, count=count, n=site.whole(n))


def record_aggregate(site: Site, meta: Meta, parts: Parts) -> Any:
    function, field, currency, kind, where = parts
    condition = where.value if where is not None else None
    code = str(currency) if currency is not None else None
    name = record_kind(site, kind)
    node = t.RecordAggregate(function, site.field(field), name, where=condition, currency=code)
    return site.mark(node, meta, field=field, kind=kind, currency=currency)


# --- segments -----------------------------------------------------------------------------------


def known_for(site: Site, meta: Meta, parts: Parts) -> Any:
    return site.mark(t.KnownFor(parts[0]), meta)


def in_segment(site: Site, meta: Meta, parts: Parts) -> Any:
    return site.mark(t.InSegment(site.text(parts[0])), meta, name=parts[0])


def _history(move: Any) -> Any:
    def build(site: Site, meta: Meta, parts: Parts) -> Any:
        node = t.SegmentHistory(site.text(parts[0]), move, parts[1])
        return site.mark(node, meta, name=parts[0])

    return build


RULES: Rules = {
    **{
        rule.__name__: rule
        for rule in (
            *(start, disjunction, conjunction_of, negation_of, held, moved, everyone, random),
            *(of_account, not_of_account, measure_test, measure_within, extreme),
            *(
                extreme_calendar,
                account_measure,
                number,
                change,
                rank,
                rank_percent,
                crowd,
                role,
                who,
                has_people,
            ),
            *(has_percent, has_no_people, all_people, has_record, has_no_record, has_records),
            *(record_aggregate, known_for, in_segment),
        )
    },
    "entered_segment": _history("entered"),
    "left_segment": _history("left"),
    "stayed_in_segment": _history("stayed"),
}
