"""`[stream.NAME]` of consent.toml: caps and quiet hours."""

import re
from typing import Any, Final

from lettershop.compliance.rules import TRANSACTIONAL, Cap, Quiet, Stream
from lettershop.language.tables import Table

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST: Final = 10_000
LONGEST: Final = 366
"""Days a cap may look back."""
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def read_stream(name: str, table: Table) -> Stream:
    transactional = table.flag("transactional") or name == TRANSACTIONAL
    account_day = table.whole("account_day", 0, 1, MOST)
    quiet = table.mapping("quiet")
    found = Stream(
        name=name,
        transactional=transactional,
        caps=_caps(table),
        account_day=account_day or None,
        quiet=_quiet(quiet) if quiet else None,
    )
    if transactional and (found.caps or found.account_day or found.quiet):
        said = "a transactional stream has no caps and no quiet hours"
        table.say("consent.transactional", said, hint="what somebody waits for is sent at once")
    table.close()
    return found


def _caps(table: Table) -> tuple[Cap, ...]:
    value = table.get("caps")
    found: list[Cap] = []
    for number, one in enumerate(
        value if isinstance(value, list) else [] if not value else [value]
    ):
        if not isinstance(one, dict):
            hint = "caps = [{ letters = 3, days = 7 }]"
            table.say("toml.wrong_type", "“caps” is a list of tables", "caps", hint)
            continue
        inner = Table(table.page, (*table.path, "caps", number), one)
        inner.need("letters", "days")
        letters, days = inner.whole("letters", 1, 1, MOST), inner.whole("days", 1, 1, LONGEST)
        found.append(Cap(letters, days))
        inner.close()
    return tuple(found)


def _quiet(table: Table) -> Quiet:
    if ("from" in table.values) != ("until" in table.values):
        table.say("consent.quiet", "quiet hours have a “from” and an “until”")
    days = table.choices("days", DAYS, ())
    found = Quiet(
        start=_minutes(table, "from"),
        end=_minutes(table, "until"),
        days=frozenset(DAYS.index(day) for day in days),
        holidays=table.flag("holidays"),
    )
    if len(found.days) == len(DAYS):
        table.say("consent.quiet", "with all days quiet nothing could ever be sent", "days")
    table.close({"to": "until", "weekends": "days"})
    return found


def _minutes(table: Table, key: str) -> int:
    value: Any = table.get(key)
    if value is None:
        return 0
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        table.say("consent.time", f"“{key}” is a time of day in quotes", key, 'from = "20:00"')
        return 0
    return int(found[1]) * 60 + int(found[2])
