"""Senders on several machines: nobody is judged by a journal that is elsewhere."""

from datetime import timedelta

from delivery.conftest import Recorded
from delivery.senders.test_journal import AT, begun, held, left, line, states
from django.db.models.functions import Now

from lettershop.cluster import processes
from lettershop.cluster.models import Process
from lettershop.delivery.ledger import controls, counting, leasing, planning
from lettershop.delivery.ledger.rows import Planned
from lettershop.delivery.senders.recovery import LOST, recover, release_absent, settle_lost
from lettershop.model.clock import MINUTE

LATE = AT + LOST + 2


def there(holder: str) -> Process:
    """It says so."""
    Process.objects.filter(name=holder).delete()
    return processes.enter("sender", "1", name=holder)


def silent(holder: str) -> None:
    """It has not been heard of for a minute."""
    earlier = Now() - timedelta(minutes=1)
    Process.objects.filter(name=holder).update(seen=earlier)


def leased(holder: str, count: int) -> int:
    """A send whose rows this sender has leased, and nothing more."""
    send = planning.begin("c:2", kind="campaign", name="n", stream="marketing", at=AT).id
    people = [Planned(contact=f"user:L{n}", address=f"l{n}@example.com") for n in range(count)]
    planning.plan(send, people, AT)
    controls.start(send, AT)
    leasing.lease(holder, send, 100, AT + 10 * MINUTE, AT)
    return send


def test_a_sender_that_lives_elsewhere_is_never_taken_for_lost(recorded: Recorded) -> None:
    send, _ = held(2)
    entered = there("one")
    here = recorded.folder / "elsewhere"
    here.mkdir()
    assert settle_lost(here, LATE) == [], "its lease is long over, its heart beats"
    assert states(send) == ["attempting", "attempting"]
    silent("one")
    assert [one.unknown for one in settle_lost(here, LATE)] == [2]
    processes.leave(entered.pk)


def test_the_reason_names_the_machine(recorded: Recorded) -> None:
    send, rows = held(1)
    name = "mail-3.example-4711-0a0b0c0d"
    sql = "UPDATE delivery_message SET holder = %s"
    with leasing.connection.cursor() as cursor:
        cursor.execute(sql, [name])
    settle_lost(recorded.folder, LATE)
    (row,) = counting.rows(send, state="unknown")
    assert (row.id, row.reason) == (
        rows[0].id,
        "its sender on mail-3.example and its journal are lost",
    )


def test_patience_is_a_setting(recorded: Recorded) -> None:
    send, _ = held(1)
    assert settle_lost(recorded.folder, AT + 3 * MINUTE, patience=5 * MINUTE) == []
    assert len(settle_lost(recorded.folder, AT + 6 * MINUTE, patience=5 * MINUTE)) == 1
    assert states(send) == ["unknown"]


def test_what_a_silent_sender_had_only_leased_goes_out_at_once(recorded: Recorded) -> None:
    marked, _ = held(2)
    only_leased = leased("one", 3)
    there("one")
    assert release_absent() == 0, "it is there"
    silent("one")
    assert release_absent() == 3
    assert states(only_leased) == ["planned"] * 3
    assert states(marked) == ["attempting"] * 2, "those may be on their way"
    assert release_absent() == 0


def test_a_sender_that_was_only_slow_cannot_try_what_went_back(recorded: Recorded) -> None:
    """It slept for a minute with rows in hand; another one has them now."""
    send = leased("one", 2)
    rows = leasing.lease("one", send, 100, AT + 10 * MINUTE, AT)
    assert rows == [], "it has both already"
    with leasing.connection.cursor() as cursor:
        cursor.execute(leasing.statements.LEASED, ["one", AT + 10 * MINUTE])
        mine = [leasing._row(found) for found in cursor.fetchall()]
    assert release_absent() == 2
    (taken,) = leasing.lease("two", send, 1, AT + 20 * MINUTE, AT)
    assert leasing.mark_attempting("one", mine) == []
    assert leasing.mark_attempting("two", [taken]) == [taken]


def test_a_machine_that_comes_back_corrects_what_was_unknown(recorded: Recorded) -> None:
    send, (first, second) = held(2)
    elsewhere = recorded.folder / "elsewhere"
    elsewhere.mkdir()
    settle_lost(elsewhere, LATE)
    assert states(send) == ["unknown", "unknown"]
    recover(left(recorded.folder, line(begun(first.id))), LATE)
    assert states(send) == ["unknown", "unknown"], "its journal does not know either"
    assert counting.message(first.id).reason.startswith("its sender on one")
    assert counting.message(second.id).state == "unknown"
