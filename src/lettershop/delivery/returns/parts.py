"""A mail taken apart, within bounds: whatever is sent to us, it costs little and raises nothing.

The standard parser recurses into nested parts and keeps headers of any size; here a mail is cut
into its leaves first and only their headers, cut to a sane size, are given to it.
"""

import binascii
import html
import quopri
from base64 import b64decode
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import collapse_rfc2231_value
from typing import Final

import msgspec
import re2

MOST_BYTES: Final = 2_000_000
"""Of a mail; what follows is the message that was sent back, or an attachment."""
MOST_HEADERS: Final = 64_000
MOST_DEPTH: Final = 8
MOST_PARTS: Final = 64
MOST_TEXT: Final = 100_000
"""Characters of a text that are looked at."""

_CHARSETS: Final = (
    "utf", "iso", "windows", "cp1", "cp8", "cp9", "koi8", "gb", "big5", "euc", "shift", "sjis",
    "us-ascii", "ascii", "ansi", "latin", "mac", "ks_c", "tis", "hz",
)  # fmt: skip
"""Beginnings of the names of encodings that mail is written in; others the codecs know are not for
text, or (punycode) slow."""
_NAMES: Final = {"unicode-1-1-utf-7": "utf-7", "ansi_x3.110-1983": "iso-8859-1"}
_HIDDEN: Final = r"(?is)<(style|script|head)\b.*?</(style|script|head)\s*>|<!--.*?-->"
_BREAK: Final = r"(?i)<(br|/p|/div|/tr|/li|/h[1-6])\b[^>]*>"
_TAG: Final = r"<[^>]*>"
_BOUNDARY: Final = re2.compile(r"(?mi)^--(\S[^\r\n]{4,70}?)[ \t]*\r?\ncontent-[a-z-]+:")


class Part(msgspec.Struct, frozen=True):
    """A leaf. `type`: `text/plain`; `headers`: of this part (of the whole mail, where it is the
    mail itself); `body`: as it was transferred."""

    type: str
    headers: Message
    body: bytes


class Mail(msgspec.Struct, frozen=True):
    """`headers`: of the mail itself; `parts`: its leaves in order, at least one."""

    headers: Message
    type: str
    parts: tuple[Part, ...]

    def first(self, *types: str) -> Part | None:
        return next((part for part in self.parts if part.type in types), None)


def opened(mail: bytes) -> Mail:
    read = mail[:MOST_BYTES]
    if b"\n" not in read:  # lines as on old Macs
        read = read.replace(b"\r", b"\n")
    headers = parsed(_split(read)[0])
    return Mail(headers, _type(headers), tuple(_leaves(read)))


def parsed(head: bytes) -> Message:
    """Headers, as far as they can be read; never raises."""
    try:
        return BytesHeaderParser(policy=compat32).parsebytes(head[:MOST_HEADERS])
    except (HeaderParseError, ValueError, IndexError, TypeError):
        return Message()


def header(headers: Message, name: str) -> str:
    """A header on one line, its encoded words decoded; "" for none."""
    raw = next(iter(raws(headers, name)), "")
    try:
        words = [_word(text, charset) for text, charset in decode_header(raw)]
    except (HeaderParseError, ValueError, LookupError, binascii.Error):
        words = [raw]
    return " ".join("".join(words).split())


def raws(headers: Message, name: str) -> list[str]:
    """Every header of that name, its encoded words as they are, other bytes as UTF-8 if they can
    be."""
    wanted = name.lower()
    found = (str(value) for key, value in headers.raw_items() if key.lower() == wanted)
    return [decoded(one[:10_000].encode("utf-8", "surrogateescape")) for one in found]


def text(part: Part) -> str:
    """Of a text part, at most MOST_TEXT characters, with line ends as \\n; HTML without tags."""
    found = unlined(decoded(_transferred(part), _charset(part.headers)))[:MOST_TEXT]
    return plain(found) if part.type == "text/html" else found


