"""Into which pool the mail of a domain goes, for many domains at once."""

import asyncio
from collections.abc import Iterable

import msgspec

from lettershop.delivery.providers.whose import Whose
from lettershop.delivery.smtp.exchanges import Book
from lettershop.delivery.wire import Reply

AT_ONCE = 50
"""Questions to DNS."""


class Placed(msgspec.Struct, frozen=True):
    """`pool`: for the ledger. `gateway`: who filters its mail, "" for nobody known. `problem`: why
    nobody takes its mail; or that DNS did not answer, when its code is 451."""

    pool: str = ""
    gateway: str = ""
    problem: Reply | None = None


async def placed(domains: Iterable[str], book: Book, whose: Whose) -> dict[str, Placed]:
    """Of domains in ASCII; each is asked for once. A domain without a server is a pool of its own:
    its letters end when they are tried, with the reason."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(domain: str) -> Placed:
        async with turn:
            found = await book.of(domain)
        if isinstance(found, Reply):
            return Placed(pool=domain, problem=found)
        return Placed(pool=whose.pool(found.names), gateway=whose.gateway(found.names))

    wanted = sorted(set(domains))
    return dict(zip(wanted, await asyncio.gather(*map(one, wanted)), strict=True))
