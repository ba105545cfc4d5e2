"""One accepted request, as the log keeps it."""

import msgspec


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """`seq` counts accepted requests from 1, without gaps, for ever.

    `call` is the endpoint: track, identify, group, page, screen, alias, batch or import.
    `body` is the request's JSON as it came, decompressed. `source` names the source whose write
    key was used. `received_at` in milliseconds.
    """

    seq: int
    received_at: int
    source: str
    call: str
    body: bytes
