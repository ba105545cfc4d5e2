"""Links: that they lead somewhere, safely, and where their text says."""

import re
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from publicsuffixlist import PublicSuffixList

from lettershop.content.lint.paper import Paper, is_literal, literal, shown
from lettershop.content.lint.rule import Fault, data, texts
from lettershop.content.lint.tree import Element

_KNOWN = data("links.toml")
SHORTENERS = frozenset(texts(_KNOWN["shorteners"]))
PRIVATE = texts(_KNOWN["private"])
SCHEMES = frozenset(texts(_KNOWN["schemes"]))
MOST = 60
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.I)
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]")
_SHOWN = re.compile(
    # a text that is nothing but an address: https://www.example.com/x, example.com
    r"(?P<scheme>https?://)?(?P<host>(?:[\w-]+\.)+[a-z]{2,24})(?::\d+)?(?P<path>[/?#]\S*)?",
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
    quoted, host = shown(address), host_of(address)
    decoded = unquote(address)
    if host == "" or host in ("http", "https") or "{{" in decoded or "{%" in decoded:
        yield Fault("lint.link_broken", quoted, written)
    elif host is not None and _private(host):
        yield Fault("lint.link_private", host, written)
    elif host is not None and _ip(host) is not None:
        yield Fault("lint.link_ip", host, written)
    elif host is not None and host.removeprefix("www.") in SHORTENERS:
        yield Fault("lint.link_shortener", host, written)
    elif re.search(r"[\s<>]", written):
        yield Fault("lint.link_broken", quoted, written, "warning")  # some clients mend it
    elif scheme == "http":
        yield Fault("lint.link_http", quoted, written)


def host_of(address: str) -> str | None:
    """Of a link to the web, in small letters: "" where it has none or one that cannot be, None
    where a value belongs to it, which is not known."""
    written = literal(address)
    parts = _split(written)
    if parts is None or re.search(r"[\s<>]", parts.netloc):
        return ""
    if not is_literal(address) and not re.match(r"https?://[^/?#]*[/?#]", written, re.I):
        return None
    return (parts.hostname or "").lower()


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
    return "." not in host or host.endswith(PRIVATE)


def _text_differs(address: str, element: Element) -> Iterator[Fault]:
    """A text that is an address itself must be that of the link's house."""
    text = element.text().strip()
    if is_literal(text) and (told := text_differs(address, text)):
        yield Fault("lint.link_shown", told, text)


def text_differs(address: str, text: str) -> str:
    """What a text that is an address itself says beside where it leads; "" where both are of one
    house, or the text is none."""
    if address.lower().startswith("mailto:"):
        said = unquote(address[7:].partition("?")[0])
        if _MAIL.fullmatch(text) and is_literal(said) and said.lower() != text.lower():
            return f"{shown(text)} leads to {shown(said)}"
        return ""
    found = _SHOWN.fullmatch(text)
    host = host_of(address) if re.match(r"https?:", address, re.I) else None
    if found is None or not host or (not found["scheme"] and _is_name(found)):
        return ""
    named = house(found["host"])
    differs = named is not None and named != house(host)
    return f"{shown(text)} leads to {host}" if differs else ""


def _is_name(found: re.Match[str]) -> bool:
    """Prices.pdf, ASP.NET: names of files and things that only look like hosts."""
    ending = found["host"].rpartition(".")[2]
    return not ending.islower() or (not found["path"] and bool(_FILES.search(found["host"])))


def house(host: str) -> str | None:
    """The part of a host that one owner has: example.com of www.example.com, example.co.uk of
    shop.example.co.uk; None of what is no host of the internet."""
    return _endings().privatesuffix(host.lower().rstrip("."))


@lru_cache(maxsize=1)
def _endings() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)
