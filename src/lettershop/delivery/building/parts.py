"""Parts of a message, each whole: its headers, an empty line, its content, no line end after it."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

import msgspec

from lettershop.delivery.building.body import base64_lines, encoded
from lettershop.model.errors import InputError

_TYPE: Final = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
)
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,50}")
_UNRESERVED: Final = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&+-.^_`{|}~"
)
_LONGEST_NAME: Final = 200
_PIECE: Final = 50


class Attachment(msgspec.Struct, frozen=True):
    """A file beside the letter. `name`: as the reader sees it; `type`: `application/pdf`."""

    name: str
    type: str
    content: bytes


def text_part(text: str, kind: str) -> bytes:
    """`kind`: what stands after `text/`: `plain`, `html`, `calendar; method=REQUEST`."""
    how, said = encoded(text)
    return b"Content-Type: text/%b; charset=utf-8\r\nContent-Transfer-Encoding: %b\r\n\r\n%b" % (
        kind.encode("ascii"),
        how,
        said,
    )


def attachment_part(file: Attachment) -> bytes:
    """InputError `attachment.type`: not a type, or one that cannot be encoded (RFC 2046 5.2.1)."""
    kind = file.type.lower()
    if _TYPE.fullmatch(kind) is None or kind.startswith(("multipart/", "message/")):
        said = f"“{file.type[:100]}” is not a type for an attachment"
        raise InputError("attachment.type", said, where=file.name[:100], hint="application/pdf")
    return b"Content-Type: %b\r\n%bContent-Transfer-Encoding: base64\r\n\r\n%b" % (
        kind.encode("ascii"),
        f"Content-Disposition: attachment;{_file_name(file.name)}\r\n".encode("ascii"),
        base64_lines(file.content),
    )


def together(kind: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    """`multipart/<kind>`. No part can hold the boundary: it begins with `=_`, which neither
    quoted-printable nor base64 ever produce."""
    mark = b"--" + boundary.encode("ascii")
    head = f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'.encode("ascii")
    between = b"\r\n" + mark + b"\r\n"
    return b"".join([head, mark, b"\r\n", between.join(parts), b"\r\n", mark, b"--\r\n"])


def _file_name(name: str) -> str:
    """The parameter: plain where it can be, else RFC 2231, in pieces where it is long."""
    clean = _clean_name(name)
    if _PLAIN_NAME.fullmatch(clean):
        return f'\r\n filename="{clean}"'
    escaped = [chr(b) if b in _UNRESERVED else f"%{b:02X}" for b in clean.encode()]
    pieces, line = [], "utf-8''"
    for char in escaped:
        if len(line) + len(char) > _PIECE:
            pieces.append(line)
            line = ""
        line += char
    pieces.append(line)
    if len(pieces) == 1:
        return f"\r\n filename*={pieces[0]}"
    return ";".join(f"\r\n filename*{number}*={piece}" for number, piece in enumerate(pieces))


def _clean_name(name: str) -> str:
    """The last part of a path, without what a file name cannot have somewhere."""
    kept = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp"))
    last = re.sub(r'[<>:"|?*]', "-", re.split(r"[/\\]", kept)[-1]).strip(" .")
    return last[-_LONGEST_NAME:] or "attachment"
