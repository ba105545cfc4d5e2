"""The ledger as senders and campaigns use it, on both databases."""

from collections.abc import Sequence

import pytest
from django.db import connection

from lettershop.delivery.ledger import controls, counting, leasing, planning
from lettershop.delivery.ledger.rows import Outcome, Planned, Row
from lettershop.delivery.ledger.snapshot import freeze, thaw
from lettershop.delivery.ledger.telling import tell
from lettershop.delivery.models import Message
from lettershop.delivery.said import EmailEvent
from lettershop.model.errors import NotFound, UsageError

pytestmark = pytest.mark.usefixtures("recorded")
AT = 1_767_268_800_000
LATER = AT + 60_000


def begun(key: str = "campaign:1", **said: str) -> int:
    plain = {"kind": "campaign", "name": "spring", "stream": "marketing"}
    return planning.begin(key, at=AT, content={"offer": 3}, **(plain | said)).id  # type: ignore[arg-type]


def people(count: int, **said: object) -> list[Planned]:
    return [
        Planned(contact=f"user:{n}", address=f"U{n}@Example.com", **said)  # type: ignore[arg-type]
        for n in range(count)
    ]


def going(count: int, key: str = "campaign:1", **said: str) -> int:
    send = begun(key, **said)
    planning.plan(send, people(count), AT)
    controls.start(send, AT)
    return send


def leased(send: int, limit: int = 100, holder: str = "one", at: int = AT) -> list[Row]:
    return leasing.lease(holder, send, limit, at + 1_000, at)


def outcome(row: Row, state: str, **said: object) -> Outcome:
    made = {"id": row.id, "state": state, "at": LATER, "attempts": row.attempts + 1}
    return Outcome(**(made | {"attempted_at": LATER} | said))  # type: ignore[arg-type]


def states(send: int) -> dict[str, int]:
    return {state: n for state, n in counting.counts(send).states.items() if n}


# --- planning ------------------------------------------------------------------------------------


def test_a_send_and_its_rows_are_made_once() -> None:
    send = begun()
    assert begun() == send
    assert planning.plan(send, people(3), AT) == 3
    assert planning.plan(send, people(5), LATER) == 2
    found = planning.send(send)
    assert (found.planned, found.state, found.content) == (5, "holding", {"offer": 3})
    assert planning.send_of("campaign:1") == found == planning.sends()[0]
    assert [row.planned_at for row in counting.rows(send)] == [AT] * 3 + [LATER] * 2


def test_the_first_snapshot_stays() -> None:
    send = begun()
    for name in ("Ann", "Ben"):
        values, shown = freeze({"contact": {"name": name}}), (0, -1, 2)
        planning.plan(send, people(1, values=values, shown=shown), AT)
    controls.start(send, AT)
    (row,) = leased(send)
    assert thaw(row.values) == {"contact": {"name": "Ann"}}
    assert row.shown == (0, -1, 2)
    assert (row.address, row.domain) == ("U0@Example.com", "example.com")


def test_one_person_may_get_several_pieces() -> None:
    send = begun("transactional", kind="transactional")
    for piece in ("order-1", "order-2", "order-1"):
        planning.plan(send, people(1, piece=piece), AT)
    assert [row.piece for row in counting.rows(send)] == ["order-1", "order-2"]


def test_many_rows_come_in_several_transactions() -> None:
    send = begun()
    assert planning.plan(send, people(planning.MOST + 5), AT) == planning.MOST + 5
    found = counting.counts(send)
    assert found.adds_up and found.open == planning.MOST + 5


def test_nothing_is_added_to_what_has_ended() -> None:
    send = going(1)
    controls.abort(send, AT)
    with pytest.raises(UsageError, match="aborted"):
        planning.plan(send, people(2), AT)
    with pytest.raises(NotFound, match="no send"):
        planning.plan(send + 1, people(2), AT)


# --- leasing and settling ------------------------------------------------------------------------


def test_a_row_is_leased_to_one_sender_only() -> None:
    send = going(5)
    first, second = leased(send, 3, "one"), leased(send, 3, "two")
    assert [row.contact for row in first] == ["user:0", "user:1", "user:2"]
    assert [row.contact for row in second] == ["user:3", "user:4"]
    assert leased(send, 3, "three") == []
    assert leasing.waiting(AT) == []


def test_leases_that_are_over_come_back_but_not_what_is_being_tried() -> None:
    send = going(4)
    rows = leased(send)
    assert leasing.mark_attempting("one", rows[:1]) == rows[:1]
    assert leasing.expire_leases(AT + 1_000) == 0
    assert leasing.expire_leases(AT + 1_001) == 3
    assert states(send) == {"planned": 3, "attempting": 1}
    assert leasing.overdue(AT + 1_001) == ["one"]
    assert leasing.mark_attempting("one", rows) == rows[:1], "the others are no longer ours"


def test_outcomes_are_settled_and_may_be_settled_again() -> None:
    send = going(6)
    rows = leased(send)
    leasing.mark_attempting("one", rows)
    refused = outcome(
        rows[1], "refused", code=550, status="5.1.1", text="no\0such \ud800", bounce_class="dead"
    )
    outcomes = [
        outcome(rows[0], "accepted", code=250, message_id="<a@b>"),
        refused,
        outcome(rows[2], "deferred", code=421, due_at=LATER),
        outcome(rows[3], "suppressed", reason="consent", attempted_at=0),
        outcome(rows[4], "unknown", unsure=1),
        outcome(rows[5], "failed", reason="broken"),
    ]
    for _ in range(2):
        leasing.settle("one", outcomes)
        leasing.settle("somebody else", [outcome(rows[0], "refused")])
        found = counting.counts(send)
        assert set(found.states.values()) == {0, 1} and found.adds_up
        assert (found.ended, found.open) == (5, 1)
    said = counting.message(rows[1].id)
    assert (said.code, said.status, said.text) == (550, "5.1.1", "nosuch ?")
    assert [row.id for row in counting.by_message_id("<a@b>")] == [rows[0].id]
    assert [row.id for row in counting.to_address("u1@EXAMPLE.com")] == [rows[1].id]
    assert counting.Why("refused", "dead", "", 1) in found.why


