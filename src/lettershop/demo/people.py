"""Who: firms and the people in them, as plain descriptions the other modules write facts about."""

from collections.abc import Sequence
from datetime import date
from random import Random

import msgspec

from lettershop.demo import words
from lettershop.model.clock import DAY, HOUR, from_ms
from lettershop.model.values import fold

TRIAL = 30 * DAY
HISTORY = 730 * DAY


class Firm(msgspec.Struct, kw_only=True):
    """A customer firm. `plans` are its (time, plan) changes, first the trial; `quiet` is when its
    people stopped coming, None for most."""

    id: str
    name: str
    domain: str
    place: words.Place
    industry: str
    employees: int | None
    start: int
    plans: list[tuple[int, str]]
    manager: str
    quiet: int | None = None


class Stay(msgspec.Struct, frozen=True):
    """A person at a firm, from `joined` until `left`."""

    firm: Firm
    role: str
    joined: int
    left: int | None = None


class Person(msgspec.Struct, kw_only=True):
    """`user_id` is empty for leads known by address alone. `level` is how eager they are, around 1
    with a long tail; `weekday` the day of the week they like (0 = Monday)."""

    user_id: str
    email: str
    first: str
    last: str
    title: str
    place: words.Place
    signup: int
    level: float
    weekday: int
    stays: list[Stay]
    consumer: bool = False
    quiet: int | None = None

    @property
    def identity(self) -> str:
        return f"user:{self.user_id}" if self.user_id else f"email:{self.email}"

    def firm_at(self, moment: int) -> Firm | None:
        """The firm they act for at a moment: the one joined last."""
        here = [s for s in self.stays if s.joined <= moment and (s.left is None or moment < s.left)]
        return here[-1].firm if here else None


def firms(count: int, today: int, random: Random) -> list[Firm]:
    names = [f"{a}{b}" for a in words.FIRM_START for b in words.FIRM_END]
    chosen = random.sample(names, min(count, len(names)))
    return [_firm(f"A{n + 1:04}", chosen[n % len(chosen)], today, random) for n in range(count)]


def _firm(key: str, name: str, today: int, random: Random) -> Firm:
    place = _place(random)
    oldest = today - (45 * DAY if random.random() < 0.08 else HISTORY)
    start = _moment(oldest, today - DAY, random, growth=0.85)
    form = words.FIRM_FORM.get(place.country, "Ltd.")
    firm = Firm(
        id=key,
        name=f"{name} {form}",
        domain=f"{fold(name)}-{key.lower()}.example",
        place=place,
        industry=random.choice(words.INDUSTRIES),
        employees=_employees(random),
        start=start,
        plans=_plans(start, today, random),
        manager=random.choice(words.MANAGERS),
    )
    if firm.plans[-1][1] == "expired":
        firm.quiet = firm.plans[-1][0]
    elif random.random() < 0.07:
        firm.quiet = random.randrange(start, today)
    return firm


def _employees(random: Random) -> int | None:
    low, high = random.choices(
        [(0, 0), (1, 1), (2, 10), (11, 50), (51, 200), (201, 4000)], [4, 11, 26, 31, 19, 9]
    )[0]
    return random.randint(low, high) or None


def _plans(start: int, today: int, random: Random) -> list[tuple[int, str]]:
    """A trial of thirty days, then a plan or none; later perhaps another."""
    plans = [(start, "trial")]
    moment = start + random.randrange(3 * DAY, TRIAL)
    if random.random() < 0.3:
        moment = start + TRIAL
        plans.append((moment, "expired"))
    else:
        plans.append((moment, random.choices(words.PLANS, [5, 4, 2])[0]))
        while random.random() < 0.45:
            moment += random.randrange(30 * DAY, 300 * DAY)
            plans.append((moment, random.choices(words.PLANS, [2, 4, 3])[0]))
    kept = [p for n, p in enumerate(plans) if p[0] < today and (n == 0 or plans[n - 1][1] != p[1])]
    return kept


def people(count: int, all_firms: Sequence[Firm], today: int, random: Random) -> list[Person]:
    """`count` contacts: most at a firm, about one in twelve without one."""
    without = count // 12
    staff = [*all_firms]
    roomy = [f for f in all_firms if (f.employees or 12) > 1]
    weights = [min(f.employees or 12, 120) ** 0.8 for f in roomy]
    staff += random.choices(roomy, weights, k=max(0, count - without - len(staff)))
    seats: dict[str, int] = {}
    found = []
    for number, firm in enumerate(staff[: count - without]):
        seats[firm.id] = seats.get(firm.id, 0) + 1
        found.append(_person(number + 1, firm, seats[firm.id] == 1, today, random))
    for person in found:
        _wander(person, all_firms, today, random)
    lone = [_person(len(found) + n + 1, None, False, today, random) for n in range(without)]
    return found + lone


def _person(number: int, firm: Firm | None, founder: bool, today: int, random: Random) -> Person:
    first, last = random.choice(words.FIRST), random.choice(words.LAST)
    local = f"{_ascii(first)}.{_ascii(last)}{number}"
    start = firm.start if firm else today - HISTORY
    until = firm.quiet if firm and firm.quiet is not None else today - HOUR
    signup = start if founder else _moment(start, until, random, growth=0.9)
    consumer = firm is None and random.random() < 0.4
    domain = firm.domain if firm else "mailbox.example" if consumer else f"web{number}.example"
    person = Person(
        user_id=f"U{number:05}" if firm or random.random() < 0.35 else "",
        email=f"{local}@{domain}",
        first=first,
        last=last,
        title=_pick(words.TITLES, random),
        place=firm.place if firm and random.random() < 0.8 else _place(random),
        signup=signup,
        level=random.lognormvariate(0, 1.1),
        weekday=random.randrange(5),
        stays=[],
        consumer=consumer,
        quiet=random.randrange(signup, today) if random.random() < 0.15 else None,
    )
    if firm:
        role = "admin" if founder else random.choices(["admin", "member", "viewer"], [2, 7, 3])[0]
        person.stays.append(Stay(firm, role, signup))
    return person


def _wander(person: Person, all_firms: Sequence[Firm], today: int, random: Random) -> None:
    """Some people change firms, some work for two."""
    chance = random.random()
    if chance > 0.07 or person.signup > today - 3 * DAY:
        return
    other = random.choice(all_firms)
    stay = person.stays[0]
    moment = random.randrange(max(person.signup, other.start), today)
    if other is stay.firm:
        return
    if chance < 0.03:
        person.stays[0] = Stay(stay.firm, stay.role, stay.joined, left=moment)
    person.stays.append(Stay(other, "member", moment))


def _moment(low: int, high: int, random: Random, growth: float) -> int:
    """A working-hours moment between the two; `growth` below 1 favours the later ones."""
    moment = low + int((high - low) * random.random() ** growth)
    return max(low, moment - moment % DAY + int((7 + 10 * random.random()) * HOUR) - DAY)


def _place(random: Random) -> words.Place:
    return random.choices(words.PLACES, [p.weight for p in words.PLACES])[0]


def _pick(table: Sequence[tuple[str, int]], random: Random) -> str:
    return random.choices([t for t, _ in table], [w for _, w in table])[0]


def _ascii(name: str) -> str:
    plain = fold(name).translate(str.maketrans("áéíóúüöäøłñëçß", "aeiouuoaolnecs"))
    return "".join(c for c in plain if c.isascii() and c.isalnum())


def local_day(instant: int) -> date:
    return from_ms(instant).date()
