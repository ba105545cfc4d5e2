"""Verifying: whether a receiver with our public keys takes the signatures at a message's top.

What we sign ourselves, and no more: relaxed/relaxed over the whole body, with sha256. Anything else
has a problem, which is said; dkimpy is the judge of it in the tests.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Final, TypeAlias

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from lettershop.delivery.dkim import canonical
from lettershop.delivery.dkim.keys import Key

Public: TypeAlias = RSAPublicKey | Ed25519PublicKey
FindKey: TypeAlias = Callable[[str, str], Public | None]
"""Domain, selector (A-labels, small letters) -> the key that DNS should have there."""
NAME: Final = b"dkim-signature"
_OWN_VALUE: Final = re.compile(rb"(?:(?<=;)|^)(\s*b\s*=)[^;]*")
_KINDS: Final = {"rsa-sha256": RSAPublicKey, "ed25519-sha256": Ed25519PublicKey}


class Verdict(msgspec.Struct, frozen=True):
    """Of one signature. `problem` "": it verifies. `signed`: the names in h=, small letters."""

    domain: str
    selector: str
    signed: frozenset[str]
    problem: str = ""


def public_keys(keys: Iterable[Key]) -> FindKey:
    """The public halves of our own keys."""
    known: Mapping[tuple[str, str], Public] = {
        (key.domain, key.selector): key.private.public_key() for key in keys
    }
    return lambda domain, selector: known.get((domain, selector))


def verify(content: bytes, find: FindKey) -> list[Verdict]:
    """Of each signature, from the top; none: the message is not signed."""
    return verify_split(*canonical.split(content), find)


def verify_split(fields: Sequence[canonical.Field], body: bytes, find: FindKey) -> list[Verdict]:
    """As `verify`, of what canonical.split has made of it."""
    signatures = [field for field in fields if field.name == NAME]
    if not signatures:
        return []
    digest = b64encode(sha256(canonical.body(body)).digest()).decode("ascii")
    return [_verdict(one, fields, digest, find) for one in signatures]


def _verdict(
    signature: canonical.Field, fields: Sequence[canonical.Field], digest: str, find: FindKey
) -> Verdict:
    tags = _tags(signature.value)
    domain, selector = tags.get("d", "").lower(), tags.get("s", "").lower()
    names = [name.strip().lower() for name in tags.get("h", "").split(":")]
    problem = _form(tags, names) or (
        "the body is not the one that was signed" if _packed(tags["bh"]) != digest else ""
    )
    if not problem:
        key = find(domain, selector)
        data = _signed_bytes(signature, fields, names)
        problem = _signature(tags, key, data)
    return Verdict(domain, selector, frozenset(names), problem)


def _form(tags: Mapping[str, str], names: Sequence[str]) -> str:
    missing = [tag for tag in ("v", "a", "b", "bh", "d", "h", "s") if not tags.get(tag)]
    if missing:
        return f"the signature lacks {', '.join(missing)}="
    if tags["v"] != "1" or tags["a"] not in _KINDS or tags.get("c") != "relaxed/relaxed":
        return "the signature is of a kind that we do not make"
    if "l" in tags:
        return "the signature leaves the end of the body out (l=)"
    return "" if "from" in names else "the signature leaves From out"


def _signature(tags: Mapping[str, str], key: Public | None, data: bytes) -> str:
    if key is None:
        return "the key that signed is not one of ours"
    if not isinstance(key, _KINDS[tags["a"]]):
        return "the key is of another kind than the signature"
    try:
        said = b64decode(_packed(tags["b"]), validate=True)
        if isinstance(key, RSAPublicKey):
            key.verify(said, data, PKCS1v15(), SHA256())
        else:
            key.verify(said, sha256(data).digest())
    except (InvalidSignature, Error):
        return "a signed header is not the one that was signed"
    return ""


def _signed_bytes(
    signature: canonical.Field, fields: Sequence[canonical.Field], names: Sequence[str]
) -> bytes:
    """Of several headers of a name the last counts first; a name with none left is nothing."""
    left: dict[bytes, list[bytes]] = {}
    for field in fields:
        left.setdefault(field.name, []).append(field.value)
    made = []
    for name in names:
        raw = name.encode("ascii", "replace")
        if left.get(raw):
            made.append(b"%b:%b\r\n" % (raw, left[raw].pop()))
    own = _OWN_VALUE.sub(rb"\1", signature.value, count=1)
    return b"".join(made) + b"%b:%b" % (signature.name, own.strip(b" "))


def _tags(value: bytes) -> dict[str, str]:
    found = {}
    for part in value.decode("ascii", "replace").split(";"):
        name, _, said = part.partition("=")
        if name.strip():
            found[name.strip()] = said.strip()
    return found


def _packed(value: str) -> str:
    return "".join(value.split())
