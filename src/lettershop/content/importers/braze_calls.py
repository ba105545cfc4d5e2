"""`{% connected_content URL :save name … %}` -> `[data.name] url = "URL"`."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from lettershop.content.importers.draft import Lost
from lettershop.content.importers.knowledge import snake
from lettershop.content.sources import LONGEST_CACHE, bad_name
from lettershop.content.template import Outside

_URL = re.compile(r"(?:\{\{(?:\$\{[^{}]*\}|[^{}])*\}\}|[^\s{])+")
_OUTPUT = re.compile(r"\{\{((?:\$\{[^{}]*\}|[^{}])*)\}\}")
_OPTION = re.compile(r"\s*:(\w+)(?:\s+((?!:\w)(?:\"[^\"]*\"|'[^']*'|\{[^{}]*\}|[^\s{])+))?")
HARMLESS = ("content_type", "retry")
"""Options that change nothing for a question by GET."""
_DECLARE = 'declare it under [data]: name = { url = "https://…" }'


def connected(said: str, translated: Callable[[str], str]) -> tuple[str, Outside]:
    """The name of the answer, and where it comes from. `translated`: an output's inside, ours."""
    found = _URL.match(said)
    if found is None:
        raise Lost("it has no address", _DECLARE)
    options = _options(said[found.end() :])
    name = snake(options.pop("save", ""))
    if name == "field" or bad_name(name):
        raise Lost("its answer has no name of its own (:save)", _DECLARE)
    if options.pop("method", "get").lower() != "get":
        raise Lost("letters ask by GET only", "offer the data under an address to be asked by GET")
    cache = options.pop("cache_max_age", "300")
    others = [key for key in options if key not in HARMLESS]
    if others:
        raise Lost(f"letters ask without “:{others[0]}”", "offer the data where none is needed")
    url = _OUTPUT.sub(lambda m: f"{{{{ {translated(m.group(1).strip())} }}}}", found.group())
    place = urlsplit(_OUTPUT.sub("x", url))
    if place.scheme not in ("http", "https") or "{{" in url.split("//", 1)[1].split("/", 1)[0]:
        raise Lost("its address is not the same host for everybody", _DECLARE)
    seconds = min(int(cache), LONGEST_CACHE) if cache.isdigit() else 300
    return name, Outside(url=url, cache=seconds)


def _options(said: str) -> dict[str, str]:
    found: dict[str, str] = {}
    at = 0
    while option := _OPTION.match(said, at):
        found[option.group(1)] = option.group(2) or ""
        at = option.end()
    if said[at:].strip():
        raise Lost("its options cannot be read", _DECLARE)
    return found
