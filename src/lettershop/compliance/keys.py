"""Keys of this room, made from the workspace's secret, and the keyed hash of an address.

A plain hash of an address is no protection: all likely addresses can be tried. With a key that only
the workspace has, the hash can stay for ever, also of people who were erased (GDPR, recital 26).
"""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Literal

Purpose = Literal["address", "opt-in", "mark"]


def derived(secret: bytes, purpose: Purpose) -> bytes:
    """32 bytes by HKDF-SHA256 (RFC 5869) without a salt; one block is enough."""
    extracted = hmac.digest(bytes(32), secret, "sha256")
    return hmac.digest(extracted, b"lettershop compliance " + purpose.encode() + b"\x01", "sha256")


class AddressKey:
    """Makes keyed hashes: 64 hex digits of HMAC-SHA256 over the comparable form."""

    def __init__(self, secret: bytes) -> None:
        self._begun = hmac.new(derived(secret, "address"), digestmod=hashlib.sha256)

    def hash(self, normal: str) -> str:
        made = self._begun.copy()
        made.update(normal.encode("utf-8", "surrogatepass"))
        return made.hexdigest()

    def hashes(self, normals: Iterable[str]) -> list[str]:
        return [self.hash(normal) for normal in normals]


def mark(secret: bytes) -> str:
    """Tells whether records were made with this secret, without telling anything of it."""
    return derived(secret, "mark").hex()
