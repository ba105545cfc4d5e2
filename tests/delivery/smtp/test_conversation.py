"""Our half of the mail transaction, with servers that answer as told."""

import asyncio
import time

import pytest
from scripted_mail import (
    CONTENT,
    HELLO,
    OK,
    PATIENT,
    QUICK,
    Heard,
    Play,
    letter,
    noticed,
    playing,
    script,
    talking,
)

from lettershop.delivery.smtp.conversation import Conversation
from lettershop.delivery.smtp.limits import Limits
from lettershop.delivery.wire import Lost, Reply

GO = "354 go on\r\n"
END = "250 2.0.0 kept as 17\r\n"


async def one(conversation: Conversation, number: int = 1) -> Reply:
    """Both steps."""
    offered = await conversation.offer(letter(number=number))
    return await conversation.finish() if offered.taken else offered


def told(play: Play, messages: int = 1, limits: Limits = PATIENT) -> list[Reply | str]:
    """What came of so many messages over one connection: replies, or which step lost it."""

    async def go() -> list[Reply | str]:
        async with playing(play) as port:
            conversation, found = await talking(port, limits), []
            for number in range(messages):
                try:
                    found.append(await one(conversation, number))
                except Lost as lost:
                    found.append(str(lost))
            await conversation.close()
            return found

    return asyncio.run(go())


def test_a_letter_is_taken() -> None:
    heard: Heard = []
    assert told(script(OK, OK, GO, END, heard=heard)) == [
        Reply(code=250, status="2.0.0", text="kept as 17")
    ]
    assert heard == [
        f"MAIL FROM:<bounce@sender.example> SIZE={len(CONTENT)}\r\n",
        "RCPT TO:<ann@acme.example>\r\n",
        "DATA\r\n",
        CONTENT.decode() + ".\r\n",
    ]


def test_mail_rcpt_and_data_leave_in_one_go() -> None:
    """They are there before the first of them is answered."""
    together: list[bytes] = []

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hi\r\n")
        await reader.readline()
        writer.write(HELLO.encode())
        together.append(await reader.readuntil(b"DATA\r\n"))
        writer.write((OK + OK + GO).encode())
        await reader.readuntil(b"\r\n.\r\n")
        writer.write(END.encode())
        await reader.read()

    assert told(play) == [Reply(code=250, status="2.0.0", text="kept as 17")]
    assert together[0].count(b"\r\n") == 3


def test_without_pipelining_each_waits_for_its_answer() -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hi\r\n")
        await reader.readline()
        writer.write(b"250 mail.example\r\n")
        for answer in (OK, "550 5.1.1 nobody\r\n"):
            await reader.readline()
            await asyncio.sleep(0.02)
            assert not reader._buffer
            writer.write(answer.encode())
        assert await reader.readline() == b"RSET\r\n"
        writer.write(OK.encode())
        await reader.read()

    assert told(play) == [Reply(code=550, status="5.1.1", text="nobody")]


def test_after_a_refused_recipient_the_connection_goes_on() -> None:
    heard: Heard = []
    refused = "550 5.1.1 nobody\r\n"
    play = script(OK, refused, "503 no\r\n", OK, OK, OK, GO, END, heard=heard)
    assert told(play, 2) == [
        Reply(code=550, status="5.1.1", text="nobody"),
        Reply(code=250, status="2.0.0", text="kept as 17"),
    ]
    assert heard[3] == "RSET\r\n"


def test_a_server_that_wants_content_for_nobody_gets_none() -> None:
    heard: Heard = []

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hi\r\n")
        await reader.readline()
        writer.write(HELLO.encode())
        await reader.readuntil(b"DATA\r\n")
        writer.write((OK + "550 5.1.1 nobody\r\n" + GO).encode())
        heard.append((await reader.readline()).decode())
        writer.write(b"554 5.5.1 no valid recipients\r\n")
        heard.append((await reader.readline()).decode())
        writer.write(OK.encode())
        await reader.read()

    assert told(play) == [Reply(code=550, status="5.1.1", text="nobody")]
    assert heard == [".\r\n", "RSET\r\n"]


def test_421_ends_the_connection_whenever_it_comes() -> None:
    away = "421 4.7.28 unusual rate\r\n"
    said = Reply(code=421, status="4.7.28", text="unusual rate")
    for answers in ((away, "close"), (OK, away, "close"), (OK, OK, away), (OK, OK, GO, away)):
        first, second = told(script(*answers), 2)
        assert first == said, answers
        assert isinstance(second, str), answers


def test_a_refusal_counts_although_it_hangs_up_at_once() -> None:
    first, second = told(script("554 5.7.1 go away\r\n", "close"), 2)
    assert first == Reply(code=554, status="5.7.1", text="go away")
    assert "closed the connection" in str(second)


@pytest.mark.parametrize("step", [0, 1, 2])
def test_hanging_up_before_the_content_loses_nothing(step: int) -> None:
    answers = [OK, OK, GO][:step]
    (found,) = told(script(*answers, "close"))
    assert isinstance(found, str)


def test_hanging_up_after_the_final_dot_leaves_it_unknown() -> None:
    async def go() -> None:
        async with playing(script(OK, OK, GO, "close")) as port:
            conversation = await talking(port)
            assert (await conversation.offer(letter())).code == 354
            with pytest.raises(Lost, match="final dot"):
                await conversation.finish()

    asyncio.run(go())