def decoded(body: bytes, charset: str = "") -> str:
    """In the charset that is named, where it fits; else in one that never fails."""
    name = _NAMES.get(charset.lower(), charset.lower())
    tried = [name] if name.startswith(_CHARSETS) else []
    for one in (*tried, "utf-8"):
        try:
            return body[: 4 * MOST_TEXT].decode(one)
        except (LookupError, ValueError):
            continue
    return body[: 4 * MOST_TEXT].decode("latin-1")


def plain(markup: str) -> str:
    """The text of HTML; only good enough to look for words in."""
    shown = re2.sub(_BREAK, "\n", re2.sub(_HIDDEN, " ", markup))
    return html.unescape(re2.sub(_TAG, " ", shown))


def unlined(said: str) -> str:
    return said.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _leaves(mail: bytes) -> Iterator[Part]:
    found: list[Part] = []
    waiting: list[tuple[bytes, int]] = [(mail, 0)]
    while waiting and len(found) < MOST_PARTS:
        raw, depth = waiting.pop()
        head, body = _split(raw)
        headers = parsed(head)
        inner = _inner(headers, body) if depth < MOST_DEPTH else []
        if inner:
            waiting.extend((one, depth + 1) for one in reversed(inner[:MOST_PARTS]))
        else:
            found.append(Part(_type(headers), headers, body))
    return iter(found)


def _split(raw: bytes) -> tuple[bytes, bytes]:
    """Headers and body, at the first empty line."""
    if raw[:1] == b"\n" or raw[:2] == b"\r\n":
        return b"", raw
    ends = [(at, len(mark)) for mark in (b"\n\n", b"\n\r\n") if (at := raw.find(mark)) >= 0]
    if not ends:
        return raw, b""
    at, length = min(ends)
    return raw[: at + 1], raw[at + length :]


def _inner(headers: Message, body: bytes) -> list[bytes]:
    """What a multipart holds, or a notification that was forwarded whole; none of other types, or
    where the boundary never comes."""
    kind = _type(headers)
    if kind == "message/rfc822":
        inside = parsed(_split(body.lstrip(b"\r\n"))[0])
        return [body.lstrip(b"\r\n")] if _type(inside) == "multipart/report" else []
    if not kind.startswith("multipart/") and headers.get("Content-Type"):
        return []
    said = _parameter(headers, "boundary").strip()
    quoted = said[1:].partition('"')[0] if said.startswith('"') else said
    for boundary in (quoted.encode("utf-8", "surrogateescape"), _guessed(body)):
        pieces = (b"\n" + body).split(b"\n--" + boundary, MOST_PARTS + 1)[1:] if boundary else []
        kept = [piece for piece in pieces if not piece.startswith(b"--")]
        if kept:
            return [piece.partition(b"\n")[2] for piece in kept]
    return []


def _guessed(body: bytes) -> bytes:
    """The boundary, where headers on the way were lost: a line before the type of a part."""
    found = _BOUNDARY.search(body[:400].decode("latin-1"))
    return found[1].encode("latin-1") if found else b""


def _type(headers: Message) -> str:
    try:
        return headers.get_content_type()
    except (ValueError, TypeError, AttributeError, IndexError):
        return "text/plain"


def _parameter(headers: Message, name: str) -> str:
    try:
        said = headers.get_param(name)
        return collapse_rfc2231_value(said) if said is not None else ""
    except (ValueError, TypeError, AttributeError, LookupError):
        return ""


def _charset(headers: Message) -> str:
    return _parameter(headers, "charset").strip("\"' ")


def _transferred(part: Part) -> bytes:
    how = str(part.headers.get("Content-Transfer-Encoding", "")).strip().lower()
    body = part.body[: 8 * MOST_TEXT]
    match how:
        case "quoted-printable":
            return quopri.decodestring(body)
        case "base64":
            return _from_base64(body)
        case _:
            return body


def _from_base64(body: bytes) -> bytes:
    wanted = bytes(c for c in body if c not in b"\r\n \t")
    try:
        return b64decode(wanted[: len(wanted) // 4 * 4])
    except (binascii.Error, ValueError):
        return body


def _word(said: bytes | str, charset: str | None) -> str:
    return said if isinstance(said, str) else decoded(said, charset or "")
