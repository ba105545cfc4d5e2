"""DMARC (RFC 9989): the policy, and whether From, DKIM and the return address belong together."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from lettershop.delivery.doctor.asked import Case
from lettershop.delivery.doctor.knowledge import Diagnosis, fine, problem, unknown
from lettershop.delivery.doctor.names import Names, starting, tags, txt

POLICIES: Final = ("none", "quarantine", "reject")
MOST_STEPS: Final = 8
"""Names asked on the way up the tree (RFC 9989 4.10)."""
_REPORTS: Final = re.compile(r"mailto:[^@,!\s]+@([^,!\s]+)", re.I)


class Found(msgspec.Struct, frozen=True):
    """A record and the domain it stands at."""

    domain: str
    text: str
    tags: dict[str, str]


class Policy(msgspec.Struct, frozen=True):
    """What holds for a domain: `record` None for nothing; `organization`: the domain that names
    with it belong to; `wrong`: why a record of its own is not used, as (check, what was found)."""

    record: Found | None
    organization: str
    wrong: tuple[str, str] | None = None

    def of(self, domain: str) -> str:
        """none, quarantine or reject; "" where there is no record."""
        if self.record is None:
            return ""
        said = self.record.tags
        policy = said.get("p", "none").lower()
        below = said.get("sp", policy).lower()
        return policy if self.record.domain == domain else below


async def policy(names: Names, domain: str) -> Policy:
    """The walk up the tree of RFC 9989 4.10. Silent."""
    wrong: tuple[str, str] | None = None
    seen: list[Found] = []
    for place in _upwards(domain):
        texts = await starting(names, f"_dmarc.{place}", "v=DMARC1")
        found = _read(place, texts)
        if isinstance(found, Found):
            seen.append(found)
            if found.tags.get("psd", "u").lower() == "n" or (_is_suffix(found) and place != domain):
                break
        elif found is not None and place == domain:
            wrong = found
    return Policy(_applies(seen, domain), _organization(seen, domain), wrong)


async def dmarc(case: Case) -> list[Diagnosis]:
    domain = case.question.domain
    found = await policy(case.names, domain)
    usual = f"v=DMARC1; p=none; rua=mailto:dmarc@{domain}"
    if found.wrong is not None:
        return [problem(*found.wrong, txt(f"_dmarc.{domain}", usual))]
    if found.record is None:
        said = f"neither {domain} nor a domain above it has a DMARC record"
        return [problem("dmarc.absent", said, txt(f"_dmarc.{domain}", usual))]
    wrong = [*_advice(found.record, found.of(domain)), *await _reporting(case, found.record)]
    told = fine("dmarc", f"{found.record.text} (at {found.record.domain})")
    return wrong if any(one.level != "info" for one in wrong) else [told, *wrong]


async def alignment(case: Case) -> list[Diagnosis]:
    """Relaxed: the same organizational domain; strict (`adkim=s`, `aspf=s`): the very same."""
    question = case.question
    own = await policy(case.names, question.domain)
    said = own.record.tags if own.record else {}
    wrong = []
    if not await _aligned(case, question.returns, own, said.get("aspf", "r")):
        told = f"the return address is at {question.returns}, From at {question.domain}"
        wrong.append(problem("alignment.envelope", told))
    signing = {one.domain or question.domain for one in question.selectors}
    if signing:
        strict = said.get("adkim", "r")
        if not any([await _aligned(case, one, own, strict) for one in sorted(signing)]):
            told = f"letters are signed by {', '.join(sorted(signing))}, From is {question.domain}"
            wrong.append(problem("alignment.dkim", told))
    elif not wrong:
        return [unknown("alignment", "which domain signs was not said", "name it: --selector")]
    return wrong or [fine("alignment", "From, DKIM and the return address")]


async def _aligned(case: Case, other: str, own: Policy, mode: str) -> bool:
    if other == case.question.domain:
        return True
    if mode.lower() == "s":
        return False
    return (await policy(case.names, other)).organization == own.organization


def _upwards(domain: str) -> Iterator[str]:
    """The domain, then those above it; of a long name first itself, then its last seven labels."""
    yield domain
    labels = domain.split(".")[1:][-(MOST_STEPS - 1) :]
    for at in range(len(labels)):
        yield ".".join(labels[at:])


def _read(place: str, texts: list[str]) -> Found | tuple[str, str] | None:
    if len(texts) > 1:
        return "dmarc.several", f"{len(texts)} records at _dmarc.{place}"
    if not texts:
        return None
    said = tags(texts[0])
    known = said is not None and said.get("v") == "DMARC1"
    if said is None or not known or said.get("p", "none").lower() not in POLICIES:
        return "dmarc.syntax", f"“{texts[0][:120]}”"
    if said.get("sp", "none").lower() not in POLICIES or ("p" not in said and "rua" not in said):
        return "dmarc.syntax", f"“{texts[0][:120]}”"
    return Found(place, texts[0], said)


def _applies(seen: list[Found], domain: str) -> Found | None:
    """Its own, else its organization's, else that of the public suffix."""
    organization = _organization(seen, domain)
    by_domain = {one.domain: one for one in seen}
    last = seen[-1] if seen and _is_suffix(seen[-1]) else None
    return by_domain.get(domain) or by_domain.get(organization) or last


def _organization(seen: list[Found], domain: str) -> str:
    """RFC 9989 4.10.2: where psd=n is said; one below psd=y; else the highest with a record."""
    for one in seen:
        if one.tags.get("psd", "u").lower() == "n":
            return one.domain
        if _is_suffix(one) and one.domain != domain:
            labels = domain.split(".")
            return ".".join(labels[-(one.domain.count(".") + 2) :])
    return seen[-1].domain if seen else domain


def _is_suffix(found: Found) -> bool:
    return found.tags.get("psd", "u").lower() == "y"


def _advice(record: Found, applied: str) -> Iterator[Diagnosis]:
    if not _REPORTS.search(record.tags.get("rua", "")):
        line = f"{record.text.rstrip('; ')}; rua=mailto:dmarc@{record.domain}"
        yield problem("dmarc.silent", f"{record.text} asks for no reports", _line(record, line))
    if applied == "none":
        yield problem("dmarc.watching", "p=none: letters of others in your name are delivered")
    if record.tags.get("t", "n").lower() == "y":
        yield problem("dmarc.testing", "t=y: the policy is not applied")
    if old := [name for name in ("pct", "rf", "ri") if name in record.tags]:
        kept = [p.strip() for p in record.text.split(";") if p.partition("=")[0].strip() not in old]
        line = _line(record, "; ".join(part for part in kept if part))
        yield problem("dmarc.removed", f"{', '.join(old)} in {record.text}", line)


async def _reporting(case: Case, record: Found) -> list[Diagnosis]:
    """Reports to another organization need its consent (RFC 9990 4)."""
    wrong = []
    own = (await policy(case.names, record.domain)).organization
    for target in dict.fromkeys(_REPORTS.findall(record.tags.get("rua", "").lower())):
        if (await policy(case.names, target)).organization == own:
            continue
        place = f"{record.domain}._report._dmarc.{target}"
        if not await starting(case.names, place, "v=DMARC1"):
            said = f"{target} does not say that it takes reports for {record.domain}"
            wrong.append(problem("dmarc.reports", said, txt(place, "v=DMARC1")))
    return wrong


def _line(record: Found, text: str) -> str:
    return txt(f"_dmarc.{record.domain}", text)
