"""What the loader tells about the calls it has just loaded."""

import msgspec


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One event as the live page shows it. `outcome`: loaded, duplicate or refused. `raw`: its
    beginning, as it was sent."""

    received_at: int
    source: str
    call: str
    name: str
    who: str
    account: str = ""
    outcome: str = "loaded"
    code: str = ""
    raw: str = ""
