"""Proof 5: two providers, found by their MX; one says 421 4.7.28. Its pool stops for ten minutes
and comes back with one connection; letters to the other leave as fast as before."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import msgspec

from lettershop.app.sending.parts import make_parts
from lettershop.delivery.ledger.counting import rows
from lettershop.delivery.providers.knowledge import of_workspace
from lettershop.delivery.providers.placing import placed
from lettershop.delivery.providers.whose import Whose
from lettershop.delivery.senders.desk import Desk
from lettershop.delivery.senders.journal import Journal
from lettershop.delivery.senders.sender import Sender
from lettershop.delivery.smtp.direct import Direct
from lettershop.delivery.smtp.exchanges import Book, NoDomain
from lettershop.model.clock import MINUTE, SECOND, SystemClock
from tests.mail_parts.provider import Provider, listening
from tests.whole.world import Person, World, world

EACH = 150
SLOWEST = 5.0
"""Seconds between two letters to a provider that is fine, on a machine that is busy. The other one
is left alone for ten minutes."""
COMPLAINT = (
    "421 4.7.28 [192.0.2.1] Our system has detected an unusual rate of unsolicited mail "
    "originating from your IP address."
)
OWN = """
[provider.google]
encryption = "opportunistic"
per_minute = 60000

[provider.microsoft]
encryption = "opportunistic"
per_minute = 60000
"""
"""What we are allowed there. These servers have no certificates that anybody would trust."""
SERVERS = {"aspmx.l.google.com": "127.0.0.2", "acme.mail.protection.outlook.com": "127.0.0.3"}
MX = {"one.example": "aspmx.l.google.com", "two.example": "acme.mail.protection.outlook.com"}


class Zone:
    """DNS as it was given."""

    async def mx(self, domain: str) -> Sequence[tuple[int, str]]:
        if domain not in MX:
            raise NoDomain
        return [(10, MX[domain])]

    async def addresses(self, host: str) -> Sequence[str]:
        return [SERVERS[host]]


class Shifted:
    """The time, and as much later as `by` says (ms)."""

    def __init__(self) -> None:
        self.by = 0

    def now(self) -> int:
        return SystemClock().now() + self.by


async def people(folder: Path, book: Book) -> list[Person]:
    """One after the other, with the pool that their domain's servers are in."""
    pools = await placed(MX, book, Whose(of_workspace(folder)))
    assert {domain: one.pool for domain, one in pools.items()} == {
        "one.example": "google",
        "two.example": "microsoft",
    }
    return [
        Person(f"p{n}.{domain[:3]}@{domain}", f"Person {n}", provider=pools[domain].pool)
        for n in range(EACH)
        for domain in MX
    ]


@asynccontextmanager
async def sending(
    shop: World, desk: Desk, book: Book, port: int, clock: Shifted
) -> AsyncIterator[Callable[[Callable[[], bool]], Awaitable[None]]]:
    """One sender, as a process makes it, but for where the world's servers are. Yields what waits
    for something in the ledger."""
    made = await desk(make_parts, shop.folder, shop.settings, clock=clock)
    terms = of_workspace(shop.folder).of
    direct = Direct(book, terms, "mail.shop.example", port=port, allowed=lambda ip: True)
    journal = Journal(shop.folder / "data" / "journal", "one")
    sender = Sender(msgspec.structs.replace(made, transport=direct), journal, desk, clock)
    running = asyncio.create_task(sender.run())

    async def so(happened: Callable[[], bool]) -> None:
        async with asyncio.timeout(40):
            while not await desk(happened):
                assert not running.done(), running
                await asyncio.sleep(0.1)

    try:
        yield so
    finally:
        sender.stop()
        await running
        await journal.close()


def states(send: int, provider: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows(send, limit=2 * EACH):
        if row.provider == provider:
            found[row.state] = found.get(row.state, 0) + 1
    return found


async def story(shop: World) -> None:
    google, microsoft, clock, book = Provider(), Provider(), Shifted(), Book(Zone())
    desk = Desk()
    send = await desk(shop.campaign, await people(shop.folder, book))
    await desk(shop.start, send)
    google.complaint = COMPLAINT
    async with (
        listening((google, "127.0.0.2"), (microsoft, "127.0.0.3")) as port,
        sending(shop, desk, book, port, clock) as until,
    ):
        await until(lambda: states(send, "microsoft") == {"accepted": EACH})
        times = [at for at, _ in microsoft.taken]
        assert max(after - before for before, after in pairwise(times)) < SLOWEST
        allowed = of_workspace(shop.folder).of("google").connections
        assert not google.taken and 1 <= google.complaints <= allowed
        told = google.complaints

        await asyncio.sleep(0.5)
        assert google.complaints == told, "it was left alone"
        google.complaint, google.peak = "", 0
        clock.by = 10 * MINUTE + SECOND
        await until(lambda: states(send, "google") == {"accepted": EACH})
        assert google.peak == 1, "it comes back with one connection"
    await desk.close()
    assert len(google.taken) == len(microsoft.taken) == EACH
    assert len({who for _, who in google.taken + microsoft.taken}) == 2 * EACH


def test_only_the_pool_that_complains_slows_down(tmp_path: Path) -> None:
    with world(tmp_path / "shop", smtp="mx://mail.shop.example", senders=1) as shop:
        (shop.folder / "providers.toml").write_text(OWN)
        asyncio.run(story(shop))
