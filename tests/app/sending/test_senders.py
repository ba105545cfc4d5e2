"""A sender with all its parts, in this process, with a transport that keeps what it takes."""

import asyncio
from collections.abc import Callable

import msgspec
from app.sending.office import Office, person
from delivery.senders.test_sender import sent

from lettershop.app.sending.parts import make_parts
from lettershop.delivery.ledger import counting
from lettershop.delivery.ledger.content import Recipient
from lettershop.delivery.senders.parts import Parts
from lettershop.delivery.transports import MemoryTransport
from lettershop.model.clock import SystemClock, parse_instant


def parts_of(office: Office, transport: MemoryTransport) -> dict[str, object]:
    made = make_parts(office.folder, office.settings, clock=office.clock)
    made = msgspec.structs.replace(made, transport=transport)
    return {name: getattr(made, name) for name in Parts.__struct_fields__ if name != "transport"}


def nothing_waits(send: int) -> Callable[[], bool]:
    def holds() -> bool:
        states = counting.counts(send).states
        return not any(states[name] for name in ("planned", "leased", "attempting"))

    return holds


def test_letters_that_must_wait_are_deferred_and_nothing_is_lost(office: Office) -> None:
    digest, transport = office.keep(), MemoryTransport()
    zones = {"Eva": "Europe/Berlin", "Ann": "America/New_York"}
    people = [person(digest, n, recipient=Recipient(zone=z)) for n, z in zones.items()]
    people.append(person(digest, "Dee", values={"contact": {"first_name": "Dee"}}))
    rows = office.send(people)
    office.give_back(rows)
    office.clock.at = parse_instant("2026-03-02T21:00Z")
    send, parts = rows[0].send, parts_of(office, transport)
    asyncio.run(sent(office.folder, transport, nothing_waits(send), **parts))  # type: ignore[arg-type]
    found = {row.contact: row for row in counting.rows(send)}
    eva, ann, dee = (found[f"user:{name}"] for name in ("Eva", "Ann", "Dee"))
    assert (eva.state, eva.reason, eva.attempts) == ("deferred", "quiet", 0)
    assert eva.due_at == parse_instant("2026-03-03T06:30Z")
    assert (ann.state, dee.state, dee.reason) == ("accepted", "suppressed", "skip: no city")
    assert [one.id for one in transport.messages] == [ann.id]
    assert counting.counts(send).adds_up


def test_an_edition_that_is_gone_stops_only_its_own_letters(office: Office) -> None:
    digest, transport = office.keep(), MemoryTransport()
    office.clock.at = SystemClock().now()
    people = [person(digest), person("f" * 16, "Ann")]
    rows = office.send(people, "transactional:news", "transactional", "transactional")
    office.give_back(rows)
    send, parts = rows[0].send, parts_of(office, transport)
    asyncio.run(sent(office.folder, transport, nothing_waits(send), **parts))  # type: ignore[arg-type]
    states = counting.counts(send).states
    assert (states["accepted"], states["failed"]) == (1, 1)
