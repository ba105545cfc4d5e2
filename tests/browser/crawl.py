"""Every page of the app, found as people find them: by following links from the first one."""

import re
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import unescape
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx
import msgspec
from browsing import PASSWORD, Role
from django.urls import URLPattern

import lettershop.ready  # noqa: F401  (Django's settings, for the addresses)
from lettershop.web.urls import AREAS

TRIED: Final = 3
"""Addresses of one route that are looked at for further links."""
_LINK: Final = re.compile(r'(?:href|hx-get|src)="(/[^"]*|\?[^"]*)"')
_TOKEN: Final = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
FIRST: Final = ("/", "/account")
DRAFT: Final = "half-written"
"""A campaign that the company has beside the one that was sent."""
BY_HAND: Final[Mapping[str, str]] = {
    "backups_part": "/settings/backups/part",
    "campaign_abort": f"/campaigns/{DRAFT}/abort",
    "campaign_approve": f"/campaigns/{DRAFT}/approve",
    "campaign_edit": f"/campaigns/{DRAFT}/edit",
    "campaign_go": f"/campaigns/{DRAFT}/go",
    "campaign_start": f"/campaigns/{DRAFT}/start",
    "campaign_state": f"/campaigns/{DRAFT}/state",
    "domain_checks": "/deliverability/domains/tidewright.example/checks",
    "explanation": "/explained/user:U00001?segment=commuters",
    "find_choices": "/segments/build/choices",
    "finder_found": "/contacts/found?q=ann",
    "known_words": "/content/welcome/-/known",
    "proof_progress": "/proofs/1/part",
    "providers_part": "/deliverability/providers/part",
    "refused_csv": "/sources/refusals.csv",
    "refused_events": "/sources/refusals/events",
    "segments_plan": "/segments/plan",
}
"""Addresses that no link on a page names: what a script asks for, forms that are sent with GET,
and deeds that are offered only in another state."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """`route`: its view; `area`: of the pages; `ms`: until the answer was there; `page`: whether it
    is a whole one, not a part or a download."""

    route: str
    area: str
    address: str
    status: int
    ms: float
    page: bool
    text: str


def routes() -> Mapping[str, tuple[str, URLPattern]]:
    """Area and pattern of everything that can be asked with GET, by name of its view."""
    found = {}
    for area in AREAS:
        for pattern in area.PAGES:
            if "GET" in pattern.callback.methods:
                found[str(pattern.name)] = area.__name__.split(".")[-2], pattern
    return found


def route_of(address: str) -> str:
    """The view that answers; empty for what is none of the areas'."""
    path = urlsplit(address).path.removeprefix("/")
    return next((name for name, (_, one) in routes().items() if one.resolve(path)), "")


@contextmanager
def signed_in(url: str, role: Role = "owner") -> Iterator[httpx.Client]:
    """As a browser without scripts would be."""
    with httpx.Client(base_url=url, timeout=60.0, trust_env=False) as client:
        token = _TOKEN.search(client.get("/login").text)
        assert token is not None
        said = {"email": f"{role}@example.com", "password": PASSWORD}
        said["csrfmiddlewaretoken"] = token[1]
        answer = client.post("/login", data=said, headers={"Origin": url})
        assert answer.status_code == 302, answer.status_code
        yield client


def crawl(url: str, more: Mapping[str, str]) -> dict[str, list[Found]]:
    """What was found, by route. `more`: addresses that no link names, by route."""
    found: dict[str, list[Found]] = {}
    waiting, seen = deque([*FIRST, *more.values()]), set[str]()
    with signed_in(url) as client:
        while waiting:
            address = waiting.popleft()
            route = route_of(address)
            if address in seen or not route or len(found.get(route, ())) >= TRIED:
                continue
            seen.add(address)
            one = _asked(client, route, address)
            found.setdefault(route, []).append(one)
            waiting.extend(_links(one))
    return found


def _asked(client: httpx.Client, route: str, address: str) -> Found:
    since = time.perf_counter()
    answer = client.get(address)
    ms = (time.perf_counter() - since) * 1000
    kind = answer.headers.get("Content-Type", "")
    text = answer.text if kind.startswith("text/html") else ""
    whole = text.lstrip().lower().startswith("<!doctype") and 'id="main"' in text
    return Found(
        route=route,
        area=routes()[route][0],
        address=address,
        status=answer.status_code,
        ms=ms,
        page=whole,
        text=text,
    )


def _links(one: Found) -> Iterator[str]:
    for said in _LINK.findall(one.text):
        address = urljoin(one.address, unescape(said)).partition("#")[0]
        yield address
