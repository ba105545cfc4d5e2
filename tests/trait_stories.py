"""Derived traits as stories: what is defined, what happens, and which values there are when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engines.telling import company, did, joins, leaves, person

from lettershop.model.facts import AnyFact


@dataclass(frozen=True)
class Story:
    """`then`: for each moment, in order, `ann.lead_score` (of accounts `acme@team_score`) to its
    value. Facts are told when the clock has reached them."""

    title: str
    traits: str
    facts: Sequence[AnyFact]
    then: Mapping[str, Mapping[str, Any]]
    segments: str = ""


SCORE = """
[[score]]
name = "lead_score"
minimum = 0
maximum = 50
[[score.rule]]
when = 'title contains "VP"'
points = 15
[[score.rule]]
name = "pricing"
when = 'did "Pricing Viewed" within last 30 days'
points = 10
[[score.rule]]
when = 'did "Unsubscribed"'
points = -40
"""

FADING = """
[[score]]
name = "warmth"
[[score.rule]]
when = 'did "Demo Requested"'
points = 8
half_life = "10 days"
steps = 3
"""

PER_EVENT = """
[[score]]
name = "reading"
[[score.rule]]
when = 'did "Page Viewed" where area = "docs"'
points = 4
per = "event"
cap = 10
half_life = "7 days"
steps = 2
"""

STAGES = """
[[stage]]
name = "lifecycle_stage"
default = "awareness"
[[stage.label]]
name = "retention"
when = 'did "Order Completed" at least 2 times'
[[stage.label]]
name = "purchase"
when = 'did "Order Completed"'
[[stage.label]]
name = "evaluation"
when = 'lead_score >= 20 or did "Trial Started" within last 30 days'
"""

INTERESTS = """
[[interest]]
tags = ["hr", "payroll"]
threshold = 5
half_life = "10 days"
steps = 2
numbers = true
[[interest.sign]]
event = "Page Viewed"
property = "topic"
points = 4
most = 2
[[interest.sign]]
event = ["Searched"]
property = "query"
contains = true
points = 6
[interest.words]
hr = ["human resources"]
"""

RFM = """
[[rfm]]
event = "Order Completed"
amount = "revenue"
within = "1 year"
"""

ROLLUPS = """
[[score]]
name = "lead_score"
[[score.rule]]
when = 'did "Pricing Viewed"'
points = 10
per = "event"
cap = 50

[[score]]
name = "account_fit"
subject = "account"
[[score.rule]]
when = 'employees >= 50'
points = 20
[[score.rule]]
when = 'has at least 2 people who (lead_score >= 10)'
points = 30

