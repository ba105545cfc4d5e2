"""The answer as a whole: many at once as one by one, until when, caps, quiet times, countries."""

import time
from pathlib import Path
from random import Random

import msgspec
import pytest
from consent_desk import Desk
from seeds import seed

from lettershop.compliance.consent import NewConsent, record_many
from lettershop.compliance.gate import Gate
from lettershop.compliance.question import Question, Verdict
from lettershop.compliance.rules import Policy
from lettershop.compliance.suppression import NewSuppression, look_up, suppress_many
from lettershop.compliance.words import METHODS, REASONS
from lettershop.model.clock import DAY, HOUR, parse_instant

ZONES = ("", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Nowhere/None")
COUNTRIES = ("", "DE", "CA", "US", "FR", "XX", "de")
STREAMS = (("marketing", "newsletter"), ("marketing", "offers"), ("marketing", "nonsense"),
           ("transactional", "invoice"), ("plain", ""))  # fmt: skip


def live(desk: Desk, chance: Random, people: list[str]) -> None:
    """Forty things happen, some days apart."""
    for _ in range(40):
        who, purpose = chance.choice(people), chance.choice(("newsletter", "offers"))
        match chance.randrange(9):
            case 0 | 1 | 2:
                said = {"method": chance.choice(METHODS), "imported": chance.random() < 0.3}
                desk.consent(who, purpose, source=chance.choice(("", "Contacts Ltd")), **said)
            case 3:
                desk.unsubscribe(who, chance.choice(("all", "stream:marketing", "topic:events")))
            case 4:
                desk.object(who)
            case 5:
                expires = chance.choice((None, desk.now + chance.randrange(1, 5) * HOUR))
                desk.suppress(who, chance.choice(REASONS[:6]), expires_at=expires)
            case 6:
                desk.choose(who, events=chance.random() < 0.5)
            case 7:
                desk.clock.advance(chance.randrange(30) * HOUR)
            case _:
                known = (f"user:{who}", chance.choice("AB"), "marketing", desk.now)
                desk.ledger.letters.append(known)


def questions(chance: Random, people: list[str], count: int) -> list[Question]:
    made = []
    for _ in range(count):
        stream, purpose = chance.choice(STREAMS)
        who = chance.choice(people)
        made.append(
            Question(
                address=chance.choice((who, who.upper(), f" {who}", "nobody")),
                stream=stream,
                purpose=purpose,
                topic=chance.choice(("", "events", "webinars", "none")),
                contact=f"user:{who}",
                account=chance.choice(("A", "B", "")),
                country=chance.choice(COUNTRIES),
                zone=chance.choice(ZONES),
                hygiene=chance.choice(("", "ok", "role", "invalid", "mistyped")),
                acquired=chance.choice(("", "fair", "CONTACTS ltd")),
            )
        )
    return made


@pytest.mark.parametrize("number", range(4))
def test_many_at_once_are_answered_as_one_by_one(sqlite: Path, number: int) -> None:
    desk, chance = Desk(sqlite), Random(seed() + number)
    people = [f"p{n}@example.com" for n in range(8)]
    live(desk, chance, people)
    asked = questions(chance, people, 60)
    together = desk.gate.may_send_many(asked, desk.now)
    assert together == [desk.gate.may_send(one, desk.now) for one in asked]
    assert len({verdict.allowed for verdict in together}) == 2
    for question, verdict in zip(asked, together, strict=True):
        if verdict.until is not None and question.country != "CA":  # there consent runs out
            assert not desk.gate.may_send(question, verdict.until - 1).allowed
            assert desk.gate.may_send(question, verdict.until).allowed

    counted = desk.gate.may_send_many(asked, desk.now, counting=True)
    one_by_one = []
    for question in asked:
        one_by_one.append(desk.gate.may_send(question, desk.now))
        if one_by_one[-1].allowed:
            letter = (question.contact, question.account, question.stream, desk.now)
            desk.ledger.letters.append(letter)
    assert counted == one_by_one


def test_a_hundred_thousand_are_looked_up_within_a_second_of_work(sqlite: Path) -> None:
    desk = Desk(sqlite)
    people = [f"person{n}@company{n % 9_000}.example" for n in range(100_000)]
    new = [NewSuppression(address=who, reason="bounce") for who in people[:2_000]]
    assert suppress_many(desk.book, new, by="test", at=desk.now) == 2_000
    begun = time.process_time()
    found = look_up(desk.book.hash_many(people), desk.now)
    assert len(found) == 2_000
    assert time.process_time() - begun < 1.5  # measured 0.6; the machine may be busy


def test_ten_thousand_questions_in_a_tenth_of_the_time_allowed(sqlite: Path) -> None:
    desk = Desk(sqlite)
    people = [f"person{n}@company{n % 900}.example" for n in range(10_000)]
    said = [NewConsent(address=w, purpose="newsletter", method="double") for w in people]
    record_many(desk.book, desk.policy, said, by="test", at=desk.now)
    asked = [
        Question(address=who, purpose="newsletter", contact=who, account=f"{n % 900}", country="DE")
        for n, who in enumerate(people)
    ]
    begun = time.process_time()
    answers = desk.gate.may_send_many(asked, desk.now, counting=True)
    assert time.process_time() - begun < 0.8  # measured 0.3
    assert sum(one.allowed for one in answers) == 3 * 900


def test_caps_of_a_contact_and_of_an_account(desk: Desk) -> None:
    desk.consent("a@example.com")
    about = {"contact": "user:a", "account": "acme", "zone": "UTC"}
    for hours, contact in ((50, "user:a"), (1, "user:b"), (2, "user:c")):
        desk.ledger.letters.append((contact, "acme", "marketing", desk.now - hours * HOUR))
    assert desk.ask("a@example.com", **about).allowed
    desk.ledger.letters.append(("user:a", "acme", "plain", desk.now - 3 * HOUR))
    verdict = desk.ask("a@example.com", **about)
    assert [one.code for one in verdict.reasons] == ["cap.contact", "cap.account"]
    first = parse_instant("2026-02-28T07:00Z")
    assert verdict.reasons[0].until == first + 7 * DAY
    assert verdict.reasons[1].until == parse_instant("2026-03-03T00:00Z")
    # the cap ends on a Saturday, which is quiet, and so is Sunday, and Monday until eight
    assert verdict.until == parse_instant("2026-03-09T08:00Z")
    assert desk.ask("a@example.com", stream="transactional", purpose="invoice", **about).allowed
    letters = [("user:a", "acme", "transactional", desk.now)] * 9
    desk.ledger.letters = letters  # what somebody waits for does not count
    assert desk.ask("a@example.com", **about).allowed


@pytest.mark.parametrize(
    ("at", "zone", "country", "until"),
    [
        ("2026-03-02T09:00Z", "UTC", "", None),
        ("2026-03-02T20:00Z", "UTC", "", "2026-03-03T08:00Z"),
        ("2026-03-02T19:59Z", "UTC", "", None),
        ("2026-03-02T07:59Z", "UTC", "", "2026-03-02T08:00Z"),
        ("2026-03-02T19:00Z", "Europe/Berlin", "", "2026-03-03T07:00Z"),
        ("2026-03-02T09:00Z", "America/New_York", "", "2026-03-02T13:00Z"),
        ("2026-03-06T21:00Z", "UTC", "", "2026-03-09T08:00Z"),  # Friday night
        ("2026-04-02T21:00Z", "UTC", "DE", "2026-04-07T08:00Z"),  # Easter
        ("2026-04-02T21:00Z", "UTC", "US", "2026-04-03T08:00Z"),  # no federal holiday
        ("2026-03-28T12:00Z", "Europe/Berlin", "", "2026-03-30T06:00Z"),  # clocks put forward
        ("2026-03-02T20:00Z", "Nowhere/None", "ZZ", "2026-03-03T08:00Z"),
    ],
)
def test_quiet_times(sqlite: Path, at: str, zone: str, country: str, until: str | None) -> None:
    desk = Desk(sqlite)
    desk.clock.at = parse_instant(at)
    desk.consent("a@example.com")
    verdict = desk.ask("a@example.com", zone=zone, country=country)
    assert verdict.allowed is (until is None)
    assert verdict.until == (None if until is None else parse_instant(until))


@pytest.mark.parametrize(
    ("country", "method", "days", "codes", "allowed"),
    [
        ("DE", "double", 0, [], True),
        ("DE", "single", 0, ["AUD-8 country.unproven"], True),
        ("CA", "single", 0, [], True),
        ("CA", "purchase", 729, [], True),
        ("CA", "purchase", 731, ["AUD-8 country.expired"], False),
        ("CA", "inquiry", 180, [], True),
        ("CA", "inquiry", 185, ["AUD-8 country.expired"], False),
        ("CA", "unknown", 0, ["AUD-8 country.unproven"], False),
        ("US", "unknown", 900, [], True),
        ("", "purchase", 0, ["AUD-8 country.unproven"], True),
    ],
)
def test_countries(
    sqlite: Path, country: str, method: str, days: int, codes: list[str], allowed: bool
) -> None:
    desk = Desk(sqlite)
    desk.consent("a@example.com", method=method)
    desk.clock.advance(days * DAY)
    found = [one for one in desk.codes("a@example.com", country=country) if "quiet" not in one]
    assert found == codes
    basis = desk.gate.lawful_basis("a@example.com", "newsletter", desk.now, country=country)
    assert basis.lawful is allowed
    gate = Gate(desk.book, plain_streams(desk), zone="UTC")
    asked = Question(address="a@example.com", purpose="newsletter", country=country)
    assert gate.may_send(asked, desk.now).allowed is allowed


def test_a_weak_proof_does_not_undo_a_strong_one(desk: Desk) -> None:
    desk.consent("a@example.com", method="double")
    desk.clock.advance(HOUR)
    desk.consent("a@example.com", method="purchase")
    assert desk.codes("a@example.com", country="DE") == []


def test_interest_alone(desk: Desk) -> None:
    def answer(country: str) -> Verdict:
        return desk.ask("a@example.com", purpose="offers", country=country)

    assert answer("US").reasons == ()
    assert [answer(c).allowed for c in ("DE", "CA", "US")] == [True, False, True]
    assert "§ 7" in answer("DE").reasons[0].said


def plain_streams(desk: Desk) -> Policy:
    streams = {
        name: msgspec.structs.replace(one, caps=(), quiet=None, account_day=None)
        for name, one in desk.policy.streams.items()
    }
    return msgspec.structs.replace(desk.policy, streams=streams)
