"""An SPF record as a list of terms (RFC 7208 4.6, 5, 6)."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final, Literal

import msgspec

Mechanism = Literal["all", "include", "a", "mx", "ptr", "ip", "exists"]
Verdict = Literal["pass", "fail", "softfail", "neutral", "none"]

QUALIFIERS: Final[dict[str, Verdict]] = {
    "+": "pass",
    "-": "fail",
    "~": "softfail",
    "?": "neutral",
}
_MECHANISMS: Final[dict[str, Mechanism]] = {
    "all": "all",
    "include": "include",
    "a": "a",
    "mx": "mx",
    "ptr": "ptr",
    "exists": "exists",
}
_NEEDS: Final = {"all": False, "include": True, "exists": True}
"""Whether a name must follow; it may for the others."""
_MECHANISM: Final = re.compile(
    r"(?P<sign>[+\-~?])?(?P<name>all|include|a|mx|ptr|exists)"
    r"(?::(?P<value>(?:%\{[^}]*\}|[^/])+))?(?P<size>/\d{1,3})?(?P<six>//\d{1,3})?",
    re.I,
)
_IP: Final = re.compile(r"(?P<sign>[+\-~?])?(?P<name>ip4|ip6):(?P<value>[0-9a-f:./]+)", re.I)
_MODIFIER: Final = re.compile(r"(?P<name>[a-z][a-z0-9._-]*)=(?P<value>\S*)", re.I)
_NAME: Final = re.compile(
    r"(?:[\x21-\x24\x26-\x7e]|%%|%_|%-|%\{[slodipvhcrt]\d*r?[.\-+,/_=]*\})+", re.I
)


class Malformed(Exception):
    """The message names the term that cannot be read."""


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """`value`: the domain with macros, "" for the record's own; `network` of ip4 and ip6 (here
    both “ip”); `sizes`:
    prefix lengths for IPv4 and IPv6 that an address of a or mx is compared by."""

    verdict: Verdict
    name: Mechanism
    value: str = ""
    network: IPv4Network | IPv6Network | None = None
    sizes: tuple[int, int] = (32, 128)


class Record(msgspec.Struct, frozen=True):
    """`redirect`: "" for none; it counts only where there is no `all`."""

    terms: tuple[Term, ...]
    redirect: str = ""

    @property
    def all(self) -> Term | None:
        return next((term for term in self.terms if term.name == "all"), None)


def is_spf(text: str) -> bool:
    """RFC 7208 4.5."""
    return text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")


def read(text: str) -> Record:
    """Malformed."""
    terms: list[Term] = []
    modifiers: dict[str, str] = {}
    for word in text.split(" ")[1:]:
        modifier = _MODIFIER.fullmatch(word)
        if word and modifier is None:
            terms.append(_term(word))
        elif modifier is not None:
            name, value = modifier["name"].lower(), modifier["value"]
            if name in ("redirect", "exp"):
                if name in modifiers or not _NAME.fullmatch(value):
                    raise Malformed(f"“{word[:80]}”")
                modifiers[name] = value
    return Record(tuple(terms), modifiers.get("redirect", ""))


def _term(word: str) -> Term:
    if ip := _IP.fullmatch(word):
        verdict = QUALIFIERS[ip["sign"] or "+"]
        network = _network(ip["name"].lower(), ip["value"], word)
        return Term(verdict=verdict, name="ip", network=network)
    found = _MECHANISM.fullmatch(word)
    if found is None:
        raise Malformed(f"“{word[:80]}”")
    name, value = found["name"].lower(), found["value"] or ""
    sizes = int((found["size"] or "/32")[1:]), int((found["six"] or "//128")[2:])
    if value and not _NAME.fullmatch(value):
        raise Malformed(f"“{word[:80]}”: not a name")
    if bool(value) != _NEEDS.get(name, bool(value)):
        raise Malformed(f"“{word[:80]}”")
    if (found["size"] or found["six"]) and name not in ("a", "mx"):
        raise Malformed(f"“{word[:80]}”")
    if sizes[0] > 32 or sizes[1] > 128:
        raise Malformed(f"“{word[:80]}”: no such prefix length")
    verdict = QUALIFIERS[found["sign"] or "+"]
    return Term(verdict=verdict, name=_MECHANISMS[name], value=value, sizes=sizes)


def _network(name: str, value: str, word: str) -> IPv4Network | IPv6Network:
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        raise Malformed(f"“{word[:80]}”: not an address") from None
    if (network.version == 4) != (name == "ip4"):
        raise Malformed(f"“{word[:80]}”: an address of the other kind")
    return network
