"""The doctor asked of the domains that letters are from; what it said holds for some minutes."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from lettershop.delivery.dkim.folder import FOLDER, keys_of
from lettershop.delivery.dkim.keys import Key, dns_record
from lettershop.delivery.doctor import Diagnosis, DnsNames, Names, Question, Silent, examine
from lettershop.delivery.doctor.asked import Probe, Selector
from lettershop.delivery.doctor.names import addresses
from lettershop.delivery.smtp.address import is_here, smart_host
from lettershop.delivery.smtp.choosing import DIRECT, MAILBOX, is_direct
from lettershop.model.clock import MINUTE, Clock
from lettershop.model.errors import InputError
from lettershop.model.settings import Settings
from lettershop.profile.hygiene.knowledge import knowledge

FRESH: Final = 10 * MINUTE
SECONDS: Final = 10.0
"""For one check of one domain; all of them are made beside each other."""
MOST: Final = 5
"""Domains of one send that are asked about."""


def leaves(settings: Settings) -> bool:
    """Whether letters leave this machine."""
    if settings.smtp in ("", MAILBOX) or is_direct(settings.smtp):
        return is_direct(settings.smtp)
    try:
        return not is_here(smart_host(settings.smtp).host)
    except InputError:
        return True


class Domains:
    """`names`: makes what asks DNS, for one event loop."""

    def __init__(
        self,
        clock: Clock,
        names: Callable[[], Names] = DnsNames,
        probe: Probe | None = None,
    ) -> None:
        self._clock, self._names, self._probe = clock, names, probe
        self._known: dict[Question, tuple[int, Sequence[Diagnosis]]] = {}

    def found(
        self, domains: Iterable[str], envelope: str, data: Path, settings: Settings
    ) -> list[Diagnosis]:
        """Of From domains, the first few; `envelope`: the domain of the return address."""
        wanted = [domain for domain in dict.fromkeys(domains) if domain][:MOST]
        return asyncio.run(self._found(wanted, envelope, data, settings))

    async def _found(
        self, domains: Sequence[str], envelope: str, data: Path, settings: Settings
    ) -> list[Diagnosis]:
        names = self._names()
        ips = await _own_addresses(names, settings)
        keys = [one.key for one in keys_of(data / FOLDER)]
        asked = [
            Question(domain=one, selectors=_selectors(one, keys), ips=ips, envelope=envelope)
            for one in domains
        ]
        answers = await asyncio.gather(*(self._asked(one, names) for one in asked))
        return [one for found in answers for one in found]

    async def _asked(self, question: Question, names: Names) -> Sequence[Diagnosis]:
        now = self._clock.now()
        at, known = self._known.get(question, (0, ()))
        if known and at <= now < at + FRESH:
            return known
        found = await examine(
            question,
            names,
            is_free=lambda domain: domain in knowledge().free,
            probe=self._probe,
            seconds=SECONDS,
        )
        if all(one.ok is not None for one in found):  # what was not known is asked again
            self._known[question] = (now, found)
        return found


def _selectors(domain: str, keys: Sequence[Key]) -> tuple[Selector, ...]:
    """Those of the domain or of the nearest above it, as in signing."""
    place = domain
    while place and not any(key.domain == place for key in keys):
        place = place.partition(".")[2]
    mine = [key for key in keys if key.domain == place]
    return tuple(Selector(key.selector, dns_record(key), place) for key in mine)


async def _own_addresses(names: Names, settings: Settings) -> tuple[str, ...]:
    """Where letters leave from: known where we hand them to recipients' servers ourselves."""
    if not is_direct(settings.smtp):
        return ()
    try:
        async with asyncio.timeout(SECONDS):
            return await addresses(names, settings.smtp.removeprefix(DIRECT).rstrip("/"))
    except (Silent, TimeoutError):
        return ()
