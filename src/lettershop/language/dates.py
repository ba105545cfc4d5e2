"""Dates as they are written in windows: a calendar day, or an instant with its zone."""

import re
from datetime import date, datetime

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\w:.+-]+")


def date_problem(text: str, *, day: bool = False) -> tuple[str, str]:
    """What is wrong with it and what to write instead, or two empty texts; `day`: no instants."""
    if "T" not in text:
        try:
            good = date.fromisoformat(text)
        except ValueError:
            return f"{text} is not a date of the calendar", "write year-month-day, as 2026-01-31"
        if good.isoformat() == text:
            return "", ""
        return f"{text} is not written as a date", f"write {good.isoformat()}"
    try:
        moment = datetime.fromisoformat(text) if _INSTANT.fullmatch(text) else None
    except ValueError:
        moment = None
    if moment is None:
        return f"{text} is not a time", "write it as 2026-01-31T10:00Z"
    if moment.tzinfo is None:
        return f"{text} has no time zone", f"write {text}Z for UTC"
    return (f"{text} is not a whole day", f"write {text[:10]}") if day else ("", "")
