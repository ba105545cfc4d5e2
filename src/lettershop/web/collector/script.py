"""The script tag as an answer: packed where the browser can unpack, and kept for an hour."""

from collections.abc import Mapping

from lettershop.web.collector.replies import Reply
from lettershop.web.tracker import PACKED, SCRIPT, TAG

PATH = "/lettershop.js"

_HEADERS = (
    (b"content-type", b"text/javascript; charset=utf-8"),
    (b"cache-control", b"public, max-age=3600"),
    (b"etag", TAG),
    (b"vary", b"accept-encoding"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"cross-origin"),
)


def script_reply(headers: Mapping[bytes, bytes]) -> Reply:
    """The script, or 304 when the browser has it."""
    if TAG in headers.get(b"if-none-match", b""):
        return Reply(304, headers=_HEADERS)
    if b"gzip" in headers.get(b"accept-encoding", b""):
        return Reply(200, PACKED, (*_HEADERS, (b"content-encoding", b"gzip")))
    return Reply(200, SCRIPT, _HEADERS)
