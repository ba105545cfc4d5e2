"""Tokens: a row of the ledger and a few bytes, signed, short enough for an address.

    token = base64url( key id (1) | row (varint) | extra | the first 12 bytes of an HMAC-SHA256 )

The HMAC also covers what stands elsewhere (`bound`: a link's target), so that nobody can exchange
it. Each purpose has a key of its own, derived from the workspace's secret: a token to unsubscribe
with is no token to click. Twelve bytes are 96 bits: guessing goes through our server.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from typing import Final, Literal, get_args

import msgspec

Purpose = Literal["click", "open", "leave"]

MAC: Final = 12
LONGEST: Final = 120
"""Characters of a token that are looked at."""
_ROWS: Final = 2**63
_VARINT: Final = 9
"""Bytes of a number below 2^63, seven bits each."""


class Signed(msgspec.Struct, frozen=True):
    """What a token says."""

    row: int
    extra: bytes


class Tokens:
    """`secret` signs; tokens signed with it or with one of `older` are read, so that a secret can
    be changed while letters are on their way. Safe to use from several threads."""

    def __init__(self, secret: bytes, *older: bytes) -> None:
        self._id = _derive(secret, "id")[:1]
        self._keys: dict[Purpose, bytes] = _keys(secret)
        self._known: list[tuple[int, dict[Purpose, bytes]]] = [
            (_derive(one, "id")[0], _keys(one)) for one in (secret, *older)
        ]

    def sign(self, purpose: Purpose, row: int, extra: bytes = b"", bound: bytes = b"") -> str:
        """`row`: 0 to 2^63. ValueError outside, and for an extra of more than 40 bytes."""
        if not 0 <= row < _ROWS or len(extra) > 40:
            raise ValueError(f"{row} is not the number of a row, or its extra is too long")
        body = self._id + varint(row) + extra
        raw = body + _mac(self._keys[purpose], body, bound)
        return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")

    def read(self, purpose: Purpose, token: str, bound: bytes = b"") -> Signed | None:
        """None for what was not signed here for this purpose and with this `bound`."""
        raw = _decoded(token)
        if raw is None:
            return None
        body, mac = raw[:-MAC], raw[-MAC:]
        for number, keys in self._known:
            if number == body[0] and hmac.compare_digest(mac, _mac(keys[purpose], body, bound)):
                return _opened(body)
        return None


def varint(number: int) -> bytes:
    """Seven bits a byte, the least first; the last byte is below 128 (LEB128)."""
    made = bytearray()
    while number > 127:
        made.append(number & 127 | 128)
        number >>= 7
    made.append(number)
    return bytes(made)


def read_varint(raw: bytes, start: int = 0) -> tuple[int, int]:
    """(number, where it ends). ValueError when there is none."""
    number = 0
    for place, byte in enumerate(raw[start : start + _VARINT]):
        number |= (byte & 127) << 7 * place
        if byte < 128:
            return number, start + place + 1
    raise ValueError("no number here")


def _opened(body: bytes) -> Signed | None:
    try:
        row, end = read_varint(body, 1)
    except ValueError:
        return None
    return Signed(row, body[end:])


def _decoded(token: str) -> bytes | None:
    """Only the one way of writing it counts."""
    if len(token) > LONGEST or not token.isascii():
        return None
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (Error, ValueError):
        return None
    again = urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
    return raw if len(raw) > MAC + 1 and again == token else None


def _mac(key: bytes, body: bytes, bound: bytes) -> bytes:
    """The length first: or a byte could wander from one to the other."""
    return hmac.digest(key, bytes((len(body),)) + body + bound, "sha256")[:MAC]


def _keys(secret: bytes) -> dict[Purpose, bytes]:
    return {purpose: _derive(secret, purpose) for purpose in get_args(Purpose)}


def _derive(secret: bytes, use: str) -> bytes:
    """HKDF-SHA256 (RFC 5869) without a salt; one block is enough."""
    extracted = hmac.digest(bytes(32), secret, "sha256")
    return hmac.digest(extracted, b"lettershop tracking " + use.encode() + b"\x01", "sha256")
