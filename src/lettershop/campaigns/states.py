"""How a campaign goes from draft to done: one table, pure.

    draft -> checked -> approved -> sending -> done
      ^________|____________|          |^
      edited, changed, undone          v|
                                     paused        anything not ended -> aborted

A draft that was thrown away (aborted before anything was planned) can be restored.

While it is sending (or paused), `Stage` says how far: planning its rows, preflight over them, the
hold window, the canary, everybody.
"""

from collections.abc import Mapping
from typing import Final, Literal, assert_never, get_args

from lettershop.delivery.ledger.rows import SendState
from lettershop.model.errors import UsageError

State = Literal["draft", "checked", "approved", "sending", "paused", "aborted", "done"]
Stage = Literal["", "freezing", "checking", "holding", "canary", "all"]
Move = Literal[
    "draft",  # written, or written anew
    "change",  # a template or the definition is not what was checked
    "check",  # preflight let it pass
    "refuse",  # preflight did not
    "approve",
    "miss",  # its time passed while nobody could send it
    "start",
    "undo",  # within the hold window
    "pause",
    "resume",
    "abort",
    "restore",  # of an aborted one nothing of which was ever planned (desk.py sees to that)
    "finish",
]
STATES: Final[tuple[State, ...]] = get_args(State)
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)
MOVES: Final[tuple[Move, ...]] = get_args(Move)
ENDED: Final[tuple[State, ...]] = ("aborted", "done")
BEFORE: Final[tuple[State, ...]] = ("draft", "checked", "approved")
"""Nothing is planned yet."""
UNDER_WAY: Final[tuple[State, ...]] = ("sending", "paused")
UNSENT: Final[tuple[Stage, ...]] = ("freezing", "checking", "holding")
"""While under way: nothing has left."""

TABLE: Final[Mapping[Move, Mapping[State, State]]] = {
    "draft": dict.fromkeys(BEFORE, "draft"),
    "change": {"checked": "draft", "approved": "draft"},
    "check": dict.fromkeys(BEFORE, "checked"),
    "refuse": dict.fromkeys(BEFORE, "draft"),
    "approve": {"checked": "approved"},
    "miss": {"approved": "checked"},
    "start": {"approved": "sending"},
    "undo": dict.fromkeys(UNDER_WAY, "draft"),
    "pause": {"sending": "paused"},
    "resume": {"paused": "sending"},
    "abort": dict.fromkeys((*BEFORE, *UNDER_WAY), "aborted"),
    "restore": {"aborted": "draft"},
    "finish": {"sending": "done"},
}

_INSTEAD: Final[Mapping[Move, str]] = {
    "draft": "write a campaign of another name",
    "approve": "check it first",
    "start": "it has to be approved first",
    "undo": "undo is for the hold window; abort ends what has begun",
}


def may(state: State, move: Move, stage: Stage = "") -> bool:
    """Whether it can be moved like that now; undoing only while nothing has left."""
    return state in TABLE[move] and (move != "undo" or stage in UNSENT)


def after(state: State, move: Move, stage: Stage = "") -> State:
    """The state it is in then. UsageError `campaign.state`, `campaign.ended`."""
    if may(state, move, stage):
        return TABLE[move][state]
    if state in ENDED:
        message = f"the campaign is {state}: nothing can be done with it any more"
        raise UsageError("campaign.ended", message, hint=_INSTEAD.get(move, ""))
    said = f"{state} ({stage})" if stage else state
    message = f"{move} is not possible while the campaign is {said}"
    raise UsageError("campaign.state", message, hint=_INSTEAD.get(move, ""))


def follows(state: State, stage: Stage, send: SendState) -> Move | None:
    """The move that reflects what became of its send: paused, resumed or aborted by hand, or done.
    None: they agree."""
    if state not in UNDER_WAY:
        return None
    if send == "aborted":
        return "abort"
    if stage in UNSENT:
        return None
    match send:
        case "paused":
            return "pause" if state == "sending" else None
        case "sending":
            return "resume" if state == "paused" else None
        case "done":
            return "finish" if state == "sending" else None
        case "holding":
            return None
        case _:
            assert_never(send)
