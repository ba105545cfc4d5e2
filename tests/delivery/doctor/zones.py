"""Zones as text, on a real DNS server; and public keys to put into them."""

import warnings
from base64 import b64encode
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Zone = dict[tuple[str, str], list[str]]


def public_key(bits: int) -> str:
    """Of nobody: only its size is looked at."""
    numbers = RSAPublicNumbers(65537, (1 << (bits - 1)) + 12_345)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the library, about keys this weak
        key = numbers.public_key()
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(der).decode("ascii")


WORDS = {f"{{rsa{bits}}}": public_key(bits) for bits in (768, 1024, 2048)}
WORDS |= {"{cut}": WORDS["{rsa2048}"][:255], "{long}": "a" * 300}


def with_words(text: str) -> str:
    for word, meant in WORDS.items():
        text = text.replace(word, meant)
    return text


def zone(*texts: str) -> Zone:
    """Later texts replace records of earlier ones, by name and type."""
    found: Zone = {}
    for text in texts:
        own: Zone = {}
        for line in with_words(text).strip().splitlines():
            name, kind, *rest = line.split(maxsplit=2)
            own.setdefault((name, kind), []).extend(_data(kind, one) for one in rest)
        found |= own
    return _existing(found)


def _existing(found: Mapping[tuple[str, str], list[str]]) -> Zone:
    return {key: records for key, records in found.items() if records}


def _data(kind: str, said: str) -> str:
    if kind != "TXT" or said == "silent":
        return said
    return " ".join(f'"{said[at : at + 255]}"' for at in range(0, len(said), 255))
