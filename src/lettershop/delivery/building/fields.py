"""Header lines: cleaned, encoded (RFC 2047), folded. Nothing in here can end a line but we.

Lines are at most 76 characters wherever there is a place to fold; the limit of RFC 5322, 998, is
kept by what calls this: addresses and links have a longest size.
"""

import re
from binascii import b2a_base64
from collections.abc import Sequence
from typing import Final

from lettershop.delivery.building.address import Mailbox

WIDTH: Final = 76
LONGEST_WORD: Final = 75
"""Characters of an encoded word (RFC 2047 section 2)."""
_FRAME: Final = len("=?utf-8?q??=")
_UNFIT: Final = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LONGEST_PLAIN_NAME: Final = 60


def _table(plain: str) -> tuple[str, ...]:
    """What each byte is in the Q encoding, where `plain` may stand for itself."""
    said = plain.encode()
    return tuple("_" if b == 32 else chr(b) if b in said else f"={b:02X}" for b in range(256))


_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_IN_TEXT: Final = _table(_LETTERS + "!\"#$%&'()*+,-./:;<>@[\\]^`{|}~")
_IN_PHRASE: Final = _table(_LETTERS + "!*+-/")
_AS_IT_IS: Final = tuple(chr(byte) for byte in range(256))
_RATHER_QUOTED: Final = 1.5


def cleaned(text: str) -> str:
    """Text as a header can hold it: every run of white space, control characters and line
    separators is one space, none at the ends; what is no character is U+FFFD."""
    if text.isascii():
        if text.isprintable() and "  " not in text:
            return text.strip(" ")
    else:
        text = _SURROGATE.sub("\ufffd", text)
    return _UNFIT.sub(" ", text).strip(" ")


def text_field(name: str, text: str) -> bytes:
    """An unstructured header, such as Subject."""
    clean = cleaned(text)
    words = clean.split(" ")
    if clean.isascii() and "=?" not in clean and max(map(len, words)) < WIDTH - len(name) - 1:
        return _folded(name, words)
    return _folded(name, encoded_words(clean, WIDTH - len(name) - 2, _IN_TEXT))


def address_field(name: str, who: Mailbox) -> bytes:
    """From, To or Reply-To with one mailbox. Raw UTF-8 only in an address that needs SMTPUTF8."""
    clean = cleaned(who.name) if who.name else ""
    if not clean:
        return _folded(name, (who.address,))
    return _folded(name, (*_phrase(clean, WIDTH - len(name) - 2), f"<{who.address}>"))


def plain_field(name: str, *tokens: str) -> bytes:
    """A header of tokens that are known to be good; folded between them."""
    return _folded(name, tokens)


def encoded_words(text: str, first: int, table: Sequence[str] = _IN_TEXT) -> tuple[str, ...]:
    """Text as encoded words, the first of at most `first` characters. Q unless B is much shorter:
    filters hold it against a mail when mostly plain letters are hidden in base64."""
    data = text.encode()
    quoted = "".join(map(table.__getitem__, data))
    base = (len(data) + 2) // 3 * 4
    first, later = min(first, LONGEST_WORD) - _FRAME, LONGEST_WORD - _FRAME
    if len(quoted) <= base * _RATHER_QUOTED:
        pieces = [text] if len(quoted) <= first else _pieces(text, first, later, table)
        return tuple(f"=?utf-8?q?{''.join(table[b] for b in p.encode())}?=" for p in pieces)
    first, later = first // 4 * 3, later // 4 * 3
    pieces = [text] if len(data) <= first else _pieces(text, first, later, _AS_IT_IS)
    return tuple(f"=?utf-8?b?{_base64(piece.encode())}?=" for piece in pieces)


def _phrase(name: str, first: int) -> tuple[str, ...]:
    """A display name: as it is, in quotes, or encoded."""
    if name.isascii() and "=?" not in name and len(name) <= _LONGEST_PLAIN_NAME:
        if _ATOMS.fullmatch(name):
            return (name,)
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return (f'"{escaped}"',)
    return encoded_words(name, first, _IN_PHRASE)


def _folded(name: str, tokens: Sequence[str]) -> bytes:
    """The first token always stands beside the name: a first line without text is legal, and
    mistaken for an empty header by some."""
    lines, line = [], f"{name}: {tokens[0]}"
    for token in tokens[1:]:
        if len(line) + 1 + len(token) > WIDTH:
            lines.append(line)
            line = f" {token}"
        else:
            line += f" {token}"
    return "\r\n".join([*lines, line, ""]).encode()


def _pieces(text: str, first: int, later: int, table: Sequence[str]) -> Sequence[str]:
    """Whole characters, the first piece at most `first` long in the words of `table`, others
    `later`."""
    found, start, room = [], 0, first
    for at, char in enumerate(text):
        size = sum(len(table[byte]) for byte in char.encode())
        room -= size
        if room < 0:
            found.append(text[start:at])
            start, room = at, later - size
    return [*found, text[start:]]


def _base64(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode("ascii")
