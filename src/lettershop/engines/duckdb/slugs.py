"""Names of tables and columns for names that users chose: readable, unique, never ours."""

from collections.abc import Collection

NAME_LENGTH = 60
_RESERVED_COLUMNS = ("rowid", "rowset")


def slug(text: str) -> str:
    """`Signed In!` -> `signed_in`: lower-case ASCII letters, digits, underscores; never empty."""
    kept = "".join(c if c.isascii() and c.isalnum() else " " for c in text.lower())
    return "_".join(kept.split())[:NAME_LENGTH] or "unnamed"


def unique(wanted: str, taken: Collection[str], limit: int = 0) -> str:
    """`wanted`, or `wanted_2`, `wanted_3`… in case-blind comparison; `limit` bounds the length."""
    lowered = {t.lower() for t in taken}
    candidate, number = wanted, 1
    while candidate.lower() in lowered:
        number += 1
        suffix = f"_{number}"
        candidate = (wanted[: limit - len(suffix)] if limit else wanted) + suffix
    return candidate


def table(prefix: str, text: str, taken: Collection[str]) -> str:
    """`event_signed_in` for ("event", "Signed In"); at most 60 characters."""
    return unique(f"{prefix}_{slug(text)}"[:NAME_LENGTH], taken, limit=NAME_LENGTH)


def column(field: str, taken: Collection[str]) -> str:
    """The field's own name when DuckDB can carry it and nothing else in the table has it."""
    wanted = field if field.strip() and "\0" not in field else slug(field)
    return unique(wanted, {*taken, *_RESERVED_COLUMNS})
