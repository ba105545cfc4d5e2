"""Servers at their worst: whatever they say, and wherever they hang up, every message ends as a
reply, lost or unwelcome, in bounded time, and nothing is taken that was not answered."""

import asyncio
import random
import time

import pytest
from scripted_mail import Play, letter, playing, talking
from seeds import seed

from lettershop.delivery.smtp.limits import Limits
from lettershop.delivery.wire import Lost, Reply, Unwelcome

HASTY = Limits(connect=0.3, command=0.1, start=0.1, content=0.2, answer=0.1, quit=0.05)
GOOD = {
    b"EHLO": b"250-mail.example\r\n250-SIZE 1000\r\n250 PIPELINING\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}
BAD = (
    b"",
    b"\r\n",
    b"\x00\xff\xfe",
    b"250",
    b"250-never\r\n" * 300,
    b"x" * 100_000,
    b"250 " + b"y" * 5_000 + b"\r\n",
    b"550 5.1.1 no\r\n",
    b"421 4.7.28 away\r\n",
    b"250-a\r\n550 b\r\n",
    b"999 what\r\n",
    b"-250 minus\r\n",
    b"250 fine\r\n" * 40,
    b"334 c2F5\r\n",
    b"235 signed in\r\n",
    b"HTTP/1.1 200 OK\r\n\r\n",
    b"220 again\r\n221 bye\r\n",
    b"354 go on\r\n354 go on\r\n",
)


def hostile(luck: random.Random, dots: list[int]) -> Play:
    """Polite as a rule, which leads it far into the conversation, and then it is not."""

    async def say(writer: asyncio.StreamWriter, usual: bytes) -> None:
        chance = luck.random()
        if chance < 0.03:
            raise ConnectionError("it has had enough")
        if chance < 0.05:
            await asyncio.sleep(0.15)
        said = luck.choice(BAD) if chance > 0.93 else usual
        cut = luck.randrange(len(said) + 1) if chance > 0.99 else len(said)
        for part in (said[:cut], said[cut:]):
            writer.write(part)
            await asyncio.sleep(0)

    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await say(writer, b"220 hi\r\n")
        while True:
            line = await reader.readuntil(b"\n")
            verb = line[:4].upper()
            await say(writer, GOOD.get(verb, b"250 2.0.0 fine\r\n"))
            if verb == b"DATA":
                await reader.readuntil(b".\r\n")
                dots[0] += 1
                await say(writer, b"250 2.0.0 kept\r\n")

    return play


async def one(luck: random.Random) -> str:
    """How it ended. What was taken was finished: the server has heard as many final dots."""
    dots, taken = [0], 0
    async with playing(hostile(luck, dots)) as port:
        try:
            conversation = await talking(port, HASTY)
        except Lost:
            return "not connected"
        except Unwelcome as unwelcome:
            return "unwelcome" if 400 <= unwelcome.reply.code <= 599 else "a welcome"
        ended = "lost"
        try:
            for number in range(3):
                reply = await conversation.offer(letter(number=number))
                if reply.taken:
                    assert reply.code == 354
                    reply = await conversation.finish()
                    taken += reply.taken
                    assert isinstance(reply, Reply) and (reply.code // 100 in (2, 4, 5))
                ended = "taken" if reply.taken else "refused"
        except Lost:
            ended = "lost"
        finally:
            await conversation.close()
        assert taken <= dots[0]
        return ended


def test_hostile_servers() -> None:
    luck, began = random.Random(seed()), time.monotonic()
    ended: dict[str, int] = {}

    async def many() -> None:
        for _ in range(12):
            servers = [random.Random(luck.random()) for _ in range(25)]
            for how in await asyncio.gather(*map(one, servers)):
                ended[how] = ended.get(how, 0) + 1

    asyncio.run(many())
    assert time.monotonic() - began < 60
    assert sum(ended.values()) == 300
    assert {"taken", "lost", "refused", "not connected"} <= ended.keys(), ended


@pytest.mark.parametrize(
    "greeting",
    [
        b"",
        b"220",
        b"220-on and\r\n" * 50,
        b"x" * 200_000,
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"250 not a greeting\r\n",
        b"334 neither\r\n",
    ],
)
def test_a_greeting_that_is_none(greeting: bytes) -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await reader.read()

    async def go() -> None:
        async with playing(play) as port:
            with pytest.raises(Lost):
                await talking(port, HASTY)

    asyncio.run(go())


@pytest.mark.parametrize(
    ("greeting", "code", "status"),
    [
        ("554 5.7.1 blocked\r\n", 554, "5.7.1"),
        ("421-4.7.0 too\r\n421 4.7.0 many\r\n", 421, "4.7.0"),
    ],
)
def test_a_greeting_that_refuses(greeting: str, code: int, status: str) -> None:
    async def play(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting.encode())
        await reader.read()

    async def go() -> None:
        async with playing(play) as port:
            with pytest.raises(Unwelcome) as unwelcome:
                await talking(port, HASTY)
            assert (unwelcome.value.reply.code, unwelcome.value.reply.status) == (code, status)

    asyncio.run(go())


def test_nobody_listens() -> None:
    async def go() -> None:
        async with playing(hostile(random.Random(1), [0])) as port:
            pass
        with pytest.raises(Lost):
            await talking(port, HASTY)

    asyncio.run(go())