def test_a_deferred_row_is_due_later_and_knows_how_often_it_was_tried() -> None:
    send = going(1)
    (row,) = leased(send)
    leasing.settle("one", [outcome(row, "deferred", due_at=LATER, message_id="<a@b>")])
    assert leased(send, at=LATER - 1) == []
    (again,) = leased(send, holder="two", at=LATER)
    assert (again.attempts, again.message_id) == (1, "<a@b>")


def test_rows_are_given_back_as_they_were() -> None:
    send = going(3)
    rows = leased(send)
    leasing.mark_attempting("one", rows[:2])
    leasing.release("one", [rows[0].id], not_before=LATER)
    assert leasing.release_all("one") == 2
    assert states(send) == {"planned": 3}
    assert [row.id for row in leased(send, at=AT + 1)] == [rows[1].id, rows[2].id]


@pytest.mark.parametrize("count", [1, 50])
def test_the_last_of_several_outcomes_counts(count: int) -> None:
    send = going(count)
    rows = leased(send)
    both: Sequence[Outcome] = [outcome(r, s) for r in rows for s in ("unknown", "accepted")]
    leasing.settle("one", both)
    assert states(send) == {"accepted": count}


# --- controls ------------------------------------------------------------------------------------


def test_nothing_of_a_paused_send_may_be_tried() -> None:
    send = going(3)
    rows = leased(send, 2)
    controls.pause(send, "too many complaints")
    assert planning.send(send).reason == "too many complaints"
    assert leasing.mark_attempting("one", rows) == []
    assert leasing.waiting(AT) == []
    controls.resume(send, AT)
    assert leasing.mark_attempting("one", rows) == rows


def test_what_had_not_left_when_aborted_is_suppressed() -> None:
    send = going(4)
    rows = leased(send, 2)
    leasing.mark_attempting("one", rows[:1])
    controls.abort(send, AT, "wrong price")
    assert states(send) == {"suppressed": 2, "leased": 1, "attempting": 1}
    leasing.settle("one", [outcome(rows[0], "accepted")])
    leasing.release("one", [rows[1].id])
    controls.tidy(LATER)
    found = counting.counts(send)
    assert states(send) == {"suppressed": 3, "accepted": 1} and found.adds_up
    assert counting.Why("suppressed", "", "aborted", 3) in found.why
    with pytest.raises(UsageError, match="aborted"):
        controls.resume(send, LATER)


def test_a_send_is_done_when_nothing_is_open() -> None:
    send, held, always = going(2), begun("campaign:2"), going(0, "t", kind="transactional")
    leasing.settle("one", [outcome(row, "accepted") for row in leased(send, 1)])
    controls.tidy(LATER)
    assert planning.send(send).state == "sending"
    leasing.settle("one", [outcome(row, "accepted") for row in leased(send)])
    controls.tidy(LATER)
    assert [planning.send(n).state for n in (send, held, always)] == ["done", "holding", "sending"]
    assert planning.send(send).ended_at == LATER


# --- counting and telling ------------------------------------------------------------------------


def test_the_proof_sees_a_row_that_is_gone() -> None:
    send = going(3)
    assert counting.counts(send).adds_up
    Message.objects.filter(contact="user:1").delete()
    found = counting.counts(send)
    assert not found.adds_up and (found.planned, found.open) == (3, 2)


def test_rows_are_listed_page_by_page() -> None:
    send = going(5)
    leasing.settle("one", [outcome(row, "accepted") for row in leased(send, 2)])
    first = counting.rows(send, "planned", limit=2)
    rest = counting.rows(send, "planned", after=first[-1].id, limit=2)
    assert [row.contact for row in [*first, *rest]] == ["user:2", "user:3", "user:4"]
    assert len(counting.rows(send)) == 5


def test_outcomes_are_told_once_they_are_kept() -> None:
    send = going(4)
    rows = leased(send)
    leasing.settle(
        "one",
        [
            outcome(rows[0], "accepted", message_id="<a@b>"),
            outcome(rows[1], "refused", code=550, bounce_class="dead"),
            outcome(rows[2], "unknown", unsure=1),
            outcome(rows[3], "suppressed"),
        ],
    )

    def fails(events: Sequence[EmailEvent]) -> None:
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        tell(fails)
    told: list[EmailEvent] = []
    tell(told.extend)
    tell(told.extend)
    assert [event.name for event in told] == ["Email Sent", "Email Bounced", "Email Sent"]
    assert told[1].properties["fault"] == "theirs"
    assert told[2].properties["outcome"] == "unknown"
    assert len({event.message_id for event in told}) == 3
    assert told[0].properties["email_message_id"] == "<a@b>" and told[0].at == LATER


def test_leasing_uses_the_partial_index() -> None:
    """Bound states would not (measured: 152 ms instead of 2)."""
    send = going(50)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET enable_seqscan = off")
        how = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
        cursor.execute(
            f"{how} SELECT id FROM delivery_message WHERE send_id = %s"  # noqa: S608
            " AND state IN ('planned', 'deferred') AND due_at <= %s ORDER BY due_at, id LIMIT 5",
            [send, AT],
        )
        plan = " ".join(str(row[-1]) for row in cursor.fetchall())
        if connection.vendor == "postgresql":
            cursor.execute("SET enable_seqscan = on")
    assert "message_due" in plan
