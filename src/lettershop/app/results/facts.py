"""What came back for the letters of a send, from the facts: each names its send and its row.

`send` is the key of the send, `message` the number of the row: ledger/telling.py, tracking/
settling.py, returns/events.py and web/public/leaving.py write them alike.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from lettershop.campaigns.results.rows import GRADES, NEVER, Answers, Bits, Ints, Letters
from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.store import Store
from lettershop.model.catalog import EventInfo
from lettershop.model.values import ValueType

CLICK: Final = "Email Link Clicked"
OPEN: Final = "Email Opened"
BOUNCE: Final = "Email Bounced"
REPLY: Final = "Email Replied"
AUTO_REPLY: Final = "Email Auto Replied"
COMPLAINT: Final = "Email Marked as Spam"
UNSUBSCRIBE: Final = "Unsubscribed"
RESUBSCRIBE: Final = "Resubscribed"
"""It was a slip (web/public/leaving.py)."""

_TEXT: Final = Sql("CAST(NULL AS VARCHAR)")


class _Found(NamedTuple):
    """Per letter with at least one such fact: its place among the letters; when the first came,
    and the last, and the first by a human; the best grade (a number of GRADES); the last class of
    bounce."""

    place: Ints
    first: Ints
    last: Ints
    human: Ints
    grade: npt.NDArray[np.int8]
    bounce: npt.NDArray[np.object_]


def answers(store: Store, key: str, letters: Letters, now: int) -> Answers:
    """Up to `now`. A bounce while it was being sent is the ledger's matter, not an answer."""
    n = len(letters.id)

    def found(name: str) -> _Found:
        return _found(store, name, key, letters.id, now)

    def bits(name: str) -> Bits:
        made = np.zeros(n, np.bool_)
        made[found(name).place] = True
        return made

    clicks, opens, replies = found(CLICK), found(OPEN), found(REPLY)
    return Answers(
        bounced=_bounced(found(BOUNCE), letters),
        clicked=_laid(clicks.grade, clicks, np.zeros(n, np.int8)),
        opened=_laid(opens.grade, opens, np.zeros(n, np.int8)),
        clicked_at=_laid(clicks.human, clicks, np.full(n, NEVER)),
        replied_at=_laid(replies.first, replies, np.full(n, NEVER)),
        auto_replied=bits(AUTO_REPLY),
        unsubscribed=_gone(found(UNSUBSCRIBE), found(RESUBSCRIBE), n),
        complained=bits(COMPLAINT),
    )


def _laid(values: npt.NDArray[Any], found: _Found, into: npt.NDArray[Any]) -> npt.NDArray[Any]:
    into[found.place] = values
    return into


def _gone(left: _Found, back: _Found, n: int) -> Bits:
    """Those who left and did not take it back."""
    gone = _laid(left.last, left, np.full(n, -NEVER)) > _laid(back.last, back, np.full(n, -NEVER))
    return np.asarray(gone, np.bool_)


def _bounced(found: _Found, letters: Letters) -> npt.NDArray[np.object_]:
    """Temporary trouble that was told on the way is no bounce."""
    made = np.full(len(letters.id), "", np.object_)
    made[found.place] = found.bounce
    left = (letters.state == "accepted") | (letters.state == "unknown")
    made[~left | (made == "temporary") | (made == "auto_reply")] = ""
    return made


def _found(store: Store, name: str, key: str, ids: Ints, now: int) -> _Found:
    info = store.catalog().events.get(name)
    send, message = column_of(info, "send", "text"), column_of(info, "message", "number")
    if info is None or send is None or message is None:
        none = np.zeros(0, np.int64)
        return _Found(none, none, none, none, none.astype(np.int8), none.astype(np.object_))
    asked = _question(info, send, message)
    rows: dict[str, Any] = store.con.execute(asked, {"key": key, "now": now}).fetchnumpy()
    row = np.ma.getdata(rows["row"]).astype(np.int64)
    place = np.searchsorted(ids, row)
    ours = (place < len(ids)) & (ids[np.minimum(place, len(ids) - 1)] == row)
    human = np.ma.filled(rows["human"], NEVER).astype(np.int64)
    bounce = np.ma.filled(rows["bounce"], "unclear").astype(np.object_)
    first, last, grade = (np.ma.getdata(rows[one]) for one in ("first", "last", "grade"))
    return _Found(
        place[ours],
        first.astype(np.int64)[ours],
        last.astype(np.int64)[ours],
        human[ours],
        grade.astype(np.int8)[ours],
        bounce[ours],
    )


def _question(info: EventInfo, send: str, message: str) -> Sql:
    grade = text_of(info, "grade")
    refused = sql("{during} IS DISTINCT FROM 'sending'", during=text_of(info, "during"))
    return sql(
        "SELECT CAST({message} AS BIGINT) AS row, min(ts) AS first, max(ts) AS last,"
        " min(ts) FILTER ({grade} = 'human') AS human,"
        " max(CASE {grade} WHEN 'human' THEN {human} WHEN 'machine' THEN {machine}"
        " ELSE {unknown} END) AS grade,"
        " arg_max({bounce}, ts) AS bounce"
        " FROM {table} WHERE {send} = $key AND ts <= $now AND {message} IS NOT NULL AND {refused}"
        " GROUP BY 1",
        message=message,
        grade=grade,
        bounce=text_of(info, "bounce_class"),
        table=info.table,
        send=send,
        refused=refused,
        **{name: Sql(str(GRADES.index(name))) for name in ("human", "machine", "unknown")},
    )


def column_of(info: EventInfo | None, name: str, kind: ValueType) -> str | None:
    """Of a property; None where nobody has told it yet, or as something else."""
    found = info.properties.get(name) if info else None
    return found.column if found is not None and found.type == kind else None


def text_of(info: EventInfo, name: str) -> Sql:
    """The property, or no value where nobody has told it yet."""
    column = column_of(info, name, "text")
    return _TEXT if column is None else sql("{column}", column=column)
