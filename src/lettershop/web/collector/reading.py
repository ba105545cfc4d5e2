"""The body of a request: all of it, decompressed, and never more than it may be."""

import zlib

from lettershop.model.errors import InputError
from lettershop.web.collector.contracts import Receive

MOST_BODY = 500_000
"""Bytes, decompressed: the limit of the tracking protocol."""
MOST_IGNORED = 4_000_000
"""Bytes of a body that is too large that are read before answering, so that the answer is seen."""
MOST_MEMBERS = 16
"""Gzip files one body may be joined of."""


class GoneAway(Exception):
    """The client closed the connection: there is nobody to answer."""


async def read_body(receive: Receive, encoding: bytes | None) -> bytes:
    """InputError when it is too large or not what its encoding says. GoneAway, also when it was too
    slow (see `connection.py`)."""
    body = await _all(receive)
    if len(body) > MOST_BODY:
        raise _too_large()
    if encoding is None or encoding.lower() == b"identity":
        return body
    if encoding.lower() in (b"gzip", b"x-gzip"):
        return gunzip(body)
    message = "the body has an encoding that is not known here"
    raise InputError("collector.encoding", message, hint="send it plain or with gzip")


async def _all(receive: Receive) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise GoneAway
        body: bytes = message.get("body", b"")
        if not message.get("more_body", False) and not pieces:
            return body
        size += len(body)
        if size <= MOST_BODY or not pieces:
            pieces.append(body)
        if size > MOST_IGNORED:
            raise _too_large()
        if not message.get("more_body", False):
            break
    if size > MOST_BODY:
        raise _too_large()
    return b"".join(pieces)


def gunzip(data: bytes) -> bytes:
    """InputError when it is cut off, damaged, or unpacks to more than a body may have."""
    unpacked = bytearray()
    for _ in range(MOST_MEMBERS):
        member = zlib.decompressobj(wbits=31)
        try:
            unpacked += member.decompress(data, MOST_BODY + 1 - len(unpacked))
        except zlib.error:
            raise InputError("collector.gzip", "the body is not valid gzip") from None
        if len(unpacked) > MOST_BODY:
            raise _too_large()
        if not member.eof:
            raise InputError("collector.gzip", "the gzip body is cut off")
        data = member.unused_data
        if not data:
            return bytes(unpacked)
    raise InputError("collector.gzip", f"the body is joined of over {MOST_MEMBERS} gzip files")


def _too_large() -> InputError:
    message = f"the body is larger than {MOST_BODY:,} bytes"
    return InputError("collector.body_too_large", message, hint="send smaller batches")
