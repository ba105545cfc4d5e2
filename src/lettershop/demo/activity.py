"""What people did: sessions by working hours and seasons, milestones of their firm, e-mail."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from typing import TypeAlias
from zoneinfo import ZoneInfo

from lettershop.demo import words
from lettershop.demo.people import TRIAL, Firm, Person
from lettershop.model.clock import DAY, HOUR, MINUTE, from_ms, to_ms
from lettershop.model.facts import EventFact

Happened: TypeAlias = tuple[int, Person, str, dict[str, object]]

SEASON = (0.9, 1.0, 1.15, 1.05, 1.1, 1.0, 0.75, 0.6, 1.2, 1.2, 1.1, 0.55)
"""How busy each month is."""
BUSY_DAYS = (1.0, 1.2, 1.2, 1.1, 0.8, 0.12, 0.08)

ACTIONS = (
    ("Page Viewed", 40),
    ("Flight Booked", 17),
    ("Report Exported", 8),
    ("Searched", 6),
    ("Pricing Viewed", 4),
)
EMAIL_EVERY = 45 * DAY


def events(
    everyone: Sequence[Person], firms: Sequence[Firm], budget: int, today: int, random: Random
) -> list[EventFact]:
    """About `budget` events, by time, each with a message id of its own."""
    happened: list[Happened] = []
    for person in everyone:
        happened += _emails(person, today, random)
        happened += _learning(person, today, random)
        happened += _orders(person, today, random)
    first: dict[str, Person] = {}
    for person in everyone:
        for stay in person.stays[:1]:
            first.setdefault(stay.firm.id, person)
    for firm in firms:
        happened += _milestones(firm, first[firm.id], today, random)
    happened += _sessions(everyone, budget - len(happened), today, random)
    happened.sort(key=lambda h: (h[0], h[1].identity, h[2]))
    return [_fact(number, *one) for number, one in enumerate(happened)]


def _fact(
    number: int, moment: int, person: Person, name: str, properties: dict[str, object]
) -> EventFact:
    """One event in four states its account; the rest is attributed when loaded."""
    firm = person.firm_at(moment) if number % 4 == 0 or len(person.stays) > 1 else None
    return EventFact(
        ts=moment,
        received_at=moment,
        message_id=f"e{number:07}",
        name=name,
        contact=person.identity,
        account=firm.id if firm else None,
        properties=properties,
    )


def _sessions(
    everyone: Sequence[Person], budget: int, today: int, random: Random
) -> Iterator[Happened]:
    """Visits until the budget is spent: eager people and long acquaintances come more often."""
    active = [p for p in everyone if p.user_id]
    spans = [max(DAY, (p.quiet or today) - p.signup) for p in active]
    weights = list(
        accumulate(p.level * (s / DAY) ** 0.7 for p, s in zip(active, spans, strict=True))
    )
    while budget > 0:
        person = random.choices(active, cum_weights=weights)[0]
        moment = _visit(person, today, random)
        if moment is None:
            continue
        yield moment, person, "Signed In", {"device": random.choice(["desktop", "phone"])}
        budget -= 1
        for name in random.choices(
            [a for a, _ in ACTIONS], [w for _, w in ACTIONS], k=int(random.expovariate(0.6))
        ):
            moment += random.randrange(20_000, 6 * MINUTE)
            if moment >= today:
                break
            yield moment, person, name, _details(person, name, random)
            budget -= 1


def _visit(person: Person, today: int, random: Random) -> int | None:
    """A moment in local working hours; busy months and the person's own weekday win more often."""
    end = min(person.quiet or today, today)
    if end <= person.signup:
        end = person.signup + 1
    near = random.random() < 0.03
    begin = max(person.signup, end - 45 * DAY) if near else person.signup
    day = from_ms(random.randrange(begin, end))
    liking = BUSY_DAYS[day.weekday()] * SEASON[day.month - 1]
    if day.weekday() == person.weekday:
        liking *= 2
    if random.random() * 2 > liking:
        return None
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(person.place.zone))
    hour = random.triangular(7, 19, random.choice([9.5, 14.5]))
    moment = to_ms(local + timedelta(hours=hour))
    return moment if person.signup <= moment < min(today, end + HOUR) else None


def _details(person: Person, name: str, random: Random) -> dict[str, object]:
    match name:
        case "Page Viewed":
            found: dict[str, object] = {"path": random.choice(words.PAGES)}
            if random.random() < 0.4:
                found["product"] = random.choice(words.PRODUCTS)
            return found
        case "Flight Booked":
            home = Random(person.email).choice(words.DESTINATIONS)
            often = random.random() < 0.35
            return {
                "destination": home if often else random.choice(words.DESTINATIONS),
                "price": f"{random.lognormvariate(5.6, 0.6):.2f}",
                "cabin": random.choices(["economy", "business"], [9, 1])[0],
            }
        case "Report Exported":
            return {"report": random.choice(words.REPORTS), "rows": random.randrange(5, 4_000)}
        case "Searched":
            return {"query": random.choice(words.PRODUCTS).lower()}
        case _:
            return {"plan": random.choice(words.PLANS)}


