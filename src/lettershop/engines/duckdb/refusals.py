"""Events that could not be loaded, kept in the database with the reason, for as long as is set."""

from collections.abc import Sequence

import msgspec

from lettershop.engines.duckdb.store import Store

_NEXT = "next_refusal"


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """`seq` and `index`: the request in the raw log and the place in its batch. `level` is “error”,
    or “note” for an event that was loaded though not everything it says could be done."""

    seq: int
    index: int
    source: str
    received_at: int
    code: str
    message: str
    raw: str
    level: str


class KeptRefusal(Refused, frozen=True, kw_only=True):
    """`id` grows with every refusal and is never given again."""

    id: int


def keep_refusals(store: Store, refused: Sequence[Refused]) -> None:
    """Add them, in the caller's transaction."""
    if not refused:
        return
    first = int(store.meta(_NEXT) or 1)
    names = Refused.__struct_fields__
    rows = zip(*map(msgspec.structs.astuple, refused), strict=True)
    store.con.execute(
        "INSERT INTO refusals SELECT unnest($id), unnest($seq), unnest($index), unnest($source),"
        " unnest($received_at), unnest($code), unnest($message), unnest($raw), unnest($level)",
        {name: list(values) for name, values in zip(names, rows, strict=True)}
        | {"id": list(range(first, first + len(refused)))},
    )
    store.set_meta(_NEXT, str(first + len(refused)))


def refusals(
    store: Store,
    limit: int = 50,
    before: int | None = None,
    *,
    source: str = "",
    level: str = "",
    text: str = "",
    code: str = "",
) -> list[KeptRefusal]:
    """The newest first; `before`: only those with a smaller id, for the next page. `source`,
    `level` and `code` are compared whole, `text` is looked for in code, message and raw, in any
    case."""
    rows = store.con.execute(
        'SELECT id, seq, "index", source, received_at, code, message, raw, level FROM refusals'
        " WHERE ($before IS NULL OR id < $before)"
        " AND ($source = '' OR source = $source) AND ($level = '' OR level = $level)"
        " AND ($code = '' OR code = $code)"
        " AND ($text = '' OR contains(lower(concat_ws(' ', code, message, raw)), lower($text)))"
        " ORDER BY id DESC LIMIT $limit",
        {
            "before": before,
            "limit": limit,
            "source": source,
            "level": level,
            "text": text,
            "code": code,
        },
    ).fetchall()
    names = ("id", *Refused.__struct_fields__)
    return [KeptRefusal(**dict(zip(names, row, strict=True))) for row in rows]


class RefusedAlike(msgspec.Struct, frozen=True, kw_only=True):
    """Refusals of one source for one reason: how many, since and until when they came (ms), and
    what the newest said."""

    code: str
    source: str
    level: str
    count: int
    first: int
    last: int
    message: str
    raw: str


def refused_alike(store: Store, source: str = "", most: int = 200) -> list[RefusedAlike]:
    """Those that came last first; of one source, or of all."""
    rows = store.con.execute(
        "SELECT code, source, level, count(*), min(received_at), max(received_at),"
        " max_by(message, id), max_by(raw, id) FROM refusals"
        " WHERE $source = '' OR source = $source"
        " GROUP BY code, source, level ORDER BY max(id) DESC LIMIT $most",
        {"source": source, "most": most},
    ).fetchall()
    names = RefusedAlike.__struct_fields__
    return [RefusedAlike(**dict(zip(names, row, strict=True))) for row in rows]


def prune_refusals(store: Store, before: int) -> int:
    """Forget those that arrived before the instant; how many."""
    with store.transaction():
        row = store.con.execute(
            "DELETE FROM refusals WHERE received_at < $before", {"before": before}
        ).fetchone()
    return int(row[0]) if row else 0
