"""The stored transitions, read again and again: they must tell the whole story by themselves."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from pyroaring import BitMap

from lettershop.engines.duckdb.store import Store

CAUSES = {"event", "time", "trait", "definition", "merge", "manual", "import"}


class Row(NamedTuple):
    id: int
    segment: str
    version: int
    subject: int
    entered: bool
    effective_at: int
    detected_at: int
    cause: str


class Happened(NamedTuple):
    """What can have changed a membership since the last refresh that was stored."""

    before: int | None
    """Its moment."""
    renewed: set[str]
    """Segments that have another rule."""
    through: set[str]
    """Those, and all that refer to one."""
    repinned: set[str]
    """Segments that have other pins, and all that refer to one."""
    joined: bool
    """Identities came together or were taken apart, or events got another account."""
    echoes: set[str]
    """Segments that follow what the refreshes before recorded, and all that refer to one."""
    events: bool
    others: bool


class Ledger:
    """Follows the transitions of one store, from the first refresh on."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.members: dict[str, set[int]] = defaultdict(set)
        self.sizes: dict[int, dict[str, int]] = {}
        """By refresh, how many were in each segment."""

    def read(self, store: Store, as_of: int) -> list[Row]:
        """The new transitions; whatever must be true of every one of them is."""
        rows = store.con.execute(
            "SELECT id, segment, version, subject, entered, effective_at, detected_at, cause"
            " FROM transitions WHERE id >= $next ORDER BY id",
            {"next": len(self.rows)},
        ).fetchall()
        new = [Row(*row) for row in rows]
        assert [row.id for row in new] == [len(self.rows) + n for n in range(len(new))]
        for row in new:
            assert row.cause in CAUSES, row
            assert row.detected_at == as_of, row
            assert row.effective_at <= row.detected_at, row
            inside = row.subject in self.members[row.segment]
            assert row.entered != inside, f"entered or left twice: {row}"
            (self.members[row.segment].add if row.entered else self.members[row.segment].remove)(
                row.subject
            )
        self.rows += new
        return new

    def check_members(self, stored: Mapping[str, BitMap], as_of: int) -> None:
        """All left a segment that is no longer kept."""
        told = {segment: members for segment, members in self.members.items() if members}
        assert told == {segment: set(found) for segment, found in stored.items() if found}
        self.sizes[as_of] = {segment: len(found) for segment, found in stored.items()}

    def check_history(self, store: Store) -> None:
        """How many were in a segment at every earlier refresh, from the transitions alone."""
        for as_of, sizes in self.sizes.items():
            found = Counter(
                dict(
                    store.con.execute(
                        "SELECT segment, sum(if(entered, 1, -1))::BIGINT FROM transitions"
                        " WHERE detected_at <= $as_of GROUP BY segment",
                        {"as_of": as_of},
                    ).fetchall()
                )
            )
            assert {segment: found[segment] for segment in sizes} == sizes, f"sizes at {as_of}"


def check_causes(rows: list[Row], happened: Happened, as_of: int, *, full: bool) -> None:
    """Nothing is put down to what has not happened. After a full evaluation only the outcome is
    known: whether an event, a value or the clock did it is then told from what was stored last."""
    moved = happened.before is None or as_of > happened.before
    for row in rows:
        if row.segment in happened.renewed:
            assert row.cause == "definition", row
        possible = {
            "definition": row.segment in happened.through,
            "manual": row.segment in happened.repinned,
            "merge": happened.joined,
            "event": full or happened.events,
            "trait": full or happened.others or happened.joined,
            "time": full or moved,
            "import": False,
        }
        echoed = row.segment in happened.echoes  # with the cause of what it follows
        assert echoed or possible[row.cause], (
            f"{row.cause}, but nothing of the sort happened: {row}"
        )
