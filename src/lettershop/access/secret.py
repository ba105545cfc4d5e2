"""Secrets that programs show: made here, kept as a hash, compared in constant time.

A secret holds 256 random bits, so nobody can try them out and a plain SHA-256 is enough; the slow
hashes that passwords need would only cost every request some 50 ms.
"""

import hashlib
import hmac
import secrets
from typing import Final

import msgspec

TOKEN: Final = "ls_tok_"  # noqa: S105  (the beginning everybody may see)
WRITE_KEY: Final = "ls_wk_"
SHOWN: Final = 6
"""Random characters that are shown again later, to tell secrets apart."""


class Secret(msgspec.Struct, frozen=True):
    """`text` is shown once and kept nowhere; `hash` is hex, 64 characters."""

    text: str
    hash: str
    prefix: str


def new_secret(beginning: str) -> Secret:
    text = beginning + secrets.token_urlsafe(32)
    return Secret(text, digest(text), text[: len(beginning) + SHOWN])


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two hex digests are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(one, other)
