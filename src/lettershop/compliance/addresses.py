"""One form of an e-mail address, to compare by. Not to send to: the part before the @ is folded.

Two spellings of a mailbox must meet here, or a suppressed person gets a letter; so it is more
generous than the identity of a contact (ingest/emails.py) and takes what no validator would.
"""

import re
import unicodedata

import idna

LONGEST = 320
"""Characters: 64 before the @, 255 behind it (RFC 5321, 4.5.3.1)."""

_plain = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@[a-z0-9.-]*[a-z0-9]")
_ODD = re.compile(r"[\s\x00-\x1f\x7f<>\ud800-\udfff]")


def comparable(address: str) -> str | None:
    """`Ann.Lee@Bücher.example` -> `ann.lee@xn--bcher-kva.example`; None when it is no address.

    The local part is case-folded (no provider that matters tells `Ann@` from `ann@`), the domain
    becomes A-labels (RFC 5890), a final dot goes. Dots and `+tags` stay: they may be other people.
    """
    text = address.strip()
    if len(text) > LONGEST:
        return None
    lowered = text.lower()
    if _plain.fullmatch(lowered):
        return lowered
    local, at, domain = unicodedata.normalize("NFC", text).rpartition("@")
    domain = _ascii(domain.rstrip("."))
    if not at or not local or not domain or _ODD.search(local) or _ODD.search(domain):
        return None
    return f"{unicodedata.normalize('NFC', local.casefold())}@{domain}"


def masked(address: str) -> str:
    """`a…@example.com`: enough for the person to know it again."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def _ascii(domain: str) -> str:
    """What IDNA refuses is compared as it is, lower case: better twice known than never found."""
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return domain.lower()
