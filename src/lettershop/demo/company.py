"""The whole company as facts: the same for the same size, seed and day."""

from collections.abc import Iterator
from random import Random

import msgspec

from lettershop.demo import activity, blemishes, crm, words
from lettershop.demo.people import HISTORY, TRIAL, Firm, Person, firms, local_day, people
from lettershop.model.clock import DAY, HOUR
from lettershop.model.facts import (
    AccountFact,
    AnyFact,
    ContactFact,
    EventFact,
    MembershipFact,
    RecordFact,
)

EVENTS_PER_CONTACT = 30


class Company(msgspec.Struct, kw_only=True):
    """Facts of each sort, in order of time. `today` is the last moment anything happens."""

    today: int
    accounts: list[AccountFact]
    contacts: list[ContactFact]
    memberships: list[MembershipFact]
    records: list[RecordFact]
    events: list[EventFact]

    def facts(self) -> Iterator[AnyFact]:
        yield from self.accounts
        yield from self.contacts
        yield from self.memberships
        yield from self.records
        yield from self.events


def generate(contacts: int = 2_000, *, seed: int = 7, today: int) -> Company:
    """A company of that many contacts, a tenth as many accounts and thirty times as many events.

    `today`: milliseconds; two years of history end here. Deterministic: no clock is read.
    """

    def stream(part: str) -> Random:
        return Random(f"{seed}:{part}")

    all_firms = firms(max(contacts // 10, 1), today, stream("firms"))
    everyone = people(contacts, all_firms, today, stream("people"))
    for person in everyone:
        _hush(person)
    budget = contacts * EVENTS_PER_CONTACT
    events = activity.events(everyone, all_firms, budget, today, stream("events"))
    company = Company(
        today=today,
        accounts=[f for firm in all_firms for f in _account(firm, today)],
        contacts=[f for p in everyone for f in _contact(p, today, stream(p.identity))],
        memberships=[f for p in everyone for f in _memberships(p)],
        records=crm.records(all_firms, everyone, today, stream("crm")),
        events=blemishes.of_events(events, today, stream("event blemishes")),
    )
    company.accounts = blemishes.of_traits(company.accounts, stream("account blemishes"))
    company.contacts = blemishes.of_traits(company.contacts, stream("contact blemishes"))
    for rows in (company.accounts, company.contacts, company.memberships, company.records):
        rows.sort(key=lambda f: f.order)
    return company


def _hush(person: Person) -> None:
    """Who works at quiet firms only has gone quiet with them."""
    ends = [s.firm.quiet for s in person.stays if s.firm.quiet is not None]
    if ends and len(ends) == len(person.stays):
        person.quiet = max(ends) if person.quiet is None else min(max(ends), person.quiet)
    if person.quiet is not None:
        person.quiet = max(person.quiet, person.signup + HOUR)


def _account(firm: Firm, today: int) -> Iterator[AccountFact]:
    for number, (moment, plan) in enumerate(firm.plans):
        traits: dict[str, object] = {"plan": plan}
        if number == 0:
            traits |= {
                "name": firm.name,
                "industry": firm.industry,
                "employees": firm.employees,
                "country": firm.place.country,
                "timezone": firm.place.zone,
                "account_manager": firm.manager,
                "trial_end_date": str(local_day(firm.start + TRIAL)),
            }
        elif plan in words.PLANS:
            traits["renewal_date"] = _renewal(moment, today)
        yield AccountFact(
            ts=moment,
            received_at=moment,
            message_id=f"account-{firm.id}-{number}",
            account=firm.id,
            traits=traits,
        )


def _renewal(moment: int, today: int) -> str:
    """The next anniversary of a contract, by years of 365 days."""
    years = (today - moment) // (365 * DAY) + 1
    return str(local_day(moment + years * 365 * DAY))


def _contact(person: Person, today: int, random: Random) -> Iterator[ContactFact]:
    place = person.place
    traits: dict[str, object] = {
        "name": f"{person.first} {person.last}",
        "title": person.title,
        "phone": f"{place.dial} 555 {random.randrange(10_000):04}",
        "region": place.region,
        "country": place.country,
        "timezone": place.zone,
        "location": f"{_near(place.latitude, random)}, {_near(place.longitude, random)}",
        "tags": _tags(person, random),
        "customer_type": "consumer" if person.consumer else "business",
        "sales_rep": random.choice(words.MANAGERS),
        "newsletter": random.random() < 0.7,
        "signup_date": str(local_day(person.signup)),
        "first_name": person.first if random.random() < 0.93 else None,
        "city": place.city if random.random() < 0.9 else None,
        "language": _language(place, random),
    }
    also = (f"email:{person.email}",) if person.user_id else ()
    writes: list[tuple[int, dict[str, object]]] = [(person.signup, traits)]
    writes += [(moment, {"score": score}) for moment, score in _scores(person, today)]
    for number, (moment, written) in enumerate(writes):
        yield ContactFact(
            ts=moment,
            received_at=moment,
            message_id=f"contact-{person.identity}-{number}",
            contact=person.identity,
            also=also,
            traits=written,
        )


def _language(place: words.Place, random: Random) -> str:
    """Most Germans read German; everybody else here is written to in English."""
    return "de" if place.country == "DE" and random.random() < 0.85 else "en"


def _near(degrees: float, random: Random) -> float:
    return round(degrees + random.gauss(0, 0.08), 4)


def _tags(person: Person, random: Random) -> list[str]:
    tags = set(random.choices(words.TAGS, k=random.choice([0, 0, 1, 1, 2])))
    if person.title.startswith(("HR", "Payroll")):
        tags.add(person.title.split()[0].lower())
    return sorted(tags)


def _scores(person: Person, today: int) -> Iterator[tuple[int, int]]:
    """A lead score, reviewed every few weeks: it drifts up while they are active, then down."""
    random = Random(f"score:{person.identity}")
    if random.random() < 0.15:
        return
    score = min(95.0, 20 + 18 * person.level + random.gauss(0, 8))
    moment = max(person.signup, today - HISTORY // 2) + int(random.random() * 3 * DAY)
    while moment < today:
        yield moment, max(0, min(100, round(score)))
        moment += int(random.uniform(20, 70) * DAY)
        asleep = person.quiet is not None and moment > person.quiet
        score = max(0.0, min(100.0, score + random.gauss(-6 if asleep else 2, 8)))


def _memberships(person: Person) -> Iterator[MembershipFact]:
    for number, stay in enumerate(person.stays):
        for joined, moment in ((True, stay.joined), (False, stay.left)):
            if moment is not None:
                yield MembershipFact(
                    ts=moment,
                    received_at=moment,
                    message_id=f"membership-{person.identity}-{number}-{joined}",
                    contact=person.identity,
                    account=stay.firm.id,
                    joined=joined,
                    role=stay.role if joined else None,
                )
