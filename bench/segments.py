"""Mixed segments like those marketers write, drawn from a seed.

A company asks about the same few things again and again, with other thresholds and in other
combinations: most parts come from pools, and the first of a pool are the most popular.
"""

from collections.abc import Callable, Sequence
from random import Random

from lettershop.language.definition import Definition
from lettershop.language.text.parse import parse
from lettershop.language.tree import Subject

Kind = tuple[int, Subject, Callable[["Draw"], str]]

_EVENTS = (
    '"Page Viewed"', '"Feature Used"', '"Signed In"', '"Document Opened"', '"Report Exported"',
    '"Newsletter Read"', '"Order Completed"', '"Dashboard Viewed"', '"Webinar Attended"',
    '"Support Asked"', '"Pricing Visited"', '"Invoice Viewed"',
)  # fmt: skip
_DAYS = (1, 7, 14, 30, 30, 60, 90, 90, 180, 365)
_TRAITS = (
    'country = "DE"', 'country in ("US", "GB")', 'plan = "pro"', 'plan != "free"',
    'title contains "vp"', 'title = "developer"', "score >= 50", "score < 20",
    "phone is known", "created_at within last 365 days", "score is unknown",
)  # fmt: skip
_FIRMS = (
    "employees between 11 and 50", "employees > 200", 'industry = "Software"',
    'plan = "enterprise"', "renewal_at within next 60 days",
)  # fmt: skip
_WHERES = (
    '"Page Viewed" where (page = "/page/1" or duration > 300)',
    '"Page Viewed" where page = "/page/5"',
    '"Feature Used" where feature in ("Search", "export")',
    '"Product Viewed" where sku = "sku-1"',
    '"Order Completed" where (revenue > 50 and sku != "SKU-5")',
)


