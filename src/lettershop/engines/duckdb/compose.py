"""SQL put together from pieces written here; names are quoted, values are always bound apart."""

from collections.abc import Iterable


class Sql(str):
    """A piece of SQL that was written in this package, never taken from data."""

    __slots__ = ()


def sql(template: str, **parts: str | Iterable[Sql]) -> Sql:
    """`template` with its `{…}` filled: plain text becomes a quoted identifier, `Sql` stays as it
    is, and several pieces are joined with commas."""
    return Sql(template.format_map({key: _piece(part) for key, part in parts.items()}))


def name(identifier: str) -> Sql:
    """The quoted identifier."""
    return Sql('"' + identifier.replace('"', '""') + '"')


def union_all(branches: Iterable[Sql]) -> Sql:
    return Sql("\nUNION ALL ".join(branches))


def bound(parameter: str, index: int) -> Sql:
    """The list parameter's item number `index`, counted from 0."""
    return Sql(f"${parameter}[{index + 1}]")


def _piece(part: str | Iterable[Sql]) -> Sql:
    if isinstance(part, Sql):
        return part
    return name(part) if isinstance(part, str) else Sql(", ".join(part))