[[rollup]]
name = "best_score"
function = "maximum"
of = "lead_score"
[[rollup]]
name = "mean_score"
function = "average"
of = "lead_score"
[[rollup]]
name = "admins"
function = "count"
who = 'membership.role = "admin"'
[[rollup]]
name = "share_active"
function = "share"
who = 'did anything in this account within last 30 days'
[[rollup]]
name = "views_here"
function = "sum"
of = 'count of "Pricing Viewed" in this account'
[[rollup]]
name = "revenue"
value = 'sum of amount over "Paid" within last 1 year'
subject = "account"
"""


def ordered(who: str, day: str, revenue: float) -> AnyFact:
    return did(who, "Order Completed", f"{day}T10:00Z", revenue=revenue)


STORIES = [
    Story(
        "points add up, fall away with their window, and stay within bounds",
        SCORE,
        [
            person("ann", title="VP Sales"),
            person("bob", title="Clerk"),
            did("ann", "Pricing Viewed", "2026-02-01T09:00Z"),
            did("bob", "Unsubscribed", "2026-02-02T09:00Z"),
            person("bob", "2026-02-20T09:00Z", title="VP Procurement"),
        ],
        {
            "2026-01-31T00:00Z": {"ann.lead_score": 15, "bob.lead_score": 0},
            "2026-02-01T10:00Z": {"ann.lead_score": 25, "bob.lead_score": 0},
            "2026-03-03T08:59Z": {"ann.lead_score": 25, "bob.lead_score": 0},
            "2026-03-03T09:00Z": {"ann.lead_score": 15, "bob.lead_score": 0},
        },
    ),
    Story(
        "somebody new starts with no points, without having done anything",
        SCORE,
        [person("ann"), person("eve", "2026-02-01T09:00Z")],
        {
            "2026-01-31T00:00Z": {"ann.lead_score": 0},
            "2026-02-01T09:00Z": {"ann.lead_score": 0, "eve.lead_score": 0},
        },
    ),
    Story(
        "points are halved for each half-life, then gone; a new event renews them",
        FADING,
        [
            person("ann"),
            did("ann", "Demo Requested", "2026-01-01T00:00Z"),
            did("ann", "Demo Requested", "2026-03-01T00:00Z"),
        ],
        {
            "2026-01-10T23:59Z": {"ann.warmth": 8},
            "2026-01-11T00:00Z": {"ann.warmth": 4},
            "2026-01-21T00:00Z": {"ann.warmth": 2},
            "2026-01-31T00:00Z": {"ann.warmth": 0},
            "2026-03-01T00:00Z": {"ann.warmth": 8},
        },
    ),
    Story(
        "per event: the newest ones count, each with its age, up to the cap",
        PER_EVENT,
        [
            person("ann"),
            did("ann", "Page Viewed", "2026-01-01T00:00Z", area="docs"),
            did("ann", "Page Viewed", "2026-01-02T00:00Z", area="home"),
            did("ann", "Page Viewed", "2026-01-05T00:00Z", area="docs"),
            did("ann", "Page Viewed", "2026-01-06T00:00Z", area="docs"),
            did("ann", "Page Viewed", "2026-01-06T01:00Z", area="docs"),
        ],
        {
            "2026-01-04T00:00Z": {"ann.reading": 4},
            "2026-01-05T12:00Z": {"ann.reading": 8},
            "2026-01-06T00:00Z": {"ann.reading": 10},
            "2026-01-07T00:00Z": {"ann.reading": 10},
            "2026-01-12T12:00Z": {"ann.reading": 10},
            "2026-01-13T00:30Z": {"ann.reading": 8},
            "2026-01-13T12:00Z": {"ann.reading": 6},
            "2026-01-20T12:00Z": {"ann.reading": 0},
        },
    ),
    Story(
        "stages: the first that fits, made from a score, forward and back",
        SCORE + STAGES,
        [
            person("ann", title="VP"),
            person("bob"),
            did("ann", "Pricing Viewed", "2026-02-01T09:00Z"),
            did("bob", "Trial Started", "2026-02-01T09:00Z"),
            ordered("bob", "2026-02-10", 5),
            ordered("bob", "2026-02-12", 5),
        ],
        {
            "2026-01-31T00:00Z": {
                "ann.lifecycle_stage": "awareness",
                "bob.lifecycle_stage": "awareness",
            },
            "2026-02-02T00:00Z": {
                "ann.lifecycle_stage": "evaluation",
                "bob.lifecycle_stage": "evaluation",
            },
            "2026-02-11T00:00Z": {"bob.lifecycle_stage": "purchase"},
            "2026-03-05T00:00Z": {
                "ann.lifecycle_stage": "awareness",
                "bob.lifecycle_stage": "retention",
            },
        },
    ),
    Story(
        "activity by the usual definition and by the workspace's own",
        """
