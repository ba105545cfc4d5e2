"""What a server says, line by line: replies with enhanced codes (RFC 5321 4.2, RFC 2034)."""

import re
from collections import deque
from typing import Final

from lettershop.delivery.wire import Reply

LINE: Final = 2_048
"""Octets of one line; RFC 5321 has 512, servers that explain themselves have more."""
LINES: Final = 100
"""Of one reply."""
WAITING: Final = 16
"""Replies nobody has asked for yet; never more than three are under way."""

_SHAPE: Final = re.compile(r"([2-5][0-9]{2})(?:([ -])(.*))?")
_STATUS: Final = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?=\s|$)\s*")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Garbage(Exception):
    """It does not speak SMTP."""


class ReplyReader:
    """Octets in, replies out; what is kept of an unfinished reply is bounded."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._lines: list[tuple[int, str]] = []
        self.replies: deque[Reply] = deque()

    @property
    def quiet(self) -> bool:
        """Nothing was said that nobody has read."""
        return not (self.replies or self._lines or self._rest)

    def feed(self, data: bytes) -> None:
        """Garbage when it is not a reply, or one without end."""
        self._rest += data
        *lines, rest = self._rest.split(b"\n")
        self._rest = rest
        if len(rest) > LINE:
            raise Garbage("a line without end")
        for line in lines:
            self._line(bytes(line))

    def _line(self, line: bytes) -> None:
        shape = _SHAPE.fullmatch(_readable(line[: LINE + 1]))
        if len(line) > LINE or shape is None:
            raise Garbage(f"“{_readable(line[:80])}”, which is not a reply")
        code, more, text = int(shape[1]), shape[2] == "-", shape[3] or ""
        if self._lines and self._lines[0][0] != code:
            raise Garbage(f"{self._lines[0][0]} and {code} in one reply")
        self._lines.append((code, text))
        if len(self._lines) > LINES or len(self.replies) >= WAITING:
            raise Garbage("a reply without end")
        if not more:
            self.replies.append(said(code, [text for _, text in self._lines]))
            self._lines.clear()


def said(code: int, lines: list[str]) -> Reply:
    """A reply from its lines without the code. The enhanced code counts when it is of the same
    class; it is taken off every line that begins with it."""
    status = ""
    if (first := _STATUS.match(lines[0])) and first[1][0] == str(code)[0]:
        status = first[1]
    texts = (text[len(status) :] if status and text.startswith(status) else text for text in lines)
    joined = " ".join(text.strip() for text in texts)
    return Reply(code=code, status=status, text=joined.strip())


def _readable(line: bytes) -> str:
    """Text for logs and terminals, without control characters."""
    text = line.rstrip(b"\r ").decode("utf-8", "replace")
    return text if text.isascii() and text.isprintable() else _CONTROL.sub(" ", text).strip()
