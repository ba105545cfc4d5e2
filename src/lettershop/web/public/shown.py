"""The pages for recipients, in their language. Of the person they show a masked address only."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from lettershop.delivery.tracking.hits import network
from lettershop.delivery.tracking.parties import Addressee, Topic
from lettershop.web.public.parties import public

Done = Literal["left", "left_all", "undone", "chosen"]

_FILE: Final = Path(__file__).with_name("words.toml")
WORDS: Final[Mapping[str, Mapping[str, str]]] = tomllib.loads(_FILE.read_text("utf-8"))
DEFAULT: Final = "en"
NAMES: Final = [(code, words["name"]) for code, words in WORDS.items()]
"""Languages in their own words, for who reads another one."""
_MOST: Final = 10
"""Languages of a header that are looked at."""


def left_page(
    request: HttpRequest, token: str, who: Addressee, done: Done | None = None
) -> HttpResponse:
    known = {"scope": "all" if done == "left_all" else "stream"}
    return _page(request, "leave", known | {"done": done, "token": token}, who)


def topics_page(
    request: HttpRequest,
    token: str,
    who: Addressee,
    topics: Sequence[Topic],
    before: Sequence[str] | None = None,
) -> HttpResponse:
    """`before`: topics that were wanted until now, after others were chosen."""
    done = "" if before is None else "chosen"
    known = {"topics": topics, "done": done, "token": token, "before": before}
    return _page(request, "topics", known, who)


def lost(request: HttpRequest) -> HttpResponse:
    return _page(request, "lost", {}, status=404)


def wait(request: HttpRequest, seconds: int) -> HttpResponse:
    response = _page(request, "wait", {}, status=429)
    response["Retry-After"] = str(seconds)
    return response


def guessing(request: HttpRequest) -> HttpResponse | None:
    """A wrong token is counted against the network; the answer when there were too many."""
    seconds = public().guesses.count(network(request.META.get("REMOTE_ADDR") or "") or "?")
    return wait(request, seconds) if seconds else None


def masked(address: str) -> str:
    """`a…@example.com`"""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def language_of(request: HttpRequest, who: Addressee | None = None) -> str:
    """What was chosen on the page; else what the letter was written in; else what the browser would
    rather read, of the languages there are (RFC 9110 12.5.4)."""
    said = request.POST.get("language") or request.GET.get("language") or ""
    letter = "" if who is None else who.language.partition("-")[0]
    known = [one for one in (said, letter) if one in WORDS]
    return known[0] if known else _accepted(request.headers.get("Accept-Language", ""))


def _accepted(header: str) -> str:
    wanted = []
    for place, part in enumerate(header.split(",")[:_MOST]):
        name, _, quality = part.partition(";")
        language = name.strip().lower().partition("-")[0]
        if language in WORDS and (weight := _weight(quality)) > 0:
            wanted.append((-weight, place, language))
    return min(wanted)[2] if wanted else DEFAULT


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(1.0, float(value))
    except ValueError:
        return 0.0


def _page(
    request: HttpRequest,
    name: str,
    known: Mapping[str, Any],
    who: Addressee | None = None,
    status: int = 200,
) -> HttpResponse:
    language = language_of(request, who)
    shown = "" if who is None else masked(who.address)
    words = {key: text.replace("{address}", shown) for key, text in WORDS[language].items()}
    told = words.get(str(known.get("done") or ""), "")
    said = {**known, "words": words, "language": language, "told": told, "languages": NAMES}
    # Without the request: no context of signed-in users comes near these pages.
    response = HttpResponse(render_to_string(f"public/{name}.html", said), status=status)
    response["Content-Language"] = language
    response["Vary"] = "Accept-Language"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
