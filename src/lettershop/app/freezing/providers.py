"""Who takes the recipients' mail: for pools, and to grade clicks by whose gateway they pass.

DNS is asked only when letters leave this machine, and never for long: a campaign is frozen whether
it answers or not. What it said is kept in the workspace for a day.
"""

import asyncio
import os
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec
from dns.exception import DNSException

from lettershop.compliance.addresses import comparable
from lettershop.delivery.providers.knowledge import of_workspace
from lettershop.delivery.providers.placing import AT_ONCE, placed
from lettershop.delivery.providers.whose import Whose
from lettershop.delivery.smtp.address import is_here
from lettershop.delivery.smtp.choosing import is_direct
from lettershop.delivery.smtp.exchanges import Book, Dns, DnsResolver
from lettershop.delivery.wire import Reply
from lettershop.model.clock import DAY, MINUTE
from lettershop.model.settings import Settings

FILE: Final = "providers.json"
SECONDS: Final = 5.0
"""To ask DNS for all of a campaign's domains, the frequent ones first; most take milliseconds."""
EACH: Final = 0.1
"""Of that for each domain, after a beginning of half a second: one message waits less."""
DIRECT_SECONDS: Final = 60.0
"""For all where letters go to those servers themselves, which are treated by who they are."""
PATIENCE: Final = 2.0
"""Seconds for one question. When the first dozens are all in vain, DNS is not there."""
SILENCE: Final = 10 * MINUTE
"""For which a domain that DNS was silent about is not asked for again."""
TEMPORARY: Final = 400


class _Known(msgspec.Struct, frozen=True, array_like=True):
    """`until`: ms; `provider`: "" where DNS was silent."""

    provider: str
    until: int


def domain_of(address: str) -> str:
    """In ASCII where it can be; "" for what is no address."""
    return (comparable(address) or "").rpartition("@")[2]


def providers_of(
    folder: Path, settings: Settings, domains: Iterable[str], at: int, dns: Dns | None = None
) -> Mapping[str, str]:
    """Name of the provider by domain, "" where nobody knows. `domains`: in ASCII, each as often as
    it has recipients; `folder`: the workspace's. `dns`: for tests."""
    counted = Counter(domain for domain in domains if domain)
    whose = Whose(of_workspace(folder))
    known = {domain: whose.of_mailboxes(domain) for domain in counted}
    if not leaves(settings.smtp):
        return known
    path = folder / "data" / FILE
    kept = _read(path, at)
    asked = [domain for domain, _ in counted.most_common() if domain not in kept]
    if asked:
        kept = kept | _ask(asked, whose, settings.smtp, dns, at)
        _write(path, kept)
    return known | {d: kept[d].provider for d in counted if d in kept and kept[d].provider}


def leaves(smtp: str) -> bool:
    """Whether letters leave this machine by that setting."""
    return bool(smtp) and not is_here(urlsplit(smtp).hostname or "localhost")


def _ask(
    domains: Sequence[str], whose: Whose, smtp: str, dns: Dns | None, at: int
) -> dict[str, _Known]:
    """What DNS says within the time, or that it was silent."""
    most = DIRECT_SECONDS if is_direct(smtp) else SECONDS
    try:
        book = Book(dns or DnsResolver(seconds=PATIENCE))
    except DNSException:  # this machine knows no resolver
        return {}
    found, silent = asyncio.run(_asked(domains, book, whose, min(most, 0.5 + EACH * len(domains))))
    known = {domain: _Known(provider, at + DAY) for domain, provider in found.items()}
    return known | {domain: _Known("", at + SILENCE) for domain in silent}


async def _asked(
    domains: Sequence[str], book: Book, whose: Whose, seconds: float
) -> tuple[dict[str, str], set[str]]:
    """Providers, and those that nothing was heard of."""
    found: dict[str, str] = {}
    silent: set[str] = set()
    waiting = iter(domains)

    async def ask() -> None:
        vain = 0
        for domain in waiting:
            silent.add(domain)
            said = (await placed([domain], book, whose))[domain]
            if _is_silent(said.problem):
                vain += 1
            else:
                found[domain] = said.pool
                silent.discard(domain)
            if vain and not found:
                return

    asking = [asyncio.create_task(ask()) for _ in range(min(AT_ONCE, len(domains)))]
    done, slow = await asyncio.wait(asking, timeout=seconds)
    for task in slow:
        task.cancel()
    await asyncio.gather(*slow, return_exceptions=True)
    for task in done:
        task.result()
    return found, silent


def _is_silent(problem: Reply | None) -> bool:
    return problem is not None and TEMPORARY <= problem.code < 500


def _read(path: Path, at: int) -> dict[str, _Known]:
    """What was learned and is not too old; nothing when the file is not there or none of ours."""
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=dict[str, _Known])
    except (FileNotFoundError, msgspec.DecodeError):
        return {}
    return {domain: one for domain, one in kept.items() if at < one.until <= at + DAY}


def _write(path: Path, kept: Mapping[str, _Known]) -> None:
    """Whole or not at all; of two at once the later one stays."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    fresh.write_bytes(msgspec.json.encode(kept))
    fresh.replace(path)
