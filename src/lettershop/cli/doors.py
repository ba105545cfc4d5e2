"""The workspace a command asks, and the moment it asks about."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lettershop.app.shop import Shop
from lettershop.cli.output import hint
from lettershop.cli.reach import reached
from lettershop.model.clock import DAY, SystemClock, format_instant, parse_instant

STALE = 60 * DAY


@contextmanager
def opened(
    workspace: Path | None, as_of: str | None = None, *, as_json: bool, say_age: bool = True
) -> Iterator[tuple[Shop, int]]:
    """The workspace of a command, asked of a running server or opened here, and the moment asked
    about; says so when “now” lies long after the newest event."""
    with reached(workspace or Path()) as shop:
        moment = SystemClock().now() if as_of is None else parse_instant(as_of)
        yield shop, moment
        newest = shop.newest() if say_age and not as_json and as_of is None else None
        if newest is not None and moment - newest > STALE:
            after = format_instant(newest - newest % 60_000 + 60_000)
            days = f"{(moment - newest) // DAY:,}"
            hint(f"The newest event is {days} days old; to look from there: --as-of {after}")
