"""The mailbox without a server: what `smtp = "mailbox"` means."""

import asyncio
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from lettershop.delivery.mailbox.store import Store
from lettershop.delivery.mailbox.transport import MailboxTransport
from lettershop.delivery.providers.knowledge import packaged
from lettershop.delivery.smtp.choosing import MAILBOX, transport
from lettershop.delivery.smtp.exchanges import Book, DnsResolver
from lettershop.delivery.wire import Lost, Outgoing, Reply

CONTENT = b"From: Us <us@example.com>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\nHello\r\n"


def outgoing(to: str) -> Outgoing:
    return Outgoing(id=1, sender="b@example.com", recipient=to, content=CONTENT)


def handed_over(path: Path, *to: str) -> list[Reply]:
    """The last answer to each."""

    async def talk() -> list[Reply]:
        conversation = await MailboxTransport(path).connect()
        said = []
        for one in to:
            answer = await conversation.offer(outgoing(one))
            said.append(await conversation.finish() if answer.taken else answer)
        await conversation.close()
        return said

    return asyncio.run(talk())


def test_what_is_taken_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "data" / "mailbox.sqlite"
    [said] = handed_over(path, "ann@example.com")
    assert said.taken
    store = Store(path)
    [mail] = store.newest()
    kept = store.content(mail.id)
    store.close()
    assert (mail.recipients, mail.author, mail.subject) == (
        ("ann@example.com",), "Us <us@example.com>", "Grüße",
    )  # fmt: skip
    assert kept == CONTENT


def test_it_refuses_as_the_server_does(tmp_path: Path) -> None:
    path = tmp_path / "mailbox.sqlite"
    said = handed_over(path, "bounce+1@example.com", "spam+1@example.com", "bob@example.com")
    assert [one.code for one in said] == [550, 554, 250]
    store = Store(path)
    assert store.count() == 1
    store.close()


def test_a_letter_is_in_it_before_the_answer_and_not_before_the_dot(tmp_path: Path) -> None:
    async def talk(store: Store) -> None:
        conversation = await MailboxTransport(tmp_path / "m.sqlite").connect()
        assert (await conversation.offer(outgoing("ann@example.com"))).taken
        assert store.count() == 0
        assert (await conversation.finish()).taken
        assert store.count() == 1
        assert not (await conversation.finish()).taken  # nothing was offered

    store = Store(tmp_path / "m.sqlite")
    asyncio.run(talk(store))
    store.close()


def opened(path: Path, at: float) -> int:
    while time.time() < at:
        pass
    store = Store(path)
    number = store.keep("b@example.com", ["ann@example.com"], "", "", b"")
    store.close()
    return number


def test_two_processes_may_open_a_new_one_at_one_time(tmp_path: Path) -> None:
    """As two senders do with their first letters; neither may be told that the file is locked."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(abs, [1, 1]))
        for round_ in range(60):
            path, soon = tmp_path / f"{round_}.sqlite", time.time() + 0.01
            numbers = [pool.submit(opened, path, soon) for _ in range(2)]
            assert {one.result(30) for one in numbers} == {1, 2}


def test_connections_share_one_store(tmp_path: Path) -> None:
    async def together() -> set[int]:
        transport = MailboxTransport(tmp_path / "m.sqlite")
        found = await asyncio.gather(*(transport.connect() for _ in range(8)))
        return {id(one._store) for one in found}

    assert len(asyncio.run(together())) == 1


def test_a_file_that_cannot_be_is_a_lost_connection(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(Lost, match="cannot be used"):
        handed_over(tmp_path / "data" / "mailbox.sqlite", "ann@example.com")


def test_the_setting_means_it(tmp_path: Path) -> None:
    found = transport(MAILBOX, tmp_path / "data" / "outbox", packaged(), Book(DnsResolver()))
    assert isinstance(found, MailboxTransport)
    assert found.path == tmp_path / "data" / "mailbox.sqlite"
