"""Addresses as they go over the wire: ASCII where they can be, refused where they cannot."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

import idna
import msgspec

from lettershop.model.errors import InputError

_ATEXT: Final = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~\-"
_LOCAL: Final = re.compile(rf"[{_ATEXT}]+(?:\.[{_ATEXT}]+)*")
_WIDE: Final = re.compile(rf"[{_ATEXT}\u00a0-\U0010ffff]+(?:\.[{_ATEXT}\u00a0-\U0010ffff]+)*")
_DOMAIN: Final = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
_NAMED: Final = re.compile(r"(?P<name>[^<>]*|\s*\"(?:[^\"\\]|\\.)*\"\s*)<(?P<address>[^<>]*)>")
LONGEST: Final = 254
"""Octets of an address (RFC 5321 4.5.3.1.3, erratum 1690)."""
LONGEST_LOCAL: Final = 64


class Mailbox(msgspec.Struct, frozen=True):
    """`address` in its wire form; `name` as people read it, "" for none."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def mailbox(said: str, *, smtputf8: bool = False) -> Mailbox:
    """What `Ann Lee <ann@example.com>`, `"Lee, Ann" <…>` or a bare address says.

    InputError `address.invalid`, `address.smtputf8`.
    """
    text = said.strip()
    found = _NAMED.fullmatch(text)
    if found is None:
        return Mailbox("", wire_address(text, smtputf8=smtputf8))
    name = found["name"].strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return Mailbox(name, wire_address(found["address"].strip(), smtputf8=smtputf8))


def wire_address(address: str, *, smtputf8: bool = False) -> str:
    """One address with its domain as A-labels (`ann@bücher.example` → `ann@xn--bcher-kva.example`).

    Letters outside of ASCII before the @ can only be carried by servers that speak SMTPUTF8 (RFC
    6531): refused unless that is said. Quoted local parts and address literals are refused.
    InputError `address.invalid`, `address.smtputf8`.
    """
    local, at, domain = address.rpartition("@")
    if not at or not local:
        raise _invalid(address, "it has no name before an @")
    domain = domain if domain.isascii() else a_labels(domain)
    if _DOMAIN.fullmatch(domain) is None:
        raise _invalid(address, "its domain is not one")
    if not local.isascii():
        local = _international(address, local, smtputf8)
    elif _LOCAL.fullmatch(local) is None:
        raise _invalid(address, "it has characters before the @ that do not belong there")
    made = f"{local}@{domain}"
    if len(local.encode()) > LONGEST_LOCAL or len(made.encode()) > LONGEST:
        raise _invalid(address, "it is too long")
    return made


@lru_cache(maxsize=4096)
def a_labels(domain: str) -> str:
    """`bücher.example` → `xn--bcher-kva.example` (IDNA 2008). InputError `address.invalid`."""
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise _invalid(domain, "its domain is not one") from None


def _international(address: str, local: str, smtputf8: bool) -> str:
    folded = unicodedata.normalize("NFC", local)
    strange = any(unicodedata.category(char)[0] in "CZ" for char in folded)
    if strange or _WIDE.fullmatch(folded) is None:
        raise _invalid(address, "it has characters before the @ that do not belong there")
    if not smtputf8:
        said = f"“{address[:200]}” has letters before the @ that need SMTPUTF8, which is off"
        raise InputError("address.smtputf8", said, hint="ask for another address")
    return folded


def _invalid(address: str, why: str) -> InputError:
    shown = address[:200].encode("utf-8", "replace").decode()
    return InputError("address.invalid", f"“{shown}” is not an address: {why}")
