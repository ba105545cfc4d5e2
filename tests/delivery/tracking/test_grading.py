"""Who clicked? The stories are data (stories.toml); here they are told, and held to account."""

import ipaddress
import time
import tomllib
from pathlib import Path
from random import Random
from typing import Any, get_args

import pytest
from seeds import seed

from lettershop.delivery.providers.knowledge import packaged as providers
from lettershop.delivery.tracking.gateways import packaged
from lettershop.delivery.tracking.grading import (
    Context,
    Graded,
    Letter,
    Reason,
    grade,
    grade_all,
)
from lettershop.delivery.tracking.hits import Hit

STORIES = tomllib.loads(Path(__file__).with_name("stories.toml").read_text("utf-8"))["story"]
DELIVERED = 1_700_000_000_000
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36"
)
AGENTS = {
    "chrome": CHROME,
    "outlook": f"{CHROME} Edg/126.0.0.0",
    "mpp": "Mozilla/5.0",
    "gmail": "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com "
    "GoogleImageProxy)",
    "slack": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "curl": "curl/8.5.0",
    "none": "",
}


def told(line: str) -> tuple[Hit, Graded]:
    said, _, expected = line.partition(" -> ")
    second, kind, number, agent, network, *letter = said.split()
    hit = Hit(
        kind="open" if kind == "open" else "click",
        method="HEAD" if kind == "head" else "GET",
        row=int(letter[0]) if letter else 1,
        send=1,
        number=int(number),
        at=DELIVERED + round(float(second) * 1000),
        agent=AGENTS[agent],
        network=network,
    )
    made: list[Any] = expected.split()
    return hit, Graded(made[0], tuple(made[1:]))


@pytest.mark.parametrize("story", STORIES, ids=lambda story: str(story["name"]))
def test_story(story: dict[str, Any]) -> None:
    hits, expected = zip(*map(told, story["hits"]), strict=True)
    letters = {hit.row: Letter(DELIVERED, story["provider"]) for hit in hits}
    assert grade_all(hits, letters) == [*expected]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: str(story["name"]))
def test_the_order_in_which_hits_are_read_does_not_matter(story: dict[str, Any]) -> None:
    hits = [told(line)[0] for line in story["hits"]]
    letters = {hit.row: Letter(DELIVERED, story["provider"]) for hit in hits}
    usual = dict(zip(hits, grade_all(hits, letters), strict=True))
    mixed = Random(seed()).sample(hits, len(hits))
    assert dict(zip(mixed, grade_all(mixed, letters), strict=True)) == usual
    one, others = mixed[0], mixed[1:]
    assert grade_all([one], letters, others) == [usual[one]]


def test_without_a_time_of_delivery_nothing_is_early() -> None:
    hit = told("1 click 1 chrome 198.51.100.0/24 -> human")[0]
    assert grade(hit, Context(letter=Letter(0, "proofpoint"))).grade == "human"


def test_every_reason_is_told_in_some_story() -> None:
    lines = [line for story in STORIES for line in story["hits"]]
    told_of = {reason for line in lines for reason in told(line)[1].reasons}
    assert told_of == set(get_args(Reason))


def test_the_knowledge_is_sound() -> None:
    known = packaged()
    assert set(known.gateway) <= set(providers().provider)
    gateways = {name for name, one in providers().provider.items() if one.gateway}
    assert gateways <= set(known.gateway)
    for one in known.gateway.values():
        assert (one.source and known.usual.early <= one.early <= one.doubtful) or not one.opens
    for network in known.network:
        assert network.source and [*map(ipaddress.ip_network, network.cidr)]
    assert all(agent.source and agent.name for agent in known.agent)


def test_browsers_of_people_are_nobodys_program() -> None:
    for agent in (
        CHROME,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
        "Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
        "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/126.0.0.0 Mobile Safari/537.36",
    ):
        assert packaged().agent_named(agent, "click") is None, agent


def test_a_gateway_that_fetches_thousands_is_graded_in_time() -> None:
    """Three thousand letters of a company, three links each, within twenty seconds."""
    hits = [
        Hit(kind="click", row=row, send=1, number=n, at=DELIVERED + row * 6 + n * 100, agent=CHROME,
            network="198.51.100.0/24")
        for row in range(3_000) for n in (1, 2, 3)
    ]  # fmt: skip
    letters = {row: Letter(DELIVERED - 900_000) for row in range(3_000)}
    began = time.perf_counter()
    assert {found.grade for found in grade_all(hits, letters)} == {"machine"}
    assert time.perf_counter() - began < 5  # measured: 0.6
