"""A message's bytes, read once for all checks. Only what our builder makes is read in full; what is
broken beyond that is said by `broken`, and then it does not leave."""

import re
from binascii import Error, a2b_base64, a2b_qp
from collections.abc import Iterator, Mapping, Sequence
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from functools import lru_cache
from typing import Final

import msgspec

from lettershop.delivery.dkim.canonical import Field, split

_BOUNDARY: Final = re.compile(rb'boundary="?([^";]+)"?', re.IGNORECASE)
DEEPEST: Final = 5
"""Parts within parts."""


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """`fields`: headers from top to bottom, in one line each; `named`: their values by name in
    small letters. `body`: as it stands. `html`, `text`: what is read, "" for none."""

    content: bytes
    fields: Sequence[Field]
    named: Mapping[bytes, Sequence[bytes]]
    body: bytes
    html: str
    text: str
    broken: str = ""

    def one(self, name: bytes) -> str:
        """The value of the first header of that name, decoded; "" where there is none."""
        found = self.named.get(name)
        return decoded(found[0]) if found else ""


def read(content: bytes) -> Mail:
    fields, body = split(content)
    named: dict[bytes, list[bytes]] = {}
    for name, value in fields:
        named.setdefault(name, []).append(value)
    html, text, broken = "", "", ""
    try:
        for kind, said in _texts(named, body, DEEPEST):
            if kind == b"text/html":
                html = html or said
            else:
                text = text or said
    except (Error, ValueError, LookupError) as error:
        broken = f"a part of it cannot be read ({error})"
    return Mail(
        content=content, fields=fields, named=named, body=body, html=html, text=text, broken=broken
    )


@lru_cache(maxsize=4096)
def decoded(value: bytes) -> str:
    """Encoded words as the text they stand for (RFC 2047); as it is where they are none."""
    plain = value.decode("utf-8", "replace")
    if "=?" not in plain:
        return plain
    try:
        return str(make_header(decode_header(plain)))
    except (HeaderParseError, LookupError, ValueError):
        return plain


def _texts(
    named: Mapping[bytes, Sequence[bytes]], body: bytes, depth: int
) -> Iterator[tuple[bytes, str]]:
    """(type, text) of the parts that are read, not of attachments."""
    said = named.get(b"content-type", (b"text/plain",))[0]
    kind = said.partition(b";")[0].strip().lower()
    if kind.startswith(b"multipart/"):
        found = _BOUNDARY.search(said)
        if found is None or depth == 0:
            raise ValueError("no boundary")
        for part in _parts(body, found[1]):
            inner, content = split(part)
            names: dict[bytes, list[bytes]] = {}
            for name, value in inner:
                names.setdefault(name, []).append(value)
            yield from _texts(names, content, depth - 1)
    elif kind in (b"text/html", b"text/plain") and not _is_attached(named):
        encoding = named.get(b"content-transfer-encoding", (b"",))[0].lower()
        yield kind, _plain(body, encoding)


def _is_attached(named: Mapping[bytes, Sequence[bytes]]) -> bool:
    return named.get(b"content-disposition", (b"",))[0].lower().startswith(b"attachment")


def _parts(body: bytes, boundary: bytes) -> Sequence[bytes]:
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise ValueError("its parts do not end")
    return [piece.removeprefix(b"\r\n") for piece in pieces[1:-1]]


def _plain(body: bytes, encoding: bytes) -> str:
    """UnicodeDecodeError (a ValueError) for what is no UTF-8."""
    match encoding:
        case b"quoted-printable":
            body = a2b_qp(body)
        case b"base64":
            body = a2b_base64(body)
        case _:
            pass
    return body.decode("utf-8").replace("\r\n", "\n")
