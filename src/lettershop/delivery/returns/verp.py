"""Addresses that say which letter they belong to, and that nobody can make up.

A bounce goes to the envelope sender of the letter (RFC 5321 4.4, VERP), so each letter gets its
own: `r-…@domain`. The token is the number of its row in the ledger and an HMAC over it; in base 32,
since the part before the @ may come back in capitals. `u-…@domain` is the same for unsubscribing by
mail (RFC 2369). Nothing is kept, nothing can be guessed: a forged token is no token.
"""

import hmac
from base64 import b32decode, b32encode
from functools import lru_cache
from typing import Final, Literal

import re2

Use = Literal["return", "leave"]

_MARKS: Final[dict[Use, str]] = {"return": "r", "leave": "u"}
_MAC: Final = 10
"""Bytes: 80 bits; a guess has to go through our mail server."""
_TOKEN: Final = re2.compile(r"(?i)^([ru])-([a-z2-7]{17,29})$")


def verp(secret: bytes, row: int, domain: str, use: Use = "return") -> str:
    """`row`: of the ledger, 0 to 2^63. ValueError outside."""
    if not 0 <= row < 2**63:
        raise ValueError(f"{row} is not the number of a row")
    number = row.to_bytes((row.bit_length() + 7) // 8 or 1, "big")
    token = b32encode(number + _mac(secret, number, use)).decode().rstrip("=").lower()
    return f"{_MARKS[use]}-{token}@{domain}"


def unverp(secret: bytes, address: str, use: Use = "return") -> int | None:
    """The row; None where it is no such address, or was not made with this secret."""
    found = _TOKEN.match(address.rpartition("@")[0].strip('<" '))
    if found is None or found[1].lower() != _MARKS[use]:
        return None
    token = found[2].upper()
    try:
        raw = b32decode(token + "=" * (-len(token) % 8))
    except ValueError:
        return None
    number, mac = raw[:-_MAC], raw[-_MAC:]
    if not number or not hmac.compare_digest(mac, _mac(secret, number, use)):
        return None
    row = int.from_bytes(number, "big")
    return (
        row if verp(secret, row, "x", use) == f"{found[1].lower()}-{found[2].lower()}@x" else None
    )


def looks_like_leaving(address: str) -> bool:
    """Whether it has the form of one for unsubscribing; the token is not looked at."""
    found = _TOKEN.match(address.rpartition("@")[0])
    return found is not None and found[1].lower() == _MARKS["leave"]


def _mac(secret: bytes, number: bytes, use: Use) -> bytes:
    return hmac.digest(_key(secret, use), number, "sha256")[:_MAC]


@lru_cache(maxsize=16)
def _key(secret: bytes, use: Use) -> bytes:
    """HKDF-SHA256 (RFC 5869) without a salt; one block is enough."""
    extracted = hmac.digest(bytes(32), secret, "sha256")
    return hmac.digest(extracted, b"lettershop returns " + use.encode() + b"\x01", "sha256")
