"""Text as it travels: quoted-printable or base64, whichever is shorter, lines of at most 76.

Always encoded, though 8-bit would be shorter: no server on the way then has a reason to change what
was signed.
"""

import re
from binascii import b2a_base64, b2a_qp
from typing import Final

WIDTH: Final = 76
_HIGH_AND_EQUALS: Final = bytes([*range(128, 256), ord("=")])
_TOO_LONG: Final = re.compile(rb"[^\r\n]{77,}")
_ENDS_IN_SPACE: Final = (b"=20\r\n", b"=09\r\n")


def encoded(text: str) -> tuple[bytes, bytes]:
    """(name of the encoding, the encoded text); line ends of any kind become CRLF. A last line
    without an end stays without one. What is no character (a lone surrogate) becomes U+FFFD."""
    data = canonical(text)
    if text.isascii() or _quoted_may_be_shorter(data):
        made = quoted_printable(data)
        if len(made) <= len(data) * 4 // 3:
            return b"quoted-printable", made
    return b"base64", base64_lines(data)


def canonical(text: str) -> bytes:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\n", "\r\n")
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def quoted_printable(data: bytes) -> bytes:
    """`data` has CRLF line ends only. No line begins with “From ” or is a lone dot, which programs
    on the way would change."""
    # b2a_qp breaks lines as it sees the first one end, and guards white space before line ends only
    made = b2a_qp(data + b"\r\n", istext=True)[:-2]
    suspicious = any(end in made for end in _ENDS_IN_SPACE) or made[-3:] in (b"=20", b"=09")
    if b"\nFrom " in made or made.startswith(b"From "):
        made = re.sub(rb"(?m)^From ", b"=46rom ", made)
        suspicious = True
    if b"\n.\r" in made or made.endswith(b"\n."):
        made = re.sub(rb"(?m)^\.(?=\r|\Z)", b"=2E", made)
    return _TOO_LONG.sub(_broken, made) if suspicious else made


def base64_lines(data: bytes) -> bytes:
    said = b2a_base64(data, newline=False)
    return b"\r\n".join([said[at : at + WIDTH] for at in range(0, len(said), WIDTH)])


def _quoted_may_be_shorter(data: bytes) -> bool:
    escaped = len(data) - len(data.translate(None, _HIGH_AND_EQUALS))
    return len(data) + 2 * escaped <= len(data) * 4 // 3


def _broken(found: re.Match[bytes]) -> bytes:
    """A line that grew beyond 76 by what was escaped in it, in two; never within an escape."""
    line = found.group()
    at = WIDTH - 1
    at = next((cut for cut in (at - 2, at - 1) if line[cut : cut + 1] == b"="), at)
    return line[:at] + b"=\r\n" + line[at:]
