"""Sender, recipient and content as they go over the wire."""

import re
from collections.abc import Mapping
from typing import Final

import idna

from lettershop.delivery.wire import Outgoing, Reply

LONGEST: Final = 254
"""Octets of an address (RFC 3696, erratum 1690)."""

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]|[^\x00-\x9f\u2028\u2029]"
_LOCAL: Final = re.compile(rf"(?:{_ATOM})+|\"(?:[ !#-\[\]-~]|\\[ -~]|[^\x00-\x9f\u2028\u2029])*\"")
_DOMAIN: Final = re.compile(
    r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9_-]{1,63}"
)


class Envelope(Exception):
    """The message cannot be handed over to this server; the reply says why, as it would have."""

    def __init__(self, code: int, status: str, text: str) -> None:
        super().__init__(text)
        self.reply = Reply(code=code, status=status, text=text)


def domain(address: str) -> str:
    """The domain of an address as DNS wants it: ASCII, in lower case. Envelope when it is none."""
    local, at, name = address.rpartition("@")
    try:
        ascii_name = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        ascii_name = ""
    if not (at and local and len(ascii_name) <= 253 and _DOMAIN.fullmatch(ascii_name)):
        raise Envelope(553, "5.1.3", "this is not an address")
    return ascii_name


def commands(message: Outgoing, extensions: Mapping[str, str]) -> tuple[bytes, bytes]:
    """MAIL and RCPT with what the server needs to know. Envelope: refused before it is tried."""
    recipient = _path(message.recipient)
    sender = _path(message.sender) if message.sender else b""
    mail = b"MAIL FROM:<" + sender + b">"
    if "size" in extensions:
        mail += b" SIZE=%d" % _fitting(len(message.content), extensions["size"])
    if not message.content.isascii():
        if "8bitmime" not in extensions:
            raise Envelope(554, "5.6.3", "the server does not take 8-bit content")
        mail += b" BODY=8BITMIME"
    if not (sender.isascii() and recipient.isascii()):
        if "smtputf8" not in extensions:
            raise Envelope(553, "5.6.7", "the server does not take addresses beyond ASCII")
        mail += b" SMTPUTF8"
    return mail + b"\r\n", b"RCPT TO:<" + recipient + b">\r\n"


def stuffed(content: bytes) -> bytes:
    """Content ready for DATA: whole lines, dots doubled (RFC 5321 4.5.2). Envelope for bare CR or
    LF: some servers take `LF . LF` for the end, and the rest for another message."""
    ends = content.count(b"\r\n")
    if content.count(b"\n") != ends or content.count(b"\r") != ends:
        raise Envelope(554, "5.6.0", "the content has bare line ends")
    if b"\n." in content:
        content = content.replace(b"\n.", b"\n..")
    if content.startswith(b"."):
        content = b"." + content
    return content if content.endswith(b"\r\n") or not content else content + b"\r\n"


def _path(address: str) -> bytes:
    """An address between the brackets, its domain in ASCII wherever that is possible."""
    name = domain(address)
    local = address.rpartition("@")[0]
    if not _LOCAL.fullmatch(local) or len(local.encode()) > 64:
        raise Envelope(553, "5.1.3", "this is not an address")
    path = f"{local}@{name}".encode()
    if len(path) > LONGEST:
        raise Envelope(553, "5.1.3", "the address is too long")
    return path


def _fitting(size: int, most: str) -> int:
    """RFC 1870: 0 and nothing mean that no limit is said."""
    if most.isascii() and most.isdigit() and len(most) < 20 and 0 < int(most) < size:
        raise Envelope(552, "5.3.4", f"{size} octets are more than the server takes ({most})")
    return size
