"""What goes with a message is kept beside its row, in both kinds of records."""

from delivery.conftest import Recorded

from lettershop.delivery import enclosures
from lettershop.delivery.building import Attachment, Invitation
from lettershop.delivery.enclosures import ENCLOSED, Enclosed, Held, enclosed_of
from lettershop.delivery.ledger import counting, planning
from lettershop.delivery.ledger.rows import Planned
from lettershop.delivery.ledger.snapshot import freeze, thaw

VISIT = Invitation(uid="v@example.com", summary="Démo", start=1, end=2, organizer="k@example.com")
FILES = (Attachment("b.pdf", "application/pdf", bytes(range(256))), Attachment("a", "a/b", b""))


def test_files_come_back_in_their_order_and_go_with_the_person(recorded: Recorded) -> None:
    send = planning.begin("transactional:r", kind="transactional", name="r", stream="t", at=1)
    people = [Planned(contact=f"user:{n}", address=f"{n}@example.com") for n in range(3)]
    planning.plan(send.id, people, 1)
    first, second, third = (row.id for row in counting.rows(send.id))
    enclosures.keep(first, FILES)
    enclosures.keep(third, FILES[:1])
    assert enclosures.files_of([first, second, third]) == {first: FILES, third: FILES[:1]}
    enclosures.forget([first])
    assert enclosures.files_of([first, second, third]) == {third: FILES[:1]}


def test_only_so_much_is_held_and_the_others_come_later(recorded: Recorded) -> None:
    send = planning.begin("transactional:r", kind="transactional", name="r", stream="t", at=1)
    people = [Planned(contact=f"user:{n}", address=f"{n}@example.com") for n in range(5)]
    planning.plan(send.id, people, 1)
    rows = [row.id for row in counting.rows(send.id)]
    for row in rows[1:]:
        enclosures.keep(row, [Attachment("a", "a/b", bytes(100))])
    held = Held(250)
    held.fetch(rows)
    first = [bool(held.take(row)) for row in reversed(rows)]
    assert first == [True, True, False, False, False] and held.take(rows[0]) == ()
    held.fetch(rows[:3])
    held.fetch(rows[3:])
    again = {row: files for row in rows if (files := held.take(row)) is not None}
    assert [*again] == rows[3:] and all(len(files) == 1 for files in again.values())
    small = Held(10)
    small.fetch(rows)
    assert small.take(rows[4]) and small.take(rows[4]) is None


def test_an_invitation_is_frozen_with_the_row() -> None:
    enclosed = Enclosed(files=2, invitation=VISIT)
    assert enclosed_of(thaw(freeze({"contact": {}} | enclosed.frozen()))) == enclosed
    assert Enclosed().frozen() == {} and enclosed_of({}) == Enclosed()
    assert "\n" in ENCLOSED