def test_a_connection_found_broken_before_the_dot_leaves_nothing_unknown() -> None:
    """It hung up between the two steps: the dot was never written."""

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hi\r\n")
        await reader.readline()
        writer.write(HELLO.encode())
        await reader.readuntil(b"DATA\r\n")
        writer.write((OK + OK + GO).encode())
        await reader.readuntil(b"Good morning\r\n")

    async def go() -> Reply:
        async with playing(play) as port:
            conversation = await talking(port)
            await conversation.offer(letter())
            await noticed(conversation)
            return await conversation.finish()

    assert asyncio.run(go()) == Reply(
        code=451, status="4.4.2", text="the connection broke before the final dot"
    )


@pytest.mark.parametrize(
    ("early", "answer"),
    [
        ("552 5.3.4 too big\r\n", Reply(code=552, status="5.3.4", text="too big")),
        ("250 2.0.0 taken already\r\n", None),
    ],
)
def test_an_answer_before_the_dot_is_not_the_answer_to_it(early: str, answer: Reply | None) -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hi\r\n")
        await reader.readline()
        writer.write(HELLO.encode())
        await reader.readuntil(b"DATA\r\n")
        writer.write((OK + OK + GO).encode())
        await reader.readuntil(b"Good morning\r\n")
        writer.write(early.encode())
        assert await reader.read() == b"", "the final dot came"

    async def go() -> Reply:
        async with playing(play) as port:
            conversation = await talking(port)
            await conversation.offer(letter())
            await noticed(conversation)
            return await conversation.finish()

    found = asyncio.run(go())
    assert not found.taken
    assert answer is None or found == answer


def test_an_answer_too_many_does_not_become_the_next_one() -> None:
    """A stray 250 after the first letter would acknowledge the second before it was sent."""

    async def go() -> None:
        async with playing(script(OK, OK, GO, END + END, OK, OK, GO, END)) as port:
            conversation = await talking(port)
            assert (await one(conversation)).taken
            await noticed(conversation)
            with pytest.raises(Lost, match="without being asked"):
                await conversation.offer(letter(number=2))

    asyncio.run(go())


@pytest.mark.parametrize(
    ("answers", "step"),
    [
        ((b"",), "MAIL"),
        ((OK, b""), "RCPT"),
        ((OK, OK, b""), "DATA"),
        ((OK, OK, GO, b""), "final dot"),
        ((OK, OK, GO, b"250-half"), "final dot"),
        ((OK, OK, GO, b"250-and\r\n250-so\r\n"), "final dot"),
    ],
)
def test_silence_ends(answers: tuple[str | bytes, ...], step: str) -> None:
    begun = time.monotonic()
    (found,) = told(script(*answers), limits=QUICK)
    assert isinstance(found, str) and step in found and "no answer for 0.5 seconds" in found
    assert time.monotonic() - begun < 10


def test_a_server_that_reads_nothing_does_not_hold_us_up() -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hi\r\n")
        await reader.readline()
        writer.write(b"250-mail.example\r\n250 PIPELINING\r\n")
        await reader.readuntil(b"DATA\r\n")
        writer.write((OK + OK + GO).encode())
        writer.transport.pause_reading()
        await asyncio.sleep(5)

    async def go() -> None:
        async with playing(play) as port:
            conversation = await talking(port, QUICK)
            with pytest.raises(Lost, match="content: no answer"):
                await conversation.offer(letter(content=b"x" * 70 + b"\r\n" * 20_000_000))

    asyncio.run(go())


@pytest.mark.parametrize("code", ["354", "334", "220"])
def test_answers_that_make_no_sense(code: str) -> None:
    """Yes to MAIL is 2xx, to DATA 354, to the dot 2xx again."""
    answers = {
        "354": (f"{code} ?\r\n",),
        "334": (OK, f"{code} ?\r\n"),
        "220": (OK, OK, "220 ?\r\n"),
    }
    (found,) = told(script(*answers[code], OK, OK), limits=QUICK)
    assert isinstance(found, str)


def test_closing_says_goodbye_but_never_finishes() -> None:
    heard: Heard = []

    async def go() -> None:
        async with playing(script(OK, OK, GO, END, "221 bye\r\n", heard=heard)) as port:
            conversation = await talking(port)
            await one(conversation)
            await conversation.close()
            await conversation.close()

    asyncio.run(go())
    assert heard[-1] == "QUIT\r\n"

    kept: list[bytes] = []

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hi\r\n")
        await reader.readline()
        writer.write(HELLO.encode())
        await reader.readuntil(b"DATA\r\n")
        writer.write((OK + OK + GO).encode())
        try:
            kept.append(await reader.read())
        except ConnectionError:
            kept.append(b"")

    async def given_up() -> None:
        async with playing(play) as port:
            conversation = await talking(port)
            await conversation.offer(letter())
            await conversation.close()
            await asyncio.sleep(0.05)

    asyncio.run(given_up())
    assert b"\r\n.\r\n" not in kept[0] and b"QUIT" not in kept[0]


def test_a_task_that_is_given_up_leaves_no_half_conversation() -> None:
    async def go() -> None:
        async with playing(script(OK, OK, GO, b"")) as port:
            conversation = await talking(port)
            await conversation.offer(letter())
            task = asyncio.create_task(conversation.finish())
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            with pytest.raises(Lost):
                await conversation.offer(letter())

    asyncio.run(go())
