"""A smart host, for which our own mailbox stands in: TLS, signing in, connections used again."""

import asyncio
import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from scripted_mail import CONTENT, PATIENT, certified, letter, playing, script

from lettershop.delivery.mailbox.running import Mailbox, running_mailbox
from lettershop.delivery.mailbox.session import Manners
from lettershop.delivery.smtp import opening
from lettershop.delivery.smtp.address import own_name, smart_host
from lettershop.delivery.smtp.lasting import Lasting
from lettershop.delivery.smtp.opening import Server
from lettershop.delivery.smtp.smarthost import SmartHost
from lettershop.delivery.wire import Lost, Outgoing, Reply, Unwelcome
from lettershop.model.errors import InputError

USERS = {"ann": "pass wörd", "bob": "b"}


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sequence[ssl.SSLContext]]:
    with certified(tmp_path_factory.mktemp("certificate"), "127.0.0.1") as both:
        yield both


async def sent(transport: SmartHost, messages: Sequence[Outgoing]) -> list[Reply]:
    connection = await transport.connect("")
    found = []
    try:
        for message in messages:
            reply = await connection.offer(message)
            found.append(await connection.finish() if reply.taken else reply)
    finally:
        await connection.close()
    return found


def to(mailbox: Mailbox, **said: object) -> SmartHost:
    server = msgspec.structs.replace(smart_host(mailbox.smtp), **said)
    return SmartHost(server, PATIENT)


def test_letters_arrive_as_they_left() -> None:
    contents = [
        CONTENT,
        b"Subject: .\r\n\r\n.\r\n..\r\n.x\r\n",
        "Subject: é\r\n\r\nä\r\n".encode(),
        b"",
    ]
    with running_mailbox() as mailbox:
        letters = [letter("ann@acme.example", content) for content in contents]
        replies = asyncio.run(sent(to(mailbox), letters))
        assert [reply.code for reply in replies] == [250] * 4
        kept = mailbox.store.to("ann@acme.example")
        assert [mailbox.store.content(one.id) for one in kept] == contents
        assert {one.sender for one in kept} == {"bounce@sender.example"}


def test_refusals_between_do_not_disturb_the_others() -> None:
    names = ["a", "bounce+1", "b", "spam+1", "c", "defer+1", "full+1", "d"]
    with running_mailbox() as mailbox:
        letters = [letter(f"{name}@acme.example") for name in names]
        codes = [reply.code for reply in asyncio.run(sent(to(mailbox), letters))]
        assert codes == [250, 550, 250, 554, 250, 451, 552, 250]
        assert sorted(mailbox.store.counts()) == [f"{name}@acme.example" for name in "abcd"]


def test_a_refusal_that_hangs_up_costs_the_next_letter_nothing() -> None:
    names = ["a", "limit+1", "b"]
    with running_mailbox() as mailbox:
        replies = asyncio.run(sent(to(mailbox), [letter(f"{n}@acme.example") for n in names]))
        assert [reply.code for reply in replies] == [250, 421, 250]


@pytest.mark.parametrize("tls", ["required", "opportunistic"])
def test_starttls_and_signing_in(contexts: Sequence[ssl.SSLContext], tls: opening.Tls) -> None:
    manners = Manners(tls=contexts[0], users=USERS)
    with running_mailbox(manners=manners) as mailbox:
        transport = to(mailbox, tls=tls, trusted=contexts[1], user="ann", password="pass wörd")
        assert [r.code for r in asyncio.run(sent(transport, [letter(), letter()]))] == [250, 250]


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
def test_each_way_of_signing_in(mechanism: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening.SMTP, "AUTH_METHODS", (mechanism.lower(),))
    with running_mailbox(manners=Manners(users=USERS)) as mailbox:
        good = to(mailbox, user="bob", password="b")
        assert asyncio.run(sent(good, [letter()]))[0].code == 250
        with pytest.raises(Unwelcome) as unwelcome:
            asyncio.run(sent(to(mailbox, user="bob", password="c"), [letter()]))
        assert (unwelcome.value.reply.code, unwelcome.value.reply.status) == (535, "5.7.8")


def test_who_does_not_sign_in_is_refused() -> None:
    with running_mailbox(manners=Manners(users=USERS)) as mailbox:
        assert asyncio.run(sent(to(mailbox), [letter()]))[0].code == 530


def test_no_password_goes_over_the_network_in_the_open() -> None:
    with running_mailbox(manners=Manners(users=USERS)) as mailbox:
        transport = to(mailbox, user="bob", password="b", plain_auth=False)
        with pytest.raises(Unwelcome) as unwelcome:
            asyncio.run(sent(transport, [letter()]))
        assert unwelcome.value.reply == opening.NO_AUTH


def test_a_certificate_nobody_knows_is_not_accepted(contexts: Sequence[ssl.SSLContext]) -> None:
    with running_mailbox(manners=Manners(tls=contexts[0])) as mailbox:
        with pytest.raises(Lost, match="certificate verify failed"):
            asyncio.run(sent(to(mailbox, tls="required"), [letter()]))
        assert asyncio.run(sent(to(mailbox, tls="opportunistic"), [letter()]))[0].code == 250


