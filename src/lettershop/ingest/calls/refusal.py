"""An event that was acknowledged but could not become facts: kept, with the reason, and shown."""

import msgspec


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """`seq` and `index` say where it is in the raw log: the request, and the place in its batch.

    `raw` is the event's JSON, cut to 32 KB; `code` is stable, `message` is for people. `level`
    “note” means that the event was loaded, but not everything it says could be done.
    """

    seq: int
    index: int
    source: str
    received_at: int
    code: str
    message: str
    raw: str = ""
    level: str = "error"
