"""Sentences that live: their members change with facts and with the clock. Random trees are added;
alone, few of them would say anything."""

from collections.abc import Mapping

from lettershop.language.tree import Subject

_SHARED = (
    'did "Signed In" within last 3 days',
    'did not "Signed In" within last 7 days',
    'did "Order Completed" at least 2 times within last 30 days',
    'did "Order Completed" at least 2 times with the same topic within last 30 days',
    'count of different topic over "Order Completed" within last 1 month >= 2',
    'sum of quantity over any of ("Order Completed", "Signed In") within last 14 days >= 3',
    'minimum of quantity over "Signed In" within last 7 days <= 2',
    'maximum of quantity over "Order Completed" within last 2 weeks > 2',
    'average of quantity over "Signed In" within last 7 days > 1',
    'last topic over "Plan Changed" = "pro"',
    'time since last "Signed In" > 2 days',
    'did "Signed In" within last 30 days then "Order Completed" within 3 days',
    'did "Signed In" within last 7 days then "Plan Changed" within 3 days'
    ' without "Order Completed" between',
    'did "Signed In" more than 3 days ago',
    'did "Signed In" on at least 2 different days within last 5 days',
    "score rose within last 7 days",
    "score >= 3 and known for at least 1 day",
    "highest score within last 7 days >= 5",
    'has a deal where (stage = "pro")',
    "has no ticket where (priority > 1)",
    'sum of amount over deals where (currency = "EUR") >= 5',
    "among top 2 by score",
    'among top 50% by count of "Signed In" within last 10 days',
    'among top 2 by maximum of quantity over "Order Completed" within last 1 month',
)
_CONTACT = (
    "did not anything within last 7 days",
    "did anything within last 2 calendar days",
    'plan = "pro" for at least 3 days',
    "created_at within last 10 days",
    "created_at within next 2 calendar days",
    "birthday has its anniversary within next 7 days",
    'account has at least 2 people who (did "Signed In" within last 7 days)',
    'account did "Order Completed" within last 3 days',
    'account.industry = "pro" and did "Signed In" within last 1 week',
    'did "Signed In" in this account within last 7 days and account.employees >= 2',
    'membership.role = "admin"',
    'account has a deal where (stage = "pro")',
    'sum of revenue in EUR over "Order Completed" within last 30 days >= 1',
    'in segment "contact 1"',
    'not in segment "contact 1"',
    'in segment "contact 1" and in segment "contact 2"',
    'in segment "people 1"',
    'entered segment "contact 1" within last 3 days',
    'left segment "contact 1" within last 7 days and not in segment "contact 2"',
    'in segment "contact 1" for at least 1 day',
    'in segment "people 1" for at least 2 days or entered segment "people 1" within last 1 day',
    'account entered segment "account 1" within last 7 days',
    'account in segment "account 1"',
    'account has at least 2 people who (in segment "contact 1")',
)
_ACCOUNT = (
    "active = true for at least 3 days or score >= 2 for at least 1 day",
    "opened_at within last 10 days",
    "renewal_date within next 3 days",
    'has at least 2 people who (did "Signed In" within last 7 days)',
    'has at least 50% of people with role "admin" who (did anything within last 7 days)',
    'all people who (did not "Order Completed" within last 7 days)',
    "has no people who (score > 2)",
    'in segment "account 1"',
    'in segment "account 1" for at least 2 days',
    'entered segment "account 1" within last 1 month or left segment "account 1" within last 1 day',
    'has at least 1 people who (entered segment "people 1" within last 3 days)',
    'has at least 1 people who (in segment "people 1")',
    'has at least 2 people who (in segment "contact 1")',
)

SENTENCES: Mapping[Subject, tuple[str, ...]] = {
    "contact": (*_SHARED, *_CONTACT),
    "people": (*_SHARED, *_CONTACT),
    "account": (*_SHARED, *_ACCOUNT),
}
