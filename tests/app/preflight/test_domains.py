"""Letters that leave this machine: DNS is asked, within bounds, and remembered for some minutes."""

from collections.abc import Iterator

import pytest
from app.preflight.post import SENT, PostRoom, failing

from lettershop.app.preflight.domains import Domains, leaves
from lettershop.app.preflight.examining import Preflight
from lettershop.delivery.dkim import create, dns_record
from lettershop.delivery.dkim.folder import FOLDER
from lettershop.delivery.doctor.names import Answer, Kind, Silent
from lettershop.model.clock import MINUTE, FixedClock
from lettershop.model.settings import Settings

OUT = {
    "smtp": "mx://mail.example.com",
    "public_url": "https://letters.example.com",
    "return_address": "returns@example.com",
    "lmtp": "127.0.0.1:8461",
}


class Zone:
    """DNS from a table; `asked` counts questions. "silent": it does not answer."""

    def __init__(self, records: dict[tuple[str, str], list[str]]) -> None:
        self.records, self.asked = records, 0

    async def ask(self, name: str, kind: Kind) -> Answer:
        self.asked += 1
        found = self.records.get((name, kind))
        if found == ["silent"]:
            raise Silent(f"{name} ({kind})")
        known = any(name == one for one, _ in self.records)
        return Answer(tuple(found or ()), exists=known)


async def probe(host: str, ip: str) -> tuple[str, str]:
    return "fine", f"{host} speaks TLS"


class World:
    """The room with a key, and DNS that knows it."""

    def __init__(self, room: PostRoom) -> None:
        self.room, self.clock = room, FixedClock(SENT)
        folder = room.path / "data" / FOLDER
        self.key = create(folder, "example.com", "s1", now=0, bits=2048).key
        self.zone = Zone(
            {
                ("example.com", "TXT"): ["v=spf1 ip4:192.0.2.7 -all"],
                ("example.com", "MX"): ["10 mail.example.com"],
                ("mail.example.com", "A"): ["192.0.2.7"],
                ("7.2.0.192.in-addr.arpa", "PTR"): ["mail.example.com"],
                ("_dmarc.example.com", "TXT"): ["v=DMARC1; p=reject; rua=mailto:d@example.com"],
                ("s1._domainkey.example.com", "TXT"): [dns_record(self.key)],
            }
        )
        room.set(**OUT)
        doctor = Domains(self.clock, lambda: self.zone, probe)  # type: ignore[arg-type]
        self.house = Preflight(self.clock, doctor=doctor)


@pytest.fixture
def world(room: PostRoom) -> Iterator[World]:
    return World(room)  # type: ignore[return-value]


def test_a_domain_that_is_set_up_well(world: World) -> None:
    found = world.room.checks(world.house)
    assert failing(found) == {"DATA-5"}
    asked = [name for name in found if name[:4] in ("AUTH", "NET-")]
    held = {name for name in asked if found[name].held == "holds"}
    assert held == {*asked} - {"NET-6"}
    assert found["AUTH-3"].said == "of all 5 letters"
    assert "2,048 bits" in found["AUTH-2"].said


def test_what_dns_said_holds_for_some_minutes(world: World) -> None:
    world.room.checks(world.house)
    first = world.zone.asked
    world.room.checks(world.house)
    again = world.zone.asked - first
    assert again == 2, "only where letters leave from: an A and an AAAA"
    world.clock.advance(11 * MINUTE)
    world.room.checks(world.house)
    assert world.zone.asked - first - again > 5


def test_what_is_wrong_in_dns_blocks(world: World) -> None:
    records = world.zone.records
    records["example.com", "TXT"] = ["v=spf1 ip4:198.51.100.1 -all"]
    del records["_dmarc.example.com", "TXT"]
    del records["7.2.0.192.in-addr.arpa", "PTR"]
    found = world.room.checks(world.house)
    assert failing(found) == {"AUTH-1", "AUTH-4", "NET-1", "DATA-5"}
    assert "192.0.2.7 may not send" in found["AUTH-1"].said


def test_another_key_in_dns_than_the_one_that_signs(world: World) -> None:
    other = create(world.room.path / "data" / FOLDER, "other.example", "s1", now=0).key
    world.zone.records["s1._domainkey.example.com", "TXT"] = [dns_record(other)]
    found = world.room.checks(world.house)
    assert failing(found) == {"AUTH-3", "DATA-5"}
    assert "another key than data/dkim" in found["AUTH-3"].said


def test_dns_does_not_answer(world: World) -> None:
    for place in [*world.zone.records]:
        world.zone.records[place] = ["silent"]
    found = world.room.checks(world.house)
    assert failing(found) == {"DATA-5"}
    assert found["AUTH-4"].held == "not_asked" and "does not answer" in found["AUTH-4"].said


def test_nobody_signs(world: World) -> None:
    next((world.room.path / "data" / FOLDER).glob("*/*.pem")).unlink()
    found = world.room.checks(world.house)
    assert failing(found) == {"AUTH-3", "MSG-4", "DATA-5"}
    assert found["AUTH-2"].held == found["AUTH-5"].held == "not_asked", "there is no key"
    assert found["AUTH-3"].said == "5 of 5 letters: not signed (5)"


def test_unsubscribe_addresses_have_to_be_reached(world: World) -> None:
    world.room.set(public_url="", lmtp="")
    found = world.room.checks(world.house)
    assert failing(found) == {"MSG-3", "OPS-8", "DATA-5"}
    assert found["MSG-3"].said == "5 of 5 letters: List-Unsubscribe is not https (5)"


@pytest.mark.parametrize(
    ("smtp", "leave"),
    [
        ("", False),
        ("smtp://127.0.0.1:2525", False),
        ("smtp://localhost", False),
        ("smtp://[::1]:25", False),
        ("smtp://user:password@mail.example.com:587", True),
        ("mx://mail.example.com", True),
        ("nonsense", True),
    ],
)
def test_whether_letters_leave(smtp: str, leave: bool) -> None:
    assert leaves(Settings(smtp=smtp)) is leave