class Draw:
    """Parts of segments."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.number = 0
        """Which segment of its kind is being written."""
        self.acts = [f"{self.of(*_EVENTS)} {self.days()}" for _ in range(30)]
        self.details = [f"{self.of(*_WHERES)} {self.days()}" for _ in range(8)]

    def of(self, *choices: object) -> str:
        return str(self.random.choice(choices))

    def popular(self, pool: Sequence[str]) -> str:
        weights = [1 / (n + 4) for n in range(len(pool))]
        return self.random.choices(pool, weights)[0]

    def turn(self, *choices: str) -> str:
        """One after the other: every form appears as soon as there are enough segments."""
        return choices[(self.number - 1) % len(choices)]

    def event(self) -> str:
        return self.of(*_EVENTS)

    def days(self) -> str:
        days = self.of(*_DAYS)
        return "within last 1 day" if days == "1" else f"within last {days} days"

    def act(self) -> str:
        return f"did {self.popular(self.acts)} at least {self.of(1, 2, 3, 5)} times"

    def lack(self) -> str:
        return f"did not {self.popular(self.acts)}"

    def trait(self) -> str:
        return self.of(*_TRAITS)

    def firm(self) -> str:
        return self.of(*_FIRMS)


def _traits(d: Draw) -> str:
    return f"{d.trait()} and ({d.trait()} or not ({d.trait()}))"


def _did(d: Draw) -> str:
    return f"did {d.event()} at least {d.of(1, 2, 3, 5)} times {d.days()}"


def _did_and(d: Draw) -> str:
    return f"{d.act()} and {d.trait()} and {d.lack()}"


def _either(d: Draw) -> str:
    return f"({d.act()} or {_did(d)}) and {d.trait()} and not ({d.act()} and {d.trait()})"


def _did_not(d: Draw) -> str:
    return f"{d.lack()} and {d.lack()} and {d.trait()}"


def _idle(d: Draw) -> str:
    return f"did not anything within last {d.turn('60', '30', '60')} days and {d.trait()}"


def _where(d: Draw) -> str:
    return f"did {d.popular(d.details)} at least {d.of(1, 2)} times and {d.lack()}"


def _sum(d: Draw) -> str:
    event = d.turn('"Order Completed"', '"Order Completed"', '"Invoice Viewed"')
    window = d.of("within last 30 days", "within last 90 days", "within last 365 days", "")
    return f"sum of revenue over {event} {window} >= {d.of(50, 100, 250)} and {d.trait()}"


def _average(d: Draw) -> str:
    function = d.turn("average", "maximum", "minimum")
    return f'{function} of revenue over "Order Completed" {d.days()} > {d.of(20, 40)}'


def _same(d: Draw) -> str:
    what = d.turn(
        '"Flight Booked" at least 2 times with the same destination',
        '"Order Completed" at least 2 times with the same sku',
        '"Page Viewed" at least 3 times with the same page',
    )
    return f"did {what} within last {d.of(180, 365)} days"


def _different(d: Draw) -> str:
    return d.turn(
        f"did {d.event()} on at least {d.of(2, 3)} different days {d.days()}",
        f'count of different sku over "Product Viewed" {d.days()} >= {d.of(2, 4)}',
        f'count of different feature over "Feature Used" {d.days()} >= {d.of(2, 3)}',
    )


def _edge(d: Draw) -> str:
    return d.turn(
        f"first {d.event()} {d.days()}",
        f"last {d.event()} more than {d.of(30, 90)} days ago and {d.trait()}",
        f"time since last {d.event()} > {d.of(30, 60, 90)} days and {d.act()}",
        'last plan over "Plan Changed" = "pro"',
    )


def _sequence(d: Draw) -> str:
    rare = d.of('"Trial Started"', '"Demo Requested"', '"Seat Added"', '"Coupon Used"')
    return d.turn(
        f'did {rare} {d.days()} then "Order Completed" within 14 days',
        'did "Pricing Visited" within last 90 days then "Demo Requested" within 30 days'
        ' without "Support Asked" between',
        'did "Trial Started" within last 180 days then "Teammate Invited" within 30 days'
        ' then "Seat Added" within 60 days',
    )


def _account(d: Draw) -> str:
    return d.turn(
        f"account.{d.firm()} and {d.act()}",
        f'membership.role = "admin" and account did {d.event()} at least 10 times {d.days()}',
        f'account has a deal where (stage = "{d.of("open", "won")}" and amount > 5000)'
        f" and {d.lack()}",
    )


def _people(d: Draw) -> str:
    role = d.turn(' with role "admin"', "", ' with role in ("admin", "billing")')
    crowd = d.turn("has at least 3 people", "has at least 50% of people", "has no people")
    return f"{crowd}{role} who (did {d.popular(d.acts)})"


def _firms(d: Draw) -> str:
    return f"{d.firm()} and did {d.popular(d.acts)} at least {d.of(5, 20)} times"


def _records(d: Draw) -> str:
    return d.turn(
        f'has at least 2 deals where stage = "{d.of("won", "lost")}" and {d.firm()}',
        f'sum of amount over deal where (stage = "won") >= {d.of(10000, 30000)}',
    )


def _rank(d: Draw) -> str:
    return d.turn(
        f'among top {d.of(5, 10)}% by sum of revenue over "Order Completed" within last 90 days',
        f"among top 100 by count of {d.popular(d.acts)}",
        "among top 500 by score",
    )


def _reference(d: Draw) -> str:
    return f'in segment "did {d.of(1, 2)}" and not (in segment "sum {d.of(1, 2)}")'


def _moved(d: Draw) -> str:
    way = d.turn("rose", "fell")
    return f"score {way} by at least {d.of(5, 10)} within last {d.of(30, 60)} days"


def _known(d: Draw) -> str:
    return f"known for at least {d.of(30, 365)} days and {d.trait()}"


KINDS: dict[str, Kind] = {
    # name: how many of a hundred, of whom, the text
    "did": (6, "contact", _did),
    "did and": (14, "contact", _did_and),
    "either": (10, "contact", _either),
    "did not": (8, "contact", _did_not),
    "traits": (9, "contact", _traits),
    "where": (8, "contact", _where),
    "sum": (7, "contact", _sum),
    "average": (3, "contact", _average),
    "same": (3, "contact", _same),
    "different": (5, "contact", _different),
    "edge": (6, "contact", _edge),
    "sequence": (3, "contact", _sequence),
    "account": (3, "contact", _account),
    "idle": (3, "contact", _idle),
    "people": (3, "account", _people),
    "firms": (2, "account", _firms),
    "records": (2, "account", _records),
    "rank": (2, "contact", _rank),
    "reference": (1, "contact", _reference),
    "moved": (1, "contact", _moved),
    "known": (1, "contact", _known),
}


def segments(count: int, seed: int) -> list[Definition]:
    """About `count` definitions in the proportions of `KINDS`, at least one of each kind."""
    draw = Draw(seed)
    found = []
    for name, (share, subject, write) in KINDS.items():
        for number in range(1, max(1, round(share * count / 100)) + 1):
            draw.number = number
            text = write(draw)
            where = parse(text).tree
            found.append(
                Definition(name=f"{name} {number}", subject=subject, where=where, text=text)
            )
    return found
