"""DKIM keys as DNS has them (RFC 6376 3.6.1, RFC 8301, RFC 8463)."""

import asyncio
import binascii
from base64 import b64decode
from collections.abc import Iterator
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from lettershop.delivery.dkim.keys import FEWEST_BITS, USUAL_BITS
from lettershop.delivery.doctor.asked import Case, Selector
from lettershop.delivery.doctor.knowledge import Diagnosis, fine, problem, unknown
from lettershop.delivery.doctor.names import Answer, tags, txt

_ED25519: Final = 32
"""Octets of a public key, which stand there without an envelope (RFC 8463 4.1)."""


async def dkim(case: Case) -> list[Diagnosis]:
    asked = case.question.selectors
    if not asked:
        said = "keys cannot be listed in DNS: their selectors must be said"
        return [unknown("dkim", said, "name them with --selector, or run it in the workspace")]
    places = [_place(case, one) for one in asked]
    answers = await asyncio.gather(*(case.names.ask(place, "TXT") for place in places))
    triples = zip(asked, places, answers, strict=True)
    return [found for triple in triples for found in _judged(*triple)]


def _place(case: Case, one: Selector) -> str:
    return f"{one.name}._domainkey.{one.domain or case.question.domain}"


def _judged(selector: Selector, place: str, answer: Answer) -> Iterator[Diagnosis]:
    line = [txt(place, selector.record)] if selector.record else []
    if not answer.records:
        yield problem("dkim.absent", f"there is no key at {place}", *line)
        return
    if len(answer.records) > 1:
        yield problem("dkim.several", f"{len(answer.records)} records at {place}", *line)
        return
    found = tags(answer.records[0])
    if found is None or "p" not in found or found.get("v", "DKIM1") != "DKIM1":
        yield problem("dkim.syntax", f"{place}: “{answer.records[0][:80]}”", *line)
        return
    wrong = [*_key(place, found, line), *_flags(place, found, line)]
    yield from wrong or [fine("dkim", f"{place}: {_told(found)}")]
    if selector.record:
        yield _ours(place, found, selector.record)


def _key(place: str, found: dict[str, str], line: list[str]) -> Iterator[Diagnosis]:
    if not found["p"]:
        yield problem("dkim.revoked", f"the key at {place} was withdrawn", *line)
        return
    try:
        bits = _bits(found)
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        yield problem("dkim.syntax", f"{place}: p= does not hold a key", *line)
        return
    if bits < FEWEST_BITS:
        yield problem("dkim.weak", f"the key at {place} has {bits:,} bits")
    elif bits < USUAL_BITS:
        yield problem("dkim.short", f"the key at {place} has {bits:,} bits")


def _flags(place: str, found: dict[str, str], line: list[str]) -> Iterator[Diagnosis]:
    if "y" in _list(found.get("t", "")):
        yield problem("dkim.testing", f"{place} has t=y", *line)
    if "sha256" not in _list(found.get("h", "sha256")):
        yield problem("dkim.hash", f"{place} has h={found['h']}", *line)
    if not {"*", "email"} & set(_list(found.get("s", "*"))):
        yield problem("dkim.service", f"{place} has s={found['s']}", *line)


def _ours(place: str, found: dict[str, str], record: str) -> Diagnosis:
    own = tags(record) or {}
    if _packed(own.get("p", "")) == _packed(found["p"]):
        return fine("signature", f"{place} is the key in data/dkim")
    said = f"{place} holds another key than data/dkim: signatures fail"
    return problem("signature.other", said, txt(place, record))


def _bits(found: dict[str, str]) -> int:
    """As if of RSA: an Ed25519 key is as strong as one of 3,072 bits. ValueError."""
    data = b64decode(_packed(found["p"]), validate=True)
    if found.get("k", "rsa").lower() == "ed25519":
        if len(data) != _ED25519:
            raise ValueError("not an Ed25519 key")
        return 3_072
    key = load_der_public_key(data)
    if not isinstance(key, RSAPublicKey):
        raise ValueError("not an RSA key")
    return key.key_size


def _told(found: dict[str, str]) -> str:
    kind = found.get("k", "rsa").lower()
    return kind if kind == "ed25519" else f"{kind}, {_bits(found):,} bits"


def _packed(value: str) -> str:
    return "".join(value.split())


def _list(value: str) -> list[str]:
    return [one.strip().lower() for one in value.split(":")]
