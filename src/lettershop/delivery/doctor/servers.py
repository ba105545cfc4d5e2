"""Servers and addresses: From, MX, PTR, STARTTLS."""

import asyncio
import ssl
from collections.abc import Callable
from ipaddress import ip_address
from typing import Final

import msgspec

from lettershop.delivery.doctor.asked import Case, Probe, Starttls
from lettershop.delivery.doctor.knowledge import Diagnosis, fine, problem, unknown
from lettershop.delivery.doctor.names import Silent, addresses, exchanges, reverse
from lettershop.delivery.smtp.conversation import Conversation
from lettershop.delivery.smtp.limits import Limits
from lettershop.delivery.smtp.opening import NO_TLS, Server, opened
from lettershop.delivery.wire import Lost, Unwelcome
from lettershop.outgoing.places import is_public

MOST_HOSTS: Final = 5
"""Mail servers of a domain that are spoken to."""


async def free(case: Case) -> list[Diagnosis]:
    domain = case.question.domain
    if case.is_free(domain):
        return [problem("free.mail", f"anybody can have an address at {domain}")]
    return [fine("free", domain)]


async def from_(case: Case) -> list[Diagnosis]:
    domain = case.question.domain
    hosts = await exchanges(case.names, domain)
    if not hosts:
        return [await _without_mx(case, domain)]
    if [host for _, host in hosts] == [""]:
        return [problem("from.null", f"{domain} has a null MX")]
    wrong = []
    for _, host in hosts:
        if (alias := (await case.names.ask(host, "CNAME")).records) != ():
            wrong.append(problem("from.alias", f"{host} is another name of {alias[0]}"))
        elif not await addresses(case.names, host):
            wrong.append(problem("from.host", f"{host} has no address"))
    dead = [one for one in wrong if one.check == "from.host"]
    if len(dead) == len(hosts):
        said = f"no MX host of {domain} has an address: {', '.join(h for _, h in hosts)}"
        return [problem("from.nowhere", said, _mx(domain))]
    return wrong or [fine("from", f"MX {', '.join(host for _, host in hosts)}")]


async def _without_mx(case: Case, domain: str) -> Diagnosis:
    if not (await case.names.ask(domain, "MX")).exists:
        return problem("from.absent", f"there is no {domain} in DNS")
    if await addresses(case.names, domain):
        return fine("from", f"{domain} has an address and no MX, so mail goes there")
    return problem("from.nowhere", f"{domain} has neither MX nor address", _mx(domain))


async def ptr(case: Case) -> list[Diagnosis]:
    if not case.question.ips:
        said = "from which address letters leave was not said"
        return [unknown("ptr", said, "name it with --ip")]
    return [*await asyncio.gather(*(_ptr(case, ip) for ip in case.question.ips))]


async def _ptr(case: Case, ip: str) -> Diagnosis:
    place = reverse(ip)
    hosts = (await case.names.ask(place, "PTR")).records
    if not hosts:
        line = f"{place}. IN PTR mail.{case.question.domain}."
        return problem("ptr.absent", f"{ip} has no name", line)
    for host in hosts:
        if ip_address(ip) in [ip_address(one) for one in await addresses(case.names, host)]:
            return fine("ptr", f"{ip} is {host}, and {host} is {ip}")
    kind = "A" if ip_address(ip).version == 4 else "AAAA"
    line = f"{hosts[0]}. IN {kind} {ip}"
    return problem("ptr.forward", f"{ip} is {hosts[0]}, but {hosts[0]} is not {ip}", line)


async def tls(case: Case) -> list[Diagnosis]:
    domain = case.question.domain
    hosts = [host for _, host in await exchanges(case.names, domain) if host][:MOST_HOSTS]
    found = await asyncio.gather(*(_tls(case, host) for host in hosts))
    return found or [unknown("tls", f"{domain} has no MX")]


async def _tls(case: Case, host: str) -> Diagnosis:
    try:
        found = await addresses(case.names, host)
    except Silent:
        return unknown("tls", f"DNS does not answer for {host}")
    if not found:
        return unknown("tls", f"{host} has no address")
    state, said = await case.probe(host, found[0])
    match state:
        case "fine":
            return fine("tls", f"{host}: {said}")
        case "unreached":
            return unknown("tls", f"{host}: {said}", "try it from where port 25 is open")
        case "absent" | "certificate":
            return problem(f"tls.{state}", f"{host}: {said}")


def prober(
    hello: str,
    *,
    port: int = 25,
    seconds: float = 8,
    allowed: Callable[[str], bool] = is_public,
    trusted: ssl.SSLContext | None = None,
) -> Probe:
    """Speaks to a server as a sender does that insists on TLS, and hangs up. `allowed`: which IP
    addresses may be connected to, so that DNS does not lead into our own network."""
    limits = Limits(connect=seconds, command=seconds)

    async def probe(host: str, ip: str) -> tuple[Starttls, str]:
        if not allowed(ip):
            return "unreached", f"{ip} is not in the public network"
        server = Server(host=host, ip=ip, port=port, hello=hello, tls="required", trusted=trusted)
        try:
            await Conversation(await opened(server, limits), limits).close()
        except Unwelcome as unwelcome:
            if unwelcome.reply == NO_TLS:
                return "absent", "it does not offer STARTTLS"
            return "unreached", f"it refused us: {unwelcome}"
        except Lost as lost:
            return await _why(server, limits, str(lost))
        return "fine", "STARTTLS with a certificate that fits"

    return probe


async def _why(server: Server, limits: Limits, said: str) -> tuple[Starttls, str]:
    """TLS, or no connection at all: whether it goes without checking tells."""
    try:
        unchecked = msgspec.structs.replace(server, tls="opportunistic")
        await Conversation(await opened(unchecked, limits), limits).close()
    except (Lost, Unwelcome):
        return "unreached", said
    return "certificate", said


def _mx(domain: str) -> str:
    return f"{domain}. IN MX 10 mail.{domain}."
