"""What `check` says about definitions that do not fit the data: where, and what to try."""

import msgspec
import pytest
from language.shop import CATALOG, SEGMENTS

from lettershop.language import check, parse, tree as t
from lettershop.model.errors import Finding

# subject, text, column, code, a part of the hint; what starts with ? is a warning, ! an info
FINDINGS = [
    # fields, events, properties, records, segments
    ("contact", 'titel = "VP"', 1, "field.unknown", "did you mean title"),
    ("contact", "score > 1 and employees > 3", 15, "field.unknown", "account.employees"),
    ("account", 'title = "VP"', 1, "field.unknown", "people who (title"),
    ("account", 'membership.role = "admin"', 1, "subject.membership", "people who"),
    ("contact", "quantity > 3", 1, "field.unknown", 'property of "Order Completed"'),
    ("contact", 'did "Webinar Atended"', 5, "event.unknown", "Webinar Attended"),
    ("contact", 'did any of ("Signed In", "Nonsense")', 26, "event.unknown", ""),
    ("contact", 'did "Signed In" then "Sined In"', 22, "event.unknown", "Signed In"),
    ("contact", 'did "Signed In" then "Ad Shown" without "Nope" between', 41, "event.unknown", ""),
    ("contact", 'did "Webinar Attended" where topik = "HR"', 30, "property.unknown", "topic"),
    ("contact", 'did "Signed In" at least 2 times with the same topic', 34, "property.unknown", ""),
    ("contact", 'last plam over "Plan Changed" = "pro"', 6, "property.unknown", "plan"),
    ("contact", 'sum of revenu over "Order Completed" > 1', 8, "property.unknown", "revenue"),
    ("contact", "has a deel", 7, "record.unknown", "deal"),
    ("contact", "has a deal where stag = 1", 18, "property.unknown", "stage"),
    ("contact", 'in segment "VP"', 12, "segment.unknown", "VPs"),
    # operators and literals
    ("contact", 'score contains "1"', 1, "operator.type", "numbers have: ="),
    ("contact", "title > 3", 1, "operator.type", "texts have"),
    ("contact", 'tags = "hr"', 1, "operator.type", "include any of"),
    ("contact", "title within last 3 days", 1, "operator.type", ""),
    ("contact", 'created_at = "2026-01-01"', 1, "operator.type", "before"),
    ("contact", "score within 5 km of (1, 2)", 1, "operator.type", ""),
    ("contact", 'score = "ten"', 9, "value.type", ""),
    ("contact", 'score = "10"', 9, "value.type", "write 10"),
    ("contact", "title = 10", 9, "value.type", 'write "10"'),
    ("contact", 'consumer = "yes"', 12, "value.type", ""),
    ("contact", "title is true", 1, "value.type", 'write "true"'),
    ("contact", 'plan = "por"', 8, "?value.unknown", "pro"),
    ("contact", 'plan in ("pro", "gold")', 10, "?value.unknown", ""),
    ("contact", 'membership.role = "admni"', 19, "?value.unknown", "admin"),
    ("contact", 'title = "  "', 9, "?value.blank", "title is unknown"),
    ("contact", "score between 10 and 2", 15, "value.reversed", "between 2 and 10"),
    ("contact", "email matches /(/", 15, "language.bad_pattern", "RE2"),
    ("contact", r"email matches /a(?=b)/", 15, "language.bad_pattern", "look-around"),
    ("contact", "location within 5 km of (91, 2)", 17, "value.place", "latitude"),
    ("contact", "location within 0 km of (1, 2)", 17, "value.distance", ""),
    # windows and counts
    ("contact", "trial_end within next 3 hours", 11, "?window.too_fine", "days"),
    ("contact", "created_at within last 201 years", 24, "window.too_long", ""),
    ("contact", "created_at within last 0 days", 24, "window.too_short", ""),
    ("contact", 'did "Signed In" within last 999999 calendar weeks', 17, "window.too_long", ""),
    ("contact", "created_at between 2026-02-01 and 2026-01-01", 12, "window.reversed", ""),
    ("contact", 'did "Signed In" at least 0 times', 1, "count.pointless", "at least 1"),
    ("contact", 'did "Signed In" fewer than 0 times', 1, "count.pointless", ""),
    ("contact", 'did "Signed In" at least 9999999999 times', 1, "count.number", ""),
    (
        "contact",
        'did "Flight Booked" exactly 2 times with the same destination',
        37,
        "did.same_count",
        "at least",
    ),
    (
        "contact",
        'did "Flight Booked" at least 2 times with the same legs',
        38,
        "property.type",
        "",
    ),
    ("contact", "score rose by at least 0 within last 1 day", 24, "value.number", "leave out"),
    ("contact", "title rose within last 1 day", 1, "field.not_number", ""),
    ("people", 'membership.role = "admin" for at least 3 days', 1, "field.no_history", ""),
    ("contact", 'in random 101% of "x"', 11, "value.percent", ""),
    ("contact", "among top 0% by score", 11, "value.percent", ""),
    ("contact", "among top 0 by score", 11, "count.pointless", ""),
    ("account", "has at least 120% of people", 14, "value.percent", ""),
    # who may say what
    ("contact", "has at least 3 people", 1, "people.scope", "account has"),
    ("people", "all people who (score > 1)", 1, "people.scope", "account all people"),
    ("account", 'did "Signed In" in this account', 5, "subject.here", ""),
    ("account", "has no people who (account has no people)", 20, "people.nested", "segment"),
    ("account", "has no people who (among top 3 by score)", 20, "rank.inside", "segment"),
    ("contact", "among top 3 by account.employees", 16, "rank.account", "account in segment"),
    ("people", 'among top 3 by account count of "Signed In"', 16, "rank.account", ""),
    ("contact", 'in segment "Key accounts"', 12, "segment.subject", "account in segment"),
    ("contact", 'account in segment "VPs"', 20, "segment.subject", 'in segment "VPs"'),
    ("account", 'in segment "VPs"', 12, "segment.subject", "people who (in segment"),
    ("account", 'has no people who (in segment "Key accounts")', 31, "segment.subject", ""),
    ("contact", 'entered segment "VIPs" within last 7 days', 17, "segment.unknown", "VPs"),
    ("account", 'left segment "VPs" within last 7 days', 14, "segment.subject", "people who"),
    ("contact", 'in segment "Key accounts" for at least 1 day', 12, "segment.subject", "account"),
    ("contact", 'did "Signed In" where (did "Ad Shown")', 24, "where.misplaced", "outside"),
    ("contact", 'did "Signed In" where (everyone)', 24, "where.misplaced", ""),
    # money
    ("contact", 'sum of revenue over "Order Completed" > 1', 8, "money.mixed", "in EUR"),
    (
        "contact",
        'sum of revenue over "Order Completed" where (currency = "EUR" or sku = "A") > 1',
        8,
        "money.mixed",
        'where currency = "EUR"',
    ),
    ("contact", 'sum of revenue in USD over "Order Completed" > 1', 19, "money.no_rate", "EUR"),
    ("contact", 'sum of quantity in EUR over "Order Completed" > 1', 20, "money.no_currency", ""),
    ("contact", "sum of value over opportunities > 1", 8, "money.mixed", "coin"),
    ("contact", "sum of stage over deals > 1", 8, "field.not_number", ""),
    # advice
    (
        "contact",
        'did not "Signed In" within last 14 days',
        1,
        "!did.known_for",
        "known for at least 14",
    ),
]


