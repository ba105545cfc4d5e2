"""SPF (RFC 7208) of the return address's domain."""

from collections.abc import Iterator
from ipaddress import ip_address

from lettershop.delivery.doctor.asked import Case
from lettershop.delivery.doctor.knowledge import Diagnosis, fine, problem, unknown
from lettershop.delivery.doctor.names import txt
from lettershop.delivery.doctor.spf_record import Verdict, is_spf, read
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
    verdicts = {ip: await _of(case, ip) for ip in ips}
    uncovered = [ip for ip, said in verdicts.items() if isinstance(said, str) and said != "pass"]
    cured = txt(domain, _cured(records[0], uncovered))
    found = [*_cost(walk), *_ending(domain, records[0], walk, cured)]
    told = {one.check for one in found}
    for ip, said in verdicts.items():
        if isinstance(said, Broken) and said.check not in told:
            found.append(problem(said.check, f"for letters from {ip}: {said.found}"))
    if uncovered:
        found.append(problem("spf.address", f"{', '.join(uncovered)} may not send", cured))
    if found:
        return found
    told_record = f"{records[0]} ({walk.lookups} look-ups)"
    if not ips:
        unasked = f"{told_record}; whether it covers the server was not asked"
        return [unknown("spf", unasked, "say from which address letters leave: --ip")]
    return [fine("spf", told_record)]


async def _of(case: Case, ip: str) -> Verdict | Broken:
    """What a receiver comes to that a letter from this address reaches."""
    domain = case.question.returns
    try:
        return await Walk(case.names, domain, ip_address(ip)).verdict(domain)
    except Broken as broken:
        return broken


def _cost(walk: Walk) -> Iterator[Diagnosis]:
    if walk.lookups > MOST_LOOKUPS:
        yield problem("spf.lookups", f"{walk.lookups} look-ups, {MOST_LOOKUPS} are allowed")
    if len(walk.voids) > MOST_VOIDS:
        yield problem("spf.voids", f"these are not in DNS: {', '.join(walk.voids)}")
    if walk.slow:
        yield problem("spf.slow", f"ptr in {', '.join(walk.slow)}")


def _ending(domain: str, text: str, walk: Walk, cured: str) -> Iterator[Diagnosis]:
    record = read(text)
    if walk.everybody:
        own = [cured] if domain in walk.everybody else []
        yield problem("spf.everybody", f"“+all” in {', '.join(walk.everybody)}", *own)
    elif record.all is None and not record.redirect:
        yield problem("spf.open", f"{text} has no “all” at its end", cured)
    elif record.all is not None and record.all.verdict == "neutral":
        yield problem("spf.open", f"{text} ends with ?all", cured)


def _cured(text: str, uncovered: list[str]) -> str:
    """With the addresses that are missing first, where they cost nothing and nothing comes before
    them; and with an end that says something."""
    record, words = read(text), text.split()[1:]
    says = record.all.verdict if record.all is not None else "none"
    if not record.redirect and says in ("pass", "neutral", "none"):
        words = [*(w for w in words if w.lower().lstrip("+-~?") != "all"), "~all"]
    return " ".join(["v=spf1", *map(_term, uncovered), *words])


def _usual(ips: tuple[str, ...]) -> str:
    named = [_term(ip) for ip in ips] or ["mx"]
    return " ".join(["v=spf1", *named, "~all"])


def _term(ip: str) -> str:
    return f"ip{ip_address(ip).version}:{ip}"