[[activity]]
[[activity]]
name = "logins"
active = 'did "Signed In" within last 7 days'
""",
        [person("ann"), did("ann", "Signed In", "2026-01-01T09:00Z")],
        {
            "2026-01-01T09:00Z": {"ann.activity": "active", "ann.logins": "active"},
            "2026-01-10T00:00Z": {"ann.activity": "active", "ann.logins": "cooling"},
            "2026-02-10T00:00Z": {"ann.activity": "cooling", "ann.logins": "cooling"},
            "2026-04-10T00:00Z": {"ann.activity": "inactive", "ann.logins": "inactive"},
        },
    ),
    Story(
        "interests: tags, other words for them, the strongest first, fading",
        INTERESTS,
        [
            person("ann"),
            person("bob"),
            did("ann", "Page Viewed", "2026-01-01T00:00Z", topic="HR"),
            did("ann", "Page Viewed", "2026-01-02T00:00Z", topic="hr "),
            did("ann", "Searched", "2026-01-03T00:00Z", query="payroll software"),
            did("bob", "Searched", "2026-01-03T00:00Z", query="Human Resources tools"),
            did("bob", "Page Viewed", "2026-01-03T00:00Z", topic="payroll"),
        ],
        {
            "2026-01-01T12:00Z": {"ann.interests": None, "ann.interests_hr": 4},
            "2026-01-04T00:00Z": {
                "ann.interests": ("hr", "payroll"),
                "ann.interests_hr": 8,
                "ann.interests_payroll": 6,
                "bob.interests": ("hr",),
                "bob.interests_payroll": 4,
            },
            "2026-01-12T12:00Z": {"ann.interests": ("payroll",), "ann.interests_hr": 4},
            "2026-02-12T12:00Z": {"ann.interests": None, "ann.interests_hr": 0},
        },
    ),
    Story(
        "RFM: fifths among buyers, ties all in the better one, others unknown",
        RFM,
        [
            *(person(name) for name in "abcdefg"),
            *(ordered("a", day, 100) for day in ("2026-01-01", "2026-01-02", "2026-01-09")),
            ordered("b", "2026-01-08", 50),
            ordered("b", "2026-01-03", 10),
            ordered("c", "2026-01-07", 60),
            ordered("d", "2026-01-06", 5),
            ordered("e", "2026-01-05", 5),
            ordered("f", "2024-01-05", 500),
        ],
        {
            "2026-01-10T00:00Z": {
                "a.rfm": "5-5-5",
                "b.rfm": "4-4-4",
                "c.rfm": "3-3-4",
                "d.rfm": "2-3-2",
                "e.rfm": "1-3-2",
                "e.rfm_recency": 1,
                "f.rfm": None,
                "g.rfm_monetary": None,
            },
        },
    ),
    Story(
        "roll-ups over people and events, and a score of accounts",
        ROLLUPS,
        [
            company("acme", employees=80),
            company("bolt", employees=3),
            *(person(name) for name in ("ann", "bob", "cy")),
            joins("ann", "acme", role="admin"),
            joins("bob", "acme", role="user"),
            joins("bob", "bolt", role="admin"),
            *(did("ann", "Pricing Viewed", f"2026-01-0{d}T09:00Z") for d in (1, 2, 3)),
            did("bob", "Pricing Viewed", "2026-01-05T09:00Z", account="bolt"),
            did(None, "Paid", "2026-01-04T00:00Z", account="acme", amount=250.5),
            leaves("bob", "acme", "2026-02-10T00:00Z"),
        ],
        {
            "2026-01-06T00:00Z": {
                "ann.lead_score": 30,
                "bob.lead_score": 10,
                "acme@best_score": 30,
                "acme@mean_score": 20,
                "acme@admins": 1,
                "acme@share_active": 50,
                "acme@views_here": 3,
                "acme@revenue": 250.5,
                "acme@account_fit": 50,
                "bolt@best_score": 10,
                "bolt@views_here": 1,
                "bolt@share_active": 100,
                "bolt@revenue": 0,
                "bolt@account_fit": 0,
            },
            "2026-02-11T00:00Z": {
                "acme@mean_score": 30,
                "acme@share_active": 0,
                "acme@account_fit": 20,
            },
        },
    ),
    Story(
        "traits and segments lean on each other, and change over time is a question",
        SCORE
        + """
[[stage]]
name = "priority"
default = "low"
[[stage.label]]
name = "high"
when = 'in segment "warming"'
""",
        [
            person("ann", title="VP"),
            did("ann", "Pricing Viewed", "2026-01-05T09:00Z"),
        ],
        {
            "2025-12-28T00:00Z": {"ann.lead_score": 15, "ann.priority": "low"},
            "2026-01-06T00:00Z": {"ann.lead_score": 25, "ann.priority": "high"},
            "2026-01-20T00:00Z": {"ann.priority": "low"},
        },
        segments="[[segment]]\nname = 'warming'\n"
        "where = 'lead_score rose by at least 10 within last 7 days'",
    ),
]
