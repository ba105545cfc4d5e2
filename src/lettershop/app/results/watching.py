"""While a campaign is being sent: its figures, those of the stream's earlier sends, and whether it
should stop. Cheap enough to be asked every few seconds."""

from collections.abc import Sequence
from typing import Any, Final

from django.db import connection

from lettershop.app.results.facts import (
    BOUNCE,
    COMPLAINT,
    UNSUBSCRIBE,
    column_of,
    text_of,
)
from lettershop.app.workspace import Workspace
from lettershop.campaigns.definition import Campaign
from lettershop.campaigns.results.watching import Figures, stop_reason
from lettershop.delivery.ledger.rows import SendRow
from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.store import Store
from lettershop.model.catalog import EventInfo
from lettershop.model.clock import MINUTE

EARLIER: Final = 20
"""Sends of the stream that are its history, at most: the newest."""
_SOFT: Final = ("full", "temporary", "auto_reply")
"""Classes that do not count against a campaign."""
REMEMBERED: Final = 10 * MINUTE
"""How long the history of a stream is remembered."""
_STATES: Final = """
SELECT state, count(*) FROM delivery_message
WHERE send_id = %s AND state IN ('accepted', 'refused', 'unknown') GROUP BY state
"""
_REFUSED: Final = """
SELECT bounce_class, count(*) FROM delivery_message
WHERE send_id = %s AND state = 'refused' GROUP BY bounce_class
"""
_EARLIER: Final = """
SELECT id, key FROM delivery_send
WHERE stream = %s AND kind = 'campaign' AND id < %s AND started_at > 0
ORDER BY id DESC LIMIT %s
"""


class Watch:
    """Remembers what earlier sends had."""

    def __init__(self) -> None:
        self._history: dict[int, tuple[int, Sequence[Figures]]] = {}

    def stop_reason(self, workspace: Workspace, campaign: Campaign, send: SendRow) -> str | None:
        """Why the send had better stop, by the campaign's rules and the stream's history; None
        while it goes well. The records must be connected."""
        now = figures(workspace.store, send.id, send.key)
        return stop_reason(now, campaign.stop, self._earlier(workspace, send))

    def _earlier(self, workspace: Workspace, send: SendRow) -> Sequence[Figures]:
        now = workspace.clock.now()
        read_at, known = self._history.get(send.id, (0, ()))
        if not _fresh(read_at, now):
            known = history(workspace.store, send)
            self._history = {n: one for n, one in self._history.items() if _fresh(one[0], now)}
            self._history[send.id] = now, known
        return known


def _fresh(read_at: int, now: int) -> bool:
    return read_at <= now < read_at + REMEMBERED


def history(store: Store, send: SendRow) -> Sequence[Figures]:
    """Of the newest sends of the stream before this one."""
    with connection.cursor() as cursor:
        cursor.execute(_EARLIER, [send.stream, send.id, EARLIER])
        earlier = cursor.fetchall()
    return [figures(store, number, key) for number, key in earlier]


def figures(store: Store, send: int, key: str) -> Figures:
    """Of a send as it stands: ledger and facts."""
    with connection.cursor() as cursor:
        cursor.execute(_STATES, [send])
        states = dict(cursor.fetchall())
        cursor.execute(_REFUSED, [send])
        refused = sum(n for kind, n in cursor.fetchall() if kind not in _SOFT)
    return Figures(
        tried=sum(states.values()),
        accepted=states.get("accepted", 0) + states.get("unknown", 0),
        bounced=refused + _people(store, BOUNCE, key),
        complained=_people(store, COMPLAINT, key),
        unsubscribed=_people(store, UNSUBSCRIBE, key),
    )


def _people(store: Store, name: str, key: str) -> int:
    """Letters of the send with such a fact; of bounces those that came later, and count."""
    info = store.catalog().events.get(name)
    send, message = column_of(info, "send", "text"), column_of(info, "message", "number")
    if info is None or send is None or message is None:
        return 0
    where, values = Sql("true"), dict[str, Any](key=key)
    if name == BOUNCE:
        where, values["soft"] = _hard(info), list(_SOFT)
    asked = sql(
        "SELECT count(DISTINCT {message}) FROM {table} WHERE {send} = $key AND {where}",
        message=message,
        table=info.table,
        send=send,
        where=where,
    )
    return int(store.con.execute(asked, values).fetchall()[0][0])


def _hard(info: EventInfo) -> Sql:
    """Not while it was being sent (the ledger has those), and of a class that counts."""
    return sql(
        "{during} IS DISTINCT FROM 'sending' AND NOT coalesce(list_contains($soft, {kind}), false)",
        during=text_of(info, "during"),
        kind=text_of(info, "bounce_class"),
    )
