"""What an address asks for: bounded, and never an error. Milliseconds between pages and forms."""

from datetime import date, datetime, time
from typing import Final

from django.http import QueryDict
from django.utils import timezone

from lettershop.model.clock import to_ms
from lettershop.model.errors import UsageError

LONGEST: Final = 200
"""Characters of what is searched for."""
FARTHEST: Final = 10**9


def text(query: QueryDict, key: str, most: int = LONGEST) -> str:
    """Without what no database takes."""
    return "".join(c for c in query.get(key, "")[:most] if c.isprintable()).strip()


def number(query: QueryDict, key: str, usual: int, *, least: int = 0, most: int = FARTHEST) -> int:
    found = query.get(key, "")
    if not (found.isascii() and found.isdigit() and len(found) < 12):
        return usual
    return min(max(int(found), least), most)


def one_of(query: QueryDict, key: str, allowed: tuple[str, ...]) -> str:
    """The first of the allowed where something else is asked for."""
    found = query.get(key, "")
    return found if found in allowed else allowed[0]


def end_of_day(typed: str) -> int | None:
    """The end of a day in the viewer's zone; None for nothing typed.

    UsageError `time.unreadable`.
    """
    if not typed.strip():
        return None
    try:
        day = date.fromisoformat(typed.strip())
        return to_ms(timezone.make_aware(datetime.combine(day, time(23, 59, 59))))
    except (ValueError, OverflowError):
        message = f"“{typed[:40]}” is not a day"
        raise UsageError(
            "time.unreadable", message, where="expires", hint="as 2026-12-31"
        ) from None
