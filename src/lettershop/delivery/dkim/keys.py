"""Keys, and what the world must find in DNS to trust them."""

import re
from base64 import b64encode
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from lettershop.delivery.building.address import a_labels
from lettershop.model.errors import InputError

Kind = Literal["rsa", "ed25519"]
Private: TypeAlias = RSAPrivateKey | Ed25519PrivateKey
FEWEST_BITS: Final = 1024
"""Verifiers must not accept fewer (RFC 8301); 2048 is what providers want."""
USUAL_BITS: Final = 2048
MOST_BITS: Final = 4096
_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_NAME: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_STRING: Final = 255
"""Octets of one string in a TXT record (RFC 1035 3.3)."""


class Key(msgspec.Struct, frozen=True):
    """Signs for `domain`, and for domains below it that have no key, from `active_from` (ms) on.
    `domain` and `selector` are A-labels in small letters."""

    domain: str
    selector: str
    private: Private
    active_from: int = 0

    @property
    def kind(self) -> Kind:
        return "rsa" if isinstance(self.private, RSAPrivateKey) else "ed25519"

    @property
    def bits(self) -> int:
        return self.private.key_size if isinstance(self.private, RSAPrivateKey) else 256

    @property
    def dns_name(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"


class Generated(NamedTuple):
    """A new key: its PEM file, and the line of the domain's zone."""

    pem: bytes
    dns: str


def generate(
    domain: str, selector: str, bits: int = USUAL_BITS, *, kind: Kind = "rsa"
) -> Generated:
    """A new private key. `bits` are of RSA. InputError `dkim.name`, `dkim.bits`."""
    names = host_name(domain), host_name(selector)
    private: Private
    if kind == "ed25519":
        private = Ed25519PrivateKey.generate()
    elif FEWEST_BITS <= bits <= MOST_BITS:
        private = generate_private_key(65537, bits)
    else:
        said = f"a key has {FEWEST_BITS:,} to {MOST_BITS:,} bits, not {bits:,}"
        raise InputError("dkim.bits", said, hint=f"{USUAL_BITS}, which all providers take")
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Generated(pem, zone_line(Key(*names, private)))


def read_key(
    domain: str, selector: str, pem: bytes, *, active_from: int = 0, where: str = ""
) -> Key:
    """A key from a PEM file, text above it is ignored. InputError `dkim.name`, `dkim.key`."""
    try:
        private = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _no_key("this is not a private key in PEM, without a password", where) from None
    if not isinstance(private, RSAPrivateKey | Ed25519PrivateKey):
        raise _no_key("only RSA and Ed25519 keys can sign mail", where)
    if isinstance(private, RSAPrivateKey) and private.key_size < FEWEST_BITS:
        raise _no_key(f"a key of {private.key_size} bits is too weak to be accepted", where)
    return Key(host_name(domain), host_name(selector), private, active_from)


def dns_record(key: Key) -> str:
    """The text of the TXT record at `key.dns_name`."""
    public = key.private.public_key()
    if key.kind == "rsa":
        data = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    else:
        data = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return f"v=DKIM1; k={key.kind}; p={b64encode(data).decode('ascii')}"


def zone_line(key: Key) -> str:
    """The record as zone files have it: in strings of at most 255 octets."""
    text = dns_record(key)
    strings = [text[at : at + _STRING] for at in range(0, len(text), _STRING)]
    said = " ".join(f'"{string}"' for string in strings)
    return f"{key.dns_name}. IN TXT ( {said} )"


def host_name(said: str) -> str:
    """A domain or a selector, in small letters, as A-labels. InputError `dkim.name`."""
    try:
        name = (said if said.isascii() else a_labels(said)).lower().rstrip(".")
    except InputError:
        name = ""
    if _NAME.fullmatch(name) is None or len(name) > 253:
        raise InputError("dkim.name", f"“{said[:100]}” is not a name in DNS", hint="example.com")
    return name


def _no_key(said: str, where: str) -> InputError:
    return InputError("dkim.key", said, where=where, hint="lettershop dkim create DOMAIN")
