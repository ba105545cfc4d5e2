"""The table of moves: only these, and what has ended stays ended."""

from itertools import pairwise

import pytest
from hypothesis import given, seed, strategies as st
from seeds import seed as chosen

from lettershop.campaigns.states import (
    BEFORE,
    ENDED,
    MOVES,
    STAGES,
    STATES,
    TABLE,
    UNDER_WAY,
    UNSENT,
    Move,
    Stage,
    State,
    after,
    follows,
    may,
)
from lettershop.delivery.ledger.rows import SendState
from lettershop.model.errors import UsageError

ARROWS: set[tuple[State, Move, State]] = {
    (before, move, after_) for move, row in TABLE.items() for before, after_ in row.items()
}


def test_the_whole_table() -> None:
    assert {*TABLE} == {*MOVES}
    assert {
        *((state, "draft", "draft") for state in BEFORE),
        *((state, "check", "checked") for state in BEFORE),
        *((state, "refuse", "draft") for state in BEFORE),
        ("checked", "change", "draft"),
        ("approved", "change", "draft"),
        ("checked", "approve", "approved"),
        ("approved", "miss", "checked"),
        ("approved", "start", "sending"),
        ("sending", "undo", "draft"),
        ("paused", "undo", "draft"),
        ("sending", "pause", "paused"),
        ("paused", "resume", "sending"),
        *((state, "abort", "aborted") for state in (*BEFORE, *UNDER_WAY)),
        ("aborted", "restore", "draft"),
        ("sending", "finish", "done"),
    } == ARROWS


@pytest.mark.parametrize("state", ENDED)
def test_what_has_ended_stays_ended(state: State) -> None:
    for move in MOVES:
        if move == "restore" and state == "aborted":
            continue  # a draft that was thrown away: desk.py asks whether anything was planned
        with pytest.raises(UsageError) as caught:
            after(state, move)
        assert caught.value.code == "campaign.ended"


@seed(chosen())
@given(st.lists(st.tuples(st.sampled_from(MOVES), st.sampled_from(STAGES)), max_size=40))
def test_random_walks_follow_the_table(walk: list[tuple[Move, Stage]]) -> None:
    state: State = "draft"
    passed = ["draft"]
    for move, stage in walk:
        try:
            now = after(state, move, stage)
        except UsageError:
            assert not may(state, move, stage)
            assert (
                (state in ENDED and move != "restore")
                or (state, move) not in {(a, b) for a, b, _ in ARROWS}
                or (move == "undo" and stage not in UNSENT)
            )
            continue
        assert (state, move, now) in ARROWS
        state = now
        passed.append(state)
    if "sending" in passed:  # nothing leaves that was not checked, then approved, before
        first = passed.index("sending")
        assert passed[first - 1] == "approved" and "checked" in passed[:first]
    assert "done" not in passed[:-1]
    after_the_end = [now for one, now in pairwise(passed) if one == "aborted"]
    assert {*after_the_end} <= {"draft"}


SENDS: tuple[SendState, ...] = ("holding", "sending", "paused", "aborted", "done")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("send", SENDS)
def test_a_campaign_follows_its_send(state: State, stage: Stage, send: SendState) -> None:
    move = follows(state, stage, send)
    if move is None:
        return
    now = after(state, move, stage)
    assert state in UNDER_WAY
    assert follows(now, stage, send) is None  # once, and they agree
    expected = {"aborted": "aborted", "paused": "paused", "sending": "sending", "done": "done"}
    assert now == expected[send]


def test_undo_is_for_what_has_not_left() -> None:
    assert all(may("sending", "undo", stage) == (stage in UNSENT) for stage in STAGES)
