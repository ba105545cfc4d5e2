"""What forms and addresses say, read so that nothing in them can fail."""

from typing import Final

from django.http import QueryDict

LARGEST: Final = 2**63 - 1


def text(query: QueryDict, name: str, longest: int = 200) -> str:
    """On one line, without characters that databases refuse; cut where it is too long."""
    said = query.get(name, "")[:longest]
    return "".join(one for one in said if one.isprintable()).strip()


def number(query: QueryDict, name: str) -> int | None:
    """A positive whole number; None for anything else."""
    said = query.get(name, "")
    if not (said.isascii() and said.isdigit() and len(said) < 20):
        return None
    return int(said) if 0 < int(said) <= LARGEST else None


def flag(query: QueryDict, name: str) -> bool:
    return query.get(name) == "1"
