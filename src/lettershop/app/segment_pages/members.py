"""A page of a segment's members, found by what is typed."""

from typing import Any, Final

import msgspec
from pyroaring import BitMap

from lettershop.app.members import Members
from lettershop.app.segment_pages.standing import Segments
from lettershop.app.shop import plain_row
from lettershop.engines.duckdb.search import accounts, contacts
from lettershop.language.tree import Subject

MOST_FOUND: Final = 5_000
"""The best matches of what was typed that are looked through for members."""
USUAL: Final[dict[Subject, tuple[str, ...]]] = {
    "contact": ("name", "email", "title", "country", "lifecycle_stage", "score"),
    "account": ("name", "account", "industry", "employees", "country", "plan"),
    "people": ("name", "email", "account", "role", "title", "country"),
}
"""Columns that are shown unless others are chosen, where there are such."""
FEWEST: Final = 3


class MemberPage(msgspec.Struct, frozen=True, kw_only=True):
    """Members by their ids: some `rows` of `found`, those who fit what was typed, of `size`.
    `columns`: all there are; `shown`: those of the rows. `keys`: by row, how a person or account is
    asked for elsewhere. `more`: there are rows after these."""

    size: int
    found: int
    columns: tuple[str, ...]
    shown: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    offset: int
    more: bool


def member_page(
    segments: Segments, name: str, *, typed: str, columns: list[str], offset: int, limit: int
) -> MemberPage:
    """Rows from `offset` on. Errors as `Segments.members`."""
    subject = segments.standing(name).subject
    own = segments.members(name)
    chosen = own & _matching(segments, subject, typed) if typed.strip() else own
    rows = Members(segments.workspace.store, subject, chosen)
    page = rows.of(BitMap(chosen[offset : offset + limit]))
    known = tuple(page.columns)
    return MemberPage(
        size=len(own),
        found=len(chosen),
        columns=known,
        shown=tuple(c for c in columns if c in known) or _usual(subject, known),
        rows=tuple(plain_row(row) for row in page),
        offset=offset,
        more=offset + limit < len(chosen),
    )


def all_members(segments: Segments, name: str) -> Members:
    """For a file. Errors as `Segments.members`."""
    ids = segments.members(name)
    return Members(segments.workspace.store, segments.standing(name).subject, ids)


def _usual(subject: Subject, known: tuple[str, ...]) -> tuple[str, ...]:
    found = tuple(column for column in USUAL[subject] if column in known)
    return found if len(found) >= FEWEST else known[:6]


def _matching(segments: Segments, subject: Subject, typed: str) -> BitMap:
    """Dense ids; people in accounts by their contact, whose companies count too."""
    store, text = segments.workspace.store, typed[:200]
    if subject == "account":
        return BitMap(one.id for one in accounts(store, text, limit=MOST_FOUND, after=None))
    found = contacts(store, text, limit=MOST_FOUND, after=None, anonymous=True)
    ids = [one.id for one in found]
    if subject == "contact":
        return BitMap(ids)
    rows = store.con.execute(
        "SELECT id FROM people WHERE list_contains($ids, contact)", {"ids": ids}
    ).fetchall()
    return BitMap(int(row[0]) for row in rows)
