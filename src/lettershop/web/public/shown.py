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
_MOST: Final = 10
"""Languages of a header that are looked at."""


def left_page(
    request: HttpRequest, token: str, who: Addressee, done: Done | None = None
) -> HttpResponse:
    known = {"scope": "all" if done == "left_all" else "stream"}
    return _page(request, "leave", known | {"done": done, "token": token}, who.address)


def topics_page(
    request: HttpRequest, token: str, who: Addressee, topics: Sequence[Topic], done: Done | str
) -> HttpResponse:
    known = {"topics": topics, "done": done, "token": token}
    return _page(request, "topics", known, who.address)


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


def language_of(request: HttpRequest) -> str:
    """What the browser would rather read, of the languages there are (RFC 9110 12.5.4)."""
    wanted = []
    for place, part in enumerate(request.headers.get("Accept-Language", "").split(",")[:_MOST]):
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
    request: HttpRequest, name: str, known: Mapping[str, Any], address: str = "", status: int = 200
) -> HttpResponse:
    language = language_of(request)
    shown = masked(address)
    words = {key: text.replace("{address}", shown) for key, text in WORDS[language].items()}
    told = words.get(str(known.get("done") or ""), "")
    said = {**known, "words": words, "language": language, "told": told}
    # Without the request: no context of signed-in users comes near these pages.
    response = HttpResponse(render_to_string(f"public/{name}.html", said), status=status)
    response["Content-Language"] = language
    response["Vary"] = "Accept-Language"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