def test_a_certificate_of_another_name_is_not_accepted(
    contexts: Sequence[ssl.SSLContext], tmp_path: Path
) -> None:
    with (
        certified(tmp_path, "mail.other.example") as (server, client),
        running_mailbox(manners=Manners(tls=server)) as mailbox,
        pytest.raises(Lost, match="certificate verify failed"),
    ):
        asyncio.run(sent(to(mailbox, tls="required", trusted=client), [letter()]))


def test_required_encryption_that_is_not_offered() -> None:
    with running_mailbox() as mailbox, pytest.raises(Unwelcome) as unwelcome:
        asyncio.run(sent(to(mailbox, tls="required"), [letter()]))
    assert unwelcome.value.reply == opening.NO_TLS


@pytest.mark.parametrize("answer", [b"220 go on\r\nnonsense\r\n", b"454 4.7.0 no\r\n"])
def test_opportunistic_encryption_that_does_not_work_goes_without(answer: bytes) -> None:
    """STARTTLS is offered, and then it is refused or comes to nothing."""
    connections = 0

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        writer.write(b"220 hi\r\n")
        while True:
            line = await reader.readuntil(b"\r\n")
            match line[:4]:
                case b"EHLO":
                    writer.write(b"250-mail.example\r\n250 STARTTLS\r\n")
                case b"STAR":
                    writer.write(answer)
                    await reader.read(1)
                    return
                case b"DATA":
                    writer.write(b"354 go on\r\n")
                    await reader.readuntil(b"\r\n.\r\n")
                    writer.write(b"250 2.0.0 kept\r\n")
                case _:
                    writer.write(b"250 2.0.0 fine\r\n")

    async def go() -> list[Reply]:
        async with playing(play) as port:
            server = Server(host="127.0.0.1", port=port, hello="me.example", tls="opportunistic")
            return await sent(SmartHost(server, PATIENT), [letter()])

    assert [reply.code for reply in asyncio.run(go())] == [250]
    assert connections == 2


def test_after_so_many_messages_there_is_another_connection() -> None:
    opened = 0

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        await script(*["250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 ok\r\n"] * 3)(reader, writer)

    async def go() -> None:
        async with playing(play) as port:
            server = Server(host="127.0.0.1", port=port, hello="me.example", tls="never")
            await sent(SmartHost(server, PATIENT, most=2), [letter() for _ in range(5)])

    asyncio.run(go())
    assert opened == 3


def test_a_server_that_hung_up_in_between_is_connected_to_again() -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await script("250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 ok\r\n", "close")(
            reader, writer
        )

    async def go() -> list[Reply]:
        async with playing(play) as port:
            server = Server(host="127.0.0.1", port=port, hello="me.example", tls="never")
            return await sent(SmartHost(server, PATIENT), [letter() for _ in range(3)])

    assert [reply.code for reply in asyncio.run(go())] == [250, 250, 250]


def test_one_that_does_not_welcome_us_again_delays_the_message() -> None:
    connections = 0

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        greeting = "220 hi\r\n" if connections == 1 else "554 5.7.1 blocked now\r\n"
        answers = "250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 ok\r\n"
        await script(*answers, greeting=greeting)(reader, writer)

    async def go() -> list[Reply]:
        async with playing(play) as port:
            server = Server(host="127.0.0.1", port=port, hello="me.example", tls="never")
            return await sent(SmartHost(server, PATIENT, most=1), [letter(), letter()])

    first, second = asyncio.run(go())
    assert first.taken
    assert (second.code, second.status) == (451, "4.3.0")
    assert "554 5.7.1 blocked now" in second.text


def test_a_connection_that_is_closed_begins_anew() -> None:
    async def go(mailbox: Mailbox) -> None:
        connection = await to(mailbox).connect()
        assert isinstance(connection, Lasting)
        await connection.close()
        assert (await connection.offer(letter())).taken
        assert (await connection.finish()).taken
        await connection.close()

    with running_mailbox() as mailbox:
        asyncio.run(go(mailbox))
        assert mailbox.store.count() == 1


@pytest.mark.parametrize(
    ("setting", "host", "port", "tls", "user", "password"),
    [
        ("smtp://mail.example", "mail.example", 587, "required", "", ""),
        ("smtps://u:p@mail.example", "mail.example", 465, "implicit", "u", "p"),
        ("smtp://a%40b:p%3Aq@mail.example:2525", "mail.example", 2525, "required", "a@b", "p:q"),
        ("smtp://localhost:25", "localhost", 25, "opportunistic", "", ""),
        ("smtp://[::1]:25/", "::1", 25, "opportunistic", "", ""),
    ],
)
def test_the_setting(
    setting: str, host: str, port: int, tls: str, user: str, password: str
) -> None:
    found = smart_host(setting, "me.example")
    assert (found.host, found.port, found.tls) == (host, port, tls)
    assert (found.user, found.password, found.hello) == (user, password, "me.example")


@pytest.mark.parametrize(
    "setting",
    [
        "mail.example",
        "http://mail.example",
        "smtp://",
        "smtp://h:0",
        "smtp://h:x",
        "smtp://h/x",
        "smtp://h?a",
    ],
)
def test_a_setting_that_is_no_address(setting: str) -> None:
    with pytest.raises(InputError) as error:
        smart_host(setting)
    assert error.value.code == "settings.smtp"


def test_our_own_name_is_one_servers_accept() -> None:
    assert own_name() == "[127.0.0.1]" or "." in own_name()