def _emails(person: Person, today: int, random: Random) -> Iterator[Happened]:
    """A letter every six weeks or so, and what came of it."""
    dead = random.random() < 0.02
    full = random.random() < 0.03
    moment = person.signup + random.randrange(2 * HOUR, EMAIL_EVERY)
    while moment < today - 3 * DAY:
        letter: dict[str, object] = {"campaign": f"letter-{from_ms(moment):%Y-%m}"}
        if dead or (full and random.random() < 0.8):
            kind = "hard" if dead else "soft"
            yield moment + MINUTE, person, "Email Bounced", {**letter, "type": kind}
            if dead:
                return
        else:
            yield moment, person, "Email Delivered", letter
            yield from _response(person, moment, letter, random)
        moment += int(EMAIL_EVERY * random.uniform(0.7, 1.3))


def _response(
    person: Person, moment: int, letter: dict[str, object], random: Random
) -> Iterator[Happened]:
    awake = person.quiet is None or moment < person.quiet
    if random.random() < 0.2:
        yield moment + 2_000, person, "Email Opened", {**letter, "grade": "machine"}
    if awake and random.random() < min(0.75, 0.25 + 0.15 * person.level):
        read = moment + int(random.expovariate(1 / (7 * HOUR))) % (2 * DAY)
        yield read, person, "Email Opened", {**letter, "grade": "human"}
        if random.random() < 0.3:
            product = random.choice(words.PRODUCTS)
            clicked = {**letter, "grade": "human", "product": product}
            yield read + random.randrange(4_000, 90_000), person, "Email Link Clicked", clicked


def _learning(person: Person, today: int, random: Random) -> Iterator[Happened]:
    """Webinars on Wednesdays at four; now and then somebody asks for a demo."""
    end = min(person.quiet or today, today)
    for _ in range(int(random.expovariate(1 / (0.5 + 0.5 * person.level)))):
        recent = random.random() < 0.3
        begin = max(person.signup, end - 60 * DAY) if recent else person.signup
        moment = random.randrange(begin, end + 1)
        moment += (2 - from_ms(moment).weekday()) % 7 * DAY
        moment = moment - moment % DAY + 16 * HOUR + random.randrange(10 * MINUTE)
        if person.signup <= moment < today:
            topic = random.choices(words.TOPICS, [5, 3, 2, 2])[0]
            yield moment, person, "Webinar Attended", {"topic": topic, "title": f"{topic} live"}
    if random.random() < 0.15 and end > person.signup:
        moment = random.randrange(person.signup, end)
        yield moment, person, "Demo Requested", {"product": random.choice(words.PRODUCTS)}


def _orders(person: Person, today: int, random: Random) -> Iterator[Happened]:
    """Travel credit: some buy often and much, a few of them registered as consumers."""
    eager = person.consumer and random.random() < 0.2
    if not eager and random.random() > 0.3:
        return
    end = min(person.quiet or today, today)
    currency = "USD" if person.place.country in ("US", "CA") else "EUR"
    moment = person.signup + int(random.expovariate(1 / 20) * DAY)
    while moment < end:
        quantity = random.randint(40, 200) if eager else max(1, int(random.paretovariate(1.1)))
        quantity = min(quantity, 400)
        yield (
            moment,
            person,
            "Order Completed",
            {
                "sku": random.choice(["credit-100", "credit-500", "lounge-pass"]),
                "quantity": quantity,
                "revenue": f"{quantity * random.choice([49, 95, 190]) * 0.95:.2f}",
                "currency": currency,
            },
        )
        moment += int(random.expovariate(1 / 60) * DAY) + HOUR


def _milestones(firm: Firm, person: Person, today: int, random: Random) -> Iterator[Happened]:
    yield firm.start, person, "Trial Started", {"plan": "trial"}
    over = firm.start + TRIAL
    before = "trial"
    for moment, plan in firm.plans[1:]:
        if before == "trial" and plan != "expired" and random.random() < 0.7:
            order = {"sku": "seats", "quantity": 5, "revenue": f"{5 * words.PRICES[plan]:.2f}"}
            currency = "USD" if firm.place.country in ("US", "CA") else "EUR"
            yield moment, person, "Order Completed", {**order, "currency": currency}
        yield moment + MINUTE, person, "Plan Changed", {"plan": plan, "from": before}
        before = plan
    if over < today and random.random() < 0.9:
        yield over, person, "Trial Ended", {"plan": "trial"}
