"""What is stored of one subject in a segment that is kept current: since when, and because of
what."""

from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import Definition
from lettershop.model.clock import format_instant
from lettershop.planning.explain import Since
from lettershop.planning.keep import Keep
from lettershop.planning.settled import Recorded


def recorded(store: Store, definition: Definition, subject_id: int, as_of: int) -> Recorded | None:
    """None when the segment is not kept, or not in this version, or nothing was recorded of the
    subject by then: it never was in."""
    kept = store.con.execute(
        "SELECT version, sign, since FROM kept WHERE segment = $name", {"name": definition.name}
    ).fetchall()
    if not kept:
        return None
    version, sign, since = kept[0]
    if as_of < since or Keep(definition=definition, version=version).sign() != sign:
        return None
    rows = store.con.execute(
        "SELECT entered, effective_at, cause FROM transitions WHERE segment = $name"
        " AND subject = $subject AND detected_at <= $as_of ORDER BY id DESC LIMIT 1",
        {"name": definition.name, "subject": subject_id, "as_of": as_of},
    ).fetchall()
    if not rows:
        return Recorded(False, Since(at=None, recorded=True, note="never was"))
    entered, at, cause = rows[0]
    return Recorded(bool(entered), Since(at=format_instant(at), recorded=True, cause=cause))
