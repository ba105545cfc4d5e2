"""The last question before a letter leaves."""

from collections.abc import Sequence

from app.sending.office import Office, person

from lettershop.app import records
from lettershop.app.sending.parts import make_parts
from lettershop.compliance.book import open_book
from lettershop.compliance.suppression import NewSuppression, suppress
from lettershop.delivery.ledger.content import Recipient
from lettershop.delivery.ledger.rows import Kind, Planned, Row
from lettershop.delivery.models import Message
from lettershop.delivery.senders.parts import Objection, Withheld
from lettershop.model.clock import DAY, HOUR, parse_instant

EVENING = parse_instant("2026-03-02T21:00Z")
HOME = Recipient(zone="UTC")


def asked(office: Office, rows: Sequence[Row]) -> Sequence[Objection]:
    parts = make_parts(office.folder, office.settings, clock=office.clock)
    parts.prepare(rows)
    return parts.may_send(rows)


def stopped(office: Office, address: str) -> None:
    book = open_book(records.secret_key(office.data).encode())
    suppress(book, NewSuppression(address=address), by="tests", at=office.clock.now())


def people(office: Office, *names: str, account: str = "") -> list[Planned]:
    digest = office.keep()
    return [person(digest, name, recipient=HOME, account=account) for name in names]


def test_who_was_suppressed_a_moment_ago_gets_nothing(office: Office) -> None:
    rows = office.send(people(office, "Eva", "Ann"))
    assert asked(office, rows) == [None, None]
    stopped(office, rows[0].address)
    assert asked(office, rows) == ["suppressed.manual", None]


def test_letters_wait_for_the_end_of_the_night_where_the_recipient_is(office: Office) -> None:
    digest = office.keep()
    zones = {"Eva": "Europe/Berlin", "Ann": "America/New_York"}
    rows = office.send([person(digest, n, recipient=Recipient(zone=z)) for n, z in zones.items()])
    office.clock.at = EVENING
    morning = parse_instant("2026-03-03T06:30Z")
    assert asked(office, rows) == [Withheld("deferred", "quiet", morning), None]


def test_a_cap_is_no_reason_to_wait(office: Office) -> None:
    office.send(people(office, "Eva"))
    Message.objects.update(state="accepted", attempted_at=office.clock.now())
    office.clock.advance(HOUR)
    (again,) = office.send(people(office, "Eva"), "campaign:2:1")
    assert asked(office, [again]) == ["cap.contact"]
    office.clock.advance(7 * DAY)
    assert asked(office, [again]) == [None]


def test_letters_asked_about_together_count_for_the_cap_of_their_account(office: Office) -> None:
    rows = office.send(people(office, "Eva", "Ann", "Ben", account="acme"))
    assert asked(office, rows) == [None, None, "cap.account"]


def test_a_letter_that_is_tried_again_does_not_stand_in_its_own_way(office: Office) -> None:
    (row,) = office.send(people(office, "Eva"))
    Message.objects.update(state="attempting", attempted_at=office.clock.now(), attempts=1)
    office.clock.advance(HOUR)
    assert asked(office, [row]) == [None]


def test_what_somebody_waits_for_is_sent_at_night_and_beyond_caps(office: Office) -> None:
    kind: Kind = "transactional"
    made = [person(office.keep(), name, recipient=HOME) for name in ("Eva", "Ann")]
    rows = office.send(made, "transactional:news", kind, "transactional", purpose="receipt")
    office.clock.at = EVENING
    assert asked(office, rows) == [None, None]


def test_our_own_people_are_not_asked(office: Office) -> None:
    rows = office.send([person(office.keep(), recipient=Recipient(zone="UTC", test=True))])
    stopped(office, rows[0].address)
    office.clock.at = EVENING
    assert asked(office, rows) == [None]


def test_a_stream_or_purpose_that_is_gone_lets_nothing_out(office: Office) -> None:
    rows = office.send(people(office, "Eva"), stream="offers")
    assert asked(office, rows) == ["consent.stream"]
    rows = office.send(people(office, "Eva"), "campaign:2:1", purpose="gone")
    assert asked(office, rows) == ["consent.purpose"]


def test_what_consent_toml_says_holds_at_once(office: Office) -> None:
    rows = office.send(people(office, "Eva", "Ann"))
    parts = make_parts(office.folder, office.settings, clock=office.clock)
    parts.prepare(rows)
    assert parts.may_send(rows) == [None, None]
    file = office.folder / "consent.toml"
    said = file.read_text("utf-8")
    file.write_text(said.replace("[purpose.newsletter]", "[purpose.other]"), "utf-8")
    assert parts.may_send(rows) == ["consent.purpose", "consent.purpose"]
    file.write_text(said + "[purpose.newsletter", "utf-8")  # a slip changes nothing
    assert parts.may_send(rows) == ["consent.purpose", "consent.purpose"]
    file.write_text(said, "utf-8")
    assert parts.may_send(rows) == [None, None]
