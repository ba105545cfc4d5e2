"""What the sales and support tools know: deals with their stages, tickets."""

from collections.abc import Iterator, Sequence
from random import Random

from lettershop.demo.people import Firm, Person
from lettershop.model.clock import DAY
from lettershop.model.facts import RecordFact

STAGES = ("prospecting", "qualified", "proposal", "negotiation")
SUBJECTS = ("Cannot sign in", "Wrong invoice", "Trip is missing", "Import is slow", "Question")


def records(
    firms: Sequence[Firm], people: Sequence[Person], today: int, random: Random
) -> list[RecordFact]:
    staff: dict[str, list[Person]] = {}
    for person in people:
        for stay in person.stays[:1]:
            staff.setdefault(stay.firm.id, []).append(person)
    found: list[RecordFact] = []
    for firm in firms:
        for number in range(random.choices([0, 1, 2, 3], [2, 4, 3, 1])[0]):
            found += _deal(f"D{firm.id[1:]}-{number}", firm, staff[firm.id], today, random)
        for number in range(int(random.expovariate(0.5))):
            found += _ticket(f"T{firm.id[1:]}-{number}", firm, staff[firm.id], today, random)
    return found


def _deal(
    key: str, firm: Firm, staff: Sequence[Person], today: int, random: Random
) -> Iterator[RecordFact]:
    """One row for each stage it reached."""
    moment = random.randrange(firm.start, today)
    amount = round(random.lognormvariate(8.8, 0.9) * ((firm.employees or 10) / 40) ** 0.3, -2)
    currency = "USD" if firm.place.country in ("US", "CA") else "EUR"
    reached = random.choices([1, 2, 3, 4], [2, 2, 3, 3])[0]
    stages = [*STAGES[:reached]]
    if random.random() < 0.55:
        stages.append(random.choices(["won", "lost"], [5, 4])[0])
    contact = random.choice(staff).identity
    for number, stage in enumerate(stages):
        if moment >= today:
            return
        yield RecordFact(
            kind="deal",
            id=key,
            account=firm.id,
            contact=contact,
            ts=moment,
            received_at=moment,
            message_id=f"deal-{key}-{number}",
            traits={
                "name": f"{firm.name} – seats",
                "stage": stage,
                "amount": f"{amount:.2f}",
                "currency": currency,
                "owner": firm.manager,
            },
        )
        moment += int(random.uniform(2, 40) * DAY)


def _ticket(
    key: str, firm: Firm, staff: Sequence[Person], today: int, random: Random
) -> Iterator[RecordFact]:
    opened = random.randrange(firm.start, today)
    closed = opened + int(random.expovariate(1 / 4) * DAY)
    person = random.choice(staff)
    traits = {
        "subject": random.choice(SUBJECTS),
        "priority": random.choices(["low", "normal", "high"], [3, 5, 2])[0],
    }
    written = [(opened, {**traits, "status": "open"})]
    if closed < today and random.random() < 0.9:
        written.append((closed, {**traits, "status": "closed"}))
    for number, (moment, values) in enumerate(written):
        yield RecordFact(
            kind="ticket",
            id=key,
            account=firm.id,
            contact=person.identity,
            ts=moment,
            received_at=moment,
            message_id=f"ticket-{key}-{number}",
            traits=values,
        )
