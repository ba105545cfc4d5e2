"""The shared log: what any process has acknowledged, in one order, on PostgreSQL.

Sequence numbers have no gaps and come in the order of the commits: whoever adds requests first
holds the one row of IntakeState, until its commit, and PostgreSQL shows a commit before it lets
go of the row. So a reader that has seen number n has seen, or can see, all below it.

The owner of the facts copies the log into its own raw log under the same numbers, and removes
what is safe elsewhere.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from django.db import connection, transaction

from lettershop.cluster.models import IntakeRequest, IntakeState, Leadership
from lettershop.model.errors import Unavailable

ROW: Final = 1
"""The id of the one row of IntakeState, and of Leadership."""
MOST: Final = 2_000
"""Requests read at once."""
REMOVED_TOGETHER: Final = 20_000

Item = tuple[int, str, str, bytes]
"""received_at, source, call, body"""


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """One request as it is read back."""

    seq: int
    item: Item
    upto_bytes: int


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How the log is: up to where it was written, became facts, and is removed."""

    open: bool
    last_seq: int = 0
    loaded_seq: int = 0
    removed_seq: int = 0
    unloaded_bytes: int = 0


def open_log(at_least: int) -> int:
    """Open it for writers; numbers go on after `at_least` (what the owner's own raw log and facts
    hold), or after what is there. Its newest number. For the leader."""
    with transaction.atomic():
        state, _ = IntakeState.objects.select_for_update().get_or_create(
            pk=ROW, defaults={"last_seq": at_least}
        )
        if state.last_seq < at_least:  # records that are older than the facts: restored ones
            state.last_seq = at_least
            state.save(update_fields=["last_seq"])
    return state.last_seq


def is_open() -> bool:
    return IntakeState.objects.filter(pk=ROW).exists()


def unopened() -> Unavailable:
    message = "no lettershop loader has opened the shared log yet"
    hint = "start lettershop loader once; then requests are taken without it, too"
    return Unavailable("intake.unopened", message, hint=hint, retry_after=10)


def append(items: Sequence[Item]) -> int:
    """All of them, durably, or none: the last one's number. Unavailable `intake.unopened` before
    the first leader has opened the log; DatabaseError."""
    size = sum(len(item[3]) for item in items)
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        # Whatever the server's default: acknowledged means that it is on disk.
        cursor.execute("SELECT set_config('synchronous_commit', 'on', true)")
        cursor.execute(_ADVANCE, [len(items), size])
        found = cursor.fetchone()
        if found is None:
            raise unopened()
        last, upto = found
        _copy(cursor, items, last - len(items), upto - size)
    return int(last)


def after(seq: int, most_bytes: int) -> list[Shared]:
    """What follows `seq`: at most that many bytes of bodies, but at least one, if there is one."""
    rows = IntakeRequest.objects.filter(seq__gt=seq).order_by("seq")
    ends = [*rows.values_list("seq", "upto_bytes")[:MOST]]
    if not ends:
        return []
    first = ends[0][1]
    last = max(number for number, upto in ends if upto - first <= most_bytes)
    return [
        Shared(
            seq=row.seq,
            item=(row.received_at, row.source, row.call, bytes(row.body)),
            upto_bytes=row.upto_bytes,
        )
        for row in rows.filter(seq__lte=last)
    ]


def bytes_at(seq: int) -> int | None:
    """`upto_bytes` of a request that is still there."""
    found = IntakeRequest.objects.filter(seq=seq).values_list("upto_bytes", flat=True)
    return found.first()


def loaded(epoch: int, seq: int) -> bool:
    """Everything up to `seq` is facts. False when another leads by now."""
    upto = bytes_at(seq)
    mine = Leadership.objects.filter(pk=ROW, epoch=epoch)
    if upto is None:
        return mine.exists()
    return mine.update(loaded_seq=seq, loaded_bytes=upto) > 0


def remove(epoch: int, upto: int) -> int:
    """Remove requests up to `upto`, some at a time; how many went. Only while epoch is the
    leader's: whoever was deposed removes nothing."""
    with transaction.atomic():
        mine = Leadership.objects.select_for_update().filter(pk=ROW, epoch=epoch).first()
        if mine is None or upto <= mine.removed_seq:
            return 0
        here = min(upto, mine.removed_seq + REMOVED_TOGETHER)
        if mine.removed_seq == 0:
            oldest = IntakeRequest.objects.order_by("seq").values_list("seq", flat=True).first()
            here = min(upto, max(here, (oldest or 0) + REMOVED_TOGETHER))
        gone = IntakeRequest.objects.filter(seq__lte=here).delete()[0]
        Leadership.objects.filter(pk=ROW).update(removed_seq=here)
    return gone


def standing() -> Standing:
    state = IntakeState.objects.filter(pk=ROW).first()
    led = Leadership.objects.filter(pk=ROW).first() or Leadership()
    if state is None:
        return Standing(open=False)
    return Standing(
        open=True,
        last_seq=state.last_seq,
        loaded_seq=led.loaded_seq,
        removed_seq=led.removed_seq,
        unloaded_bytes=max(0, state.last_bytes - led.loaded_bytes),
    )


_ADVANCE: Final = f"""
    UPDATE {IntakeState._meta.db_table}
    SET last_seq = last_seq + %s, last_bytes = last_bytes + %s WHERE id = {ROW}
    RETURNING last_seq, last_bytes
"""  # noqa: S608  (a table's name and a number of ours)
_COPY: Final = f"""
    COPY {IntakeRequest._meta.db_table} (seq, received_at, source, call, body, upto_bytes)
    FROM STDIN (FORMAT BINARY)
"""
_TYPES: Final = ("int8", "int8", "varchar", "varchar", "bytea", "int8")


def _copy(cursor: Any, items: Sequence[Item], seq: int, upto: int) -> None:
    with connection.wrap_database_errors, cursor.copy(_COPY) as copy:
        copy.set_types(_TYPES)
        for number, item in enumerate(items, seq + 1):
            upto += len(item[3])
            copy.write_row((number, *item, upto))
