"""The transports that go nowhere keep the two steps as the others do."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from scripted_mail import CONTENT, letter

from lettershop.delivery.transports import FolderTransport, MemoryTransport, Script
from lettershop.delivery.wire import Lost, Outgoing, Reply, Transport, Unwelcome

NO = Reply(code=550, status="5.1.1", text="nobody")
LATER = Reply(code=451, status="4.3.0", text="later")


async def sent(transport: Transport, messages: Sequence[Outgoing]) -> list[Reply | str]:
    """Replies, or in which step it was lost; then with a new connection."""
    connection, found = await transport.connect(""), []
    for message in messages:
        step = "offer"
        try:
            reply = await connection.offer(message)
            if reply.taken:
                step = "finish"
                reply = await connection.finish()
            found.append(reply)
        except Lost:
            found.append(step)
            await connection.close()
            connection = await transport.connect("")
    await connection.close()
    return found


def test_a_folder_holds_a_file_for_each_letter(tmp_path: Path) -> None:
    folder = tmp_path / "out" / "box"
    letters = [letter("ann@acme.example", number=7), letter("../../etc/pass wd@x", number=8)]
    replies = asyncio.run(sent(FolderTransport(folder), letters))
    assert all(isinstance(reply, Reply) and reply.taken for reply in replies)
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["7-ann@acme.example.eml", "8-.._.._etc_pass_wd@x.eml"]
    assert (folder / names[0]).read_bytes() == CONTENT
    assert (folder / names[0]).stat().st_mode & 0o077 == 0


def test_nothing_is_in_the_folder_before_the_last_word(tmp_path: Path) -> None:
    async def go() -> None:
        connection = await FolderTransport(tmp_path).connect()
        assert (await connection.offer(letter())).taken
        assert [*tmp_path.iterdir()] == []
        await connection.close()
        assert [*tmp_path.iterdir()] == []

    asyncio.run(go())


def test_sent_again_it_replaces_itself(tmp_path: Path) -> None:
    again = [letter(content=b"one\r\n"), letter(content=b"two\r\n")]
    asyncio.run(sent(FolderTransport(tmp_path), again))
    (kept,) = tmp_path.iterdir()
    assert kept.read_bytes() == b"two\r\n"


def test_a_folder_that_cannot_be_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here")
    with pytest.raises(Lost, match="cannot be used"):
        asyncio.run(sent(FolderTransport(tmp_path / "file" / "out"), [letter()]))


def test_the_memory_does_as_it_is_told() -> None:
    told: dict[int, object] = {2: NO, 3: LATER, 4: "lost", 5: "unknown", 6: "kept"}
    script: Script = lambda message: told.get(message.id)  # noqa: E731
    memory = MemoryTransport(script)
    found = asyncio.run(sent(memory, [letter(number=n) for n in range(1, 8)]))
    assert [one if isinstance(one, str) else one.code for one in found] == [
        250,
        550,
        451,
        "offer",
        "finish",
        "finish",
        250,
    ]
    assert [message.id for message in memory.messages] == [1, 6, 7]
    assert memory.connections == [""] * 4


def test_the_memory_can_refuse_to_be_connected_to() -> None:
    said = {"google": NO, "yahoo": "lost"}
    memory = MemoryTransport(welcome=lambda provider: said.get(provider))
    with pytest.raises(Unwelcome):
        asyncio.run(memory.connect("google"))
    with pytest.raises(Lost):
        asyncio.run(memory.connect("yahoo"))
    asyncio.run(memory.connect("gmx"))
    assert memory.connections == ["gmx"]


def test_without_an_offer_there_is_nothing_to_finish(tmp_path: Path) -> None:
    for transport in (FolderTransport(tmp_path), MemoryTransport()):

        async def go(transport: Transport = transport) -> None:
            await (await transport.connect("")).finish()

        with pytest.raises(RuntimeError):
            asyncio.run(go())
