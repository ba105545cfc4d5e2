"""Cells for people who open a file in a spreadsheet, which would work out what begins like a
formula (OWASP: CSV injection). Files for programs are written as things are."""

from typing import Final

FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: object) -> object:
    """Text that begins like a formula gets a quote before it; all else stays."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULAS) else cell