def look(subject: t.Subject, text: str) -> list[Finding]:
    parsed = parse(text)
    return check(
        parsed.tree, subject, CATALOG, segments=SEGMENTS, spans=parsed.spans, source="s.toml"
    )


@pytest.mark.parametrize(("subject", "text", "column", "code", "hint"), FINDINGS)
def test_finding(subject: t.Subject, text: str, column: int, code: str, hint: str) -> None:
    level = {"?": "warning", "!": "info"}.get(code[0], "error")
    found = [f for f in look(subject, text) if f.code == code.lstrip("?!")]
    assert len(found) == 1, look(subject, text)
    assert found[0].span is not None
    assert (found[0].level, found[0].span.column, found[0].source) == (level, column, "s.toml")
    assert hint in found[0].hint


CLEAN = [
    ("contact", 'sum of revenue over "Order Completed" where currency = "eur" > 1'),
    (
        "contact",
        'sum of revenue over "Order Completed" where (sku = "A" and currency in ("EUR")) > 1',
    ),
    ("contact", 'sum of revenue in EUR over "Order Completed" > 1'),
    ("contact", "sum of amount over deals > 1"),
    ("contact", 'plan = " PRO "'),
    ("contact", 'did not "Signed In" within last 14 days and known for at least 14 days'),
    ("contact", 'in segment "Champions" and account in segment "Key accounts"'),
    ("contact", 'did anything where product = "A"'),
    ("people", 'did "Signed In" in this account and in segment "VPs"'),
    ("account", 'has no people who (in segment "VPs" and did "Signed In" in this account)'),
    ("account", "account.employees > 1 and among top 3 by account.employees"),
]


