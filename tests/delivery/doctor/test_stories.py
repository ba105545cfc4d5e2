"""Zones with one thing wrong, on a real DNS server, and what the doctor says of them."""

import asyncio
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from lettershop.delivery.doctor import Diagnosis, DnsNames, Question, examine
from lettershop.delivery.doctor.asked import Fetched, Selector, Starttls
from lettershop.delivery.doctor.knowledge import subjects
from tests.delivery.doctor.zones import Zone, with_words, zone
from tests.scripted_mail import dns_server

TOLD = tomllib.loads((Path(__file__).parent / "stories.toml").read_text("utf-8"))
STORIES: list[dict[str, Any]] = TOLD["story"]
POLICY = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 604800\n"


class Dns:
    """One server, whose zone is another for each story."""

    def __init__(self, port: int, known: Zone) -> None:
        self.port, self.known = port, known


@pytest.fixture(scope="module")
def dns() -> Iterator[Dns]:
    known: Zone = {}
    with dns_server(known) as port:
        yield Dns(port, known)


def told(dns: Dns, story: dict[str, Any]) -> list[Diagnosis]:
    dns.known.clear()
    dns.known.update(zone(TOLD["healthy"], story.get("zone", "")))
    state: Starttls = story.get("starttls", "fine")
    policy: str = story.get("policy", POLICY)

    async def probe(host: str, ip: str) -> tuple[Starttls, str]:
        return state, f"{host} at {ip}"

    async def fetch(url: str, there: Sequence[str]) -> Fetched:
        assert url == "https://mta-sts.example.com/.well-known/mta-sts.txt"
        assert there == ("192.0.2.11",)
        return Fetched(policy) if policy else Fetched(problem="it answered with status 404")

    async def asked() -> list[Diagnosis]:
        patience = 0.8 if "silent" in story.get("zone", "") else 10
        names = DnsNames(["127.0.0.1"], dns.port, seconds=patience)
        free = story.get("free", [])
        return await examine(
            question(story), names, is_free=lambda one: one in free, probe=probe, fetch=fetch
        )

    return asyncio.run(asked())


def question(story: dict[str, Any]) -> Question:
    signs = with_words(f"v=DKIM1; k=rsa; p={story['signs']}") if "signs" in story else ""
    selectors = story.get("selectors", ["s1"])
    return Question(
        domain=story.get("domain", "example.com"),
        selectors=tuple(Selector(one, signs, story.get("signer", "")) for one in selectors),
        ips=tuple(story.get("ips", ["192.0.2.10"])),
        envelope=story.get("envelope", ""),
    )


def not_fine(found: Sequence[Diagnosis]) -> list[str]:
    checks = {one.check if one.ok is False else f"?{one.check}" for one in found if not one.ok}
    return sorted(checks)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story["name"])
def test_story(dns: Dns, story: dict[str, Any]) -> None:
    found = told(dns, story)
    assert not_fine(found) == story["finds"]
    lines = {line for one in found for line in one.dns}
    assert [line for line in map(with_words, story.get("adds", [])) if line not in lines] == []


def test_every_subject_answers_and_every_problem_has_a_story() -> None:
    found = {check for story in STORIES for check in story["finds"]}
    known = {f"{name}.{key}" for name, one in subjects().items() for key in one.problems}
    assert known - found == set()
    assert {check for check in found if check[0] != "?"} <= known


def test_lines_cure_what_they_are_for(dns: Dns) -> None:
    """A domain with nothing in DNS but mail, with every line added that the doctor says."""
    bare: dict[str, Any] = {
        "name": "",
        "signs": "{rsa2048}",
        "zone": "example.com TXT\ns1._domainkey.example.com TXT\n_dmarc.example.com TXT\n"
        "_smtp._tls.example.com TXT\n",
    }
    wrong = [one for one in told(dns, bare) if one.ok is False]
    assert len(wrong) == 5 and {"spf.absent", "dkim.absent", "dmarc.absent"} < {
        one.check for one in wrong
    }
    for line in (line for one in wrong for line in one.dns):
        name, _, kind, data = line.split(maxsplit=3)
        dns_data = data.strip("() ").strip('"').replace('" "', "")
        bare["zone"] += f"{name.rstrip('.')} {kind} {dns_data}\n"
    assert not_fine(told(dns, bare)) == ["bimi.policy", "dmarc.watching"]


def test_every_answer_says_who_asks_for_it(dns: Dns) -> None:
    found = told(dns, {"name": "", "zone": "example.com TXT v=spf1 +all", "ips": []})
    assert all(one.title and one.source and one.found for one in found)
    assert all(one.fix for one in found if one.ok is False)
    assert {one.id for one in found} == {
        *("AUTH-1", "AUTH-2", "AUTH-4", "AUTH-5", "AUTH-6", "AUTH-7", "NET-1", "NET-2")
    }
