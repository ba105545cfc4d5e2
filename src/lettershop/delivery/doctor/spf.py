"""SPF (RFC 7208) of the return address's domain."""

from collections.abc import Iterator
from ipaddress import ip_address

from lettershop.delivery.doctor.asked import Case
from lettershop.delivery.doctor.knowledge import Diagnosis, fine, problem, unknown
from lettershop.delivery.doctor.names import txt
from lettershop.delivery.doctor.spf_record import is_spf, read
from lettershop.delivery.doctor.spf_walk import MOST_LOOKUPS, MOST_VOIDS, Broken, Walk


async def spf(case: Case) -> list[Diagnosis]:
    domain, ips = case.question.returns, case.question.ips
    records = [r for r in (await case.names.ask(domain, "TXT")).records if is_spf(r)]
    if not records:
        return [problem("spf.absent", f"{domain} has no SPF record", txt(domain, _usual(ips)))]
    walk = Walk(case.names, domain)
    try:
        await walk.verdict(domain)
    except Broken as broken:
        return [problem(broken.check, broken.found)]
    found = [*_cost(walk), *_ending(domain, records[0], walk)]
    uncovered = [ip for ip in ips if (said := await _of(case, ip)) is not None and said != "pass"]
    if uncovered:
        line = txt(domain, _with(records[0], uncovered))
        found.append(problem("spf.address", f"{', '.join(uncovered)} may not send", line))
    if found:
        return found
    if not ips:
        said = f"{records[0]} ({walk.lookups} look-ups); whether it covers the server was not asked"
        return [unknown("spf", said, "say from which address letters leave: --ip")]
    return [fine("spf", f"{records[0]} ({walk.lookups} look-ups)")]


async def _of(case: Case, ip: str) -> str | None:
    """None when the limits decide, which the dearest way has told already."""
    domain = case.question.returns
    try:
        return await Walk(case.names, domain, ip_address(ip)).verdict(domain)
    except Broken as broken:
        return None if broken.check in ("spf.lookups", "spf.voids") else "none"


def _cost(walk: Walk) -> Iterator[Diagnosis]:
    if walk.lookups > MOST_LOOKUPS:
        yield problem("spf.lookups", f"{walk.lookups} look-ups, {MOST_LOOKUPS} are allowed")
    if len(walk.voids) > MOST_VOIDS:
        yield problem("spf.voids", f"these are not in DNS: {', '.join(walk.voids)}")
    if walk.slow:
        yield problem("spf.slow", f"ptr in {', '.join(walk.slow)}")


def _ending(domain: str, text: str, walk: Walk) -> Iterator[Diagnosis]:
    record = read(text)
    if walk.everybody:
        own = [txt(domain, _closed(text))] if domain in walk.everybody else []
        yield problem("spf.everybody", f"“+all” in {', '.join(walk.everybody)}", *own)
    elif record.all is None and not record.redirect:
        yield problem("spf.open", f"{text} has no “all” at its end", txt(domain, f"{text} ~all"))
    elif record.all is not None and record.all.verdict == "neutral":
        yield problem("spf.open", f"{text} ends with ?all", txt(domain, _closed(text)))


def _usual(ips: tuple[str, ...]) -> str:
    named = [_term(ip) for ip in ips] or ["mx"]
    return " ".join(["v=spf1", *named, "~all"])


def _with(text: str, ips: list[str]) -> str:
    """First, where they cost nothing and nothing comes before them."""
    return " ".join([text[:6], *(_term(ip) for ip in ips), *text[6:].split()])


def _closed(text: str) -> str:
    words = [w for w in text.split() if w.lower().lstrip("+-~?") != "all"]
    return " ".join([*words, "~all"])


def _term(ip: str) -> str:
    return f"ip{ip_address(ip).version}:{ip}"