@pytest.mark.parametrize(("subject", "text"), CLEAN)
def test_nothing_to_say(subject: t.Subject, text: str) -> None:
    assert look(subject, text) == []


def test_everything_is_said_at_once_in_the_order_of_the_text() -> None:
    found = look("contact", 'titel = 1 and did "Nope" within last 300 years and in segment "X"')
    assert [f.code for f in found] == [
        "field.unknown",
        "event.unknown",
        "window.too_long",
        "segment.unknown",
    ]


# Trees no text leads to, as they may come from JSON.
DAY = t.Duration(1, "day")
SHAPES = [
    (t.And(()), "tree.parts"),
    (t.Or((t.Everyone(),)), "tree.parts"),
    (t.Compare("title", "like", "x"), "operator.unknown"),
    (t.Compare("title", "between", "x"), "operator.unknown"),
    (t.Compare("score", "=", 1, exact=True), "language.exactly_text"),
    (t.Compare("score", "=", 0.1234567), "value.number"),
    (t.Compare("score", "=", 10**400), "value.number"),
    (t.Within("score", 10**400, 1), "value.reversed"),
    (t.Within("score", 1, float("nan")), "value.number"),
    (t.Random(10**400, "x"), "value.percent"),
    (t.Near("location", 1, 10**400, 0), "value.place"),
    (t.KnownFor(t.Duration(10**400, "day")), "window.too_long"),
    (t.HasRecord("deal", "exactly", 10**400), "count.number"),
    (t.OneOf("title", ()), "value.none"),
    (t.DateTest("created_at", t.Before("yesterday")), "language.bad_date"),
    (t.DateTest("created_at", t.On("2026-01-01T10:00Z")), "language.bad_date"),
    (t.DateTest("created_at", t.After("20260101T1000Z")), "language.bad_date"),
    (t.Did(t.Events(("Order Completed",)), n=2, days=True, same="sku"), "did.days_and_same"),
    (t.Sequence(t.Events(), ()), "sequence.steps"),
    (t.Sequence(t.Events(), (t.Step(()),)), "sequence.names"),
    (t.EdgeTime("first", t.Events(window=t.Today()), t.Last(DAY)), "edge.two_windows"),
    (t.Rank("top", 1.5, False, t.Number("score")), "count.number"),
    (t.People("all", "exactly", 3, scope="account"), "people.all"),
    (
        t.MeasureTest(t.Aggregate("sum", "quantity", t.Events(), "euro"), ">", 1),
        "money.currency",
    ),
]


@pytest.mark.parametrize(("tree", "code"), SHAPES)
def test_odd_shapes(tree: t.Condition, code: str) -> None:
    assert code in [f.code for f in check(tree, "contact", CATALOG, segments=SEGMENTS)]


def test_a_name_with_different_types_in_two_events_fits_either() -> None:
    info = CATALOG.events["Webinar Attended"].properties["topic"]
    other = msgspec.structs.replace(info, type="number")
    searched = msgspec.structs.replace(CATALOG.events["Searched"], properties={"topic": other})
    catalog = msgspec.structs.replace(CATALOG, events={**CATALOG.events, "Searched": searched})
    for test in ('topic contains "x"', "topic > 3"):
        tree = parse(f'did any of ("Webinar Attended", "Searched") where {test}').tree
        assert check(tree, "contact", catalog, segments={}) == []
