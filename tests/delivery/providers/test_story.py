"""Two of three providers answer 421 4.7.28, over real connections: only their pools slow down."""

import asyncio
from contextlib import ExitStack
from pathlib import Path

from scripted_mail import PATIENT, dns_server, letter

from lettershop.delivery.mailbox.answers import Answer
from lettershop.delivery.mailbox.running import Mailbox, running_mailbox
from lettershop.delivery.providers.knowledge import Knowledge, of_workspace
from lettershop.delivery.providers.shaper import Shaper
from lettershop.delivery.providers.whose import Whose
from lettershop.delivery.smtp.direct import Direct
from lettershop.delivery.smtp.exchanges import Book, DnsResolver, Exchanges
from lettershop.delivery.wire import Reply
from lettershop.model.clock import SECOND, FixedClock

OWN = """
[provider.east]
label = "East"
mx = ["east.example"]
source = "the story"
[provider.north]
label = "North"
mx = ["north.example"]
per_minute = 60000
source = "the story"
"""
UNUSUAL = Reply(code=421, status="4.7.28", text="unusual rate of mail from your network")
PLACES = {"east": "127.0.0.1", "west": "127.0.0.2", "north": "127.0.0.3"}
ZONE = {
    **{(f"{name}.test", "MX"): [f"10 mx.{name}.example."] for name in PLACES},
    **{(f"mx.{name}.example", "A"): [ip] for name, ip in PLACES.items()},
}
LETTERS = 20


class Round:
    """Every pool tries what it still has, as long as its shaper lets it."""

    def __init__(self, known: Knowledge, book: Book, port: int, clock: FixedClock) -> None:
        self.shaper, self.clock = Shaper(known, clock), clock
        self._direct = Direct(
            book, known.of, "me.example", limits=PATIENT, port=port, allowed=lambda ip: True
        )
        self.left = {name: [*range(LETTERS)] for name in PLACES}
        self._book, self._whose = book, Whose(known)

    async def play(self, seconds: int) -> dict[str, int]:
        """How many each has left afterwards."""
        end = self.clock.at + seconds * SECOND
        pools = {name: await self._pool(name) for name in PLACES}
        while self.clock.at <= end:
            for name, pool in pools.items():
                await self._one(name, pool)
            self.clock.advance(SECOND)
        return {name: len(numbers) for name, numbers in self.left.items()}

    async def _pool(self, name: str) -> str:
        found = await self._book.of(f"{name}.test")
        assert isinstance(found, Exchanges)
        return self._whose.pool(found.names)

    async def _one(self, name: str, pool: str) -> None:
        if not self.left[name] or self.shaper.may_start(pool):
            return
        connection = await self._direct.connect(pool)
        reply = await connection.offer(letter(f"u{self.left[name][0]}@{name}.test"))
        if reply.taken:
            reply = await connection.finish()
        self.shaper.told(pool, reply)
        if reply.taken:
            self.left[name].pop(0)
        await connection.close()


def test_only_their_pools_slow_down(tmp_path: Path) -> None:
    clock = FixedClock("2026-11-23T09:00Z")
    with ExitStack() as stack:
        moody = Answer("u5@*", UNUSUAL, times=1), Answer("u6@*", UNUSUAL, times=1)
        east = stack.enter_context(running_mailbox(host=PLACES["east"], answers=moody))
        boxes: dict[str, Mailbox] = {"east": east}
        for name, answers in (("west", moody), ("north", ())):
            box = running_mailbox(host=PLACES[name], smtp_port=east.smtp_port, answers=answers)
            boxes[name] = stack.enter_context(box)
        port = stack.enter_context(dns_server(ZONE))
        book = Book(DnsResolver(["127.0.0.1"], port, seconds=10))
        story = Round(_known(tmp_path), book, east.smtp_port, clock)

        assert asyncio.run(story.play(60)) == {"east": 15, "west": 15, "north": 0}
        assert asyncio.run(story.play(500)) == {"east": 15, "west": 15, "north": 0}
        assert asyncio.run(story.play(60)) == {"east": 14, "west": 14, "north": 0}
        assert asyncio.run(story.play(700)) == {"east": 0, "west": 0, "north": 0}
        for name, box in boxes.items():
            expected = {f"u{n}@{name}.test": 1 for n in range(LETTERS)}
            assert box.store.counts() == expected


def _known(folder: Path) -> Knowledge:
    (folder / "providers.toml").write_text(OWN)
    return of_workspace(folder)
