"""Links: that they lead somewhere, safely, and where their text says."""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from lettershop.content.lint.paper import OUTPUT, Paper, is_literal, literal, shown
from lettershop.content.lint.rule import Fault, data, texts
from lettershop.content.lint.tree import Element

_KNOWN = data("links.toml")
SHORTENERS = frozenset(texts(_KNOWN["shorteners"]))
PRIVATE = texts(_KNOWN["private"])
SECOND_LEVEL = frozenset(texts(_KNOWN["second_level"]))
SCHEMES = frozenset(texts(_KNOWN["schemes"]))
MOST = 60
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.I)
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]")
_SHOWN = re.compile(
    # a text that is nothing but an address: https://www.example.com/x, example.com
    r"(?:https?://)?(?P<host>(?:[\w-]+\.)+[a-z]{2,24})(?::\d+)?(?P<path>[/?#]\S*)?",
    re.I,
)
_FILES = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|csv|zip|png|jpe?g|gif|svg|txt|js|ts|md|py|ini)$", re.I
)
_MAIL = re.compile(r"[\w.+-]+@(?:[\w-]+\.)+[a-z]{2,24}", re.I)


def links(paper: Paper) -> Iterator[Fault]:
    anchors = {e.get("id") or e.get("name") for e in paper.elements} - {""}
    for address, element in paper.links:
        if address == paper.unsubscribe_url:
            continue
        if not address or (address.startswith("#") and address[1:] not in anchors):
            yield Fault("lint.link_empty", shown(element.text()) or address, f'href="{address}"')
        elif not address.startswith("#"):
            yield from judged(address)
            yield from _text_differs(address, element)
    if not paper.template and len(paper.links) > MOST:
        yield Fault("lint.links_many", f"{len(paper.links)}")


def judged(address: str) -> Iterator[Fault]:
    """What is wrong with the address of a link, at most one thing."""
    written = literal(address)
    if not written:
        return
    scheme = _SCHEME.match(_UNSEEN.sub("", written))
    quoted = shown(address)
    if scheme is None:
        host_only = written.startswith("//")
        if is_literal(address) or written[0] in "/.?" or host_only:
            yield Fault("lint.link_relative", quoted, written)
        return
    name = scheme.group(1).lower()
    if name in ("http", "https"):
        yield from _web(address, written, name)
    elif name in ("javascript", "vbscript", "data", "file", "blob"):
        yield Fault("lint.link_unsafe", quoted, written)
    elif name not in SCHEMES and not _looks_like_port(written):
        yield Fault("lint.link_scheme", f"{name}:", written)
    elif _looks_like_port(written):
        yield Fault("lint.link_relative", quoted, written)


def _looks_like_port(address: str) -> bool:
    """`example.com:8080/x`, whose host would be taken for a scheme."""
    return bool(re.match(r"[\w-]+(?:\.[\w-]+)*:\d+(?:/|$)", address))


def _web(address: str, written: str, scheme: str) -> Iterator[Fault]:
    quoted, parts = shown(address), _split(written)
    decoded = unquote(address)
    whole = is_literal(address)
    if parts is None or "{{" in decoded or "{%" in decoded or re.search(r"[\s<>]", written):
        yield Fault("lint.link_broken", quoted, written)
        return
    host = (parts.hostname or "").lower()
    told = whole or bool(re.match(r"https?://[^/?#]+[/?#]", written, re.I))
    if not host and (whole or told):
        yield Fault("lint.link_broken", quoted, written)
    elif not told:
        if scheme == "http":
            yield Fault("lint.link_http", quoted, written)
    elif host in ("http", "https"):  # https://https://example.com
        yield Fault("lint.link_broken", quoted, written)
    elif _private(host):
        yield Fault("lint.link_private", host, written)
    elif _ip(host) is not None:
        yield Fault("lint.link_ip", host, written)
    elif host.removeprefix("www.") in SHORTENERS:
        yield Fault("lint.link_shortener", host, written)
    elif "." not in host:
        yield Fault("lint.link_broken", quoted, written)
    elif scheme == "http":
        yield Fault("lint.link_http", quoted, written)


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        _ = parts.port, parts.hostname
    except ValueError:
        return None
    return parts


def _ip(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(int(host) if host.isdecimal() else host)
    except ValueError:
        return None


def _private(host: str) -> bool:
    found = _ip(host)
    if found is not None:
        return not found.is_global
    return host in ("localhost", "localhost.localdomain") or host.endswith(PRIVATE)


def _text_differs(address: str, element: Element) -> Iterator[Fault]:
    """A text that is an address itself must be that of the link's house."""
    text = element.text().strip()
    if OUTPUT in text or not is_literal(text):
        return
    if address.lower().startswith("mailto:"):
        said = unquote(address[7:].partition("?")[0])
        if _MAIL.fullmatch(text) and is_literal(said) and said.lower() != text.lower():
            yield Fault("lint.link_shown", f"{shown(text)} leads to {shown(said)}", text)
        return
    found = _SHOWN.fullmatch(text)
    parts = _split(literal(address))
    host = (parts.hostname or "") if parts else ""
    if (
        found is None
        or "." not in host
        or not re.match(r"https?://[^/?#]+(?:[/?#]|$)", address, re.I)
    ):
        return
    if "://" not in text and not found["path"] and _FILES.search(text):
        return  # the name of a file, not an address
    if OUTPUT in address and not re.match(rf"https?://[^/?#{OUTPUT}]+[/?#]", address, re.I):
        return
    if house(found["host"]) != house(host):
        yield Fault("lint.link_shown", f"{shown(text)} leads to {host}", text)


def house(host: str) -> str:
    """The part of a host that one owner has: example.com of www.example.com, of
    shop.example.co.uk example.co.uk."""
    parts = host.lower().rstrip(".").split(".")
    most = 3 if len(parts) > 2 and parts[-2] in SECOND_LEVEL and len(parts[-1]) == 2 else 2
    return ".".join(parts[-most:])
