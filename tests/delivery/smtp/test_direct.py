"""To the recipients' own servers, found by DNS: a real one, on this machine."""

import asyncio
from collections.abc import Callable, Iterator, Sequence

import msgspec
import pytest
from scripted_mail import PATIENT, dns_server, letter

from lettershop.delivery.mailbox.running import running_mailbox
from lettershop.delivery.smtp.direct import Direct
from lettershop.delivery.smtp.exchanges import (
    ABSENT,
    NOWHERE,
    NULL,
    UNANSWERED,
    Book,
    DnsResolver,
    Exchanges,
)
from lettershop.delivery.smtp.opening import Tls
from lettershop.delivery.wire import Lost, Reply

HERE, OTHER = ["127.0.0.1"], ["127.0.0.2"]
ZONE: dict[tuple[str, str], Sequence[str]] = {
    ("acme.example", "MX"): ["20 late.mx.example.", "10 MX1.mx.example.", "10 mx2.mx.example."],
    ("mx1.mx.example", "A"): HERE,
    ("mx2.mx.example", "A"): HERE,
    ("late.mx.example", "A"): HERE,
    ("sister.example", "MX"): ["10 mx1.mx.example.", "10 mx2.mx.example.", "20 late.mx.example."],
    ("alone.example", "A"): HERE,
    ("null.example", "MX"): ["0 ."],
    ("text.example", "TXT"): ["hello"],
    ("xn--bcher-kva.example", "MX"): ["5 mx1.mx.example."],
    ("silent.example", "MX"): ["silent"],
    ("down.example", "MX"): ["10 down.mx.example.", "20 late.mx.example."],
    ("down.mx.example", "A"): OTHER,
    ("gone.example", "MX"): ["10 nowhere.mx.example."],
    ("inside.example", "MX"): ["10 inside.mx.example."],
    ("inside.mx.example", "A"): ["10.0.0.1"],
}


class Terms(msgspec.Struct, frozen=True):
    messages: int = 100
    encryption: Tls = "never"


Books = Callable[[], Book]


@pytest.fixture(scope="module")
def book() -> Iterator[Books]:
    with dns_server(ZONE) as port:
        yield lambda: Book(DnsResolver(["127.0.0.1"], port, seconds=1))


MADE = {
    "acme.example": Exchanges((("mx1.mx.example", "mx2.mx.example"), ("late.mx.example",))),
    "alone.example": Exchanges((("alone.example",),)),
    "null.example": NULL,
    "text.example": NOWHERE,
    "absent.example": ABSENT,
    "silent.example": UNANSWERED,
}


@pytest.mark.parametrize("domain", MADE)
def test_whose_servers(book: Books, domain: str) -> None:
    assert asyncio.run(book().of(domain)) == MADE[domain]


def test_domains_with_the_same_servers_are_one_place(book: Books) -> None:
    async def both() -> bool:
        found = book()
        return await found.of("acme.example") == await found.of("sister.example")

    assert asyncio.run(both())


def test_answers_are_remembered_for_a_while() -> None:
    now = 0.0
    zone = {("acme.example", "MX"): ["10 a.example."], ("silent.example", "MX"): ["silent"]}

    async def go(port: int) -> None:
        nonlocal now
        found = Book(DnsResolver(["127.0.0.1"], port, seconds=1), now=lambda: now)
        assert await found.of("silent.example") == UNANSWERED
        first = await found.of("acme.example")
        zone["acme.example", "MX"] = ["10 b.example."]
        zone["silent.example", "MX"] = ["10 c.example."]
        now = 31
        assert await found.of("acme.example") == first
        assert await found.of("silent.example") == Exchanges((("c.example",),))
        now = 1_801
        assert await found.of("acme.example") == Exchanges((("b.example",),))

    with dns_server(zone) as port:
        asyncio.run(go(port))


def sent(book: Book, port: int, recipients: Sequence[str], **said: object) -> list[Reply | str]:
    async def go() -> list[Reply | str]:
        direct = Direct(
            book,
            lambda provider: Terms(),
            "me.example",
            limits=PATIENT,
            port=port,
            **said,
        )
        connection = await direct.connect("somebody")
        found: list[Reply | str] = []
        for recipient in recipients:
            try:
                reply = await connection.offer(letter(recipient))
                found.append(await connection.finish() if reply.taken else reply)
            except Lost as lost:
                found.append(str(lost))
        await connection.close()
        return found

    return asyncio.run(go())


def test_letters_to_several_domains(book: Books) -> None:
    recipients = [
        "ann@acme.example",
        "bob@sister.example",
        "cy@alone.example",
        "dan@bücher.example",
        "eve@null.example",
        "fay@absent.example",
        "gus@silent.example",
        "ann@acme.example",
    ]
    with running_mailbox() as mailbox:
        found = sent(book(), mailbox.smtp_port, recipients, allowed=lambda ip: True)
        assert [one if isinstance(one, str) else (one.code, one.status) for one in found] == [
            (250, "2.0.0"),
            (250, "2.0.0"),
            (250, "2.0.0"),
            (250, "2.0.0"),
            (556, "5.1.10"),
            (550, "5.1.2"),
            (451, "4.4.3"),
            (250, "2.0.0"),
        ]
        assert mailbox.store.count() == 5
        assert mailbox.store.count("dan@xn--bcher-kva.example") == 1


def test_the_next_server_is_tried_when_one_is_down(book: Books) -> None:
    with running_mailbox() as mailbox:
        (found,) = sent(book(), mailbox.smtp_port, ["a@down.example"], allowed=lambda ip: True)
    assert isinstance(found, Reply) and found.taken


def test_servers_that_have_no_address(book: Books) -> None:
    (found,) = sent(book(), 25, ["a@gone.example"], allowed=lambda ip: True)
    assert "none of the domain's mail servers can be reached" in str(found)


def test_nobodys_dns_leads_into_our_own_network(book: Books) -> None:
    """By default neither private addresses nor this machine are connected to."""
    with running_mailbox() as mailbox:
        found = sent(book(), mailbox.smtp_port, ["a@inside.example", "a@acme.example"])
        assert ["can be reached" in str(one) for one in found] == [True, True]
        assert mailbox.store.count() == 0


def test_an_address_that_took_no_connection_is_left_alone_for_a_while(book: Books) -> None:
    with running_mailbox() as mailbox:
        dead = mailbox.smtp_port
    first, second = sent(book(), dead, ["a@alone.example"] * 2, allowed=lambda ip: True)
    assert "Connect call failed" in str(first) or "refused" in str(first).lower()
    assert "none of the domain's mail servers can be reached" in str(second)
