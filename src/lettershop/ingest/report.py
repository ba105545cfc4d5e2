"""What an import did, and how far it is."""

from pathlib import Path
from typing import Literal

import msgspec


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """`done` of `total` lines (Parquet: rows). While `reading` the file is looked at as a whole
    and `done` is 0; `rows` and `refused` count what has been loaded so far."""

    phase: Literal["reading", "loading", "saving"]
    done: int = 0
    total: int = 0
    rows: int = 0
    refused: int = 0


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """`rows` were read: each fed its sections, was `left_out` (by `where`, or no section wanted
    it) or refused. `facts` counts per sort (`contact`, `event`, `record:deal`) what was stored.

    `repeated`: this file has been imported with this mapping before; nothing was done.
    `merged` contacts became one with another. `notes` count by code what rows say that could not be
    done, though they were loaded: `identity.not_joined`.
    `wrong`: values not of their field's type, by (scope, field); they count as missing.
    `types`: what each column without a stated type was taken for, by (scope, field).
    `refused_path`: the CSV file of refused rows; None when there are none.
    """

    path: str
    hash: str
    repeated: bool = False
    rows: int = 0
    left_out: int = 0
    refused: dict[str, int] = {}
    facts: dict[str, int] = {}
    duplicates: int = 0
    new_contacts: int = 0
    new_accounts: int = 0
    merged: int = 0
    notes: dict[str, int] = {}
    wrong: dict[tuple[str, str], int] = {}
    types: dict[tuple[str, str], str] = {}
    seconds: float = 0.0
    refused_path: Path | None = None

    @property
    def refused_rows(self) -> int:
        return sum(self.refused.values())
