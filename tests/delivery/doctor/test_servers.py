"""Spoken to for real, on this machine: mail servers with and without TLS, a policy on the web."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from lettershop.delivery.doctor.asked import Fetched, Starttls
from lettershop.delivery.doctor.names import Answer, DnsNames, Silent
from lettershop.delivery.doctor.policies import MOST, fetcher
from lettershop.delivery.doctor.servers import prober
from lettershop.delivery.mailbox.running import running_mailbox
from lettershop.delivery.mailbox.session import Manners
from tests.receiver import Reply, receiver
from tests.scripted_mail import certified, dns_server, playing, script

HOST = "mail.example.com"
T = TypeVar("T")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificate")


@pytest.fixture(scope="module")
def contexts(folder: Path) -> Iterator[tuple[ssl.SSLContext, ssl.SSLContext]]:
    with certified(folder, HOST) as both:
        yield both


def probed(
    port: int, trusted: ssl.SSLContext | None = None, host: str = HOST
) -> tuple[Starttls, str]:
    probe = prober("me.example", port=port, seconds=5, allowed=lambda _: True, trusted=trusted)
    return run(probe(host, "127.0.0.1"))


def run(asked: Awaitable[T]) -> T:
    async def awaited() -> T:
        return await asked

    return asyncio.run(awaited())


def port_of(address: str) -> int:
    return int(address.rpartition(":")[2])


def test_starttls_with_a_good_certificate(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    with running_mailbox(manners=Manners(tls=contexts[0])) as mailbox:
        assert probed(port_of(mailbox.smtp), contexts[1])[0] == "fine"


def test_a_certificate_of_nobody_or_for_another_name(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    with running_mailbox(manners=Manners(tls=contexts[0])) as mailbox:
        port = port_of(mailbox.smtp)
        state, said = probed(port)
        assert state == "certificate" and "certificate verify failed" in said
        assert probed(port, contexts[1], "mail.other.example")[0] == "certificate"


def test_no_starttls() -> None:
    with running_mailbox() as mailbox:
        assert probed(port_of(mailbox.smtp)) == ("absent", "it does not offer STARTTLS")


def test_a_server_that_does_not_want_us() -> None:
    async def told() -> tuple[Starttls, str]:
        async with playing(script(greeting="554 5.7.1 go away\r\n")) as port:
            probe = prober("me.example", port=port, seconds=5, allowed=lambda _: True)
            return await probe(HOST, "127.0.0.1")

    state, said = asyncio.run(told())
    assert state == "unreached" and "go away" in said


def test_nobody_there() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert probed(closed.getsockname()[1])[0] == "unreached"


def test_addresses_of_our_own_network_are_not_spoken_to() -> None:
    with running_mailbox() as mailbox:
        probe = prober("me.example", port=port_of(mailbox.smtp))
        state, said = run(probe(HOST, "127.0.0.1"))
        assert (state, said) == ("unreached", "127.0.0.1 is not in the public network")
    found = run(fetcher()("https://mta-sts.example.com/", ["127.0.0.1"]))
    assert found == Fetched(problem="its host has no address in the public network")


@pytest.mark.parametrize(
    ("reply", "finds"),
    [
        (Reply(200, b"version: STSv1\n"), Fetched("version: STSv1\n")),
        (Reply(404, b"no"), Fetched(problem="it answered with status 404")),
        (
            Reply(301, b"", headers={"Location": "https://example.com/"}),
            Fetched(problem="it answered with status 301"),
        ),
        (Reply(200, b"x" * (MOST + 1)), Fetched(problem="it has more than 64,000 bytes")),
    ],
)
def test_a_policy_on_the_web(
    folder: Path,
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
    reply: Reply,
    finds: Fetched,
) -> None:
    both = folder / "both.pem"
    both.write_bytes((folder / "server.pem").read_bytes() + (folder / "server.key").read_bytes())
    with receiver(str(both)) as web:
        web.replies = lambda _: reply
        fetch = fetcher(seconds=5, allowed=lambda _: True, trusted=contexts[1])
        url = web.url("/.well-known/mta-sts.txt", host=HOST, scheme="https")
        assert run(fetch(url, ["127.0.0.1"])) == finds
        assert [one.path for one in web.got] == ["/.well-known/mta-sts.txt"]
        other = web.url("/", host="mta-sts.example.com", scheme="https")
        assert "certificate" in run(fetch(other, ["127.0.0.1"])).problem


def test_each_name_is_asked_once_and_silence_is_told() -> None:
    known = {("a.example", "A"): ["192.0.2.1"], ("s.example", "TXT"): ["silent"]}
    with dns_server(known) as port:

        async def asked() -> list[Answer]:
            names = DnsNames(["127.0.0.1"], port, seconds=1)
            first = await names.ask("a.example", "A")
            known["a.example", "A"] = ["192.0.2.2"]
            again = [await names.ask("A.example.", "A"), await names.ask("a.example", "MX")]
            with pytest.raises(Silent, match=r"s\.example"):
                await names.ask("s.example", "TXT")
            return [first, *again, await names.ask("no.example", "A")]

        assert asyncio.run(asked()) == [
            Answer(("192.0.2.1",)),
            Answer(("192.0.2.1",)),
            Answer(),
            Answer(exists=False),
        ]
