"""Macros in SPF records: `%{i}`, `%{d2}`, `%{ir}` (RFC 7208 7)."""

import re
from ipaddress import IPv4Address, IPv6Address
from typing import Final
from urllib.parse import quote

import msgspec

Ip = IPv4Address | IPv6Address
LOCAL: Final = "bounces"
"""Stands for the part before the @ of the return address, which differs with each letter."""
_MACRO: Final = re.compile(r"%(?:\{(\w)(\d*)(r?)([.\-+,/_=]*)\}|([%_\-]))", re.I)
_SIGNS: Final = {"%": "%", "_": " ", "-": "%20"}


class Scene(msgspec.Struct, frozen=True):
    """Who sends: `sender` is the domain of the return address, `domain` the record's."""

    ip: Ip
    sender: str
    domain: str


def filled(value: str, scene: Scene) -> str:
    """The name that a domain with macros stands for, at most 253 characters from its right."""

    def one(found: re.Match[str]) -> str:
        letter, digits, reverse, delimiters, sign = found.groups()
        if sign:
            return _SIGNS[sign]
        parts = re.split(f"[{re.escape(delimiters or '.')}]", _letter(letter.lower(), scene))
        if reverse:
            parts.reverse()
        text = ".".join(parts[-int(digits) :] if digits and int(digits) else parts)
        return quote(text, safe="") if letter.isupper() else text

    name = _MACRO.sub(one, value).rstrip(".")
    while len(name) > 253 and "." in name:
        name = name.partition(".")[2]
    return name


def _letter(letter: str, scene: Scene) -> str:
    match letter:
        case "s":
            return f"{LOCAL}@{scene.sender}"
        case "l":
            return LOCAL
        case "o" | "h":
            return scene.sender
        case "d":
            return scene.domain
        case "v":
            return "in-addr" if scene.ip.version == 4 else "ip6"
        case "i" if isinstance(scene.ip, IPv6Address):
            return ".".join(scene.ip.exploded.replace(":", ""))
        case "i":
            return str(scene.ip)
        case _:
            return "unknown"
