"""All checks of a domain beside each other, each with its time limit."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from lettershop.delivery.doctor.asked import Case, Fetch, Probe, Question
from lettershop.delivery.doctor.dmarc import alignment, dmarc
from lettershop.delivery.doctor.keys import dkim
from lettershop.delivery.doctor.knowledge import Diagnosis, unknown
from lettershop.delivery.doctor.names import Names, Silent
from lettershop.delivery.doctor.policies import bimi, fetcher, mta_sts, tls_rpt
from lettershop.delivery.doctor.servers import free, from_, prober, ptr, tls
from lettershop.delivery.doctor.spf import spf

Check = Callable[[Case], Awaitable[list[Diagnosis]]]
CHECKS: Final[dict[str, Check]] = {
    "spf": spf,
    "dkim": dkim,
    "dmarc": dmarc,
    "alignment": alignment,
    "free": free,
    "from": from_,
    "ptr": ptr,
    "tls": tls,
    "mta-sts": mta_sts,
    "tls-rpt": tls_rpt,
    "bimi": bimi,
}
"""By the subject of checks.toml, in the order in which they are told."""
SECONDS: Final = 20.0
"""For one check with all it asks."""


async def examine(
    question: Question,
    names: Names,
    *,
    is_free: Callable[[str], bool],
    probe: Probe | None = None,
    fetch: Fetch | None = None,
    seconds: float = SECONDS,
) -> list[Diagnosis]:
    """Everything there is to say, in the order of CHECKS; nothing is raised for what others do.

    `is_free`: whether anybody can have an address in a domain. `probe`, `fetch`: how servers are
    spoken to; over the public network unless said.
    """
    case = Case(
        question=question,
        names=names,
        probe=probe or prober(question.domain),
        fetch=fetch or fetcher(),
        is_free=is_free,
    )
    answers = (_within(name, check, case, seconds) for name, check in CHECKS.items())
    return [one for found in await asyncio.gather(*answers) for one in found]


async def _within(name: str, check: Check, case: Case, seconds: float) -> list[Diagnosis]:
    try:
        async with asyncio.timeout(seconds):
            return await check(case)
    except Silent as silent:
        return [unknown(name, f"DNS does not answer for {silent}", "try again later")]
    except TimeoutError:
        return [unknown(name, f"no answer within {seconds:g} seconds", "try again later")]
