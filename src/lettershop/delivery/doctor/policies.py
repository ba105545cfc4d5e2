"""What a domain says about mail that comes to it, and about its logo: MTA-STS, TLS-RPT, BIMI."""

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from ssl import SSLContext
from typing import Final

import httpx

from lettershop.delivery.doctor.asked import Case, Fetch, Fetched
from lettershop.delivery.doctor.dmarc import policy
from lettershop.delivery.doctor.knowledge import Diagnosis, fine, problem, unknown
from lettershop.delivery.doctor.names import addresses, exchanges, printable, starting, tags, txt
from lettershop.outgoing.exchange import Limits, exchange
from lettershop.outgoing.places import Refused, is_public, parsed

MOST: Final = 64_000
"""Bytes of a policy that are read (RFC 8461 3.3 names this limit)."""
_ID: Final = re.compile(r"[A-Za-z0-9]{1,32}")
_MODES: Final = ("enforce", "testing", "none")


async def mta_sts(case: Case) -> list[Diagnosis]:
    domain = case.question.domain
    place = f"_mta-sts.{domain}"
    found = await starting(case.names, place, "v=STSv1")
    if not found:
        line = txt(place, "v=STSv1; id=1")
        return [problem("mta-sts.absent", f"{domain} has no MTA-STS record", line)]
    said = tags(found[0]) if len(found) == 1 else None
    if said is None or not _ID.fullmatch(said.get("id", "")):
        return [problem("mta-sts.syntax", "; ".join(found))]
    host = f"mta-sts.{domain}"
    url = f"https://{host}/.well-known/mta-sts.txt"
    text = await case.fetch(url, await addresses(case.names, host))
    if text.problem:
        return [problem("mta-sts.policy", f"{url}: {text.problem}")]
    exchanged = [name for _, name in await exchanges(case.names, domain) if name]
    return [*_policy(url, text.text, exchanged)]


def _policy(url: str, text: str, hosts: Sequence[str]) -> Iterator[Diagnosis]:
    lines = map(printable, text.splitlines())
    pairs = [line.partition(":") for line in lines if line.strip()]
    said = {name.strip(): value.strip() for name, _, value in reversed(pairs)}
    allowed = [value.strip().lower() for name, _, value in pairs if name.strip() == "mx"]
    mode, age = said.get("mode", ""), said.get("max_age", "")
    if said.get("version") != "STSv1" or mode not in _MODES or not age.isdigit():
        yield problem("mta-sts.policy", f"{url}: version, mode or max_age is wrong or missing")
        return
    if mode != "none" and not allowed:
        yield problem("mta-sts.policy", f"{url}: it names no mx")
        return
    left_out = [host for host in hosts if not any(_fits(host, one) for one in allowed)]
    if mode != "none" and left_out:
        yield problem("mta-sts.host", f"{', '.join(left_out)} is in MX, but not in the policy")
    elif mode == "enforce":
        yield fine("mta-sts", f"mode: enforce, {', '.join(allowed)}")
    else:
        yield problem("mta-sts.testing", f"mode: {mode}")


def _fits(host: str, pattern: str) -> bool:
    """`*.` stands for one label (RFC 8461 4.1)."""
    if pattern.startswith("*."):
        return host.partition(".")[2] == pattern[2:]
    return host == pattern


async def tls_rpt(case: Case) -> list[Diagnosis]:
    domain = case.question.domain
    place = f"_smtp._tls.{domain}"
    usual = txt(place, f"v=TLSRPTv1; rua=mailto:tls-reports@{domain}")
    found = await starting(case.names, place, "v=TLSRPTv1")
    if not found:
        return [problem("tls-rpt.absent", f"{domain} has no TLS-RPT record", usual)]
    said = tags(found[0]) if len(found) == 1 else None
    targets = (said or {}).get("rua", "").lower()
    if said is None or not targets.startswith(("mailto:", "https:")):
        return [problem("tls-rpt.syntax", "; ".join(found), usual)]
    return [fine("tls-rpt", found[0])]


async def bimi(case: Case) -> list[Diagnosis]:
    domain = case.question.domain
    place = f"default._bimi.{domain}"
    found = await starting(case.names, place, "v=BIMI1")
    if not found:
        line = txt(place, f"v=BIMI1; l=https://{domain}/logo.svg; a=")
        return [problem("bimi.absent", f"{domain} has no BIMI record", line)]
    said = tags(found[0]) if len(found) == 1 else None
    if said is None or not _https(said.get("l", "")) or not _https(said.get("a", "")):
        return [problem("bimi.syntax", "; ".join(found))]
    if not said.get("l"):
        return [fine("bimi", "the domain declines to show a logo")]
    if (await policy(case.names, domain)).of(domain) not in ("quarantine", "reject"):
        return [problem("bimi.policy", f"{found[0]}, but DMARC does not protect the domain")]
    if not said.get("a"):
        return [unknown("bimi", f"{found[0]}: without a certificate (a=) few providers show it")]
    return [fine("bimi", found[0])]


def _https(value: str) -> bool:
    """Or nothing at all."""
    return not value or value.lower().startswith("https://")


def fetcher(
    *,
    seconds: float = 8,
    allowed: Callable[[str], bool] = is_public,
    trusted: SSLContext | None = None,
) -> Fetch:
    """`allowed`: which IP addresses may be asked, whatever DNS says."""

    async def fetch(url: str, found: Sequence[str]) -> Fetched:
        there = [address for address in found if allowed(address)]
        if not there:
            return Fetched(problem="its host has no address in the public network")
        return await asyncio.to_thread(_fetched, url, there, seconds, trusted)

    return fetch


def _fetched(url: str, there: Sequence[str], seconds: float, trusted: SSLContext | None) -> Fetched:
    limits = Limits(step=seconds, total=seconds, bytes=MOST)
    headers = {"Accept": "text/plain"}
    try:
        reply = exchange("GET", parsed(url), there, limits, headers=headers, context=trusted)
    except (Refused, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Fetched(problem=f"{type(error).__name__}: {error}".rstrip(": ")[:200])
    if reply.status != 200:
        return Fetched(problem=f"it answered with status {reply.status}")
    if not reply.whole:
        return Fetched(problem=f"it has more than {MOST:,} bytes")
    return Fetched(reply.body.decode("utf-8", "replace"))
