"""A mail taken apart for reading. Whatever its bytes are, something is shown."""

import base64
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from typing import Final

import msgspec

MOST_PARTS: Final = 200
_CID: Final = re.compile(r"""(?<=["'(])cid:([^"')\s]+)""")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]+")


class Part(msgspec.Struct, frozen=True):
    """`number`: its place in the mail; `id`: what cid: links call it."""

    number: int
    type: str
    name: str
    size: int
    id: str = ""


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """`headers`: decoded, in their order. `parts`: everything else than `text` and `html`."""

    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    parts: tuple[Part, ...]


def read(content: bytes) -> Read:
    leaves = _leaves(content)
    texts = dict.fromkeys(("text/plain", "text/html"), "")
    parts: list[Part] = []
    for number, leaf in enumerate(leaves):
        kind = leaf.get_content_type()
        attached = leaf.get_content_disposition() == "attachment"
        if kind in texts and not texts[kind] and not attached:
            texts[kind] = _text(leaf)
        else:
            parts.append(_part(number, leaf))
    html = _with_pictures(texts["text/html"], leaves)
    return Read(headers=_headers(content), text=texts["text/plain"], html=html, parts=tuple(parts))


def envelope_words(content: bytes) -> tuple[str, str]:
    """(From, Subject) for a list, without reading the body."""
    raw = _head(content)
    author, subject = (_words(str(raw.get(name, ""))) for name in ("From", "Subject"))
    return author, subject


def part_bytes(content: bytes, number: int) -> bytes | None:
    leaves = _leaves(content)
    return _payload(leaves[number]) if 0 <= number < len(leaves) else None


def _leaves(content: bytes) -> list[EmailMessage]:
    """Every part that has no parts of its own, as far as there is any order in it."""
    found: list[EmailMessage] = []
    for part in _walked(content):
        if not part.is_multipart():
            found.append(part)
        if len(found) >= MOST_PARTS:
            break
    return found


def _walked(content: bytes) -> Iterator[EmailMessage]:
    try:
        mail = message_from_bytes(content, policy=policy.default)
        yield from mail.walk()
    except Exception:  # the parser raises many kinds over broken mails
        return


def _headers(content: bytes) -> tuple[tuple[str, str], ...]:
    return tuple((name, _decoded(name, str(value))) for name, value in _head(content).items())


def _head(content: bytes) -> Message:
    head = content.partition(b"\r\n\r\n")[0][:200_000]
    return message_from_bytes(head + b"\r\n\r\n", policy=policy.compat32)


def _words(value: str) -> str:
    """Encoded words decoded, quickly: for lists."""
    plain = _CONTROL.sub(" ", value.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
    try:
        return str(make_header(decode_header(plain)))[:500]
    except (ValueError, LookupError, MessageError):
        return plain[:500]


def _decoded(name: str, value: str) -> str:
    """A header as people read it; as it came where it cannot be decoded."""
    folded = _CONTROL.sub(" ", value.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
    try:
        return str(policy.default.header_factory(name, folded))
    except Exception:  # as above
        return folded


def _text(leaf: EmailMessage) -> str:
    raw = _payload(leaf).replace(b"\r\n", b"\n")
    try:
        return raw.decode(leaf.get_content_charset("utf-8"), "replace")
    except (LookupError, ValueError):
        return raw.decode("utf-8", "replace")


def _payload(leaf: EmailMessage) -> bytes:
    try:
        found = leaf.get_payload(decode=True)
    except (ValueError, AssertionError, LookupError):
        found = None
    return found if isinstance(found, bytes) else b""


def _part(number: int, leaf: EmailMessage) -> Part:
    try:
        name = _CONTROL.sub(" ", leaf.get_filename() or "")
    except Exception:  # as above
        name = ""
    return Part(number, leaf.get_content_type(), name[:200], len(_payload(leaf)), _id(leaf))


def _id(leaf: EmailMessage) -> str:
    return str(leaf.get("Content-ID", "")).strip().strip("<>")


def _with_pictures(html: str, leaves: list[EmailMessage]) -> str:
    """Pictures that came along, inside the HTML: its frame may not ask for anything."""
    if "cid:" not in html:
        return html
    pictures = {_id(leaf): leaf for leaf in leaves if leaf.get_content_maintype() == "image"}

    def inlined(found: re.Match[str]) -> str:
        leaf = pictures.get(found[1])
        if leaf is None:
            return found[0]
        return f"data:{leaf.get_content_type()};base64,{base64.b64encode(_payload(leaf)).decode()}"

    return _CID.sub(inlined, html)
