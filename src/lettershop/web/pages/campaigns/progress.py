"""How far a campaign is: its steps, what may be done with it now, its letters and their proof."""

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlencode

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lettershop.app.campaigning.answers import CampaignAnswer
from lettershop.campaigns.states import Move, State, may
from lettershop.delivery.ledger import counting
from lettershop.delivery.ledger.counting import Counts, Why
from lettershop.delivery.ledger.rows import ENDED as OUTCOMES
from lettershop.web.pages.campaigns import said

WAY: Final[tuple[tuple[State, Promise], ...]] = (
    ("draft", _("Draft")),
    ("checked", _("Checked")),
    ("approved", _("Approved")),
    ("sending", _("Sending")),
    ("done", _("Done")),
)
MOVING: Final = ("approved", "sending")


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the proof: `state` of the ledger, "open" for what has none yet. `query`: of the
    list of its recipients."""

    state: str
    says: str
    explained: str
    count: int
    share: float
    query: str
    why: tuple["Because", ...] = ()


class Because(msgspec.Struct, frozen=True, kw_only=True):
    says: str
    count: int
    query: str


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """planned = the sum of `outcomes`, where it adds up; else `gap` letters are missing."""

    planned: int
    outcomes: tuple[Outcome, ...]
    adds_up: bool
    gap: int
    resent: int


class Way(msgspec.Struct, frozen=True, kw_only=True):
    says: Promise | str
    here: bool
    over: bool


def way(found: CampaignAnswer) -> list[Way]:
    """Its steps; a paused one is where it paused, an aborted one nowhere."""
    state = "sending" if found.state == "paused" else found.state
    places = [one for one, _says in WAY]
    here = places.index(state) if state in places else -1
    return [
        Way(says=says, here=place == here, over=place < here)
        for place, (_state, says) in enumerate(WAY)
    ]


def deeds(found: CampaignAnswer) -> set[str]:
    """What may be done with it now, by name of the move."""
    moves: tuple[Move, ...] = ("check", "approve", "undo", "pause", "resume", "abort")
    possible = {str(move) for move in moves if may(found.state, move, found.stage)}
    if found.state == "approved":
        possible.add("hurry")
    if found.state == "sending" and found.stage == "canary":
        possible.add("go")
    if found.state == "aborted" and not found.send:
        possible.add("restore")
    if found.state in ("draft", "checked", "approved"):
        possible |= {"edit", "discard"}
        possible.discard("abort")
    if found.checking:
        possible.discard("check")
    return possible


def moving(found: CampaignAnswer) -> bool:
    """Whether its page should look again soon."""
    return found.checking or found.working is not None or found.state in MOVING


def mark(found: CampaignAnswer) -> str:
    """Changes when more of the page than its moving part does."""
    return f"{found.state}.{found.stage}.{int(found.checking)}.{found.attempt}.{len(found.moves)}"


def proof(send: int) -> Proof:
    """Counted from the rows. NotFound `send.unknown`."""
    counts = counting.counts(send)
    total = max(1, counts.planned)
    lines = [_outcome(state, counts, total) for state in OUTCOMES]
    if counts.open:
        lines.append(_open(counts, total))
    return Proof(
        planned=counts.planned,
        outcomes=tuple(lines),
        adds_up=counts.adds_up,
        gap=counts.planned - counts.ended - counts.open,
        resent=counts.resent,
    )


def _outcome(state: State | str, counts: Counts, total: int) -> Outcome:
    states: Mapping[str, int] = {str(key): n for key, n in counts.states.items()}
    return Outcome(
        state=state,
        says=str(said.OUTCOMES[state]),
        explained=str(said.EXPLAINED[state]),
        count=states[state],
        share=states[state] / total,
        query=f"outcome={state}",
        why=tuple(_because(one) for one in counts.why if one.state == state and _named(one)),
    )


def _open(counts: Counts, total: int) -> Outcome:
    return Outcome(
        state="open",
        says=str(_("still open")),
        explained=str(_("It waits for its turn.")),
        count=counts.open,
        share=counts.open / total,
        query="outcome=planned",
        why=tuple(_waiting(counts)),
    )


def _waiting(counts: Counts) -> Iterator[Because]:
    for state, count in counts.states.items():
        if count and state not in OUTCOMES:
            words = str(said.OUTCOMES[state])
            yield Because(says=words, count=count, query=f"outcome={state}")


def _named(one: Why) -> bool:
    return bool(one.reason or one.bounce_class)


def _because(one: Why) -> Because:
    words = [one.bounce_class, said.reason(one.reason) if one.reason else ""]
    query = _query(outcome=one.state, why=one.reason, sort=one.bounce_class)
    return Because(says=", ".join(word for word in words if word), count=one.messages, query=query)


def _query(**said: str) -> str:
    return urlencode(said)
