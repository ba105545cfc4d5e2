"""Pins, partitions and modes: what a plan promises is what a refresh makes, and it is proved."""

import msgspec
from publishing import PARTITION, Desk, changes, code_of
from pyroaring import BitMap

from lettershop.app.pinning import resolved
from lettershop.app.proving import proof
from lettershop.engines.duckdb.refresh.tables import read_memberships
from lettershop.engines.duckdb.rows import load
from lettershop.model.facts import ContactFact
from lettershop.segments.register import in_force


def test_a_partition_switches_at_once_and_is_proved(desk: Desk) -> None:
    desk.file("level", PARTITION.format(low=3))
    assert proof(desk.workspace, "level").origin == "folder"
    desk.apply()
    desk.file("level", PARTITION.format(low=4))
    plan = desk.plan()
    assert {n: (c.kind, c.before, c.after) for n, c in changes(plan).items()} == {
        "low": ("changed", 3, 4),
        "mid": ("moved", 3, 2),
    }
    assert plan.unchanged == ("rest",), "refers to a changed one, and nobody moves"
    applied = desk.apply(allow_size=plan.guarded)
    assert applied.versions == {"low": 2}
    desk.kept_as_planned(applied.plan)
    answer = proof(desk.workspace, "mid")
    assert (answer.basis, answer.origin, answer.proof.holds) == ("kept", "published", True)
    told = [(s.name, s.size, s.matches, s.earlier) for s in answer.proof.shares]
    assert told == [("low", 4, 4, 0), ("mid", 2, 6, 4), ("rest", 4, None, None)]
    assert answer.proof.total == answer.proof.universe == 10
    assert code_of(lambda: proof(desk.workspace, "nobody")) == "partition.unknown"


def test_a_partition_that_does_not_hold_is_told_so(desk: Desk) -> None:
    desk.file("level", PARTITION.format(low=3))
    desk.apply()
    desk.refresh()
    store = desk.workspace.store
    wrong = BitMap([*read_memberships(store.con)["low"], 9])
    store.con.execute(
        "UPDATE memberships SET members = $m WHERE segment = 'low'", {"m": wrong.serialize()}
    )
    found = proof(desk.workspace, "level")
    assert (found.basis, found.proof.holds, found.proof.overlap) == ("kept", False, 1)
    assert proof(desk.workspace, "level", desk.workspace.moment(None)).proof.holds


def test_pins_leave_a_partition_whole(desk: Desk) -> None:
    desk.file("level", PARTITION.format(low=3))
    desk.apply()
    desk.pin("mid", "U0", "rather there", include=True)
    desk.pin("low", "U1", "not low", include=False)
    desk.pin("low", "U9", "first there", include=True)
    desk.shop.clock.advance(1000)
    desk.pin("mid", "U9", "then there", include=True)
    desk.pin("rest", "U5", "for the rest", include=True)
    kept = desk.refresh()
    store = desk.workspace.store
    members = {n: {*store.contact_names(m).values()} for n, m in kept.items()}
    assert members == {
        "low": {"U2"},
        "mid": {"U0", "U1", "U3", "U4", "U9"},
        "rest": {"U5", "U6", "U7", "U8"},
    }
    found = proof(desk.workspace, "level").proof
    assert found.holds and [share.pinned for share in found.shares] == [4, 3, 3]
    out = lambda: desk.pin("rest", "U6", "out", include=False)  # noqa: E731
    assert code_of(out) == "pin.catch_all"


def test_pins_follow_merges_and_strangers_are_reported(desk: Desk) -> None:
    desk.write(hot="score >= 8")
    desk.apply()
    made = desk.pin("hot", "U2", "sister", include=True)
    assert (made.who, made.subject, made.known) == ("user:U2", "contact", True)
    rows = in_force(desk.workspace.moment(None)).pins
    lost = [row for row in rows if resolved(desk.workspace.store, [row], ()) == {}]
    assert lost == []
    stranger = msgspec.structs.replace(rows[0], id=2, who="user:gone")
    told: list[str] = []
    found = resolved(desk.workspace.store, [*rows, stranger], (), lambda row: told.append(row.who))
    assert told == ["user:gone"] and [*found] == ["hot"] and len(found["hot"]) == 1
    with desk.shop.engine.write() as workspace:
        at = {"ts": 2_000, "received_at": 2_000}
        load(
            workspace.store,
            [ContactFact(**at, message_id="x", contact="user:U1", also=("user:U2",), alias=True)],
        )
    (pin,) = resolved(desk.workspace.store, rows, ())["hot"]
    assert pin.subject == desk.workspace.store.contact_id("user:U1")


def test_people_and_accounts_are_pinned_by_their_names(desk: Desk) -> None:
    desk.file("big", "subject = 'account'\nwhere = 'employees > 40'\n")
    desk.file("reps", "subject = 'people'\nwhere = 'score > 2'\n")
    desk.apply()
    desk.pin("big", "acme", "soon", include=True)
    one = desk.pin("reps", "U0/acme", "too", include=True)
    assert (one.who, one.account) == ("user:U0", "acme")
    kept = desk.refresh()
    assert len(kept["big"]) == 2 and len(kept["reps"]) == 2
    assert code_of(lambda: desk.pin("big", "nobody", "x", include=True)) == "account.unknown"
    assert desk.unpin(one.id).removed_by == "editor@example.com"
    assert len(desk.refresh()["reps"]) == 1


def test_modes_count_in_the_plan(desk: Desk) -> None:
    """What a plan says of frozen and add-only segments is what a refresh makes of them."""
    for mode in ("static", "add_only"):
        desk.file(mode, f"mode = '{mode}'\nwhere = 'in segment \"base\"'\n")
    desk.write(base="score >= 5")
    desk.apply()
    assert {n: len(m) for n, m in desk.refresh().items()} == {"base": 5, "static": 5, "add_only": 5}
    desk.write(base="score < 2")
    plan = desk.plan()
    assert {n: (c.before, c.after) for n, c in changes(plan).items()} == {
        "base": (5, 2),
        "add_only": (5, 7),
    }
    assert "static" in plan.unchanged
    desk.shop.clock.advance(1000)
    desk.kept_as_planned(desk.apply(allow_size=plan.guarded).plan)
    assert len(read_memberships(desk.workspace.store.con)["static"]) == 5


def test_whom_a_pin_kept_out_comes_back_when_its_segment_goes(desk: Desk) -> None:
    desk.file("level", PARTITION.format(low=3))
    desk.apply()
    desk.pin("mid", "U0", "rather there", include=True)
    fewer = PARTITION.format(low=3).partition('[[partition.segment]]\nname = "mid"')[0]
    desk.file("level", fewer)
    plan = desk.plan()
    assert changes(plan)["low"].kind == "moved", "its rule is the same, and U0 comes back"
    assert {n: (c.before, c.after) for n, c in changes(plan).items()} == {
        "low": (2, 3),
        "mid": (4, None),
        "rest": (4, 7),
    }
    desk.kept_as_planned(desk.apply(allow_size=plan.guarded).plan)
    assert proof(desk.workspace, "level").proof.holds
